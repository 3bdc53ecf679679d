/* SPDX-License-Identifier: MIT */
#include "auth/token.h"

#include <jansson.h>
#include <math.h>
#include <openssl/rand.h>
#include <string.h>
#include <strings.h>

#include "auth/base64url.h"
#include "auth/key.h"
#include "base/buf.h"
#include "base/json.h"

#define JTI_BYTES 16

/* NumericDates beyond this are no times (and would not fit in a double). */
#define TIME_MAX_S INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

struct part {
	const char *text;
	size_t len;
};

/* A token cut at its dots (RFC 7515 section 7.1). */
struct parts {
	struct part header, payload, signature;
	size_t signed_len; /* header, dot and payload */
};

static int
refuse(struct error *err, const char *why)
{
	error_set(err, ERROR_INPUT, "%s", why);
	return -1;
}

static int
cut(const char *token, size_t len, struct parts *parts)
{
	const char *first, *second, *end = token + len;

	first = memchr(token, '.', len);
	if (first == NULL)
		return -1;
	second = memchr(first + 1, '.', (size_t)(end - first - 1));
	if (second == NULL)
		return -1;
	parts->header = (struct part){token, (size_t)(first - token)};
	parts->payload = (struct part){first + 1, (size_t)(second - first - 1)};
	parts->signature = (struct part){second + 1,
	    (size_t)(end - second - 1)};
	parts->signed_len = (size_t)(second - token);
	return 0;
}

/* A part as a JSON object, each member once; NULL when it is not. */
static json_t *
part_object(const struct part *part)
{
	char text[BASE64URL_DECODED(TOKEN_MAX)];
	size_t len;

	if (base64url_decode(part->text, part->len, text, &len) != 0)
		return NULL;
	return json_parse_object(text, len, NULL);
}

/* Times may have a fraction (RFC 7519 section 2). */
static bool
numeric_date(const json_t *value, int64_t *seconds)
{
	double number = json_number_value(value);

	if (!json_is_number(value) || !isfinite(number) || number < 0 ||
	    number > (double)TIME_MAX_S)
		return false;
	*seconds = (int64_t)number;
	return true;
}

/* `kid`, `jku`, `jwk`, `x5u` and the like are not looked at. */
static int
check_header(const struct token_key *key, const json_t *header,
    struct error *err)
{
	const char *alg = json_string_value(json_object_get(header, "alg"));
	const json_t *typ = json_object_get(header, "typ");

	if (alg == NULL || strcmp(alg, token_key_alg(key)) != 0)
		return refuse(err, "the token is not signed with HS256");
	if (json_object_get(header, "crit") != NULL)
		return refuse(err, "the token has critical extensions (crit)");
	if (typ != NULL && (!json_is_string(typ) ||
	    strcasecmp(json_string_value(typ), "JWT") != 0))
		return refuse(err, "the token is of another type (typ)");
	return 0;
}

static int
check_times(const json_t *payload, int64_t now_s, struct token_claims *claims,
    struct error *err)
{
	const json_t *nbf = json_object_get(payload, "nbf");
	int64_t not_before = 0;

	if (!numeric_date(json_object_get(payload, "exp"), &claims->expires_s))
		return refuse(err, "the token has no valid expiry (exp)");
	if (!numeric_date(json_object_get(payload, "iat"), &claims->issued_s))
		return refuse(err, "the token has no valid time of issue (iat)");
	if (nbf != NULL && !numeric_date(nbf, &not_before))
		return refuse(err, "the token's nbf is not a time");
	if (now_s >= claims->expires_s + TOKEN_LEEWAY_S)
		return refuse(err, "the token has expired");
	if (claims->issued_s > now_s + TOKEN_LEEWAY_S)
		return refuse(err, "the token was issued in the future");
	if (not_before > now_s + TOKEN_LEEWAY_S)
		return refuse(err, "the token is not valid yet");
	return 0;
}

/* `aud` is a string or an array of strings (RFC 7519 section 4.1.3). */
static bool
audience_matches(const json_t *aud, const char *audience)
{
	const json_t *item;
	bool found = false;
	size_t i;

	if (json_is_string(aud))
		return strcmp(json_string_value(aud), audience) == 0;
	json_array_foreach(aud, i, item) {
		if (!json_is_string(item))
			return false;
		if (strcmp(json_string_value(item), audience) == 0)
			found = true;
	}
	return found;
}

static int
check_parties(const struct token_rules *rules, const json_t *payload,
    struct error *err)
{
	const char *iss = json_string_value(json_object_get(payload, "iss"));
	const json_t *aud = json_object_get(payload, "aud");

	if (rules->issuer != NULL &&
	    (iss == NULL || strcmp(iss, rules->issuer) != 0))
		return refuse(err, "the token is from another issuer (iss)");
	if (rules->audience == NULL && aud != NULL)
		return refuse(err, "the token is for an audience (aud), and "
		    "this server has none");
	if (rules->audience != NULL && !audience_matches(aud, rules->audience))
		return refuse(err, "the token is for another audience (aud)");
	return 0;
}

static int
check_claims(const struct token_rules *rules, const json_t *payload,
    int64_t now_s, struct token_claims *claims, struct error *err)
{
	const json_t *sub = json_object_get(payload, "sub");
	const json_t *jti = json_object_get(payload, "jti");

	if (!json_is_string(sub) || !name_fold(json_string_value(sub),
	    json_string_length(sub), claims->subject))
		return refuse(err, "the token's subject (sub) is not a name");
	if (!json_is_string(jti) || json_string_length(jti) == 0 ||
	    json_string_length(jti) > TOKEN_ID_MAX)
		return refuse(err, "the token has no valid id (jti)");
	memcpy(claims->id, json_string_value(jti),
	    json_string_length(jti) + 1);
	if (check_parties(rules, payload, err) != 0)
		return -1;
	return check_times(payload, now_s, claims, err);
}

static int
check_signature(const struct token_key *key, const char *token,
    const struct parts *parts, struct error *err)
{
	unsigned char signature[BASE64URL_DECODED(TOKEN_MAX)];
	size_t len;
	int ok;

	if (base64url_decode(parts->signature.text, parts->signature.len,
	    signature, &len) != 0)
		return refuse(err, "the token is malformed");
	ok = token_key_verify(key, token, parts->signed_len, signature, len,
	    err);
	if (ok == 0)
		return refuse(err, "the token's signature is wrong");
	return ok < 0 ? -1 : 0;
}

/* The signature comes first: nothing unsigned reaches the JSON parser. */
int
token_verify(const struct token_key *key, const struct token_rules *rules,
    const char *token, size_t len, int64_t now_s, struct token_claims *claims,
    struct error *err)
{
	json_t *header = NULL, *payload = NULL;
	struct parts parts;
	int rc = -1;

	memset(claims, 0, sizeof(*claims));
	if (len > TOKEN_MAX)
		return refuse(err, "the token is longer than 4096 bytes");
	if (cut(token, len, &parts) != 0)
		return refuse(err, "the token is malformed");
	if (check_signature(key, token, &parts, err) != 0)
		return -1;
	header = part_object(&parts.header);
	payload = part_object(&parts.payload);
	if (header == NULL || payload == NULL)
		refuse(err, "the token is malformed");
	else if (check_header(key, header, err) == 0)
		rc = check_claims(rules, payload, now_s, claims, err);
	json_decref(header);
	json_decref(payload);
	if (rc != 0)
		memset(claims, 0, sizeof(*claims));
	return rc;
}

static void
put_member(struct buf *json, const char *key, const char *value)
{
	buf_printf(json, ",\"%s\":", key);
	json_put_string(json, value, strlen(value));
}

static int
build_payload(struct buf *json, const struct token_rules *rules,
    const char *subject, int64_t now_s, int64_t ttl_s)
{
	unsigned char id[JTI_BYTES];
	char jti[BASE64URL_ENCODED(JTI_BYTES) + 1] = "";

	if (RAND_bytes(id, sizeof(id)) != 1)
		return -1;
	base64url_encode(id, sizeof(id), jti);
	buf_printf(json, "{\"iat\":%lld,\"exp\":%lld", (long long)now_s,
	    (long long)(now_s + ttl_s));
	put_member(json, "sub", subject);
	put_member(json, "jti", jti);
	if (rules->issuer != NULL)
		put_member(json, "iss", rules->issuer);
	if (rules->audience != NULL)
		put_member(json, "aud", rules->audience);
	buf_putc(json, '}');
	return json->failed ? -1 : 0;
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
token_sign(const struct token_key *key, const struct token_rules *rules,
    const char *subject, int64_t now_s, int64_t ttl_s,
    char out[TOKEN_MAX + 1], struct error *err)
{
	struct buf header = {0}, payload = {0};
	size_t len = 0;

	buf_printf(&header, "{\"alg\":\"%s\",\"typ\":\"JWT\"}",
	    token_key_alg(key));
	if (header.failed ||
	    build_payload(&payload, rules, subject, now_s, ttl_s) != 0)
		error_set(err, ERROR_NOMEM, "no memory for a token");
	else
		len = compose(key, &header, &payload, out, err);
	out[len] = '\0';
	buf_fini(&header);
	buf_fini(&payload);
	return len > 0 ? 0 : -1;
}
