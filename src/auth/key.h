/* SPDX-License-Identifier: MIT */
#ifndef AUTH_KEY_H
#define AUTH_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

/*
 * Keys that sign tokens.  The algorithm is a property of the key (RFC 8725
 * section 3.1): nothing a token says changes it.  What is too weak does not
 * become a key.
 */
enum token_algorithm {
	TOKEN_NONE,  /* none that is accepted here */
	TOKEN_HS256, /* a secret of at least 32 bytes */
	TOKEN_EDDSA, /* Ed25519 */
	TOKEN_ES256, /* P-256 */
	TOKEN_RS256  /* RSA of at least 2048 bits */
};

#define TOKEN_SECRET_MIN 32 /* bytes of an HS256 secret (RFC 7518, 3.2) */
#define TOKEN_SECRET_MAX 1024
#define TOKEN_RSA_BITS_MIN 2048
#define TOKEN_RSA_BITS_MAX 8192
#define TOKEN_SIGNATURE_MAX (TOKEN_RSA_BITS_MAX / 8)
#define TOKEN_KEY_ID_MAX 128 /* bytes of a `kid` */

/* Immutable once made: several threads may use one at the same time. */
struct token_key;
struct evp_pkey_st; /* EVP_PKEY of OpenSSL */

/* HS256.  Copies the secret.  NULL: too short, too long, or no memory. */
struct token_key *token_key_new(const void *secret, size_t len,
    struct error *err);

/*
 * Takes a reference of an Ed25519, P-256 or RSA key, private or public.
 * NULL: of another kind, too weak, not on its curve, or no memory.
 */
struct token_key *token_key_of(struct evp_pkey_st *pkey, struct error *err);

/* Wipes it.  NULL is allowed. */
void token_key_free(struct token_key *key);

/*
 * Its `kid`, before others use it; "" is the beginning.  -1: too long, empty,
 * or with a NUL in it.
 */
int token_key_set_id(struct token_key *key, const char *id, size_t len);

/* Its `kid` is its thumbprint (RFC 7638).  Not of a secret. */
int token_key_set_thumbprint(struct token_key *key, struct error *err);

const char *token_key_id(const struct token_key *key);
enum token_algorithm token_key_algorithm(const struct token_key *key);

/* Other keys have other ones, but for one in 2^32; not 0. */
uint32_t token_key_mark(const struct token_key *key);

/* "EdDSA", and back; TOKEN_NONE for what is not accepted. */
const char *token_algorithm_name(enum token_algorithm algorithm);
enum token_algorithm token_algorithm_of(const char *name);

/*
 * The signature over data as RFC 7518 and RFC 8037 encode it, its length in
 * *len.  -1: no memory, the crypto library failed, or the key is a public one.
 */
int token_key_sign(const struct token_key *key, const void *data,
    size_t data_len, unsigned char signature[TOKEN_SIGNATURE_MAX],
    size_t *len, struct error *err);

/*
 * 1: the signature is the key's; 0: it is not; -1: no memory, or the crypto
 * library failed.
 */
int token_key_verify(const struct token_key *key, const void *data,
    size_t data_len, const unsigned char *signature, size_t len,
    struct error *err);

/* Appends the public half as a JWK, with its `kid`.  Not of a secret. */
void token_key_put_jwk(const struct token_key *key, struct buf *out);

#endif
