/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

int64_t
clock_realtime_us(const struct clock *clock)
{
	struct timespec ts;

	if (clock->fixed)
		return clock->now_us;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
clock_monotonic_ms(const struct clock *clock)
{
	struct timespec ts;

	if (clock->fixed)
		return clock->now_us / 1000;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
put_digits(char *text, unsigned value, int digits)
{
	while (digits-- > 0) {
		text[digits] = (char)('0' + value % 10);
		value /= 10;
	}
}

/* The civil date from a day count, after the era arithmetic of chrono. */
static void
put_date(char *text, int64_t days)
{
	int64_t era, doe, yoe, doy, mp, day, month, year;

	days += 719468;
	era = days / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	day = doy - (153 * mp + 2) / 5 + 1;
	month = mp < 10 ? mp + 3 : mp - 9;
	year = yoe + era * 400 + (month <= 2);
	put_digits(text, (unsigned)year, 4);
	put_digits(text + 5, (unsigned)month, 2);
	put_digits(text + 8, (unsigned)day, 2);
}

void
clock_format(int64_t us, char text[CLOCK_TEXT_SIZE])
{
	static const char template[CLOCK_TEXT_SIZE] =
	    "0000-00-00T00:00:00.000Z";
	const int64_t day_us = (int64_t)86400 * 1000000;
	int64_t rest;
	int i;

	for (i = 0; i < CLOCK_TEXT_SIZE; i++)
		text[i] = template[i];
	if (us < 0)
		us = 0;
	put_date(text, us / day_us);
	rest = us % day_us / 1000;
	put_digits(text + 20, (unsigned)(rest % 1000), 3);
	rest /= 1000;
	put_digits(text + 17, (unsigned)(rest % 60), 2);
	put_digits(text + 14, (unsigned)(rest / 60 % 60), 2);
	put_digits(text + 11, (unsigned)(rest / 3600), 2);
}
