/* SPDX-License-Identifier: MIT */
#include "histogram.h"

/*
 * Below HISTOGRAM_SUB a slot is a nanosecond; above, each power of two has
 * HISTOGRAM_SUB slots.
 */
static unsigned
slot_of(uint64_t ns)
{
	unsigned power, sub;

	if (ns < HISTOGRAM_SUB)
		return (unsigned)ns;
	power = 63 - (unsigned)__builtin_clzll(ns);
	sub = (unsigned)(ns >> (power - 5)) - HISTOGRAM_SUB;
	return (power - 4) * HISTOGRAM_SUB + sub;
}

static uint64_t
top_of(unsigned slot)
{
	unsigned power, sub;

	if (slot < HISTOGRAM_SUB)
		return slot;
	power = slot / HISTOGRAM_SUB + 4;
	sub = slot % HISTOGRAM_SUB;
	return ((uint64_t)(HISTOGRAM_SUB + sub + 1) << (power - 5)) - 1;
}

void
histogram_add(struct histogram *histogram, uint64_t ns)
{
	histogram->count++;
	if (ns > histogram->max)
		histogram->max = ns;
	histogram->slots[slot_of(ns)]++;
}

uint64_t
histogram_quantile(const struct histogram *histogram, double part)
{
	uint64_t wanted = (uint64_t)((double)histogram->count * part);
	uint64_t seen = 0, top;
	unsigned slot;

	for (slot = 0; slot < HISTOGRAM_SLOTS; slot++) {
		seen += histogram->slots[slot];
		if (seen > wanted) {
			top = top_of(slot);
			return top < histogram->max ? top : histogram->max;
		}
	}
	return histogram->max;
}
