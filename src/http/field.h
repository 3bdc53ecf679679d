/* SPDX-License-Identifier: MIT */
#ifndef HTTP_FIELD_H
#define HTTP_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/*
 * Header fields (RFC 9110 section 5) as pieces of a buffer that somebody else
 * owns: nothing here allocates or copies.
 */

/* Not NUL-terminated; data is NULL when there is no such thing. */
struct http_slice {
	const char *data;
	size_t len;
};

struct http_field {
	struct http_slice name;
	struct http_slice value; /* without white space around it */
};

/* What may stand in a value: no control character but the tab. */
static inline bool
http_is_text(unsigned char c)
{
	return (c >= 0x20 && c != 0x7f) || c == '\t';
}

bool http_text_valid(const char *text, size_t len);

/*
 * One line without its CRLF, in which whoever cut it out has found no control
 * character (http_text_valid()).  0, or -1: no colon, a name that is no token
 * (white space before the colon too), a folded line.
 */
int http_field_parse(const char *line, size_t len, struct http_field *field);

/* RFC 9110 section 5.6.2: what methods, names and most values are made of. */
bool http_token_valid(const char *text, size_t len);

/* The same text, ASCII letters compared without case. */
static inline bool
http_slice_is(struct http_slice slice, const char *text)
{
	return slice.len == strlen(text) &&
	    strncasecmp(slice.data, text, slice.len) == 0;
}

/*
 * Walks a comma-separated list: takes the next element that is not empty off
 * the front of *list.  False at its end.
 */
bool http_list_next(struct http_slice *list, struct http_slice *element);

#endif
