/* SPDX-License-Identifier: MIT */
#ifndef AUTH_KEYS_H
#define AUTH_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/key.h"
#include "base/error.h"

/*
 * Keys in files.  A file that holds a secret and that others may read or
 * write, or the group may write, is refused.
 */

/*
 * The HS256 secret in a file: at least 64 hexadecimal digits, else a line of
 * printable text (its line end does not count), else the bytes as they are.
 * With create, an absent file is made with 32 random bytes in hexadecimal.
 */
struct token_key *token_secret_load(const char *path, bool create,
    struct error *err);

/*
 * The private key in a PEM file, not encrypted; its `kid` is its thumbprint.
 * With create, an absent file is made with a new Ed25519 key.
 */
struct token_key *token_key_load(const char *path, bool create,
    struct error *err);

#define TOKEN_KEYS_MAX 32    /* of one file */
#define TOKEN_NAMELESS_MAX 8 /* of them without a `kid` */

/* Zero or more keys, owned by whoever has the struct. */
struct token_keys {
	size_t n;
	struct token_key *keys[TOKEN_KEYS_MAX];
};

/*
 * The public keys, at least one, in a JWK Set or in PEM ("PUBLIC KEY"; these
 * have no `kid`).  Keys of a set that are meant for something else, or of a
 * kind not known here, are passed over (RFC 7517 section 5).
 */
int token_keys_load(const char *path, struct token_keys *keys,
    struct error *err);

/*
 * The same from memory: text[len] is a NUL.  *secret tells whether there is
 * something in it that others must not read.
 */
int token_keys_parse(const char *text, size_t len, struct token_keys *keys,
    bool *secret, struct error *err);

void token_keys_free(struct token_keys *keys); /* all zero is allowed */

#endif
