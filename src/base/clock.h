/* SPDX-License-Identifier: MIT */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Time, so that a test can own it.  A clock that is all zero is the system's;
 * with `fixed` set, both readings are `now_us` and move only by hand.
 */
struct clock {
	int fixed;
	int64_t now_us;
};

/* Microseconds since 1970-01-01 UTC. */
int64_t clock_realtime_us(const struct clock *clock);

/* Milliseconds of a clock that never goes back. */
int64_t clock_monotonic_ms(const struct clock *clock);

/*
 * RFC 3339 in UTC with milliseconds, "2026-11-22T01:27:08.123Z": 24 bytes and
 * a NUL.
 */
#define CLOCK_TEXT_SIZE 25
void clock_format(int64_t us, char text[CLOCK_TEXT_SIZE]);

/*
 * The other way round: any date-time of RFC 3339 section 5.6 from 1970 on, or
 * a date alone, "2026-11-22", which is its beginning in UTC.
 */
bool clock_parse(const char *text, size_t len, int64_t *us);

#endif
