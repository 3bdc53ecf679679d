/* SPDX-License-Identifier: MIT */
#include "modes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"
#include "message.h"
#include "process.h"
#include "wire.h"

#define PAGE 200
#define PATIENCE_NS UINT64_C(20000000000)

/*
 * Client 0 is always there and writes one message; the others come, one
 * after another on a few connections, do one thing each and go.
 */
struct crowd {
	struct measure join, read, receive, list;
	struct load load;
	struct options options; /* a client for each person */
	const char *request;	/* what a visitor does */
	struct client **done;	/* answered since the last turn */
	unsigned done_n;
	uint64_t seq; /* of the message */
	uint64_t delivered_n, read_n, of_n; /* as the author was told */
	/* as the pages of the receipts say: people, and marks of theirs */
	uint64_t items, delivered, seen, next;
	bool answered, whole;
};

static void
ask(struct crowd *crowd, struct client *client, const char *request)
{
	request_send(&crowd->load, client, "{\"type\":\"%s\","
	    "\"conversation\":\"#%s\",\"seq\":%" PRIu64 ",\"ref\":1}",
	    request, crowd->options.prefix, crowd->seq);
}

static void
on_open(struct load *load, struct client *client)
{
	struct crowd *crowd = load->mode;

	ask(crowd, client, crowd->request);
}

/* The author has its receipts; of what the others get nothing is judged. */
static void
on_message(struct load *load, struct client *client, const char *text,
    size_t len)
{
	(void)load;
	(void)client;
	(void)text;
	(void)len;
}

static bool
is(const char *type, size_t type_len, const char *wanted)
{
	return type_len == strlen(wanted) &&
	    memcmp(type, wanted, type_len) == 0;
}

static uint64_t
count(const struct load *load, const char *member)
{
	const char *at = load->frame, *end = at + load->frame_len;
	size_t len = strlen(member);
	uint64_t n = 0;

	while ((at = memmem(at, (size_t)(end - at), member, len)) != NULL) {
		n++;
		at += len;
	}
	return n;
}

static void
take_page(struct crowd *crowd)
{
	const struct load *load = &crowd->load;

	crowd->items += count(load, "{\"user\":");
	crowd->delivered += count(load, "\"delivered_at\":");
	crowd->seen += count(load, "\"read_at\":");
	crowd->next = wire_number(load, "next");
	crowd->whole = wire_number(load, "of_n") == crowd->of_n &&
	    wire_number(load, "delivered_n") == crowd->delivered_n &&
	    wire_number(load, "read_n") == crowd->read_n;
	crowd->answered = true;
}

static void
on_answer(struct load *load, struct client *client, const char *type,
    size_t type_len)
{
	struct crowd *crowd = load->mode;

	if (is(type, type_len, "ok")) {
		crowd->done[crowd->done_n++] = client;
	} else if (is(type, type_len, "sent")) {
		crowd->seq = wire_number(load, "seq");
	} else if (is(type, type_len, "receipts")) {
		take_page(crowd);
	} else if (client->index == 0 && (is(type, type_len, "read") ||
	    is(type, type_len, "delivered"))) {
		crowd->delivered_n = wire_number(load, "delivered_n");
		crowd->read_n = wire_number(load, "read_n");
		crowd->of_n = wire_number(load, "of_n");
		crowd->list.told++;
	}
}

/* Lets the clients from..to (exclusive) come, do it, and go. */
static void
visit(struct crowd *crowd, struct measure *measure, const char *request,
    unsigned from, unsigned to)
{
	struct load *load = &crowd->load;
	unsigned i, begun = from, gone = from;

	crowd->request = request;
	measure_begin(measure);
	while (gone < to) {
		while (begun < to && begun - gone < crowd->options.in_flight)
			client_connect(load, &load->clients[begun++]);
		load_turn(load, 1000);
		for (i = 0; i < crowd->done_n; i++)
			client_close(load, crowd->done[i]);
		gone += crowd->done_n;
		measure->messages += crowd->done_n;
		crowd->done_n = 0;
	}
	measure_end(measure);
}

static void
begin(struct crowd *crowd)
{
	struct client *author = &crowd->load.clients[0];

	crowd->request = "join";
	load_connect(&crowd->load, 0, 1);
	while (crowd->done_n == 0)
		load_turn(&crowd->load, 100);
	crowd->done_n = 0;
	visit(crowd, &crowd->join, "join", 1, crowd->options.connections);
	request_send(&crowd->load, author, "{\"type\":\"send\","
	    "\"to\":\"#%s\",\"text\":\"Who is here?\"}",
	    crowd->options.prefix);
	while (crowd->seq == 0)
		load_turn(&crowd->load, 100);
}

/* Until the author was told of all that are as many as these. */
static void
wait_for(struct crowd *crowd, uint64_t delivered, uint64_t seen)
{
	uint64_t end = now_ns() + PATIENCE_NS;

	while (crowd->delivered_n != delivered || crowd->read_n != seen ||
	    crowd->of_n != crowd->options.connections - 1) {
		if (now_ns() > end)
			die("the author was told %" PRIu64 " and %" PRIu64
			    " of %" PRIu64 " instead of %" PRIu64 " and %"
			    PRIu64, crowd->delivered_n, crowd->read_n,
			    crowd->of_n, delivered, seen);
		load_turn(&crowd->load, 100);
	}
}

static void
list(struct crowd *crowd)
{
	char after[32] = "";

	measure_begin(&crowd->list);
	do {
		crowd->answered = false;
		request_send(&crowd->load, &crowd->load.clients[0],
		    "{\"type\":\"receipts\",\"conversation\":\"#%s\","
		    "\"seq\":%" PRIu64 ",\"limit\":%d%s,\"ref\":1}",
		    crowd->options.prefix, crowd->seq, PAGE, after);
		while (!crowd->answered)
			load_turn(&crowd->load, 100);
		if (!crowd->whole)
			die("a page of receipts counts otherwise: %.*s",
			    (int)crowd->load.frame_len, crowd->load.frame);
		snprintf(after, sizeof(after), ",\"after\":%" PRIu64,
		    crowd->next);
	} while (crowd->next != 0);
	measure_end(&crowd->list);
	crowd->list.messages = crowd->items;
	if (crowd->items != crowd->of_n ||
	    crowd->delivered != crowd->delivered_n ||
	    crowd->seen != crowd->read_n)
		die("the receipts list %" PRIu64 " people, %" PRIu64 " and %"
		    PRIu64, crowd->items, crowd->delivered, crowd->seen);
}

static void
prepare(struct crowd *crowd, const struct options *options)
{
	if (options->dialect != DIALECT_SYNCTALK || options->count < 10)
		die("crowd needs synctalk and a count of at least 10");
	crowd->options = *options;
	crowd->options.connections = options->count + 1;
	measure_init(&crowd->join, &crowd->options, "crowd joins");
	measure_init(&crowd->read, &crowd->options, "crowd reads");
	measure_init(&crowd->receive, &crowd->options, "crowd receives");
	measure_init(&crowd->list, &crowd->options, "receipts of a crowd");
	load_init(&crowd->load, &crowd->options);
	crowd->load.mode = crowd;
	crowd->load.hooks.on_open = on_open;
	crowd->load.hooks.on_message = on_message;
	crowd->load.hooks.on_answer = on_answer;
	crowd->done = calloc(crowd->options.connections, sizeof(void *));
	if (crowd->done == NULL)
		die("no memory");
}

bool
mode_crowd(const struct options *options)
{
	static struct crowd crowd;
	unsigned all = options->count, readers = all / 10 * 6;
	unsigned receivers = all / 10 * 3;

	prepare(&crowd, options);
	begin(&crowd);
	crowd.load.device = "&ack=client";
	visit(&crowd, &crowd.read, "read", 1, 1 + readers);
	visit(&crowd, &crowd.receive, "received", 1 + readers,
	    1 + readers + receivers);
	wait_for(&crowd, readers + receivers, readers);
	list(&crowd);
	measure_print(&crowd.join, "people");
	measure_print(&crowd.read, "people");
	measure_print(&crowd.receive, "people");
	measure_print(&crowd.list, "people");
	load_fini(&crowd.load);
	free(crowd.done);
	return true;
}
