/* SPDX-License-Identifier: MIT */
#ifndef BASE_EMAIL_H
#define BASE_EMAIL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * E-mail addresses as people give them: something, one "@", a host, and
 * nothing that would mean more in a header (RFC 5322's quotes and comments).
 * Whether mail arrives there only mail can tell.
 */
#define EMAIL_BYTES_MAX 254 /* RFC 5321 section 4.5.3.1.3, errata 1690 */

/*
 * Folds A-Z to lower case into out, so that there is one form to compare, and
 * says whether the result is an address.
 */
bool email_fold(const char *text, size_t len, char out[EMAIL_BYTES_MAX + 1]);

#endif
