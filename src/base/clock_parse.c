/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

struct reading {
	const char *at, *end;
};

/* Just n digits. */
static bool
read_digits(struct reading *in, int n, int64_t *value)
{
	*value = 0;
	for (; n > 0; n--, in->at++) {
		if (in->at == in->end || *in->at < '0' || *in->at > '9')
			return false;
		*value = *value * 10 + (*in->at - '0');
	}
	return true;
}

static bool
read_one_of(struct reading *in, const char *chars)
{
	for (; in->at != in->end && *chars != '\0'; chars++) {
		if (*in->at == *chars) {
			in->at++;
			return true;
		}
	}
	return false;
}

static int64_t
days_in(int64_t year, int64_t month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
	    31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && leap ? 29 : days[month - 1];
}

/* Days since 1970-01-01, after the era arithmetic of chrono. */
static bool
read_date(struct reading *in, int64_t *days)
{
	int64_t year, month, day, doy, doe;

	if (!read_digits(in, 4, &year) || !read_one_of(in, "-") ||
	    !read_digits(in, 2, &month) || !read_one_of(in, "-") ||
	    !read_digits(in, 2, &day) || year < 1970 || month < 1 ||
	    month > 12 || day < 1 || day > days_in(year, month))
		return false;
	year -= month <= 2;
	doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	doe = year % 400 * 365 + year % 400 / 4 - year % 400 / 100 + doy;
	*days = year / 400 * 146097 + doe - 719468;
	return true;
}

/* Of a second, what microseconds can hold of it. */
static bool
read_fraction(struct reading *in, int64_t *us)
{
	int64_t digit, unit = 100000;

	*us = 0;
	if (!read_one_of(in, "."))
		return true;
	if (!read_digits(in, 1, &digit))
		return false;
	do {
		*us += digit * unit;
		unit /= 10;
	} while (in->at != in->end && *in->at >= '0' && *in->at <= '9' &&
	    read_digits(in, 1, &digit));
	return true;
}

/* Microseconds of the day; a leap second is the one after it. */
static bool
read_time(struct reading *in, int64_t *us)
{
	int64_t hour, minute, second, fraction;

	if (!read_digits(in, 2, &hour) || !read_one_of(in, ":") ||
	    !read_digits(in, 2, &minute) || !read_one_of(in, ":") ||
	    !read_digits(in, 2, &second) || !read_fraction(in, &fraction) ||
	    hour > 23 || minute > 59 || second > 60)
		return false;
	*us = ((hour * 60 + minute) * 60 + second) * 1000000 + fraction;
	return true;
}

/* East of Greenwich. */
static bool
read_offset(struct reading *in, int64_t *us)
{
	int64_t hour, minute, sign;

	*us = 0;
	if (read_one_of(in, "Zz"))
		return true;
	if (in->at == in->end)
		return false;
	sign = *in->at == '-' ? -1 : 1;
	if (!read_one_of(in, "+-") || !read_digits(in, 2, &hour) ||
	    !read_one_of(in, ":") || !read_digits(in, 2, &minute) ||
	    hour > 23 || minute > 59)
		return false;
	*us = sign * (hour * 60 + minute) * 60 * 1000000;
	return true;
}

bool
clock_parse(const char *text, size_t len, int64_t *us)
{
	struct reading in = {text, text + len};
	int64_t days, time = 0, offset = 0;

	if (!read_date(&in, &days))
		return false;
	if (in.at != in.end && (!read_one_of(&in, "Tt ") ||
		!read_time(&in, &time) || !read_offset(&in, &offset)))
		return false;
	*us = days * 86400 * 1000000 + time - offset;
	return in.at == in.end && *us >= 0;
}
