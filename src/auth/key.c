/* SPDX-License-Identifier: MIT */
#include "auth/key.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/*
 * The context holds the keyed state of the MAC, so that a signature costs a
 * copy of it and no look-up of the algorithm.
 */
struct token_key {
	enum token_algorithm algorithm;
	EVP_MAC_CTX *mac; /* TOKEN_HS256; never updated, only copied */
};

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

struct token_key *
token_key_new(enum token_algorithm algorithm, const void *secret, size_t len,
    struct error *err)
{
	struct token_key *key;

	assert(algorithm == TOKEN_HS256);
	if (len < TOKEN_SECRET_MIN || len > TOKEN_SECRET_MAX) {
		error_set(err, ERROR_CONFIG,
		    "a token secret has %d to %d bytes, not %zu",
		    TOKEN_SECRET_MIN, TOKEN_SECRET_MAX, len);
		return NULL;
	}
	key = calloc(1, sizeof(*key));
	if (key == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for a token key");
		return NULL;
	}
	key->algorithm = algorithm;
	if (mac_init(key, secret, len) != 0) {
		error_set(err, ERROR_SYSTEM, "cannot set up HMAC-SHA-256");
		token_key_free(key);
		return NULL;
	}
	return key;
}

void
token_key_free(struct token_key *key)
{
	if (key == NULL)
		return;
	EVP_MAC_CTX_free(key->mac); /* wipes the keyed state */
	free(key);
}

const char *
token_key_alg(const struct token_key *key)
{
	switch (key->algorithm) {
	case TOKEN_HS256:
		return "HS256";
	}
	return "";
}

int
token_key_sign(const struct token_key *key, const void *data, size_t data_len,
    unsigned char signature[TOKEN_SIGNATURE_MAX], size_t *len,
    struct error *err)
{
	EVP_MAC_CTX *mac;
	int ok;

	mac = EVP_MAC_CTX_dup(key->mac);
	ok = mac != NULL && EVP_MAC_update(mac, data, data_len) == 1 &&
	    EVP_MAC_final(mac, signature, len, TOKEN_SIGNATURE_MAX) == 1;
	EVP_MAC_CTX_free(mac);
	if (!ok) {
		error_set(err, ERROR_SYSTEM, "HMAC-SHA-256 failed");
		return -1;
	}
	return 0;
}

int
token_key_verify(const struct token_key *key, const void *data,
    size_t data_len, const unsigned char *signature, size_t len,
    struct error *err)
{
	unsigned char expected[TOKEN_SIGNATURE_MAX];
	size_t expected_len;
	int equal;

	if (token_key_sign(key, data, data_len, expected, &expected_len,
	    err) != 0)
		return -1;
	equal = len == expected_len &&
	    CRYPTO_memcmp(signature, expected, len) == 0;
	OPENSSL_cleanse(expected, sizeof(expected));
	return equal;
}
