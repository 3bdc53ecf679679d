/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "chat/search_query.h"

#define DAY_US (INT64_C(86400) * 1000000)
#define NOV_22 (INT64_C(1795305600) * 1000000) /* 2026-11-22T00:00:00Z */

static void
what_is_said_is_read(void **state)
{
	static const struct {
		const char *text, *words, *from, *in;
		int64_t after_us, before_us;
	} rows[] = {
	    {"kettle", "kettle", "", NULL, 0, 0},
	    {"  red \t kettle ", "red kettle", "", NULL, 0, 0},
	    {"from:bob", "", "bob", NULL, 0, 0},
	    {"from:@Bob tea", "tea", "bob", NULL, 0, 0},
	    {"tea in:#tea", "tea", "", "#tea", 0, 0},
	    {"in:@bob tea", "tea", "", "@bob", 0, 0},
	    {"a after:2026-11-22 b", "a b", "", NULL, NOV_22, 0},
	    {"a before:2026-11-23", "a", "", NULL, 0, NOV_22 + DAY_US},
	    {"a after:2026-11-22T02:00:00+02:00", "a", "", NULL, NOV_22, 0},
	    {"at 12:30", "at 12:30", "", NULL, 0, 0},
	    {"http://localhost:8000/", "http://localhost:8000/", "", NULL, 0,
		0},
	    {"note: tea", "note: tea", "", NULL, 0, 0},
	    {":tea tea:", ":tea tea:", "", NULL, 0, 0}};
	struct search_query query;
	struct error err = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(0, search_query_parse(rows[i].text,
		    strlen(rows[i].text), &query, &err));
		assert_string_equal(rows[i].words, query.search.words);
		assert_string_equal(rows[i].from, query.search.from);
		assert_int_equal(rows[i].after_us, query.search.after_us);
		assert_int_equal(rows[i].before_us, query.search.before_us);
		assert_int_equal(rows[i].in != NULL, query.in != NULL);
		if (query.in != NULL)
			assert_memory_equal(rows[i].in, query.in,
			    query.in_len);
	}
}

static void
what_is_wrong_is_said(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
	    {"", "needs words"},
	    {"   ", "needs words"},
	    {"in:#tea", "needs words"},
	    {"before:2026-11-22", "needs words"},
	    {"tea by:bob", "`by:bob` is not known"},
	    {"tea FROM:bob", "`FROM:bob` is not known"},
	    {"from:b", "must be the name of a person"},
	    {"from:@", "must be the name of a person"},
	    {"from:bob from:ann", "one from: too many"},
	    {"tea in:#a1 in:#b1", "one in: too many"},
	    {"tea after:yesterday", "`after:yesterday` must be a date"},
	    {"tea after:2026-02-30", "must be a date"},
	    {"tea after:2026-11-22T12:00", "must be a date"},
	    {"tea after:2026-11-22 after:2026-11-23", "once more"}};
	struct search_query query;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		err = (struct error){0};
		assert_int_equal(-1, search_query_parse(rows[i].text,
		    strlen(rows[i].text), &query, &err));
		assert_non_null(strstr(err.text, rows[i].says));
	}
}

static void
words_have_their_size(void **state)
{
	char text[SEARCH_WORDS_MAX + 2];
	struct search_query query;
	struct error err = {0};

	(void)state;
	memset(text, 'a', sizeof(text));
	text[100] = ' ';
	assert_int_equal(0, search_query_parse(text, SEARCH_WORDS_MAX,
	    &query, &err));
	assert_int_equal(SEARCH_WORDS_MAX, strlen(query.search.words));
	assert_int_equal(-1, search_query_parse(text, SEARCH_WORDS_MAX + 1,
	    &query, &err));
	assert_non_null(strstr(err.text, "at most 256 bytes"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_said_is_read),
	    cmocka_unit_test(what_is_wrong_is_said),
	    cmocka_unit_test(words_have_their_size)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
