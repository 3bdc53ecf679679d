/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/flat.h"
#include "base/json.h"
#include "base/utf8.h"

/* What is taken, jansson must read alike; what is wrong must not be taken. */
static void
compare(const char *text, size_t len, bool expected, bool exact)
{
	char copy[512];
	struct flat flat;
	json_t *json, *member;
	bool taken;
	unsigned i;

	assert_true(len < sizeof(copy));
	memcpy(copy, text, len);
	taken = flat_parse(copy, len, &flat);
	if (exact && taken != expected)
		fail_msg("%s: taken is %d", text, taken);
	if (!taken)
		return;
	json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	if (json == NULL)
		fail_msg("%.*s: is no JSON", (int)len, text);
	assert_int_equal(json_object_size(json), flat.n);
	for (i = 0; i < flat.n; i++) {
		member = json_object_get(json, flat.members[i].key);
		assert_non_null(member);
		switch (flat.members[i].type) {
		case FLAT_STRING:
			assert_int_equal(json_string_length(member),
			    flat.members[i].len);
			assert_string_equal(json_string_value(member),
			    flat.members[i].string);
			break;
		case FLAT_INTEGER:
			assert_true(json_is_integer(member));
			assert_int_equal(json_integer_value(member),
			    flat.members[i].integer);
			break;
		case FLAT_BOOL:
			assert_int_equal(json_is_true(member),
			    flat.members[i].integer);
			assert_true(json_is_boolean(member));
			break;
		default:
			assert_true(json_is_null(member));
		}
	}
	json_decref(json);
}

static const struct {
	const char *text;
	bool taken;
} rows[] = {
    {"{}", true},
    {" { } ", true},
    {"{\"a\":1}", true},
    {"\t{\r\n\"a\" : -7 , \"b\":true,\"c\":false, \"d\":null}\n", true},
    {"{\"a\":\"x\\\"\\\\\\/\\b\\f\\n\\r\\ty\"}", true},
    {"{\"a\":\"\xc3\xa9\xf0\x9f\x98\x80\"}", true},
    {"{\"a\":999999999999999999,\"b\":-0,\"c\":0}", true},
    {"{\"a\\n\":\"\",\"\":\"b\"}", true},
    {"{\"a\":9999999999999999999}", false},
    {"{\"a\":1234567890123456789}", false},
    {"{\"a\":01}", false},
    {"{\"a\":-}", false},
    {"{\"a\":1.5}", false},
    {"{\"a\":1e3}", false},
    {"{\"a\":+1}", false},
    {"{\"a\":\"\\u0041\"}", false},
    {"{\"a\":\"\\x\"}", false},
    {"{\"a\":\"\n\"}", false},
    {"{\"a\":[]}", false},
    {"{\"a\":{}}", false},
    {"{\"a\":1,\"a\":2}", false},
    {"{\"a\":1,}", false},
    {"{,}", false},
    {"{\"a\"}", false},
    {"{\"a\":}", false},
    {"{\"a\":tru}", false},
    {"{\"a\":truex}", false},
    {"{\"a\":1}}", false},
    {"{\"a\":1} x", false},
    {"{\"a\":1", false},
    {"{\"a\":\"x", false},
    {"{\"a\":\"x\\", false},
    {"{'a':1}", false},
    {"[1]", false},
    {"", false},
    {"{\"1\":1,\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"6\":1,\"7\":1,\"8\":1,"
     "\"9\":1,\"10\":1}", true},
    {"{\"1\":1,\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"6\":1,\"7\":1,\"8\":1,"
     "\"9\":1,\"10\":1,\"11\":1}", false},
};

static void
takes_what_is_plain(void **state)
{
	size_t i, cut;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		compare(rows[i].text, strlen(rows[i].text), rows[i].taken,
		    true);
		for (cut = 0; cut < strlen(rows[i].text); cut++)
			compare(rows[i].text, cut, false, false);
	}
}

/* Random changes of good ones: never taken when jansson refuses. */
static void
agrees_with_jansson(void **state)
{
	static const char letters[] = "{}[]\":,\\ \n01-.e9tfnaux\x01\x7f";
	char text[512];
	unsigned seed = 1, round, change;
	size_t row, len;

	(void)state;
	for (round = 0; round < 200000; round++) {
		row = (size_t)rand_r(&seed) % (sizeof(rows) / sizeof(rows[0]));
		len = strlen(rows[row].text);
		memcpy(text, rows[row].text, len + 1);
		for (change = (unsigned)rand_r(&seed) % 4; change > 0 &&
		     len > 0; change--)
			text[(size_t)rand_r(&seed) % len] =
			    letters[(size_t)rand_r(&seed) %
				(sizeof(letters) - 1)];
		if (utf8_valid(text, len))
			compare(text, len, false, false);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_what_is_plain),
	    cmocka_unit_test(agrees_with_jansson)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
