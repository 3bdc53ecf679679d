/* SPDX-License-Identifier: MIT */
#include "auth/jwk.h"

#include <jansson.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <string.h>

#include "auth/base64url.h"

#define MEMBER_MAX (TOKEN_RSA_BITS_MAX / 8 + 8)
#define POINT_HALF 32
#define POINT_BYTES (1 + 2 * POINT_HALF)

struct member {
	size_t len;
	unsigned char data[MEMBER_MAX];
};

static const char *
text(const json_t *jwk, const char *name)
{
	return json_string_value(json_object_get(jwk, name));
}

/* Bytes, at least one, in canonical base64url. */
static int
read_member(const json_t *jwk, const char *name, struct member *member,
    struct error *err)
{
	const json_t *value = json_object_get(jwk, name);
	size_t len = json_string_length(value);

	if (json_is_string(value) && len > 0 &&
	    BASE64URL_DECODED(len) <= sizeof(member->data) &&
	    base64url_decode(json_string_value(value), len, member->data,
	    &member->len) == 0)
		return 0;
	error_set(err, ERROR_CONFIG, "`%s` is not base64url, or too long",
	    name);
	return -1;
}

static struct token_key *
key_of(EVP_PKEY *pkey, struct error *err)
{
	struct token_key *key = NULL;

	ERR_clear_error();
	if (pkey == NULL)
		error_set(err, ERROR_CONFIG, "its members make no key");
	else
		key = token_key_of(pkey, err);
	EVP_PKEY_free(pkey);
	return key;
}

static struct token_key *
read_okp(const json_t *jwk, struct error *err)
{
	struct member x;

	if (read_member(jwk, "x", &x, err) != 0)
		return NULL;
	return key_of(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
	    x.data, x.len), err);
}

/* A public key from parameters; NULL when they make none. */
static EVP_PKEY *
make(const char *type, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *pkey = NULL;

	if (context != NULL && params != NULL &&
	    EVP_PKEY_fromdata_init(context) == 1 && EVP_PKEY_fromdata(context,
	    &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(context);
	return pkey;
}

/* RFC 7518 section 6.2.1: each half has the full length of the curve's. */
static struct token_key *
read_ec(const json_t *jwk, struct error *err)
{
	unsigned char point[POINT_BYTES] = {0x04};
	char group[] = "prime256v1";
	struct member x, y;
	OSSL_PARAM params[3];

	if (read_member(jwk, "x", &x, err) != 0 ||
	    read_member(jwk, "y", &y, err) != 0)
		return NULL;
	if (x.len != POINT_HALF || y.len != POINT_HALF) {
		error_set(err, ERROR_CONFIG, "`x` and `y` have 32 bytes each");
		return NULL;
	}
	memcpy(point + 1, x.data, POINT_HALF);
	memcpy(point + 1 + POINT_HALF, y.data, POINT_HALF);
	params[0] = OSSL_PARAM_construct_utf8_string(
	    OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
	params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
	    point, sizeof(point));
	params[2] = OSSL_PARAM_construct_end();
	return key_of(make("EC", params), err);
}

static struct token_key *
read_rsa(const json_t *jwk, struct error *err)
{
	struct member n, e;
	OSSL_PARAM_BLD *builder;
	OSSL_PARAM *params = NULL;
	BIGNUM *modulus, *exponent;
	EVP_PKEY *pkey;

	if (read_member(jwk, "n", &n, err) != 0 ||
	    read_member(jwk, "e", &e, err) != 0)
		return NULL;
	builder = OSSL_PARAM_BLD_new();
	modulus = BN_bin2bn(n.data, (int)n.len, NULL);
	exponent = BN_bin2bn(e.data, (int)e.len, NULL);
	if (builder != NULL && modulus != NULL && exponent != NULL &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N,
	    modulus) == 1 && OSSL_PARAM_BLD_push_BN(builder,
	    OSSL_PKEY_PARAM_RSA_E, exponent) == 1)
		params = OSSL_PARAM_BLD_to_param(builder);
	pkey = make("RSA", params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(builder);
	BN_free(modulus);
	BN_free(exponent);
	return key_of(pkey, err);
}

static struct token_key *
read_oct(const json_t *jwk, struct error *err)
{
	struct token_key *key = NULL;
	struct member k;

	if (read_member(jwk, "k", &k, err) == 0)
		key = token_key_new(k.data, k.len, err);
	OPENSSL_cleanse(&k, sizeof(k));
	return key;
}

struct kind {
	const char *kty, *crv; /* crv NULL: has none */
	enum token_algorithm algorithm;
	struct token_key *(*read)(const json_t *jwk, struct error *err);
};

static const struct kind kinds[] = {
    {"OKP", "Ed25519", TOKEN_EDDSA, read_okp},
    {"EC", "P-256", TOKEN_ES256, read_ec},
    {"RSA", NULL, TOKEN_RS256, read_rsa},
    {"oct", NULL, TOKEN_HS256, read_oct}};

static const struct kind *
kind_of(const json_t *jwk)
{
	const char *kty = text(jwk, "kty"), *crv = text(jwk, "crv");
	size_t i;

	for (i = 0; kty != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].kty, kty) != 0)
			continue;
		if (kinds[i].crv == NULL ||
		    (crv != NULL && strcmp(kinds[i].crv, crv) == 0))
			return &kinds[i];
	}
	return NULL;
}

/* RFC 7517 sections 4.2 to 4.4: is it for signatures of our algorithm? */
static bool
meant_for(const json_t *jwk, enum token_algorithm algorithm)
{
	const json_t *use = json_object_get(jwk, "use");
	const json_t *alg = json_object_get(jwk, "alg");
	const json_t *operations = json_object_get(jwk, "key_ops"), *item;
	size_t i;

	if (use != NULL && (!json_is_string(use) ||
	    strcmp(json_string_value(use), "sig") != 0))
		return false;
	if (alg != NULL && (!json_is_string(alg) ||
	    token_algorithm_of(json_string_value(alg)) != algorithm))
		return false;
	if (operations == NULL)
		return true;
	json_array_foreach(operations, i, item)
		if (json_is_string(item) &&
		    strcmp(json_string_value(item), "verify") == 0)
			return true;
	return false;
}

enum jwk_result
jwk_read(const json_t *jwk, struct token_key **key, struct error *err)
{
	const struct kind *kind = kind_of(jwk);
	const json_t *kid = json_object_get(jwk, "kid");

	*key = NULL;
	if (kind == NULL || !meant_for(jwk, kind->algorithm))
		return JWK_SKIPPED;
	*key = kind->read(jwk, err);
	if (*key == NULL)
		return JWK_BAD;
	if (kid == NULL || (json_is_string(kid) && token_key_set_id(*key,
	    json_string_value(kid), json_string_length(kid)) == 0))
		return JWK_KEY;
	token_key_free(*key);
	*key = NULL;
	error_set(err, ERROR_CONFIG, "its `kid` is not text of 1 to %d bytes",
	    TOKEN_KEY_ID_MAX);
	return JWK_BAD;
}

bool
jwk_secret(const json_t *jwk)
{
	return json_object_get(jwk, "k") != NULL ||
	    json_object_get(jwk, "d") != NULL;
}
