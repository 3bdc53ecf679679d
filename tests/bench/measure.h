/* SPDX-License-Identifier: MIT */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include "histogram.h"
#include "load.h"
#include "message.h"

/* What one run shows; printed as one line of JSON. */
struct measure {
	const struct options *options;
	const char *name;
	bool counting;
	uint64_t began, ended; /* ns */
	uint64_t server_cpu, client_cpu; /* ns, between the two */
	uint64_t messages; /* counted: deliveries, or what the mode says */
	uint64_t answers;  /* `sent` */
	uint64_t lost, twice;
	uint64_t confirmed, told; /* marks by receivers; receipts to authors */
	struct histogram latency;
};

void measure_init(struct measure *measure, const struct options *options,
    const char *name);
void measure_begin(struct measure *measure);
void measure_end(struct measure *measure);

/*
 * A message has come that should have the number *expected: counts what is
 * lost or twice, and its latency.
 */
void measure_message(struct measure *measure, const struct message *message,
    uint64_t *expected, uint64_t now);

/* unit names what `messages` counts: "messages", "deliveries", … */
void measure_print(const struct measure *measure, const char *unit);

/* Nothing was lost, nothing came twice. */
bool measure_clean(const struct measure *measure);

#endif
