/* SPDX-License-Identifier: MIT */
#include "server/admin_bans.h"

#include <stdlib.h>
#include <string.h>

#include "server/bans.h"
#include "server/job.h"
#include "server/server.h"
#include "server/worker.h"
#include "store/store.h"

struct locking {
	struct job job; /* first */
	bool on;
};

static void
on_locked(struct store_write *write)
{
	struct job *job = write->arg;

	if (write->status != STORE_OK && write->status != STORE_DUPLICATE)
		error_set(&job->err, ERROR_SYSTEM,
		    "the store cannot do this now; its log may say why");
	job_finish(job);
}

static void
run_lock(struct job *job)
{
	struct store_write *write = job_write_new(job, STORE_WRITE_LOCKDOWN,
	    0, on_locked);

	if (write == NULL) {
		error_set(&job->err, ERROR_NOMEM, "no memory for it");
		job_finish(job);
		return;
	}
	write->forced = ((struct locking *)(void *)job)->on;
	store_submit(job->server->store, write);
}

static void
say_lockdown(struct admin_client *client, bool on)
{
	admin_answer(client, on ? "locked down: nobody registers, no guests, "
	    "slow mode everywhere" : "not locked down",
	    json_pack("{s:b}", "lockdown", on));
}

static void
done_lock(struct job *job)
{
	struct locking *locking = (struct locking *)(void *)job;

	if (job->err.code == ERROR_NONE) {
		bans_lock_down(job->server->bans, locking->on);
		log_write(&job->server->log, LOG_LEVEL_WARN,
		    locking->on ? "lockdown.on" : "lockdown.off",
		    "by the operator");
		say_lockdown(job->client, locking->on);
	} else {
		admin_fail(job->client, job->err.text);
	}
	free(locking);
}

void
admin_lockdown(struct admin_client *client, const json_t *arguments)
{
	const char *mode =
	    json_string_value(json_object_get(arguments, "mode"));
	struct locking *locking;

	if (mode != NULL && strcmp(mode, "status") == 0) {
		say_lockdown(client, bans_locked_down(client->server->bans));
		return;
	}
	if (mode == NULL || (strcmp(mode, "on") != 0 &&
	    strcmp(mode, "off") != 0)) {
		admin_fail(client, "lockdown is on, off or status");
		return;
	}
	locking = calloc(1, sizeof(*locking));
	if (locking == NULL) {
		admin_fail(client, "no memory for it");
		return;
	}
	locking->on = strcmp(mode, "on") == 0;
	locking->job.run = run_lock;
	locking->job.done = done_lock;
	locking->job.client = client;
	job_begin(client->server, &locking->job);
}
