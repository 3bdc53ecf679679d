/* SPDX-License-Identifier: MIT */
#include "server/admin_bans.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "server/bans.h"
#include "server/job.h"
#include "server/server.h"
#include "server/worker.h"
#include "store/store.h"

#define FOR_MAX_S (INT64_C(100) * 365 * 86400)
#define FOREVER INT64_MAX

static const struct clock system_clock;

/* Of a person, or (name "") of a range. */
struct banning {
	struct job job; /* first */
	bool on;
	char name[NAME_BYTES_MAX + 1];
	struct store_ban ban;
};

static const char *
subject(const struct banning *banning)
{
	return banning->name[0] != '\0' ? banning->name : banning->ban.range;
}

/* ------------------------------------------------------------- the question */

static const char *
argument(const json_t *arguments, const char *name)
{
	return json_string_value(json_object_get(arguments, name));
}

/* A range where it can be one: "@192.0.2.1" is a person of that name. */
static int
read_target(const char *text, struct banning *banning, struct error *err)
{
	struct range range;

	if (text == NULL) {
		error_set(err, ERROR_INPUT,
		    "whom? name a person, an address or a range of addresses");
		return -1;
	}
	if (text[0] != '@' && bans_parse(text, &range, err) == 0) {
		range_format(&range, banning->ban.range);
		return 0;
	}
	if (strchr(text, '/') != NULL || strchr(text, ':') != NULL)
		return -1; /* as bans_parse() said */
	text += text[0] == '@';
	if (name_fold(text, strlen(text), banning->name))
		return 0;
	error_set(err, ERROR_INPUT, "%.64s is neither a name nor an address "
	    "or a range of addresses, such as 192.0.2.0/24", text);
	return -1;
}

static int
read_terms(const json_t *arguments, struct store_ban *ban, struct error *err)
{
	const json_t *for_s = json_object_get(arguments, "for_s");
	const char *reason = argument(arguments, "reason");
	json_int_t seconds = json_integer_value(for_s);

	ban->until_us = FOREVER;
	if (for_s != NULL && (!json_is_integer(for_s) || seconds <= 0 ||
	    seconds > FOR_MAX_S)) {
		error_set(err, ERROR_INPUT, "for_s must be a number of "
		    "seconds, at most a hundred years");
		return -1;
	}
	if (for_s != NULL)
		ban->until_us = clock_realtime_us(&system_clock) +
		    (int64_t)seconds * 1000000;
	if (reason != NULL && strlen(reason) > REASON_MAX) {
		error_set(err, ERROR_INPUT, "the reason must be at most %d "
		    "bytes", REASON_MAX);
		return -1;
	}
	if (reason != NULL)
		strcpy(ban->reason, reason);
	return 0;
}

/* -------------------------------------------------------------- the change */

static void
fail(struct banning *banning, enum store_status status)
{
	struct error *err = &banning->job.err;

	if (status == STORE_NOT_FOUND && banning->name[0] != '\0')
		error_set(err, ERROR_INPUT, "nobody is called %s",
		    banning->name);
	else if (status == STORE_NOT_FOUND)
		error_set(err, ERROR_INPUT, "%s is not banned; "
		    "`synctalkctl bans` lists what is", banning->ban.range);
	else if (status == STORE_LIMIT)
		error_set(err, ERROR_INPUT, "%d ranges are banned, and no "
		    "more can be: take wider ones", RANGES_MAX);
	else
		error_set(err, ERROR_SYSTEM,
		    "the store cannot do this now; its log may say why");
	job_finish(&banning->job);
}

static void
on_written(struct store_write *write)
{
	struct banning *banning = write->arg;

	if (write->status == STORE_OK || write->status == STORE_DUPLICATE)
		job_finish(&banning->job);
	else
		fail(banning, write->status);
}

static void
change_range(struct banning *banning)
{
	struct job *job = &banning->job;
	struct store_write *write = job_write_new(job, banning->on ?
	    STORE_WRITE_BAN_RANGE : STORE_WRITE_UNBAN_RANGE,
	    sizeof(*write->ban), on_written);

	if (write == NULL) {
		fail(banning, STORE_NOMEM);
		return;
	}
	write->ban = (void *)write->extra;
	*write->ban = banning->ban;
	store_submit(job->server->store, write);
}

static void
change_person(struct banning *banning, uint64_t uid)
{
	struct job *job = &banning->job;
	struct store_write *write;
	char *reason;

	write = job_write_new(job, STORE_WRITE_ACCOUNT,
	    sizeof(*write->account) + sizeof(banning->ban.reason),
	    on_written);
	if (write == NULL) {
		fail(banning, STORE_NOMEM);
		return;
	}
	write->record.sender = uid;
	write->account = (void *)write->extra;
	reason = write->extra + sizeof(*write->account);
	strcpy(reason, banning->ban.reason);
	write->account->has = ACCOUNT_BANNED;
	write->account->banned_until_us =
	    banning->on ? banning->ban.until_us : 0;
	write->account->reason = reason;
	store_submit(job->server->store, write);
}

static void
on_person(struct store_read *read)
{
	struct banning *banning = read->arg;

	if (read->status != STORE_OK) {
		fail(banning, read->status);
	} else if (!banning->on && read->access.banned_until_us == 0) {
		error_set(&banning->job.err, ERROR_INPUT, "%s is not banned",
		    banning->name);
		job_finish(&banning->job);
	} else {
		change_person(banning, read->person.uid);
	}
	store_read_free(read);
}

static void
run_change(struct job *job)
{
	struct banning *banning = (struct banning *)(void *)job;
	struct store_read *read;

	if (banning->name[0] == '\0') {
		change_range(banning);
		return;
	}
	read = job_read_new(job, STORE_READ_USER, on_person);
	if (read == NULL) {
		fail(banning, STORE_NOMEM);
		return;
	}
	memcpy(read->name, banning->name, sizeof(banning->name));
	store_query(job->server->store, read);
}

/* "until 2026-11-22T01:27:08.123Z", or "for good" */
static const char *
until(const struct store_ban *ban, char text[CLOCK_TEXT_SIZE + 8])
{
	if (ban->until_us == FOREVER)
		return "for good";
	strcpy(text, "until ");
	clock_format(ban->until_us, text + strlen(text));
	return text;
}

/* From the answer on it is in force; the workers' feeds may be behind it. */
static void
apply(struct bans *bans, const struct banning *banning)
{
	if (banning->name[0] != '\0')
		return;
	if (banning->on)
		bans_add(bans, &banning->ban);
	else
		bans_remove(bans, banning->ban.range);
}

static void
done_change(struct job *job)
{
	struct banning *banning = (struct banning *)(void *)job;
	char text[RANGE_MAX + 128], when[CLOCK_TEXT_SIZE + 8];

	if (job->err.code != ERROR_NONE) {
		admin_fail(job->client, job->err.text);
		free(banning);
		return;
	}
	apply(job->server->bans, banning);
	if (banning->on)
		snprintf(text, sizeof(text), "%s is banned %s",
		    subject(banning), until(&banning->ban, when));
	else
		snprintf(text, sizeof(text), "%s is not banned any more",
		    subject(banning));
	log_write(&job->server->log, LOG_LEVEL_INFO,
	    banning->on ? "ban.begin" : "ban.end", "%s=%s %s",
	    banning->name[0] != '\0' ? "user" : "range", subject(banning),
	    banning->on ? until(&banning->ban, when) : "");
	admin_answer(job->client, text, json_pack("{s:s,s:b}",
	    banning->name[0] != '\0' ? "name" : "range", subject(banning),
	    "banned", banning->on));
	free(banning);
}

static void
begin_change(struct admin_client *client, const json_t *arguments, bool on)
{
	struct banning *banning = calloc(1, sizeof(*banning));
	struct error err;

	if (banning == NULL) {
		admin_fail(client, "no memory for a ban");
	} else if (read_target(argument(arguments, "target"), banning,
	    &err) == -1 || read_terms(arguments, &banning->ban, &err) == -1) {
		admin_fail(client, err.text);
		free(banning);
	} else {
		banning->on = on;
		banning->job.run = run_change;
		banning->job.done = done_change;
		banning->job.client = client;
		job_begin(client->server, &banning->job);
	}
}

void
admin_ban(struct admin_client *client, const json_t *arguments)
{
	begin_change(client, arguments, true);
}

void
admin_unban(struct admin_client *client, const json_t *arguments)
{
	begin_change(client, arguments, false);
}
