/* SPDX-License-Identifier: MIT */
#ifndef AUTH_TOKEN_H
#define AUTH_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/name.h"

/*
 * Bearer tokens: JSON Web Tokens (RFC 7519) in the compact form, checked as
 * RFC 8725 advises.  The algorithm is a property of the key: the token's
 * header may only agree with it.
 */
#define TOKEN_MAX 4096	     /* bytes of a token; a longer one is refused */
#define TOKEN_ID_MAX 64	     /* bytes of a `jti` */
#define TOKEN_LEEWAY_S 30    /* by how much clocks may differ */
#define TOKEN_SECRET_MIN 32  /* bytes of an HS256 secret (RFC 7518, 3.2) */
#define TOKEN_SECRET_MAX 1024

enum token_algorithm {
	TOKEN_HS256 = 1
};

/* Immutable once made: several threads may use one at the same time. */
struct token_key;

/* What a token must say beside a name and its times. */
struct token_rules {
	const char *issuer;   /* exactly this `iss`; NULL: any or none */
	const char *audience; /* among `aud`; NULL: there must be no `aud` */
};

struct token_claims {
	char subject[NAME_BYTES_MAX + 1]; /* a name, folded */
	char id[TOKEN_ID_MAX + 1];
	int64_t issued_s; /* since 1970 */
	int64_t expires_s;
	uint64_t family; /* `sid`; 0: none */
	uint32_t scopes; /* enum scope; of an outside issuer all */
	bool own;	 /* we signed it */
};

/* Copies the secret.  NULL when it is too short, too long or no memory. */
struct token_key *token_key_new(enum token_algorithm algorithm,
    const void *secret, size_t len, struct error *err);

/* Wipes the secret.  NULL is allowed. */
void token_key_free(struct token_key *key);

/*
 * The HS256 secret in a file: at least 64 hexadecimal digits, else a line of
 * printable text (its line end does not count), else the bytes as they are.
 * A file that others may read or write, or the group may write, is refused.
 * With create, an absent file is made, mode 0600, with 32 random bytes in
 * hexadecimal; of several processes that do so at once one succeeds, and all
 * read the same secret.
 */
struct token_key *token_secret_load(const char *path, bool create,
    struct error *err);

/*
 * -1 and ERROR_INPUT with a sentence fit for the client when the token is not
 * valid at now_s; the sentence holds nothing of the token.  Required are
 * `sub` (a name), `exp`, `iat` and `jti`; `nbf` is respected; what else is in
 * there is ignored, but for `crit`, which is refused.  ERROR_NOMEM and
 * ERROR_SYSTEM are the server's own failures.
 */
int token_verify(const struct token_key *key, const struct token_rules *rules,
    const char *token, size_t len, int64_t now_s,
    struct token_claims *claims, struct error *err);

/*
 * A token for subject, valid from now_s for ttl_s seconds, with a random id:
 * NUL-terminated in out.  With an issuer and an audience if rules has them.
 */
int token_sign(const struct token_key *key, const struct token_rules *rules,
    const char *subject, int64_t now_s, int64_t ttl_s,
    char out[TOKEN_MAX + 1], struct error *err);

#endif
