/* SPDX-License-Identifier: MIT */
#ifndef AUTH_JWK_H
#define AUTH_JWK_H

#include "auth/key.h"
#include "base/error.h"

/*
 * JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037 section 2) of which
 * tokens are verified.  Private members are not looked at.
 */
struct json_t;

enum jwk_result {
	JWK_KEY,     /* *key is the caller's */
	JWK_SKIPPED, /* meant for something else, or of a kind not known here */
	JWK_BAD	     /* meant for us, and wrong or too weak: err says why */
};
enum jwk_result jwk_read(const struct json_t *jwk, struct token_key **key,
    struct error *err);

/* Whether it holds what others must not know. */
bool jwk_secret(const struct json_t *jwk);

#endif
