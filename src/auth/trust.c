/* SPDX-License-Identifier: MIT */
#include "auth/trust.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/keys.h"

#define OWN_MAX 33 /* key files, as many as a configuration lists, a secret */
#define SIGNERS_MAX (OWN_MAX + TOKEN_KEYS_MAX)

struct trust {
	atomic_uint refs;
	size_t own_n, n;
	struct token_signer signers[SIGNERS_MAX]; /* the first signs */
	struct token_key *keys[SIGNERS_MAX];	  /* the same, owned */
	struct token_rules own, outside;
	char *texts[5]; /* what the rules point to */
	size_t texts_n;
};

/* A copy that lives as long as the trust; NULL stays NULL. */
static int
keep(struct trust *trust, const char *text, const char **field,
    struct error *err)
{
	char *copy;

	*field = NULL;
	if (text == NULL)
		return 0;
	copy = strdup(text);
	if (copy == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for keys");
		return -1;
	}
	trust->texts[trust->texts_n++] = copy;
	*field = copy;
	return 0;
}

static int
keep_rules(struct trust *trust, const struct trust_options *options,
    struct error *err)
{
	trust->own.own = true;
	if (keep(trust, options->issuer, &trust->own.issuer, err) != 0 ||
	    keep(trust, options->audience, &trust->own.audience, err) != 0 ||
	    keep(trust, options->outside.issuer, &trust->outside.issuer,
		err) != 0 ||
	    keep(trust, options->outside.audience, &trust->outside.audience,
		err) != 0)
		return -1;
	return keep(trust, options->outside.name_claim,
	    &trust->outside.name_claim, err);
}

/* Owns key from now on, NULL included: -1. */
static int
add(struct trust *trust, struct token_key *key,
    const struct token_rules *rules, struct error *err)
{
	const char *id;
	size_t i;

	if (key == NULL)
		return -1;
	id = token_key_id(key);
	for (i = 0; i < trust->n && id[0] != '\0'; i++) {
		if (strcmp(token_key_id(trust->keys[i]), id) == 0) {
			error_set(err, ERROR_CONFIG, "two keys of tokens have "
			    "the same id (kid): %s", id);
			token_key_free(key);
			return -1;
		}
	}
	assert(trust->n < SIGNERS_MAX);
	trust->keys[trust->n] = key;
	trust->signers[trust->n++] = (struct token_signer){key, rules};
	return 0;
}

/* Would the file be made now?  Then who only looks goes without it. */
static bool
is_to_come(const struct trust_options *options, const char *path, bool make)
{
	return options->look && make && access(path, F_OK) != 0;
}

static int
add_own(struct trust *trust, const struct trust_options *options,
    struct error *err)
{
	bool make = options->key_files_n == 0;
	const char *path;
	size_t i;

	assert(options->key_files_n < OWN_MAX);
	for (i = 0; i < options->key_files_n; i++) {
		path = options->key_files[i];
		if (!is_to_come(options, path, i == 0) && add(trust,
		    token_key_load(path, i == 0, err), &trust->own, err) != 0)
			return -1;
	}
	path = options->secret_file;
	if (path != NULL && !is_to_come(options, path, make) && add(trust,
	    token_secret_load(path, make, err), &trust->own, err) != 0)
		return -1;
	trust->own_n = trust->n;
	assert(trust->n > 0 || options->look);
	return 0;
}

static int
add_outside(struct trust *trust, const struct trust_options *options,
    struct error *err)
{
	struct token_keys keys;
	size_t i;
	int rc = 0;

	if (options->outside.issuer == NULL)
		return 0;
	if (options->outside.keys_file == NULL) {
		error_set(err, ERROR_CONFIG, "token.outside_issuer: its keys "
		    "must be named by token.outside_keys");
		return -1;
	}
	if (token_keys_load(options->outside.keys_file, &keys, err) != 0)
		return -1;
	for (i = 0; i < keys.n; i++) {
		if (rc == 0)
			rc = add(trust, keys.keys[i], &trust->outside, err);
		else
			token_key_free(keys.keys[i]);
	}
	return rc;
}

struct trust *
trust_open(const struct trust_options *options, struct error *err)
{
	struct trust *trust = calloc(1, sizeof(*trust));

	if (trust == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for keys");
		return NULL;
	}
	atomic_init(&trust->refs, 1);
	if (keep_rules(trust, options, err) != 0 ||
	    add_own(trust, options, err) != 0 ||
	    add_outside(trust, options, err) != 0) {
		trust_unref(trust);
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
	size_t i;

	if (trust == NULL || atomic_fetch_sub(&trust->refs, 1) != 1)
		return;
	for (i = 0; i < trust->n; i++)
		token_key_free(trust->keys[i]);
	for (i = 0; i < trust->texts_n; i++)
		free(trust->texts[i]);
	free(trust);
}

int
trust_verify(const struct trust *trust, const char *token, size_t len,
    int64_t now_s, struct token_claims *claims, struct error *err)
{
	return token_verify(trust->signers, trust->n, token, len, now_s,
	    claims, err);
}

bool
trust_has(const struct trust *trust, uint32_t key)
{
	size_t i;

	for (i = 0; i < trust->n; i++)
		if (token_key_mark(trust->keys[i]) == key)
			return true;
	return false;
}

int
trust_sign(const struct trust *trust, const struct token_grant *grant,
    int64_t now_s, char out[TOKEN_MAX + 1], struct error *err)
{
	return token_sign(&trust->signers[0], grant, now_s, out, err);
}

void
trust_put_jwks(const struct trust *trust, struct buf *out)
{
	const char *comma = "";
	size_t i;

	buf_puts(out, "{\"keys\":[");
	for (i = 0; i < trust->own_n; i++) {
		if (token_key_algorithm(trust->keys[i]) == TOKEN_HS256)
			continue;
		buf_puts(out, comma);
		token_key_put_jwk(trust->keys[i], out);
		comma = ",";
	}
	buf_puts(out, "]}");
}
