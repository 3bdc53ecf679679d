/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_PATTERN_H
#define SCRIPT_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Lua's patterns (Lua 5.4 reference manual, 6.4.1) with a limit: backtracking
 * that would take seconds ends after a number of steps instead.  A pattern is
 * compiled into items first, so what is malformed is refused even where Lua
 * would not have reached it.  All in place, nothing is allocated.
 */
#define PATTERN_ITEMS 200
#define PATTERN_CAPTURES 32

enum pattern_item_kind {
	ITEM_DONE,
	ITEM_LITERAL,  /* from..to, never repeated */
	ITEM_CHAR,     /* a */
	ITEM_ANY,
	ITEM_CLASS,    /* a is the letter after '%' */
	ITEM_SET,      /* from..to; a: negated */
	ITEM_BALANCE,  /* between a and b */
	ITEM_FRONTIER, /* from..to; a: negated */
	ITEM_BACK,     /* what capture a was */
	ITEM_OPEN,     /* capture a begins */
	ITEM_CLOSE,    /* capture a ends */
	ITEM_PLACE,    /* capture a is the place */
	ITEM_END       /* '$' */
};

struct pattern_item {
	uint8_t kind;	/* enum pattern_item_kind */
	uint8_t repeat; /* 0, '?', '*', '+' or '-' */
	uint8_t a, b;	/* character, class, or number of a capture */
	const unsigned char *from, *to; /* literal text, or inside of a set */
};

struct pattern {
	bool anchored;
	unsigned captures;
	unsigned count;
	struct pattern_item items[PATTERN_ITEMS];
};

struct pattern_capture {
	const char *from;
	size_t len;
	bool position; /* "()": from is the place */
};

enum pattern_result {
	PATTERN_MATCH,
	PATTERN_NONE,
	PATTERN_TOO_COMPLEX,
	PATTERN_STOPPED /* stop() said so */
};

struct pattern_search {
	const struct pattern *pattern;
	const char *text;
	size_t len;
	uint64_t steps;	    /* taken so far */
	uint64_t steps_max; /* for pattern_next() as a whole */
	bool (*stop)(void *arg); /* asked every few thousand steps, or NULL */
	void *arg;
	/* The match: [from, to) and its captures. */
	size_t from, to;
	struct pattern_capture capture[PATTERN_CAPTURES];
	enum pattern_result failure; /* of the attempt under way */
};

/*
 * Borrows the text.  With anchors, a leading '^' is one.  NULL, or what is
 * wrong with it.
 */
const char *pattern_compile(struct pattern *pattern, const char *text,
    size_t len, bool anchors);

/* True when the text has no special character: a plain search will do. */
bool pattern_is_plain(const char *text, size_t len);

void pattern_search_init(struct pattern_search *search,
    const struct pattern *pattern, const char *text, size_t len);

/* The first match that begins at `at` or later; at <= len. */
enum pattern_result pattern_next(struct pattern_search *search, size_t at);

#endif
