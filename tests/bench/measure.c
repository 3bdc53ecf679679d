/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "process.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED "true"
#else
#define SANITIZED "false"
#endif

void
measure_init(struct measure *measure, const struct options *options,
    const char *name)
{
	memset(measure, 0, sizeof(*measure));
	measure->options = options;
	measure->name = name;
}

void
measure_begin(struct measure *measure)
{
	measure->counting = true;
	measure->server_cpu = process_cpu_ns(measure->options->pid);
	measure->client_cpu = own_cpu_ns();
	measure->began = now_ns();
}

void
measure_end(struct measure *measure)
{
	measure->ended = now_ns();
	measure->server_cpu = process_cpu_ns(measure->options->pid) -
	    measure->server_cpu;
	measure->client_cpu = own_cpu_ns() - measure->client_cpu;
	measure->counting = false;
}

void
measure_message(struct measure *measure, const struct message *message,
    uint64_t *expected, uint64_t now)
{
	if (message->number < *expected) {
		measure->twice++;
		return;
	}
	measure->lost += message->number - *expected;
	*expected = message->number + 1;
	if (measure->counting) {
		measure->messages++;
		histogram_add(&measure->latency,
		    now > message->due ? now - message->due : 0);
	}
}

static double
per_message_us(const struct measure *measure, uint64_t ns)
{
	if (measure->messages == 0)
		return 0;
	return (double)ns / 1000 / (double)measure->messages;
}

static double
quantile_ms(const struct measure *measure, double part)
{
	return (double)histogram_quantile(&measure->latency, part) / 1e6;
}

void
measure_print(const struct measure *measure, const char *unit)
{
	static const char *const dialects[] = {
	    [DIALECT_SYNCTALK] = "synctalk",
	    [DIALECT_PLAIN] = "plain",
	    [DIALECT_RAW] = "raw"};
	static const char *const confirms[] = {
	    [CONFIRM_NONE] = "",
	    [CONFIRM_PONG] = "pong",
	    [CONFIRM_RECEIVED] = "received",
	    [CONFIRM_READ] = "read"};
	const struct options *options = measure->options;
	double seconds = (double)(measure->ended - measure->began) / 1e9;

	printf("{\"mode\":\"%s\",\"dialect\":\"%s\",\"connections\":%u,"
	       "\"in_flight\":%u,\"rate\":%.0f,\"size\":%u,\"seconds\":%.2f",
	    measure->name, dialects[options->dialect], options->connections,
	    options->rate > 0 ? 0 : options->in_flight, options->rate,
	    options->size, seconds);
	printf(",\"%s\":%" PRIu64 ",\"per_s\":%.0f", unit, measure->messages,
	    (double)measure->messages / seconds);
	if (measure->latency.count != 0)
		printf(",\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f",
		    quantile_ms(measure, 0.5), quantile_ms(measure, 0.99),
		    (double)measure->latency.max / 1e6);
	if (options->pid != 0)
		printf(",\"server_cpu_us\":%.3f",
		    per_message_us(measure, measure->server_cpu));
	if (options->confirm != CONFIRM_NONE)
		printf(",\"confirm\":\"%s\",\"confirmed\":%" PRIu64
		       ",\"told\":%" PRIu64,
		    confirms[options->confirm], measure->confirmed,
		    measure->told);
	printf(",\"client_cpu_us\":%.3f,\"answers\":%" PRIu64
	       ",\"lost\":%" PRIu64 ",\"twice\":%" PRIu64
	       ",\"sanitized\":" SANITIZED "}\n",
	    per_message_us(measure, measure->client_cpu), measure->answers,
	    measure->lost, measure->twice);
	fflush(stdout);
}

bool
measure_clean(const struct measure *measure)
{
	return measure->lost == 0 && measure->twice == 0;
}
