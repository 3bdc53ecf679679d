/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/name.h"

static void
test_names(void **state)
{
	static const struct {
		const char *text;
		const char *folded; /* NULL: not a name */
	} rows[] = {
		{ "al", "al" },
		{ "Alice", "alice" },
		{ "a.b_c-d9", "a.b_c-d9" },
		{ "0x", "0x" },
		{ "abcdefghijklmnopqrstuvwxyz012345",
		    "abcdefghijklmnopqrstuvwxyz012345" },
		{ "abcdefghijklmnopqrstuvwxyz0123456", NULL },
		{ "", NULL },
		{ "a", NULL },
		{ ".a", NULL },
		{ "a.", NULL },
		{ "-a", NULL },
		{ "a_", NULL },
		{ "a b", NULL },
		{ "a@b", NULL },
		{ "a#b", NULL },
		{ "a:b", NULL },
		{ "\xc3\xa4x", NULL },
		{ "a\nb", NULL },
		{ "--", NULL },
	};
	char out[NAME_BYTES_MAX + 1];
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		len = strlen(rows[i].text);
		if (rows[i].folded == NULL) {
			assert_false(name_fold(rows[i].text, len, out));
		} else {
			assert_true(name_fold(rows[i].text, len, out));
			assert_string_equal(out, rows[i].folded);
		}
	}
	assert_false(name_fold("a\0b", 3, out));
}

static void
test_devices(void **state)
{
	char longest[DEVICE_MAX + 1];

	(void)state;
	memset(longest, 'x', sizeof(longest));
	assert_true(device_valid("phone", 5));
	assert_true(device_valid("A.b_c-9", 7));
	assert_true(device_valid(".", 1));
	assert_true(device_valid(longest, DEVICE_MAX));
	assert_false(device_valid(longest, DEVICE_MAX + 1));
	assert_false(device_valid("", 0));
	assert_false(device_valid("a b", 3));
	assert_false(device_valid("a/b", 3));
	assert_false(device_valid("\xc3\xa4", 2));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_devices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
