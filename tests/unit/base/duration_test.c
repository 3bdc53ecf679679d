/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/duration.h"

static void
parses(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds; /* -1: refused */
	} rows[] = {
	    {"90", 90}, {"30s", 30}, {"10m", 600}, {"2h", 7200}, {"1d", 86400},
	    {"1w", 604800}, {"1h30m", 5400}, {"0", 0}, {"", -1}, {"h", -1},
	    {"1h30", -1}, {"1y", -1}, {"-1h", -1}, {" 1h", -1}, {"1 h", -1},
	    {"36500d", DURATION_MAX}, {"36501d", -1},
	    {"99999999999999999999", -1}};
	int64_t seconds;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].seconds < 0) {
			assert_false(duration_parse(rows[i].text,
			    strlen(rows[i].text), &seconds));
			continue;
		}
		assert_true(duration_parse(rows[i].text, strlen(rows[i].text),
		    &seconds));
		assert_int_equal(rows[i].seconds, seconds);
	}
}

static void
formats(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = {
	    {0, "0s"}, {1, "1s"}, {59, "59s"}, {60, "1m"}, {61, "61s"},
	    {90 * 60, "90m"}, {3600, "1h"}, {48 * 3600, "48h"},
	    {3 * 86400, "3d"}, {3 * 86400 + 3600, "73h"},
	    {DURATION_MAX, "36500d"}};
	char text[DURATION_TEXT_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		duration_format(rows[i].seconds, text);
		assert_string_equal(rows[i].text, text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parses), cmocka_unit_test(formats)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
