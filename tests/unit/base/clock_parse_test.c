/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

static void
times_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t us;
	} rows[] = {
	    {"1970-01-01", 0},
	    {"1970-01-01T00:00:00.000001Z", 1},
	    {"2026-11-22", INT64_C(1795305600000000)},
	    {"2026-11-22T01:27:08.123Z", INT64_C(1795310828123000)},
	    {"2026-11-22t01:27:08z", INT64_C(1795310828000000)},
	    {"2026-11-22 01:27:08.1234567Z", INT64_C(1795310828123456)},
	    {"2026-11-22T03:27:08+02:00", INT64_C(1795310828000000)},
	    {"2026-11-21T19:57:08-05:30", INT64_C(1795310828000000)},
	    {"2024-02-29", INT64_C(1709164800000000)},
	    {"2016-12-31T23:59:60Z", INT64_C(1483228800000000)},
	    {"9999-12-31T23:59:59Z", INT64_C(253402300799000000)}};
	int64_t us;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(clock_parse(rows[i].text, strlen(rows[i].text),
		    &us));
		assert_int_equal(rows[i].us, us);
	}
}

static void
nonsense_is_refused(void **state)
{
	static const char *const rows[] = {"", "2026", "2026-11", "2026-11-2",
	    "2026-11-22T", "2026-11-22T01", "2026-11-22T01:27",
	    "2026-11-22T01:27:08", "2026-11-22T01:27:08.Z",
	    "2026-11-22T01:27:08+02", "2026-11-22T01:27:08 Z",
	    "2026-11-22T24:00:00Z", "2026-11-22T01:60:00Z",
	    "2026-11-22T01:27:61Z", "2026-11-22T01:27:08+24:00",
	    "2026-00-22", "2026-13-22", "2026-11-00", "2026-11-31",
	    "2025-02-29", "1900-01-01", "1970-01-01T00:00:00+01:00",
	    "22.11.2026", "2026-11-22x", "-026-11-22"};
	int64_t us;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_false(clock_parse(rows[i], strlen(rows[i]), &us));
}

/* What is written is read back, on each day of many years. */
static void
as_it_is_written(void **state)
{
	const int64_t step = (INT64_C(86400) * 7 + 12345) * 1000000 + 7000;
	char text[CLOCK_TEXT_SIZE];
	int64_t at, us;

	(void)state;
	for (at = 0; at < INT64_C(253402300799000000); at += step) {
		clock_format(at, text);
		assert_true(clock_parse(text, strlen(text), &us));
		assert_int_equal(at / 1000 * 1000, us);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(times_are_read),
	    cmocka_unit_test(nonsense_is_refused),
	    cmocka_unit_test(as_it_is_written)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
