/* SPDX-License-Identifier: MIT */
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hostile.h"

#define HALF 32

static const unsigned char p256_order[HALF] = {
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
    0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

/* L of RFC 8032 section 5.1, little-endian. */
static const unsigned char ed_order[HALF] = {
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
    0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0x10};

#define FORGE(name) \
	size_t \
	name(const struct mint *mint, const char *input, size_t len, \
	    unsigned char *signature)
#define UNUSED (void)mint; (void)input; (void)len; (void)signature

FORGE(empty)
{
	UNUSED;
	return 0;
}

FORGE(zeros_64)
{
	UNUSED;
	memset(signature, 0, 64);
	return 64;
}

FORGE(short_63)
{
	return by_ed(mint, input, len, signature) - 1;
}

FORGE(long_65)
{
	size_t n = by_ed(mint, input, len, signature);

	signature[n] = 0;
	return n + 1;
}

/* RFC 8032 section 5.1.7: S must be less than L; S + L "signs" the same. */
FORGE(by_ed_s_plus_order)
{
	unsigned carry = 0;
	int i;

	assert_int_equal(by_ed(mint, input, len, signature), 64);
	for (i = 0; i < HALF; i++) {
		carry += (unsigned)signature[HALF + i] + ed_order[i];
		signature[HALF + i] = (unsigned char)carry;
		carry >>= 8;
	}
	return 64;
}

/* What every message has under a key of small order. */
FORGE(identity_and_zero)
{
	UNUSED;
	memset(signature, 0, 64);
	signature[0] = 1;
	return 64;
}

FORGE(by_secret_16)
{
	(void)by_secret(mint, input, len, signature);
	return 16;
}

FORGE(by_secret_33)
{
	(void)by_secret(mint, input, len, signature);
	signature[32] = 0;
	return 33;
}

static size_t
hmac(const void *secret, size_t secret_len, const char *input, size_t len,
    unsigned char *signature)
{
	size_t n = 0;

	assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, secret,
	    secret_len, (const unsigned char *)input, len, signature,
	    TOKEN_SIGNATURE_MAX, &n));
	return n;
}

FORGE(pem_as_secret)
{
	BIO *pem = BIO_new(BIO_s_mem());
	char *data;
	size_t n;

	assert_int_equal(PEM_write_bio_PUBKEY(pem, mint->pkeys[MINT_RSA]), 1);
	n = (size_t)BIO_get_mem_data(pem, &data);
	n = hmac(data, n, input, len, signature);
	BIO_free(pem);
	return n;
}

FORGE(der_as_secret)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(mint->pkeys[MINT_RSA], &der);
	size_t signature_len;

	assert_true(n > 0);
	signature_len = hmac(der, (size_t)n, input, len, signature);
	OPENSSL_free(der);
	return signature_len;
}

FORGE(raw_as_secret)
{
	unsigned char raw[32];
	size_t n = sizeof(raw);

	assert_int_equal(EVP_PKEY_get_raw_public_key(mint->pkeys[MINT_ED],
	    raw, &n), 1);
	return hmac(raw, n, input, len, signature);
}

FORGE(kid_as_secret)
{
	const char *kid = token_key_id(mint->keys[MINT_ED]);

	return hmac(kid, strlen(kid), input, len, signature);
}

FORGE(nothing_as_secret)
{
	(void)mint;
	return hmac("", 0, input, len, signature);
}

/* As OpenSSL makes it, and as a careless library takes it. */
FORGE(ec_as_der)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t n = TOKEN_SIGNATURE_MAX;

	assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL,
	    mint->pkeys[MINT_EC]), 1);
	assert_int_equal(EVP_DigestSign(context, signature, &n,
	    (const unsigned char *)input, len), 1);
	EVP_MD_CTX_free(context);
	return n;
}

static size_t
ec_with(const struct mint *mint, const char *input, size_t len,
    unsigned char *signature, size_t at, const unsigned char *half)
{
	assert_int_equal(by_ec(mint, input, len, signature), 64);
	if (half == NULL)
		memset(signature + at, 0, HALF);
	else
		memcpy(signature + at, half, HALF);
	return 64;
}

FORGE(ec_r_zero)
{
	return ec_with(mint, input, len, signature, 0, NULL);
}

FORGE(ec_s_zero)
{
	return ec_with(mint, input, len, signature, HALF, NULL);
}

FORGE(ec_r_order)
{
	return ec_with(mint, input, len, signature, 0, p256_order);
}

FORGE(ec_s_order)
{
	return ec_with(mint, input, len, signature, HALF, p256_order);
}

FORGE(ec_r_huge)
{
	unsigned char huge[HALF];

	memset(huge, 0xff, sizeof(huge));
	return ec_with(mint, input, len, signature, 0, huge);
}

/* CVE-2022-21449 */
FORGE(ec_zeros)
{
	return zeros_64(mint, input, len, signature);
}

/* n - s signs as well as s does: RFC 7518 knows no "low s". */
FORGE(ec_s_mirrored)
{
	BIGNUM *n = BN_bin2bn(p256_order, HALF, NULL), *s;

	assert_int_equal(by_ec(mint, input, len, signature), 64);
	s = BN_bin2bn(signature + HALF, HALF, NULL);
	assert_int_equal(BN_sub(s, n, s), 1);
	assert_int_equal(BN_bn2binpad(s, signature + HALF, HALF), HALF);
	BN_free(n);
	BN_free(s);
	return 64;
}

FORGE(rsa_short)
{
	return by_rsa(mint, input, len, signature) - 1;
}

FORGE(rsa_zero_first)
{
	size_t n = by_rsa(mint, input, len, signature + 1);

	signature[0] = 0;
	return n + 1;
}

FORGE(rsa_zeros)
{
	UNUSED;
	memset(signature, 0, 256);
	return 256;
}

/* 1 to any power is 1. */
FORGE(rsa_ones)
{
	UNUSED;
	memset(signature, 0, 256);
	signature[255] = 1;
	return 256;
}

static size_t
rsa_otherwise(const struct mint *mint, const char *input, size_t len,
    unsigned char *signature, const EVP_MD *digest, int padding)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *options;
	size_t n = TOKEN_SIGNATURE_MAX;

	assert_int_equal(EVP_DigestSignInit(context, &options, digest, NULL,
	    mint->pkeys[MINT_RSA]), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(options, padding), 1);
	assert_int_equal(EVP_DigestSign(context, signature, &n,
	    (const unsigned char *)input, len), 1);
	EVP_MD_CTX_free(context);
	return n;
}

FORGE(rsa_pss)
{
	return rsa_otherwise(mint, input, len, signature, EVP_sha256(),
	    RSA_PKCS1_PSS_PADDING);
}

FORGE(rsa_sha512)
{
	return rsa_otherwise(mint, input, len, signature, EVP_sha512(),
	    RSA_PKCS1_PADDING);
}

/* The changes. */

#define CHANGE(name) \
	void \
	name(struct buf *token)

static size_t
dot(const struct buf *token, unsigned which)
{
	size_t i;

	for (i = 0; i < token->len; i++)
		if (token->data[i] == '.' && which-- == 0)
			return i;
	return token->len;
}

static void
insert(struct buf *token, size_t at, const char *text)
{
	size_t n = strlen(text);

	assert_non_null(buf_reserve(token, n));
	memmove(token->data + at + n, token->data + at, token->len - at);
	memcpy(token->data + at, text, n);
	token->len += n;
}

static void
drop(struct buf *token, size_t from, size_t to)
{
	memmove(token->data + from, token->data + to, token->len - to);
	token->len -= to - from;
}

/* Sets an unused bit of the last character before at. */
static void
unused_bit(struct buf *token, size_t at)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij"
	    "klmnopqrstuvwxyz0123456789-_";
	const char *is = strchr(alphabet, token->data[at - 1]);

	assert_non_null(is);
	assert_int_equal((is - alphabet) & 1, 0);
	token->data[at - 1] = is[1];
}

CHANGE(header_padded)
{
	insert(token, dot(token, 0), "=");
}

CHANGE(header_spaced)
{
	insert(token, 8, " ");
}

CHANGE(header_newline)
{
	insert(token, 8, "\r\n");
}

CHANGE(payload_unused_bits)
{
	unused_bit(token, token->len);
}

CHANGE(standard_alphabet)
{
	size_t i, changed = 0;

	for (i = 0; i < token->len; i++) {
		if (token->data[i] != '-' && token->data[i] != '_')
			continue;
		token->data[i] = token->data[i] == '-' ? '+' : '/';
		changed++;
	}
	assert_true(changed > 0);
}

CHANGE(signature_padded)
{
	buf_puts(token, "==");
}

CHANGE(signature_unused_bits)
{
	unused_bit(token, token->len);
}

CHANGE(newline_after)
{
	buf_putc(token, '\n');
}

CHANGE(space_before)
{
	insert(token, 0, " ");
}

CHANGE(letter_after)
{
	buf_putc(token, 'A');
}

CHANGE(space_inside)
{
	insert(token, token->len - 4, " ");
}

CHANGE(dot_after)
{
	buf_putc(token, '.');
}

CHANGE(part_after)
{
	buf_puts(token, ".AAAA");
}

CHANGE(two_parts_after)
{
	buf_puts(token, ".AAAA.AAAA");
}

CHANGE(three_parts_after)
{
	buf_puts(token, ".AAAA.AAAA.AAAA");
}

CHANGE(no_dots)
{
	drop(token, dot(token, 0), dot(token, 0) + 1);
	drop(token, dot(token, 0), dot(token, 0) + 1);
}

CHANGE(payload_dropped)
{
	drop(token, dot(token, 0), dot(token, 1));
}

CHANGE(header_dropped)
{
	drop(token, 0, dot(token, 0) + 1);
}

CHANGE(header_emptied)
{
	drop(token, 0, dot(token, 0));
}

CHANGE(payload_emptied)
{
	drop(token, dot(token, 0) + 1, dot(token, 1));
}

CHANGE(header_cut)
{
	drop(token, 4, dot(token, 0));
}

CHANGE(payload_cut)
{
	drop(token, dot(token, 1) - 4, dot(token, 1));
}

/* To whole bytes, so that base64url has nothing to say. */
CHANGE(signature_cut)
{
	token->len -= 2;
}

/* {"sub":"bob"...} under the signature of another. */
CHANGE(payload_exchanged)
{
	size_t at = dot(token, 0) + 1;

	drop(token, at, dot(token, 1));
	insert(token, at, "eyJzdWIiOiJib2IiLCJpYXQiOjE4MDAwMDAwMDAsImV4cCI6MTgw"
	    "MDAwMDYwMCwianRpIjoieCJ9");
}

CHANGE(bearer_before)
{
	insert(token, 0, "Bearer ");
}

CHANGE(nul_inside)
{
	token->data[dot(token, 1) - 1] = '\0';
}

CHANGE(high_bit)
{
	token->data[10] = (char)(token->data[10] | 0x80);
}

/* RFC 7515 section 7.2: the JSON serialization, which is not for HTTP. */
CHANGE(as_json)
{
	token->data[dot(token, 0)] = '"';
	insert(token, 0, "{\"protected\":\"");
	buf_puts(token, "\"}");
}
