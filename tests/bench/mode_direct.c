/* SPDX-License-Identifier: MIT */
#include "modes.h"

#include <stdio.h>
#include <string.h>

#include "measure.h"
#include "process.h"
#include "receipts.h"

#define SETTLE_NS UINT64_C(10000000000)

struct direct {
	struct measure measure;
	struct receipts receipts;
	struct load load;
	bool sending;
	uint64_t under_way;
	uint64_t start;	    /* open loop: ns of message 0 */
	uint64_t scheduled; /* open loop: messages sent */
};

/* The other's name, as one names the conversation. */
static void
name_other(const struct load *load, unsigned index, char to[RECEIPTS_NAME])
{
	snprintf(to, RECEIPTS_NAME, "@%s%u", load->options->prefix,
	    index ^ 1);
}

static void
say(struct direct *direct, unsigned sender, uint64_t due)
{
	struct client *client = &direct->load.clients[sender];
	struct message message = {.sender = sender, .number = client->sent,
	    .due = due};
	char to[RECEIPTS_NAME];

	name_other(&direct->load, sender, to);
	message_send(&direct->load, client, to, &message);
	direct->under_way++;
}

static void
on_message(struct load *load, struct client *client, const char *text,
    size_t len)
{
	struct direct *direct = load->mode;
	struct message message;

	message_read(text, len, &message);
	if (message.sender != (client->index ^ 1))
		die("a message of %u came to %u", message.sender,
		    client->index);
	measure_message(&direct->measure, &message, &client->received,
	    load->now);
	direct->under_way--;
	receipts_message(&direct->receipts, client);
	if (direct->sending && load->options->rate <= 0)
		say(direct, message.sender, load->now);
}

static void
on_answer(struct load *load, struct client *client, const char *type,
    size_t type_len)
{
	struct direct *direct = load->mode;

	receipts_answer(&direct->receipts, client, type, type_len);
	if (direct->measure.counting && type_len == 4 &&
	    memcmp(type, "sent", 4) == 0)
		direct->measure.answers++;
}

/* Sends what is due by the schedule; ms until the next. */
static int
keep_schedule(struct direct *direct)
{
	const struct options *options = direct->load.options;
	uint64_t due, now = now_ns();

	if (options->rate <= 0 || !direct->sending)
		return 100;
	for (;;) {
		due = direct->start + (uint64_t)(
		    (double)direct->scheduled * 1e9 / options->rate);
		if (due > now)
			return (int)((due - now) / 1000000);
		say(direct, (unsigned)(direct->scheduled %
		    options->connections), due);
		direct->scheduled++;
	}
}

static void
run_until(struct direct *direct, uint64_t end)
{
	while (now_ns() < end)
		load_turn(&direct->load, keep_schedule(direct));
}

static void
begin(struct direct *direct)
{
	const struct options *options = direct->load.options;
	unsigned i, k;

	direct->sending = true;
	direct->start = now_ns();
	if (options->rate > 0)
		return;
	for (k = 0; k < options->in_flight; k++) {
		for (i = 0; i < options->connections; i++)
			say(direct, i, direct->start);
	}
}

static void
settle(struct direct *direct)
{
	uint64_t end = now_ns() + SETTLE_NS;

	direct->sending = false;
	while (direct->under_way != 0 && now_ns() < end)
		load_turn(&direct->load, 100);
	direct->measure.lost += direct->under_way;
	if (direct->under_way == 0)
		receipts_check(&direct->receipts, 0,
		    direct->load.options->connections);
}

bool
mode_direct(const struct options *options)
{
	static struct direct direct;
	uint64_t now;

	if (options->connections % 2 != 0)
		die("direct needs an even number of connections");
	measure_init(&direct.measure, options, "direct");
	load_init(&direct.load, options);
	receipts_init(&direct.receipts, &direct.load, &direct.measure,
	    name_other);
	direct.load.mode = &direct;
	direct.load.hooks.on_message = on_message;
	direct.load.hooks.on_answer = on_answer;
	load_connect(&direct.load, 0, options->connections);
	begin(&direct);
	now = now_ns();
	run_until(&direct, now + (uint64_t)(options->warm_up * 1e9));
	measure_begin(&direct.measure);
	run_until(&direct, direct.measure.began +
		(uint64_t)(options->seconds * 1e9));
	measure_end(&direct.measure);
	settle(&direct);
	measure_print(&direct.measure, "messages");
	load_fini(&direct.load);
	return measure_clean(&direct.measure);
}
