/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "auth/base64url.h"
#include "auth/key.h"
#include "auth/token.h"
#include "base/buf.h"
#include "base/scope.h"

#define NOW INT64_C(1800000000)
#define SECRET "0123456789abcdef0123456789abcdef"
#define HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define CLAIMS "\"sub\":\"alice\",\"iat\":1800000000,\"jti\":\"x\""
#define PAYLOAD "{" CLAIMS ",\"exp\":1800000600}"

/* The example of RFC 7515 appendix A.1: key, token, signature. */
static const char a1_key[] =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcg"
    "UuTwjAzZr1Z9CAow";
static const char a1_signed[] =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLm"
    "NvbS9pc19yb290Ijp0cnVlfQ";
static const char a1_signature[] =
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

static const struct token_rules no_rules = {.own = true};
static const struct token_grant alice = {"alice", 0, SCOPE_ALL, 600};

static struct token_key *
key_of(const char *secret)
{
	struct token_key *key;

	key = token_key_new(secret, strlen(secret), NULL);
	assert_non_null(key);
	return key;
}

static void
append_base64url(struct buf *out, const char *data, size_t len)
{
	out->len += base64url_encode(data, len,
	    buf_reserve(out, BASE64URL_ENCODED(len)));
}

/* A token with exactly these texts, signed with SECRET. */
static void
build(struct buf *out, const char *header, const char *payload)
{
	struct token_key *key = key_of(SECRET);
	unsigned char signature[TOKEN_SIGNATURE_MAX];
	size_t len;

	append_base64url(out, header, strlen(header));
	buf_putc(out, '.');
	append_base64url(out, payload, strlen(payload));
	assert_int_equal(token_key_sign(key, out->data, out->len, signature,
	    &len, NULL), 0);
	buf_putc(out, '.');
	append_base64url(out, (const char *)signature, len);
	token_key_free(key);
}

static int
verify(const char *token, size_t len, const struct token_rules *rules,
    int64_t now_s, struct token_claims *claims, struct error *err)
{
	struct token_key *key = key_of(SECRET);
	struct token_signer signer = {key, rules};
	int rc = token_verify(&signer, 1, token, len, now_s, claims, err);

	token_key_free(key);
	return rc;
}

static void
a_signature_of_rfc_7515_verifies(void **state)
{
	unsigned char secret[64], signature[TOKEN_SIGNATURE_MAX];
	struct token_key *key;
	size_t secret_len, len;

	(void)state;
	assert_int_equal(base64url_decode(a1_key, strlen(a1_key), secret,
	    &secret_len), 0);
	assert_int_equal(secret_len, 64);
	key = token_key_new(secret, secret_len, NULL);
	assert_int_equal(base64url_decode(a1_signature, strlen(a1_signature),
	    signature, &len), 0);
	assert_int_equal(token_key_verify(key, a1_signed, strlen(a1_signed),
	    signature, len, NULL), 1);
	signature[31] ^= 1;
	assert_int_equal(token_key_verify(key, a1_signed, strlen(a1_signed),
	    signature, len, NULL), 0);
	token_key_free(key);
}

static void
what_was_signed_verifies(void **state)
{
	static const struct token_rules rules = {
	    true, "chat \"x\"", "web", NULL};
	static const struct token_grant grant = {
	    "alice", UINT64_MAX - 1, SCOPE_READ | SCOPE_SEND, 600};
	struct token_claims claims;
	char token[TOKEN_MAX + 1], other[TOKEN_MAX + 1];
	struct token_key *key = key_of(SECRET);
	struct token_signer signer = {key, &rules};

	(void)state;
	assert_int_equal(token_sign(&signer, &grant, NOW, token, NULL), 0);
	assert_int_equal(token_sign(&signer, &alice, NOW, other, NULL), 0);
	assert_string_not_equal(token, other); /* their ids differ */
	assert_int_equal(token_verify(&signer, 1, other, strlen(other), NOW,
	    &claims, NULL), 0);
	assert_int_equal(claims.family, 0);
	assert_int_equal(claims.scopes, SCOPE_ALL);
	assert_int_equal(token_verify(&signer, 1, token, strlen(token), NOW,
	    &claims, NULL), 0);
	assert_true(claims.own);
	assert_true(claims.family == UINT64_MAX - 1);
	assert_int_equal(claims.scopes, SCOPE_READ | SCOPE_SEND);
	assert_string_equal(claims.subject, "alice");
	assert_int_equal(claims.issued_s, NOW);
	assert_int_equal(claims.expires_s, NOW + 600);
	assert_int_equal(strlen(claims.id), 22);
	token_key_free(key);
}

static void
a_token_too_long_to_verify_is_not_signed(void **state)
{
	char issuer[TOKEN_MAX], token[TOKEN_MAX + 1];
	struct token_rules rules = {.issuer = issuer};
	struct token_key *key = key_of(SECRET);
	struct token_signer signer = {key, &rules};
	struct error err = {0};

	(void)state;
	memset(issuer, 'i', sizeof(issuer) - 1);
	issuer[sizeof(issuer) - 1] = '\0';
	assert_int_equal(token_sign(&signer, &alice, NOW, token, &err), -1);
	assert_int_equal(err.code, ERROR_CONFIG);
	assert_string_equal(token, "");
	token_key_free(key);
}

/* Rightly signed; good or bad by what it says. */
struct signed_case {
	const char *header, *payload;
	const char *issuer, *audience;
	const char *why; /* NULL: it is valid */
};

static const struct signed_case signed_cases[] = {
    /* header */
    {HEADER, PAYLOAD, NULL, NULL, NULL},
    {"{\"alg\":\"HS256\"}", PAYLOAD, NULL, NULL, NULL},
    {"{\"alg\":\"HS256\",\"typ\":\"jwt\"}", PAYLOAD, NULL, NULL, NULL},
    {"{\"alg\":\"HS256\",\"kid\":\"../../dev/null\"}", PAYLOAD, NULL, NULL,
     NULL},
    {"{\"alg\":\"HS256\",\"kid\":\"7\",\"jku\":\"http://evil/\",\"x5u\":\"y\","
     "\"jwk\":{\"kty\":\"oct\",\"k\":\"AA\"}}", PAYLOAD, NULL, NULL, NULL},
    {"{\"alg\":\"none\"}", PAYLOAD, NULL, NULL, "(alg)"},
    {"{\"alg\":\"None\"}", PAYLOAD, NULL, NULL, "(alg)"},
    {"{\"alg\":\"\"}", PAYLOAD, NULL, NULL, "(alg)"},
    {"{\"alg\":\"hs256\"}", PAYLOAD, NULL, NULL, "(alg)"},
    {"{\"alg\":\"HS512\"}", PAYLOAD, NULL, NULL, "(alg)"},
    {"{\"alg\":\"RS256\"}", PAYLOAD, NULL, NULL, "not signed by a key"},
    {"{\"alg\":\"ES256\"}", PAYLOAD, NULL, NULL, "not signed by a key"},
    {"{\"alg\":\"HS256 \"}", PAYLOAD, NULL, NULL, "(alg)"},
    {"{\"alg\":\"HS256\\u0000\"}", PAYLOAD, NULL, NULL, "malformed"},
    {"{\"alg\":[\"HS256\"]}", PAYLOAD, NULL, NULL, "(alg)"},
    {"{\"alg\":null}", PAYLOAD, NULL, NULL, "(alg)"},
    {"{\"typ\":\"JWT\"}", PAYLOAD, NULL, NULL, "(alg)"},
    {"{\"alg\":\"HS256\",\"alg\":\"HS256\"}", PAYLOAD, NULL, NULL,
     "malformed"},
    {"{\"alg\":\"none\",\"alg\":\"HS256\"}", PAYLOAD, NULL, NULL,
     "malformed"},
    {"{\"alg\":\"HS256\",\"crit\":[]}", PAYLOAD, NULL, NULL, "crit"},
    {"{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}", PAYLOAD, NULL,
     NULL, "crit"},
    {"{\"alg\":\"HS256\",\"crit\":null}", PAYLOAD, NULL, NULL, "crit"},
    {"{\"alg\":\"HS256\",\"typ\":\"JOSE\"}", PAYLOAD, NULL, NULL, "typ"},
    {"{\"alg\":\"HS256\",\"typ\":1}", PAYLOAD, NULL, NULL, "typ"},
    {"{\"alg\":\"HS256\",\"typ\":\"at+JWT\"}", PAYLOAD, NULL, NULL, NULL},
    {"{\"alg\":\"HS256\",\"typ\":\"logout+jwt\"}", PAYLOAD, NULL, NULL,
     "typ"},
    {"[\"HS256\"]", PAYLOAD, NULL, NULL, "malformed"},
    {"", PAYLOAD, NULL, NULL, "malformed"},
    {"{\"alg\":\"HS256\"}x", PAYLOAD, NULL, NULL, "malformed"},
    {"{\"alg\":\"HS256\",}", PAYLOAD, NULL, NULL, "malformed"},
    {"{\"alg\":\"HS256\",\"x\":\"\xff\"}", PAYLOAD, NULL, NULL, "malformed"},
    /* payload */
    {HEADER, "", NULL, NULL, "malformed"},
    {HEADER, "null", NULL, NULL, "malformed"},
    {HEADER, "[" PAYLOAD "]", NULL, NULL, "malformed"},
    {HEADER, PAYLOAD PAYLOAD, NULL, NULL, "malformed"},
    {HEADER, "{" CLAIMS ",\"exp\":1,\"exp\":1800000600}", NULL, NULL,
     "malformed"},
    {HEADER, "{" CLAIMS ",\"sub\":\"bob\",\"exp\":1800000600}", NULL, NULL,
     "malformed"},
    {HEADER, "{}", NULL, NULL, "sub"},
    {HEADER, "{\"sub\":7}", NULL, NULL, "sub"},
    {HEADER, "{\"sub\":\"\"}", NULL, NULL, "sub"},
    {HEADER, "{\"sub\":\"a\"}", NULL, NULL, "sub"},
    {HEADER, "{\"sub\":\"a b\"}", NULL, NULL, "sub"},
    {HEADER, "{\"sub\":\"../x\"}", NULL, NULL, "sub"},
    {HEADER, "{\"sub\":\"alice\\u0000x\"}", NULL, NULL, "malformed"},
    {HEADER, "{\"sub\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}", NULL, NULL,
     "sub"},
    {HEADER, "{\"sub\":\"alice\"}", NULL, NULL, "jti"},
    {HEADER, "{\"sub\":\"alice\",\"jti\":1}", NULL, NULL, "jti"},
    {HEADER, "{\"sub\":\"alice\",\"jti\":\"\"}", NULL, NULL, "jti"},
    {HEADER, "{\"sub\":\"alice\",\"jti\":\"0123456789012345678901234567890"
     "12345678901234567890123456789012345\"}", NULL, NULL, "jti"},
    {HEADER, "{\"sub\":\"Alice\",\"iat\":1800000000,\"jti\":\"x\","
     "\"exp\":1800000600}", NULL, NULL, NULL},
    /* times */
    {HEADER, "{" CLAIMS "}", NULL, NULL, "exp"},
    {HEADER, "{" CLAIMS ",\"exp\":\"1800000600\"}", NULL, NULL, "exp"},
    {HEADER, "{" CLAIMS ",\"exp\":true}", NULL, NULL, "exp"},
    {HEADER, "{" CLAIMS ",\"exp\":null}", NULL, NULL, "exp"},
    {HEADER, "{" CLAIMS ",\"exp\":-1}", NULL, NULL, "exp"},
    {HEADER, "{" CLAIMS ",\"exp\":1e300}", NULL, NULL, "exp"},
    {HEADER, "{" CLAIMS ",\"exp\":1e999}", NULL, NULL, "malformed"},
    {HEADER, "{" CLAIMS ",\"exp\":9007199254740993}", NULL, NULL, "exp"},
    {HEADER, "{" CLAIMS ",\"exp\":99999999999999999999}", NULL, NULL,
     "malformed"},
    {HEADER, "{" CLAIMS ",\"exp\":1799999970}", NULL, NULL, "expired"},
    {HEADER, "{" CLAIMS ",\"exp\":1799999971}", NULL, NULL, NULL},
    {HEADER, "{" CLAIMS ",\"exp\":1800000000.5}", NULL, NULL, NULL},
    {HEADER, "{" CLAIMS ",\"exp\":0}", NULL, NULL, "expired"},
    {HEADER, "{\"sub\":\"alice\",\"jti\":\"x\",\"exp\":1800000600}", NULL,
     NULL, "iat"},
    {HEADER, "{\"sub\":\"alice\",\"jti\":\"x\",\"exp\":1800000600,"
     "\"iat\":\"now\"}", NULL, NULL, "iat"},
    {HEADER, "{\"sub\":\"alice\",\"jti\":\"x\",\"exp\":1800000600,"
     "\"iat\":1800000030}", NULL, NULL, NULL},
    {HEADER, "{\"sub\":\"alice\",\"jti\":\"x\",\"exp\":1800000600,"
     "\"iat\":1800000031}", NULL, NULL, "future"},
    {HEADER, "{" CLAIMS ",\"exp\":1800000600,\"nbf\":1800000030}", NULL,
     NULL, NULL},
    {HEADER, "{" CLAIMS ",\"exp\":1800000600,\"nbf\":1800000031}", NULL,
     NULL, "not valid yet"},
    {HEADER, "{" CLAIMS ",\"exp\":1800000600,\"nbf\":\"0\"}", NULL, NULL,
     "nbf"},
    /* issuer and audience */
    {HEADER, PAYLOAD, "us", NULL, "iss"},
    {HEADER, "{" CLAIMS ",\"exp\":1800000600,\"iss\":\"us\"}", "us", NULL,
     NULL},
    {HEADER, "{" CLAIMS ",\"exp\":1800000600,\"iss\":\"us\"}", NULL, NULL,
     NULL},
    {HEADER, "{" CLAIMS ",\"exp\":1800000600,\"iss\":\"US\"}", "us", NULL,
     "iss"},
    {HEADER, "{" CLAIMS ",\"exp\":1800000600,\"iss\":\"usa\"}", "us", NULL,
     "iss"},
    {HEADER, "{" CLAIMS ",\"exp\":1800000600,\"iss\":[\"us\"]}", "us", NULL,
     "iss"},
    {HEADER, PAYLOAD, NULL, "chat", "aud"},
    {HEADER, "{" CLAIMS ",\"exp\":1800000600,\"aud\":\"chat\"}", NULL,
     "chat", NULL},
    {HEADER, "{" CLAIMS ",\"exp\":1800000600,\"aud\":[\"a\",\"chat\"]}",
     NULL, "chat", NULL},
    {HEADER, "{" CLAIMS ",\"exp\":1800000600,\"aud\":[\"a\",\"b\"]}", NULL,
     "chat", "aud"},
    {HEADER, "{" CLAIMS ",\"exp\":1800000600,\"aud\":[]}", NULL, "chat",
     "aud"},
    {HEADER, "{" CLAIMS ",\"exp\":1800000600,\"aud\":[\"chat\",1]}", NULL,
     "chat", "aud"},
    {HEADER, "{" CLAIMS ",\"exp\":1800000600,\"aud\":{\"chat\":1}}", NULL,
     "chat", "aud"},
    {HEADER, "{" CLAIMS ",\"exp\":1800000600,\"aud\":\"chat\"}", NULL, NULL,
     "aud"},
    {HEADER, "{" CLAIMS ",\"exp\":1800000600,\"admin\":true,\"roles\":[1]}",
     NULL, NULL, NULL},
};

static void
a_signed_token_is_judged_by_what_it_says(void **state)
{
	const struct signed_case *c;
	struct token_claims claims;
	struct token_rules rules;
	struct error err;
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(signed_cases) / sizeof(signed_cases[0]); i++) {
		struct buf token = {0};

		c = &signed_cases[i];
		rules = (struct token_rules){
		    true, c->issuer, c->audience, NULL};
		err = (struct error){0};
		build(&token, c->header, c->payload);
		rc = verify(token.data, token.len, &rules, NOW, &claims, &err);
		if (rc != (c->why == NULL ? 0 : -1) ||
		    (c->why != NULL && strstr(err.text, c->why) == NULL))
			fail_msg("case %zu (%s . %s): %s", i, c->header,
			    c->payload, rc == 0 ? "accepted" : err.text);
		if (rc == 0) {
			assert_string_equal(claims.subject, "alice");
		} else {
			assert_int_equal(err.code, ERROR_INPUT);
			assert_string_equal(claims.subject, "");
		}
		buf_fini(&token);
	}
}

/* No signature fits these. */
static const char *const malformed[] = {
    "", ".", "..", "...", "a", "a.b", "a.b.c", "a.b.c.d",
    "eyJhbGciOiJub25lIn0..", "eyJhbGciOiJub25lIn0.e30.",
    "eyJhbGciOiJIUzI1NiJ9.e30.",
    "eyJhbGciOiJIUzI1NiJ9.e30.AA==",
    "eyJhbGciOiJIUzI1NiJ9.e30.AB",
    "eyJhbGciOiJIUzI1NiJ9.e30.A",
    "eyJhbGciOiJIUzI1NiJ9.e30.+/+/",
    "eyJhbGciOiJIUzI1NiJ9.e30. AAAA",
    "eyJhbGciOiJIUzI1NiJ9.e30.AAAA\n",
    "eyJhbGciOiJIUzI1NiJ9.e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "Bearer eyJhbGciOiJIUzI1NiJ9.e30.AAAA",
};

static void
what_is_no_token_is_refused(void **state)
{
	struct token_claims claims;
	struct error err;
	char text[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		/* A copy without a NUL, so that ASan sees a byte too many. */
		memcpy(text, malformed[i], strlen(malformed[i]));
		err = (struct error){0};
		assert_int_equal(verify(text, strlen(malformed[i]), &no_rules,
		    NOW, &claims, &err), -1);
		assert_int_equal(err.code, ERROR_INPUT);
	}
}

static void
each_changed_character_is_noticed(void **state)
{
	static const char others[] = "AZaz09-_.=+/ \n\t!\x80";
	struct buf token = {0};
	struct token_claims claims;
	size_t i, j;
	char was;

	(void)state;
	build(&token, HEADER, PAYLOAD);
	for (i = 0; i < token.len; i++) {
		was = token.data[i];
		for (j = 0; j < sizeof(others); j++) {
			if (others[j] == was)
				continue;
			token.data[i] = others[j];
			assert_int_equal(verify(token.data, token.len,
			    &no_rules, NOW, &claims, NULL), -1);
		}
		token.data[i] = was;
		assert_int_equal(verify(token.data, i, &no_rules, NOW,
		    &claims, NULL), -1);
	}
	buf_putc(&token, 'A');
	assert_int_equal(verify(token.data, token.len, &no_rules, NOW,
	    &claims, NULL), -1);
	token.len--;
	assert_int_equal(verify(token.data, token.len, &no_rules, NOW,
	    &claims, NULL), 0);
	buf_fini(&token);
}

static void
the_length_is_limited(void **state)
{
	struct token_claims claims;
	struct buf payload = {0}, token = {0};
	struct error err = {0};
	size_t fill = TOKEN_MAX;

	(void)state;
	do {
		buf_reset(&payload);
		buf_reset(&token);
		buf_printf(&payload, "{%s,\"exp\":1800000600,\"x\":\"%0*d\"}",
		    CLAIMS, (int)fill, 0);
		build(&token, "{\"alg\":\"HS256\"}", payload.data);
		assert_int_equal(verify(token.data, token.len, &no_rules, NOW,
		    &claims, &err), token.len <= TOKEN_MAX ? 0 : -1);
	} while (token.len > TOKEN_MAX && --fill > 0);
	assert_true(token.len > TOKEN_MAX - 3);
	assert_non_null(strstr(err.text, "4096"));
	buf_fini(&payload);
	buf_fini(&token);
}

static void
another_secret_is_noticed(void **state)
{
	struct token_key *key = key_of(SECRET "x");
	struct token_signer signer = {key, &no_rules};
	struct token_claims claims;
	struct buf token = {0};
	struct error err = {0};

	(void)state;
	build(&token, HEADER, PAYLOAD);
	assert_int_equal(token_verify(&signer, 1, token.data, token.len, NOW,
	    &claims, &err), -1);
	assert_non_null(strstr(err.text, "signature"));
	buf_fini(&token);
	token_key_free(key);
}

static void
a_short_secret_is_refused(void **state)
{
	struct error err = {0};

	(void)state;
	assert_null(token_key_new(SECRET, 31, &err));
	assert_int_equal(err.code, ERROR_CONFIG);
	token_key_free(NULL);
}

static void
base64url_goes_both_ways(void **state)
{
	char text[BASE64URL_ENCODED(8)];
	unsigned char data[8], back[BASE64URL_DECODED(sizeof(text))];
	size_t n, i, len, back_len;

	(void)state;
	for (n = 0; n <= sizeof(data); n++) {
		for (i = 0; i < n; i++)
			data[i] = (unsigned char)(0xf7 * (i + n));
		len = base64url_encode(data, n, text);
		assert_int_equal(len, BASE64URL_ENCODED(n));
		assert_int_equal(base64url_decode(text, len, back, &back_len),
		    0);
		assert_int_equal(back_len, n);
		assert_memory_equal(back, data, n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_signature_of_rfc_7515_verifies),
	    cmocka_unit_test(what_was_signed_verifies),
	    cmocka_unit_test(a_token_too_long_to_verify_is_not_signed),
	    cmocka_unit_test(a_signed_token_is_judged_by_what_it_says),
	    cmocka_unit_test(what_is_no_token_is_refused),
	    cmocka_unit_test(each_changed_character_is_noticed),
	    cmocka_unit_test(the_length_is_limited),
	    cmocka_unit_test(another_secret_is_noticed),
	    cmocka_unit_test(a_short_secret_is_refused),
	    cmocka_unit_test(base64url_goes_both_ways),
	};

	return cmocka_run_group_tests_name("token", tests, NULL, NULL);
}
