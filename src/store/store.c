/* SPDX-License-Identifier: MIT */
#include "store/store.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/arena.h"
#include "store/embedded.h"
#include "store/lmdb.h"
#include "store/memory.h"
#include "store/readers.h"
#include "store/search.h"
#include "store/writer.h"

#define READERS_DEFAULT 2
#define DEVICES_DEFAULT 20
#define MIN_FREE_DEFAULT (UINT64_C(64) << 20)
#define PATH_SIZE 4096

/*
 * A worker wakes the store's threads once a turn of its loop, not for each
 * write and read: this mail to itself comes when the turn is over.  It
 * outlives the store while it is posted.
 */
struct kick {
	struct mail mail; /* first */
	struct store *store; /* NULL: closed meanwhile */
	bool posted;
};

struct store {
	struct kv *kv;
	struct ledger ledger;
	struct search *search;
	struct writer *writer;
	struct readers *readers;
	unsigned workers_n;
	struct kick **kicks; /* of the workers that attached */
	struct store_worker workers[];
};

/* --------------------------------------------------------- writes and reads */

struct store_write *
store_write_new(size_t extra_size)
{
	struct store_write *write;

	write = calloc(1, sizeof(*write) + extra_size);
	if (write == NULL)
		return NULL;
	atomic_init(&write->refs, 1);
	write->extra_size = extra_size;
	return write;
}

struct store_write *
store_write_ref(struct store_write *write)
{
	atomic_fetch_add_explicit(&write->refs, 1, memory_order_relaxed);
	return write;
}

void
store_write_unref(struct store_write *write)
{
	if (write != NULL && atomic_fetch_sub_explicit(&write->refs, 1,
	    memory_order_acq_rel) == 1)
		free(write);
}

struct store_read *
store_read_new(size_t extra_size)
{
	struct store_read *read;

	read = calloc(1, sizeof(*read) + extra_size);
	if (read != NULL)
		read->extra_size = extra_size;
	return read;
}

void
store_read_free(struct store_read *read)
{
	if (read == NULL)
		return;
	arena_free(read->arena);
	free(read);
}

/* -------------------------------------------------------------- open, close */

static struct kv *
open_kv(const struct store_options *options, struct error *err)
{
	const struct kv_lmdb_options lmdb = {
	    .folder = options->folder,
	    .map_size = options->map_size,
	    .readers = 1 + (options->readers != 0 ? options->readers
						  : READERS_DEFAULT)};

	if (strcmp(options->kind, "memory") == 0)
		return kv_memory_open(err);
	if (strcmp(options->kind, "lmdb") == 0)
		return kv_lmdb_open(&lmdb, err);
	error_set(err, ERROR_CONFIG, "there is no store of kind %s",
	    options->kind);
	return NULL;
}

struct store *
store_open(const struct store_options *options, struct error *err)
{
	static const struct clock system_clock;
	struct kv *kv = open_kv(options, err);

	if (kv == NULL)
		return NULL;
	return store_open_over(kv, options, &system_clock, err);
}

/* The index of words is beside what it is of. */
static struct search *
open_search(struct store *store, const struct store_options *options,
    uint64_t min_free, struct error *err)
{
	char folder[PATH_SIZE];
	struct search_options search = {.store = store->kv,
	    .epoch = store->ledger.epoch,
	    .last_id = store->ledger.committed.id,
	    .map_size = options->map_size,
	    .readers = options->readers != 0 ? options->readers
					     : READERS_DEFAULT,
	    .min_free = min_free, .log = options->log};

	if (options->folder != NULL && strcmp(options->kind, "lmdb") == 0) {
		if (snprintf(folder, sizeof(folder), "%s/search",
		    options->folder) >= (int)sizeof(folder)) {
			error_set(err, ERROR_CONFIG, "the data folder's name "
			    "is too long");
			return NULL;
		}
		search.folder = folder;
	}
	return search_start(&search, err);
}

struct store *
store_open_over(struct kv *kv, const struct store_options *options,
    const struct clock *clock, struct error *err)
{
	const struct ledger_options ledger = {
	    .device_max = options->device_max != 0 ? options->device_max
						   : DEVICES_DEFAULT,
	    .min_free = options->min_free != 0 ? options->min_free
					       : MIN_FREE_DEFAULT,
	    .clock = clock};
	unsigned readers = options->readers != 0 ? options->readers
						 : READERS_DEFAULT;
	struct store *store;

	store = calloc(1, sizeof(*store) +
	    options->workers * sizeof(store->workers[0]));
	if (store == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for the store");
		kv_close(kv);
		return NULL;
	}
	store->kv = kv;
	store->workers_n = options->workers;
	store->kicks = calloc(options->workers + 1, sizeof(struct kick *));
	if (store->kicks == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for the store");
		goto fail;
	}
	if (ledger_open(&store->ledger, kv, &ledger, err) != 0)
		goto fail;
	store->search = open_search(store, options, ledger.min_free, err);
	if (store->search == NULL)
		goto fail;
	store->ledger.search = store->search;
	store->writer = writer_start(&store->ledger, store->workers,
	    store->workers_n, options->log, err);
	store->readers = readers_start(&store->ledger, readers, store->workers,
	    options->log, err);
	if (store->writer == NULL || store->readers == NULL)
		goto fail;
	return store;
fail:
	store_close(store);
	return NULL;
}

static void
close_kicks(struct store *store)
{
	struct kick *kick;
	unsigned i;

	for (i = 0; store->kicks != NULL && i < store->workers_n; i++) {
		kick = store->kicks[i];
		if (kick != NULL && kick->posted)
			kick->store = NULL;
		else
			free(kick);
	}
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	close_kicks(store);
	writer_stop(store->writer);
	readers_stop(store->readers);
	search_stop(store->search);
	ledger_close(&store->ledger);
	kv_close(store->kv);
	free(store->kicks);
	free(store);
}

void
store_settle_search(struct store *store)
{
	search_settle(store->search);
}

uint64_t
store_epoch(const struct store *store)
{
	return store->ledger.epoch;
}

const char *
store_kind(const struct store *store)
{
	return store->kv->ops->kind;
}

bool
store_has_room(const struct store *store)
{
	return kv_room(store->kv) >= store->ledger.min_free;
}

/* ---------------------------------------------------------------------- use */

void
store_attach(struct store *store, unsigned index, struct mailbox *mailbox,
    store_feed *feed, void *arg)
{
	assert(index < store->workers_n);
	store->workers[index].mailbox = mailbox;
	store->workers[index].feed = feed;
	store->workers[index].arg = arg;
}

static void
on_kick(struct mail *mail, void *owner)
{
	struct kick *kick = (struct kick *)(void *)mail;

	(void)owner;
	if (kick->store == NULL) {
		free(kick);
		return;
	}
	kick->posted = false;
	writer_wake(kick->store->writer);
	readers_wake(kick->store->readers);
}

static struct kick *
obtain_kick(struct store *store, unsigned worker)
{
	struct kick *kick = store->kicks[worker];

	if (kick != NULL)
		return kick;
	kick = calloc(1, sizeof(*kick));
	if (kick == NULL)
		return NULL;
	kick->mail.deliver = on_kick;
	kick->store = store;
	store->kicks[worker] = kick;
	return kick;
}

/* The threads sleep: wakes them when this worker's turn is over. */
static void
wake_later(struct store *store, unsigned worker)
{
	struct kick *kick = obtain_kick(store, worker);

	if (kick == NULL) {
		writer_wake(store->writer);
		readers_wake(store->readers);
	} else if (!kick->posted) {
		kick->posted = true;
		mailbox_post(store->workers[worker].mailbox, &kick->mail);
	}
}

void
store_submit(struct store *store, struct store_write *write)
{
	unsigned worker = write->worker;

	assert(worker < store->workers_n);
	if (writer_submit(store->writer, write))
		wake_later(store, worker);
}

void
store_query(struct store *store, struct store_read *read)
{
	unsigned worker = read->worker;

	assert(worker < store->workers_n);
	if (readers_submit(store->readers, read))
		wake_later(store, worker);
}
