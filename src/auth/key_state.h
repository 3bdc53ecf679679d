/* SPDX-License-Identifier: MIT */
#ifndef AUTH_KEY_STATE_H
#define AUTH_KEY_STATE_H

#include <openssl/evp.h>

#include "auth/key.h"

/* What key.c makes, key_sign.c uses and jwk_put.c shows. */

/*
 * The context holds the keyed state of the MAC, so that a signature costs a
 * copy of it and no look-up of the algorithm.
 */
struct token_key {
	enum token_algorithm algorithm;
	EVP_MAC_CTX *mac; /* TOKEN_HS256; never updated, only copied */
	EVP_PKEY *pkey;	  /* of all others */
	EVP_MD *digest;	  /* TOKEN_ES256, TOKEN_RS256 */
	uint32_t mark;
	char id[TOKEN_KEY_ID_MAX + 1];
};

/*
 * The required members of a JWK in the order of their names, without white
 * space (RFC 7638 section 3.2): what a thumbprint is made of.
 */
void token_key_put_members(const struct token_key *key, struct buf *out);

#endif
