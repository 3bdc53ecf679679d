/* SPDX-License-Identifier: MIT */
#include "receipts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "message.h"
#include "process.h"
#include "wire.h"

#define PATIENCE_NS UINT64_C(20000000000)

void
receipts_init(struct receipts *receipts, struct load *load,
    struct measure *measure, receipts_name *name)
{
	const struct options *options = load->options;

	if (options->confirm != CONFIRM_NONE &&
	    (options->dialect != DIALECT_SYNCTALK || options->group != NULL))
		die("--confirm needs synctalk, and a group of its own");
	memset(receipts, 0, sizeof(*receipts));
	receipts->load = load;
	receipts->measure = measure;
	receipts->name = name;
	if (options->confirm == CONFIRM_RECEIVED)
		load->device = "&ack=client";
}

static void
confirm(struct receipts *receipts, struct client *client)
{
	const char *type = "read";
	char to[RECEIPTS_NAME];

	if (client->confirming || client->seq <= client->confirmed)
		return;
	if (receipts->load->options->confirm == CONFIRM_RECEIVED)
		type = "received";
	receipts->name(receipts->load, client->index, to);
	request_send(receipts->load, client, "{\"type\":\"%s\","
	    "\"conversation\":\"%s\",\"seq\":%" PRIu64 ",\"ref\":1}", type,
	    to, client->seq);
	client->confirming = true;
	client->confirmed = client->seq;
}

void
receipts_message(struct receipts *receipts, struct client *client)
{
	if (receipts->load->options->confirm < CONFIRM_RECEIVED)
		return;
	client->seq = wire_number(receipts->load, "seq");
	confirm(receipts, client);
}

/* Of the newest message; with the first item, which is enough. */
static void
ask(struct receipts *receipts, struct client *client)
{
	char to[RECEIPTS_NAME];

	receipts->name(receipts->load, client->index, to);
	request_send(receipts->load, client, "{\"type\":\"receipts\","
	    "\"conversation\":\"%s\",\"seq\":%" PRIu64 ",\"limit\":1,"
	    "\"ref\":2}", to, client->sent_seq);
}

static void
check(struct receipts *receipts, struct client *client)
{
	struct load *load = receipts->load;
	const char *member = "delivered_n";
	uint64_t all = wire_number(load, "of_n");

	if (load->options->confirm == CONFIRM_READ)
		member = "read_n";
	if (all == 0)
		die("receipts of nobody: %.*s", (int)load->frame_len,
		    load->frame);
	if (wire_number(load, member) == all)
		receipts->checking--;
	else
		ask(receipts, client);
}

static bool
is(const char *type, size_t type_len, const char *wanted)
{
	return type_len == strlen(wanted) &&
	    memcmp(type, wanted, type_len) == 0;
}

/* One's own read mark, which goes to one's own devices too. */
static bool
is_own(const struct load *load, const struct client *client)
{
	char user[RECEIPTS_NAME];
	int len = snprintf(user, sizeof(user), "\"user\":\"%s%u\"",
	    load->options->prefix, client->index);

	return memmem(load->frame, load->frame_len, user, (size_t)len) != NULL;
}

void
receipts_answer(struct receipts *receipts, struct client *client,
    const char *type, size_t type_len)
{
	struct measure *measure = receipts->measure;

	if (receipts->load->options->confirm == CONFIRM_NONE)
		return;
	if (is(type, type_len, "sent")) {
		client->sent_seq = wire_number(receipts->load, "seq");
	} else if (is(type, type_len, "ok") && client->confirming) {
		client->confirming = false;
		measure->confirmed += measure->counting;
		confirm(receipts, client);
	} else if (is(type, type_len, "delivered") ||
	    is(type, type_len, "read")) {
		measure->told += measure->counting &&
		    !is_own(receipts->load, client);
	} else if (is(type, type_len, "receipts")) {
		check(receipts, client);
	}
}

void
receipts_check(struct receipts *receipts, unsigned from, unsigned to)
{
	struct load *load = receipts->load;
	uint64_t end = now_ns() + PATIENCE_NS;
	unsigned i;

	if (load->options->confirm == CONFIRM_NONE)
		return;
	receipts->checking = to - from;
	for (i = from; i < to; i++)
		ask(receipts, &load->clients[i]);
	while (receipts->checking != 0) {
		if (now_ns() > end)
			die("%u have no receipt of all they sent",
			    receipts->checking);
		load_turn(load, 100);
	}
}
