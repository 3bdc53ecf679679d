/* SPDX-License-Identifier: MIT */
#include "modes.h"

#include <stdio.h>
#include <string.h>

#include "measure.h"
#include "process.h"

#define STALL_NS UINT64_C(30000000000)

/* The first half of the connections sends, each to one of the other half. */
struct drain {
	struct measure queue, drain;
	struct load load;
	unsigned half;
	uint64_t total, answered, received;
};

static void
say(struct drain *drain, struct client *client)
{
	struct message message = {.sender = client->index,
	    .number = client->sent, .due = drain->load.now};
	char to[64];

	if (client->sent == drain->load.options->count)
		return;
	snprintf(to, sizeof(to), "@%s%u", drain->load.options->prefix,
	    client->index + drain->half);
	message_send(&drain->load, client, to, &message);
}

static void
on_message(struct load *load, struct client *client, const char *text,
    size_t len)
{
	struct drain *drain = load->mode;
	struct message message;

	message_read(text, len, &message);
	if (message.sender != client->index - drain->half)
		die("a message of %u came to %u", message.sender,
		    client->index);
	measure_message(&drain->drain, &message, &client->received,
	    load->now);
	drain->received++;
}

static void
on_answer(struct load *load, struct client *client, const char *type,
    size_t type_len)
{
	struct drain *drain = load->mode;

	if (type_len != 4 || memcmp(type, "sent", 4) != 0)
		return;
	drain->answered++;
	drain->queue.messages++;
	drain->queue.answers++;
	say(drain, client);
}

/* The receivers have been here once: they have a device, and a queue. */
static void
introduce(struct drain *drain)
{
	unsigned i;

	drain->load.device = "&device=bench";
	load_connect(&drain->load, drain->half, 2 * drain->half);
	for (i = drain->half; i < 2 * drain->half; i++)
		client_close(&drain->load, &drain->load.clients[i]);
	load_connect(&drain->load, 0, drain->half);
}

static void
fill_queue(struct drain *drain)
{
	unsigned i, k;

	measure_begin(&drain->queue);
	for (k = 0; k < drain->load.options->in_flight; k++) {
		for (i = 0; i < drain->half; i++)
			say(drain, &drain->load.clients[i]);
	}
	while (drain->answered < drain->total)
		load_turn(&drain->load, 1000);
	measure_end(&drain->queue);
}

static void
come_back(struct drain *drain)
{
	uint64_t before, moved;

	measure_begin(&drain->drain);
	load_connect(&drain->load, drain->half, 2 * drain->half);
	moved = now_ns();
	while (drain->received < drain->total) {
		before = drain->received;
		load_turn(&drain->load, 100);
		if (drain->received != before)
			moved = drain->load.now;
		else if (now_ns() - moved > STALL_NS)
			break;
	}
	measure_end(&drain->drain);
	drain->drain.lost += drain->total - drain->received;
	/* Waiting in the queue is not latency. */
	memset(&drain->drain.latency, 0, sizeof(drain->drain.latency));
}

bool
mode_drain(const struct options *options)
{
	static struct drain drain;

	if (options->dialect != DIALECT_SYNCTALK || options->connections < 2)
		die("drain needs synctalk and 2 connections");
	measure_init(&drain.queue, options, "queue");
	measure_init(&drain.drain, options, "drain");
	load_init(&drain.load, options);
	drain.load.mode = &drain;
	drain.load.hooks.on_message = on_message;
	drain.load.hooks.on_answer = on_answer;
	drain.half = options->connections / 2;
	drain.total = (uint64_t)drain.half * options->count;
	introduce(&drain);
	fill_queue(&drain);
	measure_print(&drain.queue, "messages");
	come_back(&drain);
	measure_print(&drain.drain, "messages");
	load_fini(&drain.load);
	return measure_clean(&drain.drain);
}
