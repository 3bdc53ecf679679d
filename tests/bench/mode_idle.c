/* SPDX-License-Identifier: MIT */
#include "modes.h"

#include <inttypes.h>
#include <stdio.h>

#include "measure.h"
#include "process.h"

#define SETTLE_NS UINT64_C(2000000000)

static void
settle(struct load *load)
{
	uint64_t end = now_ns() + SETTLE_NS;

	while (now_ns() < end)
		load_turn(load, 100);
}

static void
on_message(struct load *load, struct client *client, const char *text,
    size_t len)
{
	(void)load;
	(void)client;
	(void)text;
	(void)len;
}

/*
 * The memory of one connection is the slope between a tenth of them and all:
 * what the server has anyway does not count.
 */
bool
mode_idle(const struct options *options)
{
	unsigned tenth = options->connections / 10;
	struct measure measure;
	uint64_t few, all;
	struct load load;

	if (tenth == 0)
		die("idle needs at least 10 connections");
	measure_init(&measure, options, "idle");
	load_init(&load, options);
	load.hooks.on_message = on_message;
	load_connect(&load, 0, tenth);
	settle(&load);
	few = process_memory(options->pid);
	measure_begin(&measure);
	load_connect(&load, tenth, options->connections);
	measure_end(&measure);
	settle(&load);
	all = process_memory(options->pid);
	printf("{\"mode\":\"idle\",\"connections\":%u,\"memory_bytes\":%" PRIu64
	       ",\"bytes_per_connection\":%.0f,\"sign_in_cpu_us\":%.1f}\n",
	    options->connections, all,
	    ((double)all - (double)few) / (options->connections - tenth),
	    (double)measure.server_cpu / 1000 /
		(options->connections - tenth));
	fflush(stdout);
	load_fini(&load);
	return true;
}
