/* SPDX-License-Identifier: MIT */
#ifndef BASE_DURATION_H
#define BASE_DURATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Durations as people write them. */
#define DURATION_MAX ((int64_t)100 * 365 * 86400)

/*
 * "30s", "10m", "2h", "1d", "1w", "1h30m", or "90" alone, in seconds; false:
 * something else, or more than DURATION_MAX.
 */
bool duration_parse(const char *text, size_t len, int64_t *seconds);

/* "48h", "90s": in the largest unit that says it exactly; days from three. */
#define DURATION_TEXT_SIZE 24
void duration_format(int64_t seconds, char text[DURATION_TEXT_SIZE]);

#endif
