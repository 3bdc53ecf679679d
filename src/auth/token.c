/* SPDX-License-Identifier: MIT */
#include "auth/token.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "auth/base64url.h"
#include "base/json.h"
#include "base/scope.h"

/* NumericDates beyond this are no times (and would not fit in a double). */
#define TIME_MAX_S INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define FAMILY_DIGITS_MAX 20

struct part {
	const char *text;
	size_t len;
};

/* A token cut at its dots (RFC 7515 section 7.1). */
struct parts {
	struct part header, payload, signature;
	size_t signed_len; /* header, dot and payload */
};

/* What a header asks for. */
struct wish {
	enum token_algorithm algorithm;
	bool has_id;
	char id[TOKEN_KEY_ID_MAX + 1]; /* of the key */
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

/* Header parameters that are not named here are not looked at. */
static int
check_header(const json_t *header, struct wish *wish, struct error *err)
{
	const char *alg = json_string_value(json_object_get(header, "alg"));
	const json_t *typ = json_object_get(header, "typ");
	const json_t *kid = json_object_get(header, "kid");

	wish->algorithm = alg == NULL ? TOKEN_NONE : token_algorithm_of(alg);
	if (wish->algorithm == TOKEN_NONE)
		return refuse(err, "the token's algorithm (alg) is not one "
		    "that is accepted here");
	if (json_object_get(header, "crit") != NULL)
		return refuse(err, "the token has critical extensions (crit)");
	if (typ != NULL && (!json_is_string(typ) ||
	    (strcasecmp(json_string_value(typ), "JWT") != 0 &&
	    strcasecmp(json_string_value(typ), "at+jwt") != 0 &&
	    strcasecmp(json_string_value(typ), "application/at+jwt") != 0)))
		return refuse(err, "the token is of another type (typ)");
	if (kid == NULL)
		return 0;
	if (!json_is_string(kid) || json_string_length(kid) == 0 ||
	    json_string_length(kid) > TOKEN_KEY_ID_MAX)
		return refuse(err, "the token's key id (kid) is not text of 1 "
		    "to 128 bytes");
	wish->has_id = true;
	memcpy(wish->id, json_string_value(kid), json_string_length(kid) + 1);
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

/*
 * Our own: `sid`, a family's number in decimal, and `scope`.  A token that
 * says something we would not write is not ours, whatever the key says.
 */
static int
check_own(const json_t *payload, struct token_claims *claims,
    struct error *err)
{
	const json_t *sid = json_object_get(payload, "sid");
	const json_t *scope = json_object_get(payload, "scope");
	const char *digits = json_string_value(sid);
	char *end = NULL;

	if (sid != NULL) {
		if (digits == NULL || digits[0] < '1' || digits[0] > '9' ||
		    strlen(digits) > FAMILY_DIGITS_MAX)
			return refuse(err, "the token's family (sid) is not a "
			    "number as text");
		claims->family = strtoull(digits, &end, 10);
		/* What is beyond 64 bits comes back as the largest. */
		if (*end != '\0' || claims->family == UINT64_MAX)
			return refuse(err, "the token's family (sid) is not a "
			    "number as text");
	}
	if (scope != NULL && (!json_is_string(scope) ||
	    scopes_parse(json_string_value(scope), json_string_length(scope),
	    &claims->scopes) != 0))
		return refuse(err, "the token's scope is not one of ours");
	return 0;
}

static int
check_claims(const struct token_rules *rules, const json_t *payload,
    int64_t now_s, struct token_claims *claims, struct error *err)
{
	const json_t *name = json_object_get(payload,
	    rules->name_claim != NULL ? rules->name_claim : "sub");
	const json_t *jti = json_object_get(payload, "jti");

	claims->own = rules->own;
	claims->scopes = SCOPE_ALL;
	if (!json_is_string(name) || !name_fold(json_string_value(name),
	    json_string_length(name), claims->subject)) {
		error_set(err, ERROR_INPUT, "the token's subject (%s) is not "
		    "a name",
		    rules->name_claim != NULL ? rules->name_claim : "sub");
		return -1;
	}
	if ((jti == NULL && rules->own) || (jti != NULL &&
	    (!json_is_string(jti) || json_string_length(jti) == 0 ||
	    json_string_length(jti) > TOKEN_ID_MAX)))
		return refuse(err, "the token has no valid id (jti)");
	if (jti != NULL)
		memcpy(claims->id, json_string_value(jti),
		    json_string_length(jti) + 1);
	if (check_parties(rules, payload, err) != 0 ||
	    (rules->own && check_own(payload, claims, err) != 0))
		return -1;
	return check_times(payload, now_s, claims, err);
}

/* May this key have signed a token with such a header? */
static bool
fits(const struct token_key *key, const struct wish *wish)
{
	const char *id = token_key_id(key);

	return token_key_algorithm(key) == wish->algorithm &&
	    (!wish->has_id || id[0] == '\0' || strcmp(id, wish->id) == 0);
}

/* The one whose signature it is.  NULL and a sentence: nobody's. */
static const struct token_signer *
find_signer(const struct token_signer *signers, size_t n,
    const struct wish *wish, const char *token, const struct parts *parts,
    struct error *err)
{
	unsigned char signature[BASE64URL_DECODED(TOKEN_MAX)];
	size_t i, len, tried = 0;
	int ok;

	if (base64url_decode(parts->signature.text, parts->signature.len,
	    signature, &len) != 0) {
		refuse(err, "the token is malformed");
		return NULL;
	}
	for (i = 0; i < n && tried < TOKEN_TRIES_MAX; i++) {
		if (!fits(signers[i].key, wish))
			continue;
		tried++;
		ok = token_key_verify(signers[i].key, token,
		    parts->signed_len, signature, len, err);
		if (ok != 0)
			return ok == 1 ? &signers[i] : NULL;
	}
	refuse(err, tried > 0 ? "the token's signature is wrong" :
	    "the token is not signed by a key that is trusted here");
	return NULL;
}

/* The signature comes first: only the header is read unsigned. */
static int
verify_parts(const struct token_signer *signers, size_t n, const char *token,
    const struct parts *parts, int64_t now_s, struct token_claims *claims,
    struct error *err)
{
	json_t *header = part_object(&parts->header), *payload;
	const struct token_signer *signer;
	struct wish wish = {0};
	int rc;

	rc = header == NULL ? refuse(err, "the token is malformed") :
	    check_header(header, &wish, err);
	json_decref(header);
	if (rc != 0)
		return -1;
	signer = find_signer(signers, n, &wish, token, parts, err);
	if (signer == NULL)
		return -1;
	payload = part_object(&parts->payload);
	rc = payload == NULL ? refuse(err, "the token is malformed") :
	    check_claims(signer->rules, payload, now_s, claims, err);
	claims->key = token_key_mark(signer->key);
	json_decref(payload);
	return rc;
}

int
token_verify(const struct token_signer *signers, size_t n, const char *token,
    size_t len, int64_t now_s, struct token_claims *claims, struct error *err)
{
	struct parts parts;

	memset(claims, 0, sizeof(*claims));
	if (len > TOKEN_MAX)
		return refuse(err, "the token is longer than 4096 bytes");
	if (cut(token, len, &parts) != 0)
		return refuse(err, "the token is malformed");
	if (verify_parts(signers, n, token, &parts, now_s, claims, err) == 0)
		return 0;
	memset(claims, 0, sizeof(*claims));
	return -1;
}
