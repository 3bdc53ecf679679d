/* SPDX-License-Identifier: MIT */
#include "server/admin_bans.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "server/job.h"
#include "server/server.h"
#include "server/worker.h"
#include "store/store.h"

#define FOREVER INT64_MAX
#define PAGE 1000

static const struct clock system_clock;

/* "until 2026-11-22T01:27:08.123Z", or "for good" */
static const char *
until(int64_t us, char text[CLOCK_TEXT_SIZE + 8])
{
	if (us == FOREVER)
		return "for good";
	strcpy(text, "until ");
	clock_format(us, text + strlen(text));
	return text;
}

struct listing {
	struct job job; /* first */
	struct buf text;
	json_t *ranges, *people;
	char last[NAME_BYTES_MAX + 1];
};

static void
give_up(struct listing *listing)
{
	error_set(&listing->job.err, ERROR_SYSTEM,
	    "the store cannot tell now; its log may say why");
	job_finish(&listing->job);
}

static json_t *
time_of(int64_t us)
{
	char text[CLOCK_TEXT_SIZE];

	if (us == FOREVER)
		return json_null();
	clock_format(us, text);
	return json_string(text);
}

static void
list_range(struct listing *listing, const struct store_ban *ban)
{
	char when[CLOCK_TEXT_SIZE + 8];

	buf_printf(&listing->text, "%s%-24s %-30s %s",
	    listing->text.len > 0 ? "\n" : "", ban->range, until(ban->until_us, when),
	    ban->reason);
	json_array_append_new(listing->ranges, json_pack("{s:s,s:o,s:o,s:s}",
	    "range", ban->range, "until", time_of(ban->until_us), "at",
	    time_of(ban->at_us), "reason", ban->reason));
}

static void
list_person(struct listing *listing, const struct store_person *person)
{
	int64_t until_us = person->access.banned_until_us;
	char when[CLOCK_TEXT_SIZE + 8];

	if (until_us <= clock_realtime_us(&system_clock))
		return;
	buf_printf(&listing->text, "%s@%-23s %s",
	    listing->text.len > 0 ? "\n" : "", person->name,
	    until(until_us, when));
	json_array_append_new(listing->people, json_pack("{s:s,s:o}", "name",
	    person->name, "until", time_of(until_us)));
}

static void ask_people(struct listing *listing);

static void
on_people(struct store_read *read)
{
	struct listing *listing = read->arg;
	size_t i;

	for (i = 0; i < read->people_n; i++)
		list_person(listing, &read->people[i]);
	if (read->status != STORE_OK) {
		give_up(listing);
	} else if (!read->more || read->people_n == 0) {
		job_finish(&listing->job);
	} else {
		strcpy(listing->last, read->people[read->people_n - 1].name);
		ask_people(listing);
	}
	store_read_free(read);
}

/* All accounts, page by page: bans are few, and this is asked rarely. */
static void
ask_people(struct listing *listing)
{
	struct store_read *read = job_read_new(&listing->job,
	    STORE_READ_ACCOUNTS, on_people);

	if (read == NULL) {
		give_up(listing);
		return;
	}
	strcpy(read->name, listing->last);
	read->limit = PAGE;
	store_query(listing->job.server->store, read);
}

static void
on_ranges(struct store_read *read)
{
	struct listing *listing = read->arg;
	size_t i;

	for (i = 0; i < read->bans_n; i++)
		list_range(listing, &read->bans[i]);
	if (read->status == STORE_OK)
		ask_people(listing);
	else
		give_up(listing);
	store_read_free(read);
}

static void
run_list(struct job *job)
{
	struct store_read *read = job_read_new(job, STORE_READ_BANS,
	    on_ranges);

	if (read == NULL)
		give_up((struct listing *)(void *)job);
	else
		store_query(job->server->store, read);
}

static void
done_list(struct job *job)
{
	struct listing *listing = (struct listing *)(void *)job;

	if (listing->text.len == 0)
		buf_puts(&listing->text, "nobody is banned");
	buf_putc(&listing->text, '\0');
	if (job->err.code != ERROR_NONE)
		admin_fail(job->client, job->err.text);
	else if (listing->text.failed)
		admin_fail(job->client, "no memory for the answer");
	else
		admin_answer(job->client, listing->text.data,
		    json_pack("{s:O,s:O}", "ranges", listing->ranges,
		    "people", listing->people));
	json_decref(listing->ranges);
	json_decref(listing->people);
	buf_fini(&listing->text);
	free(listing);
}

void
admin_bans(struct admin_client *client, const json_t *arguments)
{
	struct listing *listing = calloc(1, sizeof(*listing));

	(void)arguments;
	if (listing == NULL) {
		admin_fail(client, "no memory for the bans");
		return;
	}
	listing->ranges = json_array();
	listing->people = json_array();
	listing->job.run = run_list;
	listing->job.done = done_list;
	listing->job.client = client;
	job_begin(client->server, &listing->job);
}
