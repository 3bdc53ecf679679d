/* SPDX-License-Identifier: MIT */
#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * Passwords as self-describing strings:
 *
 *	$scrypt$ln=17,r=8,p=1$SALT$HASH		new ones (RFC 7914)
 *	$argon2id$v=19$m=19456,t=2,p=1$...	where OpenSSL has it (3.2)
 *	$2a$, $2b$, $2y$			bcrypt, of imported accounts
 *
 * Each call takes some 50 ms and some memory: hasher.h calls them off the
 * loops.
 */
#define PASSWORD_MIN 8	   /* bytes */
#define PASSWORD_MAX 1024
#define PASSWORD_TEXT 256  /* room for such a string and a NUL */

/* With a salt of its own.  -1: no memory, or the crypto library failed. */
int password_hash(const char *password, size_t len, char out[PASSWORD_TEXT],
    struct error *err);

enum password_result {
	PASSWORD_WRONG,
	PASSWORD_RIGHT,
	PASSWORD_WEAK,	/* right, but to be hashed anew, as new ones are */
	PASSWORD_FAILED /* our own failure */
};

/*
 * hash NULL or "": nobody has it, and as much time passes as for a new one.
 */
enum password_result password_verify(const char *password, size_t len,
    const char *hash, struct error *err);

/* Whether a string is one that password_verify() understands. */
bool password_hash_valid(const char *hash);

#endif
