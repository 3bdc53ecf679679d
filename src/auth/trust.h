/* SPDX-License-Identifier: MIT */
#ifndef AUTH_TRUST_H
#define AUTH_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/token.h"
#include "base/buf.h"
#include "base/error.h"

/*
 * Whose tokens are accepted here: our own, signed by the first of our keys and
 * good under any of them (so that keys are changed without signing anyone
 * out), and those of one issuer outside.  Which key, and with it which
 * algorithm, is looked up by `kid` in this table alone (RFC 8725 section 3.1).
 * Immutable; counted atomically; used from all threads.
 */
struct trust;

struct trust_options { /* strings are copied */
	/* PEM files of private keys: the first signs.  The first is made, an
	 * Ed25519 key of mode 0600, if it is absent. */
	const char *const *key_files;
	size_t key_files_n;
	/* HS256: a shared secret (token_secret_load()); NULL: none.  It signs
	 * when there is no key file, and is made then if it is absent. */
	const char *secret_file;
	bool look; /* nothing is made: what would be is not missed */
	const char *issuer;   /* of our own tokens; NULL: not said */
	const char *audience; /* NULL: not said */
	struct {
		const char *issuer; /* NULL: nobody outside is trusted */
		const char *audience;
		const char *keys_file; /* a JWK Set (RFC 7517), or PEM */
		const char *name_claim; /* NULL: "sub" */
	} outside;
};

/* NULL: a key is missing, unreadable, too weak, or others may read it. */
struct trust *trust_open(const struct trust_options *options,
    struct error *err);
struct trust *trust_ref(struct trust *trust);
void trust_unref(struct trust *trust); /* NULL is allowed; wipes the keys */

/*
 * As token_verify() says it: -1, ERROR_INPUT and a sentence fit for the
 * client, or a failure of our own.  claims->own tells whose it is.
 */
int trust_verify(const struct trust *trust, const char *token, size_t len,
    int64_t now_s, struct token_claims *claims, struct error *err);

/* Whether the key of these claims is (still) one of them. */
bool trust_has(const struct trust *trust, uint32_t key);

/* One of our own tokens. */
int trust_sign(const struct trust *trust, const struct token_grant *grant,
    int64_t now_s, char out[TOKEN_MAX + 1], struct error *err);

/* The public halves of our own keys, as a JWK Set. */
void trust_put_jwks(const struct trust *trust, struct buf *out);

#endif
