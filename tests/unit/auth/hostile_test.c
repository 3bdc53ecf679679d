/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hostile.h"

/*
 * What nobody should believe, written from RFC 7515, 7517, 7518, 7519, 8032
 * and 8725: each token with the answer that it gets, and all that it begins
 * with.
 */
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

/* From memory that ends where the token does, so that ASan watches its end. */
static int
verify(const struct buf *token, size_t len, struct token_claims *claims,
    struct error *err)
{
	char *copy = malloc(len > 0 ? len : 1);
	int rc;

	assert_non_null(copy);
	memcpy(copy, token->data, len);
	*err = (struct error){0};
	rc = trust_verify(mint->trust, copy, len, MINT_NOW, claims, err);
	free(copy);
	return rc;
}

static void
assert_refused(const struct hostile_row *row, const struct buf *token,
    size_t len, const char *answer)
{
	static const struct token_claims none;
	struct token_claims claims;
	struct error err;

	if (verify(token, len, &claims, &err) == 0)
		fail_msg("%s, %zu of %zu bytes: accepted", row->name, len,
		    token->len);
	if (err.code != ERROR_INPUT || strstr(err.text, answer) == NULL)
		fail_msg("%s: answered \"%s\"", row->name, err.text);
	assert_memory_equal(&claims, &none, sizeof(claims));
}

static void
assert_accepted(const struct hostile_row *row, const struct buf *token)
{
	struct token_claims claims;
	struct error err;

	if (verify(token, token->len, &claims, &err) != 0)
		fail_msg("%s: answered \"%s\"", row->name, err.text);
	assert_string_equal(claims.subject, "alice");
}

static void
make(const struct hostile_row *row, struct buf *token)
{
	mint_token(mint, row->header, row->payload, row->before, row->forge,
	    row->after, token);
}

static void
each_token_gets_its_answer(void **state)
{
	const struct hostile_row *row;
	struct buf token = {0};
	size_t i, refused = 0;

	(void)state;
	for (i = 0; i < hostile_rows_n; i++) {
		row = &hostile_rows[i];
		buf_reset(&token);
		make(row, &token);
		if (row->answer == NULL)
			assert_accepted(row, &token);
		else
			assert_refused(row, &token, token.len, row->answer);
		refused += row->answer != NULL;
	}
	assert_true(refused >= 200);
	buf_fini(&token);
}

static void
no_token_is_accepted_by_its_beginning(void **state)
{
	const struct hostile_row *row;
	struct buf token = {0};
	size_t i, len;

	(void)state;
	for (i = 0; i < hostile_rows_n; i++) {
		row = &hostile_rows[i];
		if (row->longer)
			continue;
		buf_reset(&token);
		make(row, &token);
		for (len = 0; len < token.len; len++)
			assert_refused(row, &token, len, "the token");
	}
	buf_fini(&token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_token_gets_its_answer),
	    cmocka_unit_test(no_token_is_accepted_by_its_beginning),
	};

	return cmocka_run_group_tests_name("hostile", tests, set_up,
	    tear_down);
}
