/* SPDX-License-Identifier: MIT */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * UTF-8 as RFC 3629: no surrogates, no overlong forms, nothing above
 * U+10FFFF.  The state is all zero at the start and between characters, so a
 * text may come in pieces cut anywhere.
 */
struct utf8 {
	uint8_t need;  /* continuation bytes still to come */
	uint8_t low;   /* bounds of the next one */
	uint8_t high;
};

/* False as soon as the bytes so far cannot be the beginning of a text. */
bool utf8_feed(struct utf8 *state, const void *data, size_t len);

/* True when the text may end here. */
static inline bool
utf8_complete(const struct utf8 *state)
{
	return state->need == 0;
}

/* A whole text at once. */
bool utf8_valid(const void *data, size_t len);

/* The length of the longest beginning, up to max, that splits no character. */
size_t utf8_cut(const char *text, size_t len, size_t max);

/*
 * Of the character that text, which ends with a NUL, begins with: its bytes if
 * it is one that terminals obey (C0, DEL, C1) or that reverses the order of
 * what is behind it; else 0.
 */
size_t utf8_control_len(const char *text);

#endif
