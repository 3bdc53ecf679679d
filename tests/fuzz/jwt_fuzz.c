/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/base64url.h"
#include "auth/keys.h"
#include "auth/token.h"
#include "base/buf.h"
#include "base/scope.h"

/*
 * The input is a token as it comes from the network, and then, so that the
 * fuzzer gets past the signature, the header and the payload, cut at the first
 * line end, of a token that is rightly signed.
 */
#define NOW INT64_C(1800000000)
#define SECRET "0123456789abcdef0123456789abcdef"

static const struct token_rules own = {true, NULL, "chat", NULL};
static const struct token_rules outside = {false, "them", NULL, "name"};

struct keys {
	struct token_key *secret, *public;
	struct token_signer signers[2];
};

static struct keys *
make_keys(void)
{
	static const char set[] = "{\"keys\":[{\"kty\":\"OKP\",\"crv\":"
	    "\"Ed25519\",\"kid\":\"k\",\"x\":"
	    "\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}";
	struct keys *keys = calloc(1, sizeof(*keys));
	struct token_keys read;
	bool secret;

	assert(keys != NULL);
	keys->secret = token_key_new(SECRET, strlen(SECRET), NULL);
	assert(token_keys_parse(set, sizeof(set) - 1, &read, &secret,
	    NULL) == 0);
	keys->public = read.keys[0];
	keys->signers[0] = (struct token_signer){keys->secret, &own};
	keys->signers[1] = (struct token_signer){keys->public, &outside};
	return keys;
}

static int
verify(const struct keys *keys, const char *token, size_t len)
{
	static const struct token_claims none;
	struct token_claims claims;
	struct error err = {0};
	char name[NAME_BYTES_MAX + 1];

	if (token_verify(keys->signers, 2, token, len, NOW, &claims,
	    &err) != 0) {
		assert(err.code == ERROR_INPUT && err.text[0] != '\0');
		assert(memcmp(&claims, &none, sizeof(claims)) == 0);
		return -1;
	}
	assert(claims.own && claims.id[0] != '\0');
	assert(name_fold(claims.subject, strlen(claims.subject), name));
	assert(strcmp(name, claims.subject) == 0);
	assert(claims.expires_s > NOW - TOKEN_LEEWAY_S);
	assert(claims.issued_s <= NOW + TOKEN_LEEWAY_S);
	assert(claims.scopes != 0 && (claims.scopes & ~SCOPE_ALL) == 0);
	return 0;
}

static void
put_part(struct buf *token, const char *text, size_t len)
{
	char *room = buf_reserve(token, BASE64URL_ENCODED(len) + 1);

	assert(room != NULL);
	token->len += base64url_encode(text, len, room);
}

static void
check_signed(const struct keys *keys, const char *text, size_t len)
{
	const char *cut = memchr(text, '\n', len);
	unsigned char signature[TOKEN_SIGNATURE_MAX];
	struct buf token = {0};
	size_t n;

	if (cut == NULL)
		return;
	put_part(&token, text, (size_t)(cut - text));
	buf_putc(&token, '.');
	put_part(&token, cut + 1, (size_t)(text + len - cut - 1));
	assert(token_key_sign(keys->secret, token.data, token.len, signature,
	    &n, NULL) == 0);
	buf_putc(&token, '.');
	put_part(&token, (const char *)signature, n);
	/* Whatever it says, a changed signature is noticed. */
	if (verify(keys, token.data, token.len) == 0) {
		token.data[token.len - 3] ^= 1;
		assert(verify(keys, token.data, token.len) != 0);
	}
	buf_fini(&token);
}

/* What decodes is encoded as it was: one text for one sequence of bytes. */
static void
check_base64url(const char *text, size_t len)
{
	char *bytes = malloc(BASE64URL_DECODED(len));
	char *again = malloc(len + 3);
	size_t n;

	assert(bytes != NULL && again != NULL);
	if (base64url_decode(text, len, bytes, &n) == 0) {
		assert(base64url_encode(bytes, n, again) == len);
		assert(memcmp(text, again, len) == 0);
	}
	free(bytes);
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct keys *keys;
	const char *text = size > 0 ? (const char *)data : "";

	if (keys == NULL)
		keys = make_keys();
	(void)verify(keys, text, size);
	check_signed(keys, text, size);
	check_base64url(text, size);
	return 0;
}
