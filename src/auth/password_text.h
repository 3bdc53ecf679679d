/* SPDX-License-Identifier: MIT */
#ifndef AUTH_PASSWORD_TEXT_H
#define AUTH_PASSWORD_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/password.h"

/*
 * The strings of password.h, read and written.  Strings may be imported, so
 * every parameter has an upper bound here, and so have their products.
 */
#define PASSWORD_SALT_MAX 64
#define PASSWORD_KEY_MIN 16
#define PASSWORD_KEY_MAX 64
#define PASSWORD_MEMORY_MAX (UINT64_C(256) << 20) /* bytes */

enum password_kind {
	PASSWORD_SCRYPT,
	PASSWORD_ARGON2ID,
	PASSWORD_BCRYPT /* only the kind is of use: crypt(3) reads the text */
};

struct password_text {
	enum password_kind kind;
	uint32_t ln;	 /* scrypt: log2 of N */
	uint32_t memory; /* Argon2id: KiB */
	uint32_t rounds; /* scrypt: r; Argon2id: t */
	uint32_t lanes;	 /* p */
	size_t salt_len, key_len;
	unsigned char salt[PASSWORD_SALT_MAX];
	unsigned char key[PASSWORD_KEY_MAX];
};

/* -1: not one of these strings, not canonical, or beyond the bounds. */
int password_text_parse(const char *string, struct password_text *text);

/* Of scrypt and Argon2id, with up to 32 bytes of salt and 64 of key. */
void password_text_format(const struct password_text *text,
    char out[PASSWORD_TEXT]);

#endif
