/* SPDX-License-Identifier: MIT */
#include "modes.h"

#include <stdlib.h>

#include "measure.h"

struct handshake {
	struct measure measure;
	struct load load;
	unsigned done_n;
	struct client **done; /* open since the last turn */
};

static void
on_open(struct load *load, struct client *client)
{
	struct handshake *handshake = load->mode;

	handshake->done[handshake->done_n++] = client;
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

/* Connects and leaves `count` times, all connections at once. */
static void
run(struct handshake *handshake, unsigned count)
{
	struct load *load = &handshake->load;
	unsigned begun, ended = 0, i;

	for (begun = 0; begun < load->options->connections; begun++)
		client_connect(load, &load->clients[begun]);
	while (ended < count) {
		load_turn(load, 1000);
		for (i = 0; i < handshake->done_n; i++) {
			client_close(load, handshake->done[i]);
			ended++;
			handshake->measure.messages++;
			if (begun++ < count)
				client_connect(load, handshake->done[i]);
		}
		handshake->done_n = 0;
	}
}

bool
mode_handshake(const struct options *options)
{
	static struct handshake handshake;

	if (options->dialect == DIALECT_RAW)
		die("raw has no handshake");
	if (options->count < options->connections)
		die("handshake needs a count above the connections");
	measure_init(&handshake.measure, options, "handshake");
	load_init(&handshake.load, options);
	handshake.load.mode = &handshake;
	handshake.load.hooks.on_open = on_open;
	handshake.load.hooks.on_message = on_message;
	handshake.done = calloc(options->connections, sizeof(void *));
	if (handshake.done == NULL)
		die("no memory");
	run(&handshake, options->connections); /* the accounts are made */
	handshake.measure.messages = 0;
	measure_begin(&handshake.measure);
	run(&handshake, options->count);
	measure_end(&handshake.measure);
	measure_print(&handshake.measure, "handshakes");
	load_fini(&handshake.load);
	free(handshake.done);
	return true;
}
