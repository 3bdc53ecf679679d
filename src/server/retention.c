/* SPDX-License-Identifier: MIT */
#include "server/retention.h"

#include <stdlib.h>

#include "base/clock.h"
#include "server/server.h"
#include "server/worker.h"

#define PAGE 256 /* conversations that are looked at, at a time */
#define STEP 256 /* events that one transaction erases */

static const struct clock system_clock;

struct retention {
	struct worker *worker;
	struct timer timer; /* until the next sweep */

	/* A sweep: kind after kind, page after page. */
	unsigned kind;			/* enum conversation_kind */
	struct store_retention limits;	/* of the kind */
	uint64_t next;			/* conversation to look at */
	struct store_read *page;	/* conversations with something due */
	size_t at;			/* in it */
	bool outdated;			/* the limits are no more in force */
	uint64_t events, conversations; /* so far */
};

static void trim_next(struct retention *retention);
static void begin_kind(struct retention *retention);

static const struct config_retention *
config_of(const struct config *config, unsigned kind)
{
	switch (kind) {
	case CONVERSATION_PUBLIC:
		return &config->retention.lobby;
	case CONVERSATION_GROUP:
		return &config->retention.group;
	default:
		return &config->retention.direct;
	}
}

static void
rest(struct retention *retention)
{
	const struct worker *worker = retention->worker;

	store_read_free(retention->page);
	retention->page = NULL;
	retention->kind = 0;
	retention->outdated = false;
	timer_set(worker->timers, &retention->timer,
	    worker->config->retention.sweep_ms);
}

static void
end_sweep(struct retention *retention)
{
	if (retention->events != 0)
		log_write(&retention->worker->log, LOG_LEVEL_INFO,
		    "retention.swept", "events=%llu conversations=%llu",
		    (unsigned long long)retention->events,
		    (unsigned long long)retention->conversations);
	rest(retention);
}

static void
give_up(struct retention *retention, const char *what,
    enum store_status status)
{
	log_write(&retention->worker->log, LOG_LEVEL_WARN, "retention.failed",
	    "%s failed (%d): the next sweep tries again", what, (int)status);
	rest(retention);
}

/* -------------------------------------------------------------- one by one */

static void
on_trimmed(struct store_write *write)
{
	struct retention *retention = write->arg;

	if (write->status == STORE_CORRUPT) {
		retention->at++; /* the store has logged it */
	} else if (write->status != STORE_OK) {
		give_up(retention, "a step", write->status);
		return;
	} else {
		retention->events += write->trim.erased;
		if (!write->trim.more) {
			retention->at++;
			retention->conversations++;
		}
	}
	trim_next(retention);
}

static void
trim(struct retention *retention, uint64_t conv)
{
	struct worker *worker = retention->worker;
	struct store_write *write = store_write_new(0);

	if (write == NULL) {
		give_up(retention, "a step", STORE_NOMEM);
		return;
	}
	write->kind = STORE_WRITE_TRIM;
	write->worker = worker->index;
	write->done = on_trimmed;
	write->arg = retention;
	write->record.conv = conv;
	write->limit = STEP;
	write->trim.keep = retention->limits.keep;
	write->trim.before_us = retention->limits.before_us;
	store_submit(worker->server->store, write);
}

static void
on_overdue(struct store_read *read)
{
	struct retention *retention = read->arg;

	retention->page = read;
	retention->at = 0;
	if (read->status != STORE_OK)
		give_up(retention, "a look", read->status);
	else
		trim_next(retention);
}

static void
look(struct retention *retention)
{
	struct worker *worker = retention->worker;
	struct store_read *read = store_read_new(0);

	store_read_free(retention->page);
	retention->page = NULL;
	if (read == NULL) {
		give_up(retention, "a look", STORE_NOMEM);
		return;
	}
	read->kind = STORE_READ_OVERDUE;
	read->worker = worker->index;
	read->done = on_overdue;
	read->arg = retention;
	read->after = retention->next;
	read->limit = PAGE;
	read->retention[retention->kind] = retention->limits;
	store_query(worker->server->store, read);
}

static void
trim_next(struct retention *retention)
{
	const struct store_read *page = retention->page;

	if (retention->outdated) {
		end_sweep(retention);
	} else if (retention->at < page->cursors_n) {
		trim(retention, page->cursors[retention->at].conv);
	} else if (page->more) {
		retention->next = page->next;
		look(retention);
	} else {
		begin_kind(retention);
	}
}

/* The next kind that has limits, or the end. */
static void
begin_kind(struct retention *retention)
{
	const struct config *config = retention->worker->config;
	const struct config_retention *limits;

	while (++retention->kind <= CONVERSATION_DIRECT) {
		limits = config_of(config, retention->kind);
		if (limits->age_s == 0 && limits->messages == 0)
			continue;
		retention->limits.keep = limits->messages;
		retention->limits.before_us = limits->age_s == 0 ? 0 :
		    clock_realtime_us(&system_clock) -
		    limits->age_s * 1000000;
		retention->next = 0;
		look(retention);
		return;
	}
	end_sweep(retention);
}

static void
on_timer(struct timer *timer)
{
	struct retention *retention = (struct retention *)(void *)
	    ((char *)timer - offsetof(struct retention, timer));

	retention->events = retention->conversations = 0;
	begin_kind(retention);
}

/* ------------------------------------------------------- beginning and end */

void
retention_set_config(struct retention *retention)
{
	if (retention == NULL)
		return;
	/* What is to be kept now must not go by the limits of before. */
	if (retention->kind != 0)
		retention->outdated = true;
	else
		rest(retention);
}

struct retention *
retention_new(struct worker *worker, struct error *err)
{
	struct retention *retention = calloc(1, sizeof(*retention));

	if (retention == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for retention");
		return NULL;
	}
	retention->worker = worker;
	retention->timer.fire = on_timer;
	rest(retention);
	return retention;
}

void
retention_free(struct retention *retention)
{
	if (retention == NULL)
		return;
	timer_clear(retention->worker->timers, &retention->timer);
	store_read_free(retention->page);
	free(retention);
}
