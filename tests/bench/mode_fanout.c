/* SPDX-License-Identifier: MIT */
#include "modes.h"

#include <stdio.h>
#include <string.h>

#include "measure.h"
#include "process.h"
#include "receipts.h"

#define IN_FLIGHT_MAX 1024
#define SETTLE_NS UINT64_C(10000000000)

/* Connection 0 sends; all others receive. */
struct fanout {
	struct measure measure;
	struct receipts receipts;
	struct load load;
	char group[RECEIPTS_NAME];
	bool sending;
	unsigned joined;
	uint64_t under_way; /* messages that not all have */
	unsigned left[IN_FLIGHT_MAX]; /* who lack message n, at n modulo */
};

static void
name_group(const struct load *load, unsigned index, char to[RECEIPTS_NAME])
{
	const struct fanout *fanout = load->mode;

	(void)index;
	snprintf(to, RECEIPTS_NAME, "%s", fanout->group);
}

static void
say(struct fanout *fanout)
{
	struct client *client = &fanout->load.clients[0];
	struct message message = {.number = client->sent,
	    .due = fanout->load.now};

	fanout->left[message.number % IN_FLIGHT_MAX] =
	    fanout->load.options->connections - 1;
	fanout->under_way++;
	message_send(&fanout->load, client, fanout->group, &message);
}

static void
on_message(struct load *load, struct client *client, const char *text,
    size_t len)
{
	struct fanout *fanout = load->mode;
	struct message message;

	message_read(text, len, &message);
	measure_message(&fanout->measure, &message, &client->received,
	    load->now);
	receipts_message(&fanout->receipts, client);
	if (--fanout->left[message.number % IN_FLIGHT_MAX] != 0)
		return;
	fanout->under_way--;
	if (fanout->sending)
		say(fanout);
}

static void
on_answer(struct load *load, struct client *client, const char *type,
    size_t type_len)
{
	struct fanout *fanout = load->mode;

	receipts_answer(&fanout->receipts, client, type, type_len);
	if (type_len == 2 && memcmp(type, "ok", 2) == 0)
		fanout->joined++;
	if (fanout->measure.counting && type_len == 4 &&
	    memcmp(type, "sent", 4) == 0)
		fanout->measure.answers++;
}

/* One after another, so that nobody waits for all others' news. */
static void
join(struct fanout *fanout)
{
	const struct options *options = fanout->load.options;
	unsigned i;

	if (options->dialect != DIALECT_SYNCTALK || options->group != NULL)
		return;
	for (i = 0; i < options->connections; i++) {
		request_send(&fanout->load, &fanout->load.clients[i],
		    "{\"type\":\"join\",\"conversation\":\"%s\",\"ref\":0}",
		    fanout->group);
		while (fanout->joined <= i)
			load_turn(&fanout->load, 100);
	}
}

static void
run_until(struct fanout *fanout, uint64_t end)
{
	while (now_ns() < end)
		load_turn(&fanout->load, 100);
}

static void
run(struct fanout *fanout)
{
	const struct options *options = fanout->load.options;
	uint64_t end;
	unsigned k;

	fanout->sending = true;
	for (k = 0; k < options->in_flight; k++)
		say(fanout);
	run_until(fanout, now_ns() + (uint64_t)(options->warm_up * 1e9));
	measure_begin(&fanout->measure);
	run_until(fanout, fanout->measure.began +
		(uint64_t)(options->seconds * 1e9));
	measure_end(&fanout->measure);
	fanout->sending = false;
	end = now_ns() + SETTLE_NS;
	while (fanout->under_way != 0 && now_ns() < end)
		load_turn(&fanout->load, 100);
	fanout->measure.lost += fanout->under_way;
	if (fanout->under_way == 0)
		receipts_check(&fanout->receipts, 0, 1);
}

bool
mode_fanout(const struct options *options)
{
	static struct fanout fanout;

	if (options->connections < 2 || options->in_flight > IN_FLIGHT_MAX)
		die("fanout needs 2 connections and at most %d in flight",
		    IN_FLIGHT_MAX);
	measure_init(&fanout.measure, options, "fanout");
	load_init(&fanout.load, options);
	receipts_init(&fanout.receipts, &fanout.load, &fanout.measure,
	    name_group);
	fanout.load.mode = &fanout;
	fanout.load.hooks.on_message = on_message;
	fanout.load.hooks.on_answer = on_answer;
	snprintf(fanout.group, sizeof(fanout.group), "#%s", options->prefix);
	if (options->group != NULL)
		snprintf(fanout.group, sizeof(fanout.group), "%s",
		    options->group);
	load_connect(&fanout.load, 0, options->connections);
	join(&fanout);
	run(&fanout);
	measure_print(&fanout.measure, "deliveries");
	load_fini(&fanout.load);
	return measure_clean(&fanout.measure);
}
