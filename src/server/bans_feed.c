/* SPDX-License-Identifier: MIT */
#include "server/bans.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "server/address.h"
#include "server/client.h"
#include "server/server.h"
#include "server/worker.h"

static const struct clock system_clock;

static void
turn_away(struct client *client, const char *reason)
{
	char text[REASON_MAX + 64];

	snprintf(text, sizeof(text), "this address is banned%s%s",
	    reason[0] != '\0' ? ": " : "", reason);
	client_close(client, CLOSE_BANNED, text);
}

/*
 * Those of this worker that are in a range.  Who is still in a handshake is
 * told nothing.
 */
static void
close_banned(struct worker *worker, const struct store_ban *ban)
{
	struct client *client, *next;
	struct range range;
	struct error err;

	if (bans_parse(ban->range, &range, &err) == -1)
		return;
	for (client = worker->clients; client != NULL; client = next) {
		next = client->next;
		if (!range_has(&range, address_ip(client->address)))
			continue;
		if (client->state == CLIENT_GREETING)
			client_drop(client, CLOSE_BANNED, ban->reason);
		else
			turn_away(client, ban->reason);
	}
}

void
bans_fed(void *arg, struct store_write *write)
{
	struct worker *worker = arg;
	struct bans *bans = worker->server->bans;

	switch (write->kind) {
	case STORE_WRITE_BAN_RANGE:
		if (bans_add(bans, write->ban) == -1)
			log_write(&worker->log, LOG_LEVEL_ERROR, "ban.memory",
			    "range=%s: no memory: in force after a restart",
			    write->ban->range);
		close_banned(worker, write->ban);
		break;
	case STORE_WRITE_UNBAN_RANGE:
		bans_remove(bans, write->ban->range);
		break;
	default: /* STORE_WRITE_LOCKDOWN */
		bans_lock_down(bans, write->forced);
		worker_apply(worker);
		break;
	}
}

bool
bans_turn_away(struct client *client)
{
	char reason[REASON_MAX + 1];

	if (!bans_have(client->worker->server->bans,
	    address_ip(client->address), clock_realtime_us(&system_clock),
	    reason))
		return false;
	turn_away(client, reason);
	return true;
}
