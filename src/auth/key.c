/* SPDX-License-Identifier: MIT */
#include "auth/key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "auth/base64url.h"
#include "auth/key_state.h"

#define ED25519_BYTES 32
#define DIGEST SHA256_DIGEST_LENGTH
#define RSA_EXPONENT_MIN 65537 /* FIPS 186-5, section 5.1 */

static const char *const names[] = {
    [TOKEN_NONE] = "",
    [TOKEN_HS256] = "HS256",
    [TOKEN_EDDSA] = "EdDSA",
    [TOKEN_ES256] = "ES256",
    [TOKEN_RS256] = "RS256"};

const char *
token_algorithm_name(enum token_algorithm algorithm)
{
	return names[algorithm];
}

enum token_algorithm
token_algorithm_of(const char *name)
{
	size_t i;

	for (i = TOKEN_HS256; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return (enum token_algorithm)i;
	return TOKEN_NONE;
}

static struct token_key *
key_alloc(enum token_algorithm algorithm, struct error *err)
{
	struct token_key *key = calloc(1, sizeof(*key));

	if (key == NULL)
		error_set(err, ERROR_NOMEM, "no memory for a token key");
	else
		key->algorithm = algorithm;
	return key;
}

static int
mac_init(struct token_key *key, const unsigned char *secret, size_t len)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[2];
	EVP_MAC *mac;

	mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	if (mac == NULL)
		return -1;
	key->mac = EVP_MAC_CTX_new(mac);
	EVP_MAC_free(mac);
	if (key->mac == NULL)
		return -1;
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
	    digest, 0);
	params[1] = OSSL_PARAM_construct_end();
	return EVP_MAC_init(key->mac, secret, len, params) == 1 ? 0 : -1;
}

/* Of a public half as RFC 7638 says; of a secret, what it makes of nothing. */
static int
thumbprint(const struct token_key *key,
    unsigned char digest[TOKEN_SIGNATURE_MAX], struct error *err)
{
	struct buf json = {0};
	size_t len;
	int rc = 0;

	if (key->algorithm == TOKEN_HS256)
		return token_key_sign(key, "", 0, digest, &len, err);
	token_key_put_members(key, &json);
	if (json.failed || EVP_Digest(json.data, json.len, digest, NULL,
	    EVP_sha256(), NULL) != 1) {
		error_set(err, ERROR_SYSTEM, "cannot name a token key");
		rc = -1;
	}
	buf_fini(&json);
	return rc;
}

/* Owns key. */
static struct token_key *
marked(struct token_key *key, struct error *err)
{
	unsigned char digest[TOKEN_SIGNATURE_MAX];

	if (thumbprint(key, digest, err) != 0) {
		token_key_free(key);
		return NULL;
	}
	memcpy(&key->mark, digest, sizeof(key->mark));
	key->mark += key->mark == 0;
	return key;
}

struct token_key *
token_key_new(const void *secret, size_t len, struct error *err)
{
	struct token_key *key;

	if (len < TOKEN_SECRET_MIN || len > TOKEN_SECRET_MAX) {
		error_set(err, ERROR_CONFIG,
		    "a token secret has %d to %d bytes, not %zu",
		    TOKEN_SECRET_MIN, TOKEN_SECRET_MAX, len);
		return NULL;
	}
	key = key_alloc(TOKEN_HS256, err);
	if (key == NULL)
		return NULL;
	if (mac_init(key, secret, len) != 0) {
		error_set(err, ERROR_SYSTEM, "cannot set up HMAC-SHA-256");
		token_key_free(key);
		return NULL;
	}
	return marked(key, err);
}

/*
 * A public key of small order "verifies" signatures that nobody made.  The
 * eight points have five values of y, two of them in two encodings; the sign
 * of x is not looked at.
 */
static bool
small_order(const unsigned char point[ED25519_BYTES])
{
	static const unsigned char orders_8[2][ED25519_BYTES] = {
	    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
	     0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
	     0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
	    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
	     0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
	     0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a}};
	unsigned char y[ED25519_BYTES];
	bool zeros = true, ones = true;
	size_t i;

	memcpy(y, point, sizeof(y));
	y[31] &= 0x7f;
	for (i = 1; i < sizeof(y) - 1; i++) {
		zeros = zeros && y[i] == 0;
		ones = ones && y[i] == 0xff;
	}
	/* 0 and 1; p - 1, p and p + 1, where p is 2^255 - 19 */
	return (zeros && y[31] == 0 && y[0] <= 1) ||
	    (ones && y[31] == 0x7f && y[0] >= 0xec && y[0] <= 0xee) ||
	    memcmp(y, orders_8[0], sizeof(y)) == 0 ||
	    memcmp(y, orders_8[1], sizeof(y)) == 0;
}

static const char *
check_ed25519(EVP_PKEY *pkey)
{
	unsigned char point[ED25519_BYTES];
	size_t len = sizeof(point);

	if (EVP_PKEY_get_raw_public_key(pkey, point, &len) != 1)
		return "its public half cannot be read";
	return small_order(point) ? "it is a point of small order" : NULL;
}

static const char *
check_rsa(EVP_PKEY *pkey)
{
	BIGNUM *e = NULL;
	const char *why = NULL;

	if (EVP_PKEY_get_bits(pkey) < TOKEN_RSA_BITS_MIN)
		return "an RSA key has at least 2048 bits";
	if (EVP_PKEY_get_bits(pkey) > TOKEN_RSA_BITS_MAX)
		return "an RSA key has at most 8192 bits";
	if (EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) != 1)
		return "its exponent cannot be read";
	if (BN_num_bits(e) > 64 || !BN_is_odd(e) ||
	    (BN_num_bits(e) < 32 && BN_get_word(e) < RSA_EXPONENT_MIN))
		why = "its exponent is even, below 65537 or above 64 bits";
	BN_free(e);
	return why;
}

/* A named curve, and a point of it. */
static const char *
check_ec(EVP_PKEY *pkey)
{
	EVP_PKEY_CTX *context;
	char group[64] = "";
	int explicit = 0, ok;

	if (EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) != 1 ||
	    strcmp(group, "prime256v1") != 0)
		return "the curve is not P-256";
	if (EVP_PKEY_get_int_param(pkey,
	    OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
	    &explicit) == 1 && explicit != 0)
		return "its curve has no name";
	context = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	ok = context != NULL && EVP_PKEY_public_check(context) == 1;
	EVP_PKEY_CTX_free(context);
	return ok ? NULL : "the point is not on the curve";
}

/* The algorithm of a key, or why it is none of ours. */
static const char *
judge(EVP_PKEY *pkey, enum token_algorithm *algorithm)
{
	switch (EVP_PKEY_get_base_id(pkey)) {
	case EVP_PKEY_ED25519:
		*algorithm = TOKEN_EDDSA;
		return check_ed25519(pkey);
	case EVP_PKEY_EC:
		*algorithm = TOKEN_ES256;
		return check_ec(pkey);
	case EVP_PKEY_RSA:
		*algorithm = TOKEN_RS256;
		return check_rsa(pkey);
	}
	return "it is not an Ed25519, P-256 or RSA key";
}

struct token_key *
token_key_of(EVP_PKEY *pkey, struct error *err)
{
	enum token_algorithm algorithm = TOKEN_NONE;
	const char *why = judge(pkey, &algorithm);
	struct token_key *key;

	ERR_clear_error();
	if (why != NULL) {
		error_set(err, ERROR_CONFIG, "this key cannot be used: %s",
		    why);
		return NULL;
	}
	key = key_alloc(algorithm, err);
	if (key == NULL)
		return NULL;
	EVP_PKEY_up_ref(pkey);
	key->pkey = pkey;
	if (algorithm == TOKEN_EDDSA)
		return marked(key, err);
	key->digest = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (key->digest == NULL) {
		error_set(err, ERROR_SYSTEM, "cannot set up SHA-256");
		token_key_free(key);
		return NULL;
	}
	return marked(key, err);
}

void
token_key_free(struct token_key *key)
{
	if (key == NULL)
		return;
	EVP_MAC_CTX_free(key->mac); /* these wipe what they hold */
	EVP_PKEY_free(key->pkey);
	EVP_MD_free(key->digest);
	free(key);
}

int
token_key_set_id(struct token_key *key, const char *id, size_t len)
{
	if (len == 0 || len > TOKEN_KEY_ID_MAX || memchr(id, 0, len) != NULL)
		return -1;
	memcpy(key->id, id, len);
	key->id[len] = '\0';
	return 0;
}

int
token_key_set_thumbprint(struct token_key *key, struct error *err)
{
	unsigned char digest[TOKEN_SIGNATURE_MAX];
	size_t len;

	if (thumbprint(key, digest, err) != 0)
		return -1;
	len = base64url_encode(digest, DIGEST, key->id);
	key->id[len] = '\0';
	return 0;
}

uint32_t
token_key_mark(const struct token_key *key)
{
	return key->mark;
}

const char *
token_key_id(const struct token_key *key)
{
	return key->id;
}

enum token_algorithm
token_key_algorithm(const struct token_key *key)
{
	return key->algorithm;
}
