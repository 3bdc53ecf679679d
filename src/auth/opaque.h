/* SPDX-License-Identifier: MIT */
#ifndef AUTH_OPAQUE_H
#define AUTH_OPAQUE_H

#include <stddef.h>

#include "base/error.h"

/*
 * Random secrets that say nothing and are looked up by their hash, so that
 * what is stored opens nothing: refresh tokens, which programs keep, and codes,
 * which people type.
 */
#define OPAQUE_HASH 32 /* bytes: SHA-256 */
#define OPAQUE_KEY 32
#define OPAQUE_TEXT 44 /* 256 bits in base64url, and a NUL */

/* -1: the crypto library failed; so with all that have an err. */
int opaque_new(char text[OPAQUE_TEXT], struct error *err);

/* -1: it is none. */
int opaque_hash(const char *text, unsigned char hash[OPAQUE_HASH]);

/*
 * The one that takes the place of text, which is one: always the same, so that
 * it need not be stored to be given again; without the key nobody foresees it.
 */
int opaque_successor(const unsigned char key[OPAQUE_KEY], const char *text,
    char next[OPAQUE_TEXT], struct error *err);

/*
 * The key in a file, which is made, mode 0600, if it is absent.  A file that
 * others may read is refused.  -1: so, or it cannot be read or made.
 */
int opaque_key_load(const char *path, unsigned char key[OPAQUE_KEY],
    struct error *err);

/*
 * Codes: 60 bits as "7KQ4-X2MD-P9TW", without letters that look like others
 * (Crockford's base 32).  In whatever case they are typed, with or without
 * dashes and spaces, they have the same hash.
 */
#define CODE_TEXT 15

int code_new(char text[CODE_TEXT], struct error *err);

/* -1: it is none. */
int code_hash(const char *text, unsigned char hash[OPAQUE_HASH]);

#endif
