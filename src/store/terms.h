/* SPDX-License-Identifier: MIT */
#ifndef STORE_TERMS_H
#define STORE_TERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The words of a text, as search compares them: runs of letters and digits,
 * in lower case, and without the accents of Latin-1 and Greek.  Of scripts
 * that are written without spaces, and of pictures, each character is a word.
 * Of a long word the first TERM_MAX bytes count.
 */
#define TERM_MAX 64

struct term {
	uint32_t hash; /* the same in every version: it is stored */
	uint8_t len;
	char text[TERM_MAX]; /* UTF-8 */
};

struct terms {
	const char *at, *end;
};

/* Borrows text, which may be any bytes: what is no UTF-8 separates words. */
static inline struct terms
terms_of(const char *text, size_t len)
{
	return (struct terms){text, text + len};
}

/* The next word; false after the last. */
bool terms_next(struct terms *terms, struct term *term);

bool term_equal(const struct term *one, const struct term *other);

/* In place of a word's hash: that a person wrote it. */
uint32_t term_of_sender(uint64_t uid);

#endif
