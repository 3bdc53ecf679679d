/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "base/clock.h"

static void
test_format(void **state)
{
	static const struct {
		int64_t us;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00.000Z" },
		{ 999, "1970-01-01T00:00:00.000Z" },
		{ 1000, "1970-01-01T00:00:00.001Z" },
		{ INT64_C(951782400000000), "2000-02-29T00:00:00.000Z" },
		{ INT64_C(4107542399999999), "2100-02-28T23:59:59.999Z" },
		{ INT64_C(4107542400000000), "2100-03-01T00:00:00.000Z" },
		{ INT64_C(253402300799999999), "9999-12-31T23:59:59.999Z" },
	};
	char text[CLOCK_TEXT_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		clock_format(rows[i].us, text);
		assert_string_equal(text, rows[i].text);
	}
}

/* Every day of four centuries is what the C library says. */
static void
test_every_day(void **state)
{
	char text[CLOCK_TEXT_SIZE], expected[64];
	struct tm tm;
	time_t at;
	int day;

	(void)state;
	for (day = 0; day < 146097; day++) {
		at = (time_t)day * 86400 + 3661;
		gmtime_r(&at, &tm);
		strftime(expected, sizeof(expected),
		    "%Y-%m-%dT%H:%M:%S.007Z", &tm);
		clock_format((int64_t)at * 1000000 + 7000, text);
		assert_string_equal(text, expected);
	}
}

static void
test_readings(void **state)
{
	const struct clock fixed = { .fixed = 1, .now_us = 1234567 };
	const struct clock system = { 0 };
	int64_t a, b;

	(void)state;
	assert_int_equal(clock_realtime_us(&fixed), 1234567);
	assert_int_equal(clock_monotonic_ms(&fixed), 1234);
	a = clock_monotonic_ms(&system);
	b = clock_monotonic_ms(&system);
	assert_true(b >= a);
	assert_true(clock_realtime_us(&system) > INT64_C(1700000000000000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_every_day),
		cmocka_unit_test(test_readings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
