/* SPDX-License-Identifier: MIT */
#include "http/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct http_slice
slice(const char *text)
{
	return (struct http_slice){text, strlen(text)};
}

static const struct {
	const char *query, *name, *expected; /* NULL: -1 */
} queries[] = {
    {"user=ann", "user", "ann"},
    {"a=b&user=ann&user=bob", "user", "ann"},
    {"user=", "user", ""},
    {"user", "user", ""},
    {"&&user=a", "user", "a"},
    {"users=a", "user", NULL},
    {"use=a", "user", NULL},
    {"User=a", "user", NULL},
    {"", "user", NULL},
    {"u%73er=a", "user", "a"},
    {"u%73er%00=a", "user", NULL},
    {"a+b=c", "a b", "c"},
    {"user=a+b%20c%2Bd", "user", "a b c+d"},
    {"user=%C3%a9", "user", "\xc3\xa9"},
    {"user=a=b=c", "user", "a=b=c"},
    {"user=%", "user", NULL},
    {"user=%4", "user", NULL},
    {"user=%4x", "user", NULL},
    {"user=%x4", "user", NULL},
    {"user=a%00b", "user", NULL},
    {"user=%2&x=1", "user", NULL},
    {"user=0123456789abcde", "user", "0123456789abcde"},
    {"user=0123456789abcdef", "user", NULL},
    {"user=0123456789abcde%66", "user", NULL},
};

static void
test_query(void **state)
{
	struct http_request request = {0};
	char out[16];
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		request.query = slice(queries[i].query);
		n = http_query_get(&request, queries[i].name, out, sizeof(out));
		if (queries[i].expected == NULL) {
			assert_int_equal(n, -1);
			assert_string_equal(out, "");
		} else {
			assert_string_equal(out, queries[i].expected);
			assert_int_equal(n, strlen(queries[i].expected));
		}
	}
	request.query = slice("a=1&b=%&a&%61=&ab=2");
	assert_int_equal(http_query_count(&request, "a"), 3);
	assert_int_equal(http_query_count(&request, "b"), 1);
	assert_int_equal(http_query_count(&request, "c"), 0);
	request.query = (struct http_slice){NULL, 0};
	assert_int_equal(http_query_get(&request, "a", out, sizeof(out)), -1);
}

static void
test_percent(void **state)
{
	char out[8];

	(void)state;
	assert_int_equal(http_percent_decode(slice("%23t+a%2f"), out, 8), 5);
	assert_string_equal(out, "#t+a/");
	assert_int_equal(http_percent_decode(slice("12345678"), out, 8), -1);
	assert_string_equal(out, "");
	assert_int_equal(http_percent_decode(slice(""), out, 1), 0);
}

static void
test_fields(void **state)
{
	struct http_request request = {
	    .fields = {{slice("Connection"), slice("keep-alive, Upgrade")},
		{slice("X"), slice(" ")}, {slice("connection"), slice("a,,b")}},
	    .n_fields = 3,
	};

	(void)state;
	assert_true(http_request_lists(&request, "CONNECTION", "upgrade"));
	assert_true(http_request_lists(&request, "connection", "B"));
	assert_false(http_request_lists(&request, "connection", "up"));
	assert_false(http_request_lists(&request, "connection", ""));
	assert_false(http_request_lists(&request, "Y", "a"));
	assert_int_equal(http_request_count(&request, "Connection"), 2);
	assert_int_equal(http_request_count(&request, "Y"), 0);
	assert_null(http_request_field(&request, "Y").data);
	assert_int_equal(http_request_field(&request, "x").len, 1);
}

static void
test_field_line(void **state)
{
	static const char *const bad[] = {"", "a", ":", ":b", "a :b", " a:b",
	    "a\t:b", "(a):b", "a b:c"};
	struct http_field field;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    http_field_parse(bad[i], strlen(bad[i]), &field), -1);
	assert_true(http_text_valid("a\tb \xff", 5));
	assert_false(http_text_valid("a\0b", 3));
	assert_false(http_text_valid("a\x7f", 2));
	assert_int_equal(http_field_parse("a: \t b:c \t", 10, &field), 0);
	assert_true(http_slice_is(field.name, "A"));
	assert_true(http_slice_is(field.value, "b:c"));
	assert_int_equal(http_field_parse("a:", 2, &field), 0);
	assert_int_equal(field.value.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_query),
	    cmocka_unit_test(test_percent),
	    cmocka_unit_test(test_fields),
	    cmocka_unit_test(test_field_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
