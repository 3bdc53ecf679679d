/* SPDX-License-Identifier: MIT */
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <string.h>

#include "auth/key_state.h"

/* RFC 7518 section 3.4: r and s, big-endian, one after the other. */
#define ES256_HALF 32
#define ES256_BYTES (2 * ES256_HALF)
#define ES256_DER_MAX 72

/* The order n of P-256. */
static const unsigned char p256_order[ES256_HALF] = {
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
    0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

static int
mac(const struct token_key *key, const void *data, size_t data_len,
    unsigned char signature[TOKEN_SIGNATURE_MAX], size_t *len)
{
	EVP_MAC_CTX *context = EVP_MAC_CTX_dup(key->mac);
	int ok;

	ok = context != NULL && EVP_MAC_update(context, data, data_len) == 1 &&
	    EVP_MAC_final(context, signature, len, TOKEN_SIGNATURE_MAX) == 1;
	EVP_MAC_CTX_free(context);
	return ok ? 0 : -1;
}

/* An ECDSA signature as OpenSSL makes it, in place. */
static int
raw_of_der(unsigned char *signature, size_t *len)
{
	const unsigned char *der = signature;
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)*len);
	int ok;

	ok = pair != NULL &&
	    BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, ES256_HALF) > 0 &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + ES256_HALF,
		ES256_HALF) > 0;
	ECDSA_SIG_free(pair);
	*len = ES256_BYTES;
	return ok ? 0 : -1;
}

static int
sign(const struct token_key *key, const void *data, size_t data_len,
    unsigned char signature[TOKEN_SIGNATURE_MAX], size_t *len)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int ok;

	*len = TOKEN_SIGNATURE_MAX;
	ok = context != NULL && EVP_DigestSignInit(context, NULL, key->digest,
	    NULL, key->pkey) == 1 && EVP_DigestSign(context, signature, len,
	    data, data_len) == 1;
	EVP_MD_CTX_free(context);
	if (ok && key->algorithm == TOKEN_ES256)
		return raw_of_der(signature, len);
	return ok ? 0 : -1;
}

int
token_key_sign(const struct token_key *key, const void *data, size_t data_len,
    unsigned char signature[TOKEN_SIGNATURE_MAX], size_t *len,
    struct error *err)
{
	int rc;

	if (key->algorithm == TOKEN_HS256)
		rc = mac(key, data, data_len, signature, len);
	else
		rc = sign(key, data, data_len, signature, len);
	ERR_clear_error();
	if (rc != 0)
		error_set(err, ERROR_SYSTEM, "cannot sign with %s",
		    token_algorithm_name(key->algorithm));
	return rc;
}

static int
mac_verify(const struct token_key *key, const void *data, size_t data_len,
    const unsigned char *signature, size_t len)
{
	unsigned char expected[TOKEN_SIGNATURE_MAX];
	size_t expected_len;
	int equal;

	if (mac(key, data, data_len, expected, &expected_len) != 0)
		return -1;
	equal = len == expected_len &&
	    CRYPTO_memcmp(signature, expected, len) == 0;
	OPENSSL_cleanse(expected, sizeof(expected));
	return equal;
}

static bool
in_range(const unsigned char half[ES256_HALF])
{
	static const unsigned char zero[ES256_HALF];

	return memcmp(half, zero, ES256_HALF) != 0 &&
	    memcmp(half, p256_order, ES256_HALF) < 0;
}

/* One half as an INTEGER of DER; what follows it. */
static unsigned char *
put_integer(unsigned char *out, const unsigned char half[ES256_HALF])
{
	size_t skip = 0, sign;

	while (half[skip] == 0)
		skip++;
	sign = half[skip] >> 7;
	*out++ = 0x02;
	*out++ = (unsigned char)(ES256_HALF - skip + sign);
	if (sign != 0)
		*out++ = 0;
	memcpy(out, half + skip, ES256_HALF - skip);
	return out + ES256_HALF - skip;
}

/* 0: it is no signature of ES256. */
static size_t
der_of_raw(const unsigned char *signature, size_t len,
    unsigned char der[ES256_DER_MAX])
{
	unsigned char *end;

	if (len != ES256_BYTES || !in_range(signature) ||
	    !in_range(signature + ES256_HALF))
		return 0;
	end = put_integer(der + 2, signature);
	end = put_integer(end, signature + ES256_HALF);
	der[0] = 0x30;
	der[1] = (unsigned char)(end - der - 2);
	return (size_t)(end - der);
}

static int
verify(const struct token_key *key, const void *data, size_t data_len,
    const unsigned char *signature, size_t len)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int rc = -1;

	if (context != NULL && EVP_DigestVerifyInit(context, NULL,
	    key->digest, NULL, key->pkey) == 1)
		rc = EVP_DigestVerify(context, signature, len, data,
		    data_len) == 1;
	EVP_MD_CTX_free(context);
	ERR_clear_error(); /* a bad signature leaves a word there */
	return rc;
}

int
token_key_verify(const struct token_key *key, const void *data,
    size_t data_len, const unsigned char *signature, size_t len,
    struct error *err)
{
	unsigned char der[ES256_DER_MAX];
	int rc;

	if (key->algorithm == TOKEN_ES256) {
		len = der_of_raw(signature, len, der);
		if (len == 0)
			return 0;
		signature = der;
	}
	if (key->algorithm == TOKEN_HS256)
		rc = mac_verify(key, data, data_len, signature, len);
	else
		rc = verify(key, data, data_len, signature, len);
	if (rc < 0)
		error_set(err, ERROR_SYSTEM, "cannot verify with %s",
		    token_algorithm_name(key->algorithm));
	return rc;
}
