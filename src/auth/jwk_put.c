/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <string.h>

#include "auth/base64url.h"
#include "auth/key_state.h"
#include "base/json.h"

#define POINT_HALF 32

static void
put_bytes(struct buf *out, const char *name, const unsigned char *data,
    size_t len)
{
	char *room;

	buf_printf(out, "\"%s\":\"", name);
	room = buf_reserve(out, BASE64URL_ENCODED(len));
	if (room == NULL)
		return;
	out->len += base64url_encode(data, len, room);
	buf_putc(out, '"');
}

/* A number of exactly len bytes, or with 0 of as many as it needs. */
static void
put_number(struct buf *out, const char *name, const EVP_PKEY *pkey,
    const char *param, int len)
{
	unsigned char data[TOKEN_RSA_BITS_MAX / 8];
	BIGNUM *number = NULL;

	if (EVP_PKEY_get_bn_param(pkey, param, &number) != 1) {
		out->failed = true;
		return;
	}
	if (len == 0)
		len = BN_num_bytes(number);
	if (len > (int)sizeof(data) ||
	    BN_bn2binpad(number, data, len) != len)
		out->failed = true;
	else
		put_bytes(out, name, data, (size_t)len);
	BN_free(number);
}

static void
put_okp(struct buf *out, const EVP_PKEY *pkey)
{
	unsigned char x[32];
	size_t len = sizeof(x);

	if (EVP_PKEY_get_raw_public_key(pkey, x, &len) != 1) {
		out->failed = true;
		return;
	}
	buf_puts(out, "\"crv\":\"Ed25519\",\"kty\":\"OKP\",");
	put_bytes(out, "x", x, len);
}

static void
put_ec(struct buf *out, const EVP_PKEY *pkey)
{
	buf_puts(out, "\"crv\":\"P-256\",\"kty\":\"EC\",");
	put_number(out, "x", pkey, OSSL_PKEY_PARAM_EC_PUB_X, POINT_HALF);
	buf_putc(out, ',');
	put_number(out, "y", pkey, OSSL_PKEY_PARAM_EC_PUB_Y, POINT_HALF);
}

static void
put_rsa(struct buf *out, const EVP_PKEY *pkey)
{
	put_number(out, "e", pkey, OSSL_PKEY_PARAM_RSA_E, 0);
	buf_puts(out, ",\"kty\":\"RSA\",");
	put_number(out, "n", pkey, OSSL_PKEY_PARAM_RSA_N, 0);
}

void
token_key_put_members(const struct token_key *key, struct buf *out)
{
	buf_putc(out, '{');
	switch (key->algorithm) {
	case TOKEN_EDDSA:
		put_okp(out, key->pkey);
		break;
	case TOKEN_ES256:
		put_ec(out, key->pkey);
		break;
	case TOKEN_RS256:
		put_rsa(out, key->pkey);
		break;
	case TOKEN_NONE:
	case TOKEN_HS256:
		assert(!"a secret has no public half");
		break;
	}
	buf_putc(out, '}');
}

void
token_key_put_jwk(const struct token_key *key, struct buf *out)
{
	token_key_put_members(key, out);
	if (out->failed)
		return;
	out->len--; /* the brace */
	buf_printf(out, ",\"use\":\"sig\",\"alg\":\"%s\",\"kid\":",
	    token_algorithm_name(key->algorithm));
	json_put_string(out, key->id, strlen(key->id));
	buf_putc(out, '}');
}
