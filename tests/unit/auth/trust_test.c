/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/scope.h"
#include "mint.h"

static const struct token_grant grant = {"alice", 7, SCOPE_READ, 600};

static struct mint *mint;

static int
set_up(void **state)
{
	(void)state;
	mint = mint_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	mint_free(mint);
	return 0;
}

static struct trust *
open_trust(const struct trust_options *options)
{
	struct error err = {0};
	struct trust *trust = trust_open(options, &err);

	if (trust == NULL)
		fail_msg("%s", err.text);
	return trust;
}

static void
assert_not_opened(const struct trust_options *options, const char *why)
{
	struct error err = {0};

	assert_null(trust_open(options, &err));
	if (strstr(err.text, why) == NULL)
		fail_msg("%s", err.text);
}

static int
verify(const struct trust *trust, const char *token,
    struct token_claims *claims, struct error *err)
{
	return trust_verify(trust, token, strlen(token), MINT_NOW, claims,
	    err);
}

static bool
accepts(const struct trust *trust, const char *token)
{
	struct token_claims claims;

	return verify(trust, token, &claims, NULL) == 0;
}

static void
what_we_sign_says_what_was_granted(void **state)
{
	struct token_claims claims;
	char token[TOKEN_MAX + 1];

	(void)state;
	assert_int_equal(trust_sign(mint->trust, &grant, MINT_NOW, token,
	    NULL), 0);
	assert_int_equal(verify(mint->trust, token, &claims, NULL), 0);
	assert_true(claims.own);
	assert_string_equal(claims.subject, "alice");
	assert_int_equal(claims.family, 7);
	assert_int_equal(claims.scopes, SCOPE_READ);
	assert_int_equal(claims.expires_s, MINT_NOW + 600);
}

static void
who_is_from_outside_has_no_family(void **state)
{
	struct token_claims claims;
	struct buf token = {0};

	(void)state;
	mint_token(mint, "{'alg':'EdDSA','kid':'@o'}", "{'name':'Bob.Smith',"
	    "'sub':'1234','iat':1800000000,'exp':1800000600,'iss':'"
	    MINT_OUTSIDE "','aud':['app'],'sid':'8','scope':'openid'}", NULL,
	    by_outside, NULL, &token);
	assert_int_equal(trust_verify(mint->trust, token.data, token.len,
	    MINT_NOW, &claims, NULL), 0);
	assert_false(claims.own);
	assert_string_equal(claims.subject, "bob.smith");
	assert_int_equal(claims.family, 0);
	assert_int_equal(claims.scopes, SCOPE_ALL);
	assert_string_equal(claims.id, "");
	buf_fini(&token);
}

/* Old key; new and old; new alone. */
static void
keys_are_changed_without_signing_anyone_out(void **state)
{
	const char *old_key[] = {mint->files[MINT_ED]};
	const char *both[] = {mint->files[MINT_EC], mint->files[MINT_ED]};
	const char *new_key[] = {mint->files[MINT_EC]};
	struct trust_options options = {.key_files = old_key,
	    .key_files_n = 1};
	struct trust *before, *during, *after;
	char old_token[TOKEN_MAX + 1], new_token[TOKEN_MAX + 1];

	(void)state;
	before = open_trust(&options);
	options.key_files = both;
	options.key_files_n = 2;
	during = open_trust(&options);
	options.key_files = new_key;
	options.key_files_n = 1;
	after = open_trust(&options);
	assert_int_equal(trust_sign(before, &grant, MINT_NOW, old_token,
	    NULL), 0);
	assert_int_equal(trust_sign(during, &grant, MINT_NOW, new_token,
	    NULL), 0);
	assert_true(accepts(before, old_token));
	assert_false(accepts(before, new_token));
	assert_true(accepts(during, old_token));
	assert_true(accepts(during, new_token));
	assert_false(accepts(after, old_token));
	assert_true(accepts(after, new_token));
	trust_unref(before);
	trust_unref(during);
	trust_unref(after);
}

static void
a_secret_of_old_is_accepted_and_does_not_sign(void **state)
{
	const char *file = mint->files[MINT_ED];
	struct trust_options with = {.key_files = &file, .key_files_n = 1,
	    .secret_file = mint->secret_file};
	struct trust_options alone = {.secret_file = mint->secret_file};
	struct trust *both = open_trust(&with), *secret = open_trust(&alone);
	char token[TOKEN_MAX + 1];
	struct buf set = {0};

	(void)state;
	assert_int_equal(trust_sign(secret, &grant, MINT_NOW, token, NULL), 0);
	assert_true(accepts(both, token));
	assert_int_equal(trust_sign(both, &grant, MINT_NOW, token, NULL), 0);
	assert_false(accepts(secret, token));
	trust_put_jwks(secret, &set);
	buf_putc(&set, '\0');
	assert_string_equal(set.data, "{\"keys\":[]}");
	buf_fini(&set);
	trust_unref(both);
	trust_unref(secret);
}

static void
a_key_is_made_where_there_is_none(void **state)
{
	char path[MINT_PATH];
	const char *file = path;
	struct trust_options options = {.key_files = &file, .key_files_n = 1};
	struct trust *trust;
	struct stat st;

	(void)state;
	mint_write(mint, "new.pem", "", 0, 0600, path);
	assert_int_equal(unlink(path), 0);
	trust = open_trust(&options);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	trust_unref(trust);
}

/* Public halves only, ours only, and enough to verify what we sign. */
static void
our_public_keys_are_shown(void **state)
{
	struct token_keys keys;
	struct buf set = {0};
	struct error err = {0};
	bool secret;
	size_t i;

	(void)state;
	trust_put_jwks(mint->trust, &set);
	buf_putc(&set, '\0');
	assert_int_equal(token_keys_parse(set.data, set.len - 1, &keys,
	    &secret, &err), 0);
	assert_false(secret);
	assert_int_equal(keys.n, 3);
	for (i = 0; i < 3; i++)
		assert_string_equal(token_key_id(keys.keys[i]),
		    token_key_id(mint->keys[i]));
	assert_null(strstr(set.data, "out-1"));
	assert_null(strstr(set.data, "oct"));
	assert_null(strstr(set.data, "\"d\""));
	token_keys_free(&keys);
	buf_fini(&set);
}

/* A configuration goes before its trust does. */
static void
strings_are_copied(void **state)
{
	const char *files[3];
	struct trust_options options = mint_options(mint, files);
	char issuer[] = "us", audience[] = "app", outside[] = "them";
	struct trust *trust;
	char token[TOKEN_MAX + 1];

	(void)state;
	options.issuer = issuer;
	options.audience = audience;
	options.outside.issuer = outside;
	trust = open_trust(&options);
	memset(issuer, 'x', 2);
	memset(audience, 'x', 3);
	memset(outside, 'x', 4);
	assert_int_equal(trust_sign(trust, &grant, MINT_NOW, token, NULL), 0);
	assert_true(accepts(trust, token));
	assert_false(accepts(mint->trust, token));
	trust_unref(trust_ref(trust));
	trust_unref(trust);
	trust_unref(NULL);
}

static void
what_cannot_be_trusted_is_not_opened(void **state)
{
	const char *files[3];
	struct trust_options options = mint_options(mint, files);
	char path[MINT_PATH];

	(void)state;
	files[1] = files[0];
	assert_not_opened(&options, "same id");
	files[1] = "/nonexistent/key.pem"; /* only the first is made */
	assert_not_opened(&options, "/nonexistent/key.pem");
	files[1] = mint->outside_file;
	assert_not_opened(&options, "chmod 600");
	options = mint_options(mint, files);
	options.outside.keys_file = NULL;
	assert_not_opened(&options, "token.outside_keys");
	mint_write(mint, "bad.json", "{\"keys\":[]}", 11, 0600, path);
	options.outside.keys_file = path;
	assert_not_opened(&options, "bad.json");
	options.outside.keys_file = mint->outside_file;
	mint_write(mint, "short", "short", 5, 0600, path);
	options.secret_file = path;
	assert_not_opened(&options, "32 to 1024");
}

/* A key of ours in the hands of the outside would be both. */
static void
one_key_is_not_two(void **state)
{
	const char *files[3];
	struct trust_options options = mint_options(mint, files);
	char path[MINT_PATH];
	struct buf set = {0};

	(void)state;
	trust_put_jwks(mint->trust, &set);
	mint_write(mint, "ours.json", set.data, set.len, 0644, path);
	options.outside.keys_file = path;
	assert_not_opened(&options, "same id");
	buf_fini(&set);
}

static void *
verify_often(void *arg)
{
	const struct buf *tokens = arg;
	struct token_claims claims;
	uintptr_t accepted = 0;
	int i;

	for (i = 0; i < 40; i++)
		accepted += trust_verify(mint->trust, tokens[i % 4].data,
		    tokens[i % 4].len, MINT_NOW, &claims, NULL) == 0;
	return (void *)accepted;
}

/* Workers share a trust without a lock. */
static void
threads_use_one_trust(void **state)
{
	static mint_forge *const forges[] = {by_ed, by_ec, by_rsa, by_secret};
	static const char *const headers[] = {"{'alg':'EdDSA'}",
	    "{'alg':'ES256'}", "{'alg':'RS256'}", "{'alg':'HS256'}"};
	struct buf tokens[4] = {{0}, {0}, {0}, {0}};
	pthread_t threads[4];
	void *accepted;
	int i;

	(void)state;
	for (i = 0; i < 4; i++)
		mint_token(mint, headers[i], "{'sub':'alice','jti':'x','iat':"
		    "1800000000,'exp':1800000600,'iss':'" MINT_ISSUER
		    "','aud':'" MINT_AUDIENCE "'}", NULL, forges[i], NULL,
		    &tokens[i]);
	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
		    verify_often, tokens), 0);
	for (i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], &accepted), 0);
		assert_int_equal((uintptr_t)accepted, 40);
	}
	for (i = 0; i < 4; i++)
		buf_fini(&tokens[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_we_sign_says_what_was_granted),
	    cmocka_unit_test(who_is_from_outside_has_no_family),
	    cmocka_unit_test(keys_are_changed_without_signing_anyone_out),
	    cmocka_unit_test(a_secret_of_old_is_accepted_and_does_not_sign),
	    cmocka_unit_test(a_key_is_made_where_there_is_none),
	    cmocka_unit_test(our_public_keys_are_shown),
	    cmocka_unit_test(strings_are_copied),
	    cmocka_unit_test(what_cannot_be_trusted_is_not_opened),
	    cmocka_unit_test(one_key_is_not_two),
	    cmocka_unit_test(threads_use_one_trust),
	};

	return cmocka_run_group_tests_name("trust", tests, set_up, tear_down);
}
