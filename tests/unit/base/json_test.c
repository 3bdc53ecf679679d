/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

static void
assert_written(const char *text, size_t len, const char *expected)
{
	struct buf buf = { 0 };

	json_put_string(&buf, text, len);
	assert_false(buf.failed);
	assert_int_equal(buf.len, strlen(expected));
	assert_memory_equal(buf.data, expected, buf.len);
	buf_fini(&buf);
}

static void
test_escapes(void **state)
{
	(void)state;
	assert_written("", 0, "\"\"");
	assert_written("plain", 5, "\"plain\"");
	assert_written("a\"b\\c", 5, "\"a\\\"b\\\\c\"");
	assert_written("\b\t\n\f\r", 5, "\"\\b\\t\\n\\f\\r\"");
	assert_written("\0\x1f\x7f", 3, "\"\\u0000\\u001f\\u007f\"");
	assert_written("\xc3\xa4/", 3, "\"\xc3\xa4/\"");
}

/* Every character below U+0100 comes back as it was. */
static void
test_round_trip(void **state)
{
	struct buf buf = { 0 };
	char text[512];
	size_t len = 0;
	unsigned c;
	json_t *json;

	(void)state;
	for (c = 1; c < 256; c++) {
		if (c >= 0x80)
			text[len++] = (char)(0xc0 | c >> 6);
		text[len++] = (char)(c < 0x80 ? c : (0x80 | (c & 0x3f)));
	}
	buf_puts(&buf, "{\"x\":");
	json_put_string(&buf, text, len);
	buf_putc(&buf, '}');
	json = json_parse_object(buf.data, buf.len, NULL);
	assert_non_null(json);
	assert_int_equal(json_string_length(json_object_get(json, "x")), len);
	assert_memory_equal(json_string_value(json_object_get(json, "x")),
	    text, len);
	json_decref(json);
	buf_fini(&buf);
}

static void
test_time(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	json_put_time(&buf, INT64_C(1795310828123999));
	buf_putc(&buf, '\0');
	assert_string_equal(buf.data, "\"2026-11-22T01:27:08.123Z\"");
	buf_fini(&buf);
}

static void
test_parse(void **state)
{
	static const char *const good[] = {
		"{}", " {\"a\":1} ", "{\"a\":{\"b\":[1,2,null,true]}}",
		"{\"n\":9007199254740993}",
	};
	static const char *const bad[] = {
		"", "{", "[]", "1", "null", "{\"a\":1,\"a\":2}", "{} {}",
		"{\"a\":\"\\ud800\"}", "{\"a\":\"\xff\"}", "{'a':1}",
		"{\"a\":01}", "{\"a\":1e999}", "{\"a\"}", "{\"a\":1,}",
	};
	struct error err;
	json_t *json;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		json = json_parse_object(good[i], strlen(good[i]), &err);
		assert_non_null(json);
		json_decref(json);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err.code = ERROR_NONE;
		assert_null(json_parse_object(bad[i], strlen(bad[i]), &err));
		assert_int_equal(err.code, ERROR_INPUT);
	}
}

/* No depth of nesting overruns the stack. */
static void
test_nesting(void **state)
{
	enum { DEPTH = 100000 };
	char *text = malloc(2 * DEPTH + 8);
	size_t len = 0;

	(void)state;
	len += (size_t)sprintf(text, "{\"a\":");
	memset(text + len, '[', DEPTH);
	len += DEPTH;
	memset(text + len, ']', DEPTH);
	len += DEPTH;
	text[len++] = '}';
	assert_null(json_parse_object(text, len, NULL));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_nesting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
