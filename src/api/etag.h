/* SPDX-License-Identifier: MIT */
#ifndef API_ETAG_H
#define API_ETAG_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Entity tags (RFC 9110 section 8.8.3): of the bytes of an answer, so that
 * they change when it does and never else.  That of the same answer in gzip
 * ends with "-gzip"; a condition takes either.
 */
#define ETAG_SIZE 48

/* Quoted. */
void etag_of(const char *text, size_t len, bool gzip, char out[ETAG_SIZE]);

/*
 * Whether the list of a condition, "*" or `"a", W/"b"`, has the tag of this
 * text.  weak: as If-None-Match compares them; else as If-Match does.
 */
bool etag_listed(const char *list, const char *text, size_t len, bool weak);

#endif
