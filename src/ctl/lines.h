/* SPDX-License-Identifier: MIT */
#ifndef CTL_LINES_H
#define CTL_LINES_H

#include <stdint.h>

/*
 * What export and import have in common: a file of lines, a JSON object each
 * (docs/operations.md, "Lines of an export"), the first {"type":
 * "synctalk-export"}, the last {"type":"end"}.
 */
#define LINES_VERSION 1

/* The names of numbers, at their place; NULL where there is none. */
struct lines_names {
	const char *const *names;
	unsigned n;
};

extern const struct lines_names lines_kinds;	    /* enum record_kind */
extern const struct lines_names lines_transports;   /* enum transport */
extern const struct lines_names lines_roles;	    /* enum role */
extern const struct lines_names lines_places;	    /* conversation_kind */
extern const struct lines_names lines_flags;	    /* record_flag, by bit */

/* NULL: it has none. */
const char *lines_name(const struct lines_names *names, unsigned number);

/* -1: nothing is called so. */
int lines_number(const struct lines_names *names, const char *name);

/*
 * Times to the microsecond, "2026-11-22T01:27:08.123456Z"; INT64_MAX is
 * "forever".
 */
#define LINES_TIME_SIZE 28
void lines_format_time(int64_t us, char text[LINES_TIME_SIZE]);

/* -1: it is none. */
int lines_parse_time(const char *text, int64_t *us);

#endif
