/* SPDX-License-Identifier: MIT */
#ifndef AUTH_TOKEN_H
#define AUTH_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/key.h"
#include "base/error.h"
#include "base/name.h"

/*
 * Bearer tokens: JSON Web Tokens (RFC 7519) in the compact form, checked as
 * RFC 8725 advises.
 *
 * The header says `alg`, which must be that of a key, and may say `kid`, which
 * is looked up among the keys and nowhere else; keys without a `kid` of their
 * own are tried whatever it says.  `typ`, if there, is "JWT" or, of access
 * tokens of others, "at+jwt" (RFC 9068); ours say "JWT", for they lack the
 * `client_id` that the other asks for.  `crit` is refused, whatever is in it;
 * `jku`, `jwk`, `x5u`, `x5c` and the like are not looked at.
 */
#define TOKEN_MAX 4096	     /* bytes of a token; a longer one is refused */
#define TOKEN_ID_MAX 64	     /* bytes of a `jti` */
#define TOKEN_LEEWAY_S 30    /* by how much clocks may differ */
#define TOKEN_TRIES_MAX 16   /* keys tried on one token */

/* What a token must say beside its times. */
struct token_rules {
	bool own;	      /* ours: it has a `jti`, and `sid` and `scope`
				 are what we wrote there */
	const char *issuer;   /* exactly this `iss`; NULL: any or none */
	const char *audience; /* among `aud`; NULL: there must be no `aud` */
	const char *name_claim; /* who it is; NULL: `sub` */
};

/* A key, and the rules for what it signs. */
struct token_signer {
	const struct token_key *key;
	const struct token_rules *rules;
};

struct token_claims {
	char subject[NAME_BYTES_MAX + 1]; /* a name, folded */
	char id[TOKEN_ID_MAX + 1]; /* `jti`; of an outside issuer perhaps "" */
	int64_t issued_s; /* since 1970 */
	int64_t expires_s;
	uint64_t family; /* `sid`; 0: none */
	uint32_t scopes; /* enum scope; of an outside issuer all */
	uint32_t key;	 /* the mark of the one that signed it; never 0 */
	bool own;	 /* we signed it */
};

/*
 * -1 and ERROR_INPUT with a sentence fit for the client when the token is not
 * valid at now_s; the sentence holds nothing of the token.  Required are the
 * name, `exp`, `iat` and, of our own, `jti`; `nbf` is respected; what else is
 * in there is ignored.  ERROR_NOMEM and ERROR_SYSTEM are the server's own
 * failures.
 */
int token_verify(const struct token_signer *signers, size_t n,
    const char *token, size_t len, int64_t now_s, struct token_claims *claims,
    struct error *err);

/* What one of our own tokens says. */
struct token_grant {
	const char *subject; /* a name, folded */
	uint64_t family;     /* `sid`; 0: none, it lives until it expires */
	uint32_t scopes;     /* enum scope; SCOPE_ALL: `scope` is left out */
	int64_t ttl_s;
};

/*
 * A token, valid from now_s for ttl_s seconds, with a random id and with what
 * the rules ask for: NUL-terminated in out.
 */
int token_sign(const struct token_signer *signer,
    const struct token_grant *grant, int64_t now_s, char out[TOKEN_MAX + 1],
    struct error *err);

#endif
