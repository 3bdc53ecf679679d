/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log.h"
#include "net/mailbox.h"
#include "store/read.h"
#include "store/write.h"

/*
 * The permanent record: people, conversations, messages, cursors.
 *
 * Everything is asynchronous.  A worker allocates a store_write or a
 * store_read, fills its inputs and submits it; done() runs once, on the loop
 * of the mailbox the worker attached, never before the submit returns.
 *
 * Writes are applied in the order of submission by one writer thread, many to
 * a transaction.  After the transaction is durable, and in commit order, each
 * worker's mailbox gets one mail a batch, whose entries are, in order: done()
 * of its own writes, and feed() for each committed write that concerns it.
 * For one write, done() comes before feed().
 *
 * Reads run on reader threads against a snapshot, never on a loop.
 */
struct store;

struct store_options {
	const char *kind;   /* "lmdb" or "memory" */
	/* lmdb: made if absent, locked while open; in it `search`, the index
	 * of words, which can be made anew. */
	const char *folder;
	uint64_t map_size;  /* lmdb: bytes; 0: 1 TiB, halved where refused */
	uint64_t min_free;  /* lmdb: bytes of disk below which appends are
			       refused; 0: 64 MiB */
	unsigned workers;   /* how many will attach */
	unsigned readers;   /* reader threads; 0: 2 */
	unsigned device_max;/* per person; 0: 20 */
	const struct log *log;
};

/*
 * Creates or opens, verifies format and lock, starts the threads.  On a
 * failed commit the process is ended with a log line and exit status 70, for
 * its supervisor to start again: nothing unacknowledged is lost by that.
 */
struct store *store_open(const struct store_options *options,
    struct error *err);

/* Stable for the life of this data folder; a restored backup has another. */
uint64_t store_epoch(const struct store *store);

/* A short human name of the back end, "lmdb" or "memory". */
const char *store_kind(const struct store *store);

/* Whether the disk has room for more, now.  From any thread; cheap. */
bool store_has_room(const struct store *store);

/*
 * A committed write that concerns this worker (see store_write.feed).  It is
 * borrowed: store_write_ref() keeps it.
 */
typedef void store_feed(void *arg, struct store_write *write);

/*
 * Worker `index` (below options.workers) answers on this mailbox.  All
 * workers attach before the first submit.
 */
void store_attach(struct store *store, unsigned index, struct mailbox *mailbox,
    store_feed *feed, void *arg);

/*
 * Commits what was submitted, stops the threads, closes.  Mail already posted
 * stays in the mailboxes.  No submits may be under way.  NULL is allowed.
 */
void store_close(struct store *store);

/*
 * Takes over the caller's reference until done() has run; done() may keep it
 * by store_write_ref().  From the worker's own thread.
 *
 * Feeds after commit: what has a record.conv (APPEND to MARK) of a direct
 * conversation to the owners (base/owner.h) of its two people, of others to
 * all workers; BLOCK, UNBLOCK, UNREAD and HIDE_READ to the owner of the sender;
 * accounts as write.h says.
 * Nothing is fed unless status is OK, but for one REFRESH: its _CONFLICT.
 * record and conversation are then complete, sender_name and conversation
 * name included.
 */
void store_submit(struct store *store, struct store_write *write);

/*
 * Takes over read; done() gives it back: it must free it.  When the mailbox
 * closes first, the store frees it without done().  When there is no memory
 * for the results, status is STORE_NOMEM.
 */
void store_query(struct store *store, struct store_read *read);

#endif
