/* SPDX-License-Identifier: MIT */
#include <openssl/rand.h>
#include <string.h>

#include "auth/base64url.h"
#include "auth/token.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/scope.h"

#define JTI_BYTES 16

static void
put_member(struct buf *json, const char *key, const char *value)
{
	buf_printf(json, ",\"%s\":", key);
	json_put_string(json, value, strlen(value));
}

static int
build_payload(struct buf *json, const struct token_rules *rules,
    const struct token_grant *grant, int64_t now_s)
{
	unsigned char id[JTI_BYTES];
	char jti[BASE64URL_ENCODED(JTI_BYTES) + 1] = "";

	if (RAND_bytes(id, sizeof(id)) != 1)
		return -1;
	base64url_encode(id, sizeof(id), jti);
	buf_printf(json, "{\"iat\":%lld,\"exp\":%lld", (long long)now_s,
	    (long long)(now_s + grant->ttl_s));
	put_member(json, "sub", grant->subject);
	put_member(json, "jti", jti);
	if (rules->issuer != NULL)
		put_member(json, "iss", rules->issuer);
	if (rules->audience != NULL)
		put_member(json, "aud", rules->audience);
	if (grant->family != 0)
		buf_printf(json, ",\"sid\":\"%llu\"",
		    (unsigned long long)grant->family);
	if (grant->scopes != SCOPE_ALL) {
		buf_puts(json, ",\"scope\":\"");
		scopes_put(grant->scopes, json);
		buf_putc(json, '"');
	}
	buf_putc(json, '}');
	return json->failed ? -1 : 0;
}

static void
build_header(struct buf *json, const struct token_key *key)
{
	const char *id = token_key_id(key);

	buf_printf(json, "{\"alg\":\"%s\",\"typ\":\"JWT\"",
	    token_algorithm_name(token_key_algorithm(key)));
	if (id[0] != '\0')
		put_member(json, "kid", id);
	buf_putc(json, '}');
}

/* Appends a dot, unless at the start, and the data as base64url. */
static bool
append_part(char *out, size_t *len, const void *data, size_t data_len)
{
	if (*len + 1 + BASE64URL_ENCODED(data_len) > TOKEN_MAX)
		return false;
	if (*len > 0)
		out[(*len)++] = '.';
	*len += base64url_encode(data, data_len, out + *len);
	return true;
}

/* header.payload.signature to out; its length, or 0. */
static size_t
compose(const struct token_key *key, const struct buf *header,
    const struct buf *payload, char out[TOKEN_MAX + 1], struct error *err)
{
	unsigned char signature[TOKEN_SIGNATURE_MAX];
	size_t signature_len, len = 0;

	if (!append_part(out, &len, header->data, header->len) ||
	    !append_part(out, &len, payload->data, payload->len))
		goto too_long;
	if (token_key_sign(key, out, len, signature, &signature_len, err) != 0)
		return 0;
	if (append_part(out, &len, signature, signature_len))
		return len;
too_long:
	error_set(err, ERROR_CONFIG,
	    "issuer and audience are too long for a token");
	return 0;
}

int
token_sign(const struct token_signer *signer, const struct token_grant *grant,
    int64_t now_s, char out[TOKEN_MAX + 1], struct error *err)
{
	struct buf header = {0}, payload = {0};
	size_t len = 0;

	build_header(&header, signer->key);
	if (header.failed ||
	    build_payload(&payload, signer->rules, grant, now_s) != 0)
		error_set(err, ERROR_NOMEM, "no memory for a token");
	else
		len = compose(signer->key, &header, &payload, out, err);
	out[len] = '\0';
	buf_fini(&header);
	buf_fini(&payload);
	return len > 0 ? 0 : -1;
}
