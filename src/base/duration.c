/* SPDX-License-Identifier: MIT */
#include "base/duration.h"

#include <stdio.h>

static int64_t
unit_seconds(char unit)
{
	switch (unit) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	case 'w':
		return 7 * 86400;
	default:
		return 0;
	}
}

bool
duration_parse(const char *text, size_t len, int64_t *seconds)
{
	int64_t n, unit;
	size_t i = 0;

	*seconds = 0;
	while (i < len) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		for (n = 0; i < len && text[i] >= '0' && text[i] <= '9'; i++) {
			n = n * 10 + (text[i] - '0');
			if (n > DURATION_MAX)
				return false;
		}
		/* Only a number that stands alone may lack its unit. */
		if (i == len && *seconds != 0)
			return false;
		unit = i == len ? 1 : unit_seconds(text[i++]);
		if (unit == 0 || n > DURATION_MAX / unit)
			return false;
		*seconds += n * unit;
		if (*seconds > DURATION_MAX)
			return false;
	}
	return len > 0;
}

void
duration_format(int64_t seconds, char text[DURATION_TEXT_SIZE])
{
	char unit = 's';

	if (seconds >= 3 * 86400 && seconds % 86400 == 0) {
		seconds /= 86400;
		unit = 'd';
	} else if (seconds != 0 && seconds % 3600 == 0) {
		seconds /= 3600;
		unit = 'h';
	} else if (seconds != 0 && seconds % 60 == 0) {
		seconds /= 60;
		unit = 'm';
	}
	snprintf(text, DURATION_TEXT_SIZE, "%lld%c", (long long)seconds, unit);
}
