/* SPDX-License-Identifier: MIT */
#ifndef AUTH_KEY_H
#define AUTH_KEY_H

#include <stddef.h>

#include "auth/token.h"

/* What token.c asks of a key; the rest of the program sees token.h only. */
#define TOKEN_SIGNATURE_MAX 64

/* The `alg` of the tokens it signs, "HS256". */
const char *token_key_alg(const struct token_key *key);

/*
 * The signature over data, its length in *len.  -1: no memory, or the crypto
 * library failed.
 */
int token_key_sign(const struct token_key *key, const void *data,
    size_t data_len, unsigned char signature[TOKEN_SIGNATURE_MAX],
    size_t *len, struct error *err);

/*
 * 1: the signature is the key's, compared in constant time; 0: it is not;
 * -1 as above.
 */
int token_key_verify(const struct token_key *key, const void *data,
    size_t data_len, const unsigned char *signature, size_t len,
    struct error *err);

#endif
