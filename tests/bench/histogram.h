/* SPDX-License-Identifier: MIT */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

/* Durations in nanoseconds, kept to within 3 %. */
#define HISTOGRAM_SUB 32
#define HISTOGRAM_SLOTS (60 * HISTOGRAM_SUB)

struct histogram {
	uint64_t count, max;
	uint64_t slots[HISTOGRAM_SLOTS];
};

void histogram_add(struct histogram *histogram, uint64_t ns);

/* The duration that `part` (0 to 1) of all are at or below; 0 when empty. */
uint64_t histogram_quantile(const struct histogram *histogram, double part);

#endif
