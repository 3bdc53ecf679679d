/* SPDX-License-Identifier: MIT */
#include "auth/trust.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/scope.h"

struct trust {
	atomic_uint refs;
	struct token_key *key;
	struct token_rules rules;
};

struct trust *
trust_open(const struct trust_options *options, struct error *err)
{
	struct trust *trust = calloc(1, sizeof(*trust));

	if (trust == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for keys");
		return NULL;
	}
	atomic_init(&trust->refs, 1);
	trust->rules.issuer = options->issuer;
	trust->rules.audience = options->audience;
	trust->key = token_secret_load(options->secret_file, true, err);
	if (trust->key == NULL) {
		free(trust);
		return NULL;
	}
	return trust;
}

struct trust *
trust_ref(struct trust *trust)
{
	atomic_fetch_add(&trust->refs, 1);
	return trust;
}

void
trust_unref(struct trust *trust)
{
	if (trust == NULL || atomic_fetch_sub(&trust->refs, 1) != 1)
		return;
	token_key_free(trust->key);
	free(trust);
}

int
trust_verify(const struct trust *trust, const char *token, size_t len,
    int64_t now_s, struct token_claims *claims, struct error *err)
{
	if (token_verify(trust->key, &trust->rules, token, len, now_s, claims,
	    err) == -1)
		return -1;
	claims->own = true;
	claims->family = 0;
	claims->scopes = SCOPE_ALL;
	return 0;
}

int
trust_sign(const struct trust *trust, const struct token_grant *grant,
    int64_t now_s, char out[TOKEN_MAX + 1], struct error *err)
{
	return token_sign(trust->key, &trust->rules, grant->subject, now_s,
	    grant->ttl_s, out, err);
}

void
trust_put_jwks(const struct trust *trust, struct buf *out)
{
	(void)trust;
	buf_puts(out, "{\"keys\":[]}");
}
