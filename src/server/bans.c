/* SPDX-License-Identifier: MIT */
#include "server/bans.h"

#include <ev.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "server/server.h"
#include "server/worker.h"

#define BITS_MAX 128
#define IPV6_BITS_MAX 64

struct ban {
	struct range range;
	int64_t until_us;
	char *reason;
};

/*
 * In the order of their lengths and then addresses: an address is looked for
 * once for each length that there is.
 */
struct bans {
	pthread_mutex_t lock;
	struct ban *bans;
	size_t n, cap;
	size_t lengths[BITS_MAX + 1]; /* how many there are of each */
	atomic_bool locked_down;
};

struct bans *
bans_new(struct error *err)
{
	struct bans *bans = calloc(1, sizeof(*bans));

	if (bans == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for bans");
		return NULL;
	}
	pthread_mutex_init(&bans->lock, NULL);
	return bans;
}

void
bans_free(struct bans *bans)
{
	if (bans == NULL)
		return;
	while (bans->n > 0)
		free(bans->bans[--bans->n].reason);
	free(bans->bans);
	pthread_mutex_destroy(&bans->lock);
	free(bans);
}

int
bans_parse(const char *text, struct range *range, struct error *err)
{
	if (range_parse(text, strlen(text), range, err) == -1)
		return -1;
	if (!ip_is_v4(&range->ip) && !ip_is_loopback(&range->ip) &&
	    range->bits > IPV6_BITS_MAX)
		range_around(&range->ip, IPV6_BITS_MAX, range);
	return 0;
}

/* -------------------------------------------------------------- the order */

static int
compare(const struct range *a, const struct range *b)
{
	if (a->bits != b->bits)
		return a->bits < b->bits ? -1 : 1;
	return memcmp(a->ip.bytes, b->ip.bytes, sizeof(a->ip.bytes));
}

/* The first that is not before range. */
static size_t
place_of(const struct bans *bans, const struct range *range)
{
	size_t low = 0, high = bans->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (compare(&bans->bans[middle].range, range) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct ban *
find(const struct bans *bans, const struct range *range)
{
	size_t at = place_of(bans, range);

	return at < bans->n && compare(&bans->bans[at].range, range) == 0 ?
	    &bans->bans[at] : NULL;
}

static struct ban *
insert(struct bans *bans, const struct range *range)
{
	size_t at = place_of(bans, range);
	size_t cap = bans->cap == 0 ? 16 : bans->cap * 2;
	struct ban *more;

	if (bans->n == bans->cap) {
		more = realloc(bans->bans, cap * sizeof(*more));
		if (more == NULL)
			return NULL;
		bans->bans = more;
		bans->cap = cap;
	}
	memmove(&bans->bans[at + 1], &bans->bans[at],
	    (bans->n - at) * sizeof(*bans->bans));
	bans->n++;
	bans->lengths[range->bits]++;
	bans->bans[at] = (struct ban){ .range = *range };
	return &bans->bans[at];
}

/* ---------------------------------------------------------------- changes */

int
bans_add(struct bans *bans, const struct store_ban *entry)
{
	struct range range;
	struct error err;
	struct ban *ban;
	char *reason;

	if (bans_parse(entry->range, &range, &err) == -1)
		return 0; /* of no form that is ever asked for */
	reason = strdup(entry->reason);
	if (reason == NULL)
		return -1;
	pthread_mutex_lock(&bans->lock);
	ban = find(bans, &range);
	if (ban == NULL)
		ban = insert(bans, &range);
	if (ban != NULL) {
		free(ban->reason);
		ban->reason = reason;
		ban->until_us = entry->until_us;
	}
	pthread_mutex_unlock(&bans->lock);
	if (ban != NULL)
		return 0;
	free(reason);
	return -1;
}

void
bans_remove(struct bans *bans, const char *text)
{
	struct range range;
	struct error err;
	struct ban *ban;

	if (bans_parse(text, &range, &err) == -1)
		return;
	pthread_mutex_lock(&bans->lock);
	ban = find(bans, &range);
	if (ban != NULL) {
		free(ban->reason);
		memmove(ban, ban + 1, (size_t)(bans->bans + --bans->n - ban) *
		    sizeof(*ban));
		bans->lengths[range.bits]--;
	}
	pthread_mutex_unlock(&bans->lock);
}

/* ---------------------------------------------------------------- questions */

bool
bans_have(struct bans *bans, const struct ip *ip, int64_t now_us,
    char reason[REASON_MAX + 1])
{
	struct range range;
	struct ban *ban = NULL;
	unsigned bits;

	pthread_mutex_lock(&bans->lock);
	for (bits = 0; bits <= BITS_MAX && ban == NULL; bits++) {
		if (bans->lengths[bits] == 0)
			continue;
		range_around(ip, bits, &range);
		ban = find(bans, &range);
		if (ban != NULL && (ban->until_us <= now_us ||
		    !range_has(&ban->range, ip)))
			ban = NULL;
	}
	if (ban != NULL) {
		strncpy(reason, ban->reason, REASON_MAX);
		reason[REASON_MAX] = '\0';
	}
	pthread_mutex_unlock(&bans->lock);
	return ban != NULL;
}

size_t
bans_count(struct bans *bans)
{
	size_t n;

	pthread_mutex_lock(&bans->lock);
	n = bans->n;
	pthread_mutex_unlock(&bans->lock);
	return n;
}

bool
bans_locked_down(const struct bans *bans)
{
	return atomic_load(&bans->locked_down);
}

void
bans_lock_down(struct bans *bans, bool on)
{
	atomic_store(&bans->locked_down, on);
}

/* ---------------------------------------------------------------- the start */

struct loading {
	struct bans *bans;
	enum store_status status;
	bool done;
};

static void
on_read(struct store_read *read)
{
	struct loading *loading = read->arg;
	size_t i;

	loading->status = read->status;
	for (i = 0; i < read->bans_n; i++) {
		if (bans_add(loading->bans, &read->bans[i]) == -1)
			loading->status = STORE_NOMEM;
	}
	bans_lock_down(loading->bans, read->lockdown);
	loading->done = true;
	store_read_free(read);
}

int
bans_load(struct bans *bans, struct worker *worker, struct error *err)
{
	struct loading loading = { .bans = bans };
	struct store_read *read = store_read_new(0);

	if (read == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for bans");
		return -1;
	}
	read->kind = STORE_READ_BANS;
	read->worker = worker->index;
	read->done = on_read;
	read->arg = &loading;
	store_query(worker->server->store, read);
	while (!loading.done)
		ev_run(worker->loop, EVRUN_ONCE);
	if (loading.status == STORE_OK)
		return 0;
	error_set(err, ERROR_SYSTEM, "cannot read who is banned; "
	    "`synctalkctl check` may say why");
	return -1;
}
