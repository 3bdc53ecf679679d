/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_MATCHER_H
#define SCRIPT_MATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Looks for many words in a text in one pass (Aho and Corasick, 1975).  The
 * automaton is one block of memory that the caller provides and frees.
 * Letters are folded as ASCII, unless case matters.
 */
struct matcher;

struct matcher_word {
	const char *text;
	size_t len; /* at least 1 */
};

struct matcher_options {
	const struct matcher_word *words; /* borrowed for the life of it */
	size_t count;
	bool whole;	/* no letter, digit, '_' or byte >= 0x80 beside it */
	bool keep_case; /* 'A' is not 'a' */
};

struct matcher_found {
	size_t word; /* its index */
	size_t from, to;
};

/* How much memory it takes; 0: too much (over 16 MiB). */
size_t matcher_size(const struct matcher_options *options);

/* Builds it in memory of matcher_size() bytes, aligned for pointers. */
struct matcher *matcher_init(void *memory,
    const struct matcher_options *options);

/* The occurrence that ends first.  found may be NULL. */
bool matcher_find(const struct matcher *matcher, const char *text, size_t len,
    struct matcher_found *found);

#endif
