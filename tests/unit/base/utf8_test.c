/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

struct row {
	const char *text;
	size_t len;
	bool valid;
};

#define ROW(text, valid) { text, sizeof(text) - 1, valid }

static const struct row rows[] = {
	ROW("", true),
	ROW("plain", true),
	ROW("a text longer than a word of the machine", true),
	ROW("with \0 inside", true),
	ROW("\xc2\x80", true),			/* U+0080 */
	ROW("\xdf\xbf", true),			/* U+07FF */
	ROW("\xe0\xa0\x80", true),		/* U+0800 */
	ROW("\xed\x9f\xbf", true),		/* U+D7FF */
	ROW("\xee\x80\x80", true),		/* U+E000 */
	ROW("\xef\xbf\xbf", true),		/* U+FFFF */
	ROW("\xf0\x90\x80\x80", true),		/* U+10000 */
	ROW("\xf4\x8f\xbf\xbf", true),		/* U+10FFFF */
	ROW("\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5", true),
	ROW("12345678\xc3\xa4" "12345678", true),
	ROW("\x80", false),			/* continuation first */
	ROW("\xbf", false),
	ROW("\xc0\x80", false),			/* overlong */
	ROW("\xc1\xbf", false),
	ROW("\xe0\x9f\xbf", false),
	ROW("\xf0\x8f\xbf\xbf", false),
	ROW("\xed\xa0\x80", false),		/* surrogates */
	ROW("\xed\xbf\xbf", false),
	ROW("\xf4\x90\x80\x80", false),		/* above U+10FFFF */
	ROW("\xf5\x80\x80\x80", false),
	ROW("\xfe", false),
	ROW("\xff", false),
	ROW("\xc3", false),			/* cut off */
	ROW("\xe2\x82", false),
	ROW("\xf0\x9f\x98", false),
	ROW("\xc3(", false),			/* not continued */
	ROW("\xe2\x82(", false),
	ROW("12345678\xff" "12345678", false),
};

static void
test_cut(void **state)
{
	static const size_t lengths[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10 };
	/* One to four bytes each. */
	static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
	size_t max;

	(void)state;
	for (max = 0; max < sizeof(lengths) / sizeof(lengths[0]); max++)
		assert_int_equal(lengths[max],
		    utf8_cut(text, sizeof(text) - 1, max));
	assert_int_equal(10, utf8_cut(text, 10, 100));
}

static void
test_controls(void **state)
{
	(void)state;
	assert_int_equal(utf8_control_len(""), 0);
	assert_int_equal(utf8_control_len("a\x1b"), 0);
	assert_int_equal(utf8_control_len("\x1b["), 1);
	assert_int_equal(utf8_control_len("\n"), 1);
	assert_int_equal(utf8_control_len("\x7f"), 1);
	assert_int_equal(utf8_control_len("\xc2\x9b" "31m"), 2);
	assert_int_equal(utf8_control_len("\xc2\xa0"), 0);
	assert_int_equal(utf8_control_len("\xe2\x80\xae"), 3);
	assert_int_equal(utf8_control_len("\xe2\x81\xa6"), 3);
	assert_int_equal(utf8_control_len("\xe2\x82\xac"), 0);
	assert_int_equal(utf8_control_len("\xe2"), 0);
}

static bool
valid_in_pieces(const struct row *row, size_t a, size_t b)
{
	struct utf8 state = { 0 };

	return utf8_feed(&state, row->text, a) &&
	    utf8_feed(&state, row->text + a, b - a) &&
	    utf8_feed(&state, row->text + b, row->len - b) &&
	    utf8_complete(&state);
}

/* Whole, and cut at any two places. */
static void
test_rows(void **state)
{
	const struct row *row;
	size_t i, a, b;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		row = &rows[i];
		assert_true(utf8_valid(row->text, row->len) == row->valid);
		for (b = 0; b <= row->len; b++) {
			for (a = 0; a <= b; a++)
				assert_true(valid_in_pieces(row, a, b) ==
				    row->valid);
		}
	}
}

static size_t
encode(uint32_t point, unsigned char out[4])
{
	if (point < 0x80) {
		out[0] = (unsigned char)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (unsigned char)(0xc0 | point >> 6);
		out[1] = (unsigned char)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (unsigned char)(0xe0 | point >> 12);
		out[1] = (unsigned char)(0x80 | (point >> 6 & 0x3f));
		out[2] = (unsigned char)(0x80 | (point & 0x3f));
		return 3;
	}
	out[0] = (unsigned char)(0xf0 | point >> 18);
	out[1] = (unsigned char)(0x80 | (point >> 12 & 0x3f));
	out[2] = (unsigned char)(0x80 | (point >> 6 & 0x3f));
	out[3] = (unsigned char)(0x80 | (point & 0x3f));
	return 4;
}

/* All code points up to 21 bits are what RFC 3629 says of them. */
static void
test_every_code_point(void **state)
{
	unsigned char text[4];
	uint32_t point;
	bool valid;
	size_t len;

	(void)state;
	for (point = 0; point < 0x1fffff; point++) {
		len = encode(point, text);
		valid = point <= 0x10ffff &&
		    (point < 0xd800 || point > 0xdfff);
		if (utf8_valid(text, len) != valid)
			fail_msg("U+%06X", point);
	}
}

/* All sequences of two bytes, each against all that may follow a lead. */
static void
test_every_pair(void **state)
{
	unsigned char text[2];
	unsigned a, b;
	bool valid;

	(void)state;
	for (a = 0; a < 256; a++) {
		for (b = 0; b < 256; b++) {
			text[0] = (unsigned char)a;
			text[1] = (unsigned char)b;
			valid = (a < 0x80 && b < 0x80) ||
			    (a >= 0xc2 && a <= 0xdf && b >= 0x80 && b <= 0xbf);
			assert_true(utf8_valid(text, 2) == valid);
		}
	}
}

/* What is wrong is seen with the byte that makes it so. */
static void
test_early(void **state)
{
	struct utf8 utf8 = { 0 };

	(void)state;
	assert_true(utf8_feed(&utf8, "\xed", 1));
	assert_false(utf8_complete(&utf8));
	assert_false(utf8_feed(&utf8, "\xa0", 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_controls),
		cmocka_unit_test(test_every_code_point),
		cmocka_unit_test(test_every_pair),
		cmocka_unit_test(test_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
