/* SPDX-License-Identifier: MIT */
#ifndef AUTH_BASE64URL_H
#define AUTH_BASE64URL_H

#include <stddef.h>

/*
 * base64url without padding (RFC 4648 section 5, RFC 7515 section 2).
 * Decoding is strict: one text for one sequence of bytes, so no padding, no
 * white space, no other alphabet, and unused bits are zero.
 */
#define BASE64URL_ENCODED(n) (((n) * 4 + 2) / 3)
#define BASE64URL_DECODED(n) ((n) / 4 * 3 + 2)

/* Writes BASE64URL_ENCODED(len) characters, no NUL; returns their number. */
size_t base64url_encode(const void *data, size_t len, char *out);

/* At most BASE64URL_DECODED(len) bytes to out.  -1: not canonical. */
int base64url_decode(const char *text, size_t len, void *out, size_t *out_len);

#endif
