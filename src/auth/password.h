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
 * A password is the bytes it was typed as: it is neither folded nor
 * normalised.  Each call takes some tenths of a second and, for a new string,
 * 128 MiB (Argon2id: 19 MiB): hasher.h calls them off the loops.
 */
#define PASSWORD_MIN 8	   /* bytes */
#define PASSWORD_MAX 1024
#define PASSWORD_TEXT 256  /* room for such a string and a NUL */

/*
 * How hard new strings are to guess: each step doubles time and memory.  17 is
 * N = 2^17 for scrypt, 19 MiB for Argon2id.  Below 14 is for tests.
 */
#define PASSWORD_COST 17
#define PASSWORD_COST_MIN 4
#define PASSWORD_COST_REAL 14
#define PASSWORD_COST_MAX 18

/*
 * Whether somebody may choose it: length, UTF-8, no NUL.  Else -1, ERROR_INPUT
 * and a sentence for the client.  Old ones that are verified need not pass.
 */
int password_check(const char *password, size_t len, struct error *err);

/*
 * With a salt of its own; len up to PASSWORD_MAX.  -1: no memory, or the
 * crypto library failed.
 */
int password_hash(const char *password, size_t len, unsigned cost,
    char out[PASSWORD_TEXT], struct error *err);

enum password_result {
	PASSWORD_WRONG,
	PASSWORD_RIGHT,
	PASSWORD_WEAK,	/* right, but to be hashed anew, as new ones are */
	PASSWORD_FAILED /* our own failure: err says which */
};

/*
 * hash NULL or "": nobody has it, and as much time passes as for a new one.
 * bcrypt looks at 72 bytes only, and is never right with a NUL in it.
 */
enum password_result password_verify(const char *password, size_t len,
    const char *hash, unsigned cost, struct error *err);

/*
 * Whether a string is one that password_verify() understands and that takes
 * at most 256 MiB and seconds.
 */
bool password_hash_valid(const char *hash);

#endif
