/* SPDX-License-Identifier: MIT */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/base64url.h"
#include "auth/keys.h"
#include "base/buf.h"

/* RFC 8037 appendix A; RFC 7515 appendix A.2, A.3; RFC 7638 section 3.1. */
#define ED_X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define ED_KEY "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X "\"}"
#define EC_X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define EC_Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define EC_KEY "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X \
	"\",\"y\":\"" EC_Y "\"}"
#define RSA_N "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfH" \
	"Qp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG" \
	"6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-K" \
	"XBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5Ih" \
	"lJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4F" \
	"RWyuXpoQ"
#define RSA_KEY "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\"}"
#define RSA_7638_N "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfA" \
	"AtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-" \
	"5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicA" \
	"taSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWh" \
	"AI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8" \
	"awapJzKnqDKgw"
#define JOE ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leG" \
	"FtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
#define OCT "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0i" \
	"PS4hcgUuTwjAzZr1Z9CAow"
#define OCT_KEY "{\"kty\":\"oct\",\"k\":\"" OCT "\"}"

static int
parse(const char *text, struct token_keys *keys, struct error *err)
{
	bool secret;

	*err = (struct error){0};
	return token_keys_parse(text, strlen(text), keys, &secret, err);
}

static struct token_key *
key_of_jwk(const char *jwk, struct token_keys *keys)
{
	struct error err;
	char set[2048];

	snprintf(set, sizeof(set), "{\"keys\":[%s]}", jwk);
	if (parse(set, keys, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(keys->n, 1);
	return keys->keys[0];
}

struct vector {
	const char *jwk, *input, *signature;
	enum token_algorithm algorithm;
};

static const struct vector vectors[] = {
    {ED_KEY, "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
     "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9"
     "g7sVvpAr_MuM0KAg", TOKEN_EDDSA},
    {EC_KEY, "eyJhbGciOiJFUzI1NiJ9" JOE, "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4G"
     "awxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q", TOKEN_ES256},
    {RSA_KEY, "eyJhbGciOiJSUzI1NiJ9" JOE, "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzER"
     "at0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdb"
     "F9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPv"
     "kSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZES"
     "c6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywl"
     "VmtVrBp0igcN_IoypGlUPQGe77Rw", TOKEN_RS256},
    {OCT_KEY, "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9" JOE,
     "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", TOKEN_HS256}};

static void
signatures_of_the_rfcs_verify(void **state)
{
	unsigned char signature[TOKEN_SIGNATURE_MAX];
	const struct vector *v;
	struct token_keys keys;
	struct token_key *key;
	size_t i, at, len;

	(void)state;
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		v = &vectors[i];
		key = key_of_jwk(v->jwk, &keys);
		assert_int_equal(token_key_algorithm(key), v->algorithm);
		assert_int_equal(base64url_decode(v->signature,
		    strlen(v->signature), signature, &len), 0);
		assert_int_equal(token_key_verify(key, v->input,
		    strlen(v->input), signature, len, NULL), 1);
		assert_int_equal(token_key_verify(key, v->input,
		    strlen(v->input) - 1, signature, len, NULL), 0);
		for (at = 0; at < len; at += 7) {
			signature[at] ^= 0x10;
			assert_int_equal(token_key_verify(key, v->input,
			    strlen(v->input), signature, len, NULL), 0);
			signature[at] ^= 0x10;
		}
		token_keys_free(&keys);
	}
}

static void
thumbprints_are_those_of_the_rfcs(void **state)
{
	struct token_keys keys;
	struct token_key *key;

	(void)state;
	key = key_of_jwk(ED_KEY, &keys);
	assert_string_equal(token_key_id(key), "");
	assert_int_equal(token_key_set_thumbprint(key, NULL), 0);
	assert_string_equal(token_key_id(key),
	    "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
	token_keys_free(&keys);
	key = key_of_jwk("{\"kty\":\"RSA\",\"n\":\"" RSA_7638_N
	    "\",\"e\":\"AQAB\",\"alg\":\"RS256\",\"kid\":\"2011-04-29\"}",
	    &keys);
	assert_string_equal(token_key_id(key), "2011-04-29");
	assert_int_equal(token_key_set_thumbprint(key, NULL), 0);
	assert_string_equal(token_key_id(key),
	    "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
	token_keys_free(&keys);
}

/* What is shown of a key is read as the same key. */
static void
public_halves_are_shown(void **state)
{
	static const char *const jwks[] = {ED_KEY, EC_KEY, RSA_KEY};
	struct token_keys keys, again;
	struct buf shown = {0};
	struct token_key *key;
	char id[TOKEN_KEY_ID_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		key = key_of_jwk(jwks[i], &keys);
		assert_int_equal(token_key_set_thumbprint(key, NULL), 0);
		strcpy(id, token_key_id(key));
		buf_reset(&shown);
		token_key_put_jwk(key, &shown);
		buf_putc(&shown, '\0');
		assert_false(shown.failed);
		assert_non_null(strstr(shown.data, "\"use\":\"sig\""));
		assert_null(strstr(shown.data, "\"d\""));
		key = key_of_jwk(shown.data, &again);
		assert_string_equal(token_key_id(key), id);
		assert_int_equal(token_key_set_thumbprint(key, NULL), 0);
		assert_string_equal(token_key_id(key), id);
		token_keys_free(&keys);
		token_keys_free(&again);
	}
	buf_fini(&shown);
}

struct set_case {
	const char *text;
	size_t n;	  /* of keys */
	const char *why;  /* NULL: it is good */
};

#define ED "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X "\""
#define OKP(x) "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" x \
	"\"}]}"
#define Z43 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const struct set_case set_cases[] = {
    {"{\"keys\":[" ED_KEY "," EC_KEY "," RSA_KEY "," OCT_KEY "]}", 4, NULL},
    {" \r\n\t{\"keys\":[" ED_KEY "],\"more\":[]}", 1, NULL},
    {"{\"keys\":[{" ED ",\"use\":\"sig\",\"alg\":\"EdDSA\",\"key_ops\":"
     "[\"sign\",\"verify\"],\"kid\":\"k\"}]}", 1, NULL},
    /* private members are not looked at */
    {"{\"keys\":[{" ED ",\"d\":\"not even base64\"}]}", 1, NULL},
    /* meant for something else: passed over */
    {"{\"keys\":[" ED_KEY ",{" ED ",\"use\":\"enc\"}]}", 1, NULL},
    {"{\"keys\":[" ED_KEY ",{" ED ",\"use\":7}]}", 1, NULL},
    {"{\"keys\":[" ED_KEY ",{" ED ",\"alg\":\"ES256\"}]}", 1, NULL},
    {"{\"keys\":[" ED_KEY ",{" ED ",\"key_ops\":[\"sign\"]}]}", 1, NULL},
    {"{\"keys\":[" ED_KEY ",{" ED ",\"key_ops\":\"verify\"}]}", 1, NULL},
    {"{\"keys\":[" ED_KEY ",{\"kty\":\"EC\",\"crv\":\"P-521\"}]}", 1, NULL},
    {"{\"keys\":[" ED_KEY ",{\"kty\":\"OKP\",\"crv\":\"X25519\"}]}", 1, NULL},
    {"{\"keys\":[" ED_KEY ",{\"kty\":\"OKP\"},{\"kty\":7},{},7,null]}", 1,
     NULL},
    {"{\"keys\":[" ED_KEY ",{\"kty\":\"RSA\",\"alg\":\"RS512\"}]}", 1, NULL},
    {"{\"keys\":[{" ED ",\"use\":\"enc\"}]}", 0, "no key"},
    {"{\"keys\":[]}", 0, "no key"},
    /* wrong */
    {"", 0, "no key"},
    {"{}", 0, "array"},
    {"{\"keys\":{}}", 0, "array"},
    {ED_KEY, 0, "array"},
    {"[" ED_KEY "]", 0, "no key"},
    {"{\"keys\":[" ED_KEY "]", 0, "JSON"},
    {"{\"keys\":[" ED_KEY "]}x", 0, "JSON"},
    {"{\"keys\":[],\"keys\":[" ED_KEY "]}", 0, "JSON"},
    {"{\"keys\":[{" ED ",\"kid\":\"\"}]}", 0, "kid"},
    {"{\"keys\":[{" ED ",\"kid\":7}]}", 0, "kid"},
    {"{\"keys\":[{" ED ",\"kid\":\"k\"},{" ED ",\"kid\":\"k\"}]}", 0,
     "same `kid`"},
    {"{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}]}", 0, "`x`"},
    {"{\"keys\":[" ED_KEY ",{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":7}]}",
     0, "key number 2"},
    {"{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"}]}", 0,
     "no key"},
    {"{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X
     "=\"}]}", 0, "base64url"},
    /* Ed25519, points of small order: 0, 1, p - 1, p, p + 1, order 8 */
    {OKP("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), 0,
     "small order"},
    {OKP("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), 0,
     "small order"},
    {OKP("7P_______________________________________38"), 0,
     "small order"},
    {OKP("7f_______________________________________38"), 0,
     "small order"},
    {OKP("7v_______________________________________38"), 0,
     "small order"},
    {OKP("7v________________________________________8"), 0,
     "small order"},
    {OKP("JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU"), 0,
     "small order"},
    {OKP("xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o"), 0,
     "small order"},
    /* P-256: not on the curve, of wrong lengths, nowhere */
    {"{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X
     "\",\"y\":\"" EC_X "\"}]}", 0, "no key"},
    {"{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" Z43
     "\",\"y\":\"" Z43 "\"}]}", 0, "no key"},
    {"{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X
     "\",\"y\":\"AAAA" EC_Y "\"}]}", 0, "32 bytes"},
    {"{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\"}]}", 0,
     "`y`"},
    /* RSA: exponents, no modulus, 1024 bits */
    {"{\"keys\":[{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQ\"}]}", 0,
     "exponent"},
    {"{\"keys\":[{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"Aw\"}]}", 0,
     "exponent"},
    {"{\"keys\":[{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAC\"}]}", 0,
     "exponent"},
    {"{\"keys\":[{\"kty\":\"RSA\",\"n\":\"" RSA_N
     "\",\"e\":\"AQAAAAAAAAAB\"}]}", 0, "exponent"},
    {"{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\"}]}", 0, "`n`"},
    {"{\"keys\":[{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"AQAB\"}]}", 0, "`n`"},
    {"{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"" EC_X EC_X EC_X
     EC_X "\"}]}", 0, "2048"},
    /* secrets */
    {"{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}", 0, "32 to 1024"},
    {"{\"keys\":[{\"kty\":\"oct\",\"k\":\"\"}]}", 0, "`k`"},
    /* PEM */
    {"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvP"
     "apiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n", 1, NULL},
    {"words before\n-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS"
     "/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n-----BEGIN "
     "PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPc"
     "HURo=\n-----END PUBLIC KEY-----\n", 2, NULL},
    {"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", 0,
     "PUBLIC KEY"},
    {"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2Vw", 0, "PUBLIC KEY"},
    {"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v_Vpg\n", 0,
     "only the public half"},
    {"no key at all", 0, "no key"},
};

static void
sets_are_read_strictly(void **state)
{
	const struct set_case *c;
	struct token_keys keys;
	struct error err;
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(set_cases) / sizeof(set_cases[0]); i++) {
		c = &set_cases[i];
		rc = parse(c->text, &keys, &err);
		if (rc != (c->why == NULL ? 0 : -1) || keys.n != c->n ||
		    (c->why != NULL && strstr(err.text, c->why) == NULL))
			fail_msg("case %zu (%s): %zu keys, %s", i, c->text,
			    keys.n, err.text);
		token_keys_free(&keys);
	}
}

/* So many keys, with a `kid` or without: why not? */
static void
assert_too_many(int n, const char *kid, const char *why)
{
	struct buf set = {0};
	struct token_keys keys;
	struct error err;
	int i;

	buf_puts(&set, "{\"keys\":[{}");
	for (i = 0; i < n; i++) {
		buf_puts(&set, ",{" ED);
		if (kid != NULL)
			buf_printf(&set, ",\"kid\":\"%s%d\"", kid, i);
		buf_putc(&set, '}');
	}
	buf_puts(&set, "]}");
	buf_putc(&set, '\0');
	assert_int_equal(parse(set.data, &keys, &err), why != NULL ? -1 : 0);
	if (why != NULL)
		assert_non_null(strstr(err.text, why));
	token_keys_free(&keys);
	buf_fini(&set);
}

static void
too_many_keys_are_refused(void **state)
{
	(void)state;
	assert_too_many(TOKEN_KEYS_MAX, "k", NULL);
	assert_too_many(TOKEN_KEYS_MAX + 1, "k", "32");
	assert_too_many(TOKEN_NAMELESS_MAX, NULL, NULL);
	assert_too_many(TOKEN_NAMELESS_MAX + 1, NULL, "no `kid`");
}

/* Files. */

struct folder {
	char path[64], file[80];
};

static int
set_up(void **state)
{
	struct folder *folder = calloc(1, sizeof(*folder));

	assert_non_null(folder);
	strcpy(folder->path, "/tmp/keys_test.XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	snprintf(folder->file, sizeof(folder->file), "%s/key", folder->path);
	*state = folder;
	return 0;
}

static int
tear_down(void **state)
{
	struct folder *folder = *state;

	unlink(folder->file);
	assert_int_equal(rmdir(folder->path), 0);
	free(folder);
	return 0;
}

static void
write_file(const struct folder *folder, const char *text, size_t len,
    mode_t mode)
{
	FILE *file = fopen(folder->file, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(folder->file, mode), 0);
}

static void
write_key(const struct folder *folder, EVP_PKEY *pkey, const char *passphrase)
{
	FILE *file = fopen(folder->file, "w");

	assert_non_null(file);
	assert_non_null(pkey);
	assert_int_equal(PEM_write_PrivateKey(file, pkey,
	    passphrase != NULL ? EVP_aes_128_cbc() : NULL, NULL, 0, NULL,
	    (void *)(uintptr_t)passphrase), 1);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(folder->file, 0600), 0);
	EVP_PKEY_free(pkey);
}

static void
assert_no_key(const struct folder *folder, const char *why)
{
	struct error err = {0};

	assert_null(token_key_load(folder->file, false, &err));
	if (strstr(err.text, why) == NULL)
		fail_msg("%s", err.text);
	assert_non_null(strstr(err.text, folder->path));
}

static void
an_absent_key_is_made_once(void **state)
{
	struct folder *folder = *state;
	struct token_key *key, *again;
	struct stat st;

	assert_no_key(folder, "cannot open");
	key = token_key_load(folder->file, true, NULL);
	assert_non_null(key);
	assert_int_equal(token_key_algorithm(key), TOKEN_EDDSA);
	assert_int_equal(stat(folder->file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	again = token_key_load(folder->file, true, NULL);
	assert_non_null(again);
	assert_string_equal(token_key_id(again), token_key_id(key));
	token_key_free(key);
	token_key_free(again);
}

static void
a_key_that_others_may_read_is_refused(void **state)
{
	static const mode_t modes[] = {0604, 0602, 0601, 0620, 0777};
	struct folder *folder = *state;
	size_t i;

	write_key(folder, EVP_EC_gen("P-256"), NULL);
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(chmod(folder->file, modes[i]), 0);
		assert_no_key(folder, "chmod 600");
	}
	assert_int_equal(chmod(folder->file, 0640), 0);
	token_key_free(token_key_load(folder->file, false, NULL));
}

static void
keys_that_are_weak_or_odd_are_refused(void **state)
{
	struct folder *folder = *state;

	write_key(folder, EVP_RSA_gen(1024), NULL);
	assert_no_key(folder, "2048");
	write_key(folder, EVP_EC_gen("P-384"), NULL);
	assert_no_key(folder, "P-256");
	write_key(folder, EVP_PKEY_Q_keygen(NULL, NULL, "X25519"), NULL);
	assert_no_key(folder, "not an Ed25519");
	write_key(folder, EVP_EC_gen("P-256"), "a passphrase");
	assert_no_key(folder, "not encrypted");
	write_file(folder, "", 0, 0600);
	assert_no_key(folder, "PEM");
	write_file(folder, "-----BEGIN PUBLIC KEY-----\n", 27, 0600);
	assert_no_key(folder, "PEM");
}

static void
a_set_with_a_secret_is_one(void **state)
{
	static const char open[] = "{\"keys\":[" ED_KEY "]}";
	static const char oct[] = "{\"keys\":[" OCT_KEY "]}";
	struct folder *folder = *state;
	struct token_keys keys;
	struct error err = {0};

	write_file(folder, open, strlen(open), 0644);
	assert_int_equal(token_keys_load(folder->file, &keys, &err), 0);
	token_keys_free(&keys);
	write_file(folder, oct, strlen(oct), 0644);
	assert_int_equal(token_keys_load(folder->file, &keys, &err), -1);
	assert_non_null(strstr(err.text, "chmod 600"));
	assert_int_equal(keys.n, 0);
	write_file(folder, oct, strlen(oct), 0600);
	assert_int_equal(token_keys_load(folder->file, &keys, &err), 0);
	token_keys_free(&keys);
}

static void
a_file_is_not_endless(void **state)
{
	struct folder *folder = *state;
	struct token_keys keys;
	struct error err = {0};
	char *large = calloc(1, 100000);

	assert_non_null(large);
	write_file(folder, large, 100000, 0600);
	free(large);
	assert_int_equal(token_keys_load(folder->file, &keys, &err), -1);
	assert_non_null(strstr(err.text, "65536"));
}

/* Each of our own kinds signs what it verifies; a public half does not. */
static void
each_kind_signs(void **state)
{
	struct folder *folder = *state;
	unsigned char signature[TOKEN_SIGNATURE_MAX];
	EVP_PKEY *pkeys[3];
	struct token_keys keys;
	struct token_key *key;
	size_t i, j, len;

	pkeys[0] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	pkeys[1] = EVP_EC_gen("P-256");
	pkeys[2] = EVP_RSA_gen(2048);
	for (i = 0; i < 3; i++) {
		write_key(folder, pkeys[i], NULL);
		key = token_key_load(folder->file, false, NULL);
		assert_non_null(key);
		/* Often enough for halves that begin with zeros. */
		for (j = 0; j < (i == 1 ? 300 : 3); j++) {
			assert_int_equal(token_key_sign(key, &j, sizeof(j),
			    signature, &len, NULL), 0);
			assert_int_equal(len, i == 2 ? 256 : 64);
			assert_int_equal(token_key_verify(key, &j, sizeof(j),
			    signature, len, NULL), 1);
		}
		token_key_free(key);
	}
	key = key_of_jwk(EC_KEY, &keys);
	assert_int_equal(token_key_sign(key, "x", 1, signature, &len, NULL),
	    -1);
	token_keys_free(&keys);
}

int
main(void)
{
#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, \
	tear_down)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(signatures_of_the_rfcs_verify),
	    cmocka_unit_test(thumbprints_are_those_of_the_rfcs),
	    cmocka_unit_test(public_halves_are_shown),
	    cmocka_unit_test(sets_are_read_strictly),
	    cmocka_unit_test(too_many_keys_are_refused),
	    FILE_TEST(an_absent_key_is_made_once),
	    FILE_TEST(a_key_that_others_may_read_is_refused),
	    FILE_TEST(keys_that_are_weak_or_odd_are_refused),
	    FILE_TEST(a_set_with_a_secret_is_one),
	    FILE_TEST(a_file_is_not_endless),
	    FILE_TEST(each_kind_signs),
	};

	return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
