/* SPDX-License-Identifier: MIT */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

/*
 * Writes that are committed together, and their publication: one mail to each
 * worker that one of them concerns.  Made with all memory it will need, as
 * nothing may fail after the commit.
 */
struct store_worker {
	struct mailbox *mailbox;
	store_feed *feed;
	void *arg;
};

struct batch;

struct batch_entry {
	struct store_write *write;
	uint64_t conv; /* record.conv as it was submitted */
	uint32_t feed_to[2]; /* workers; see batch.c */
};

struct batch_mail {
	struct mail mail;
	struct batch *batch;
	struct store_worker to;
	unsigned index;
	bool wanted;
};

struct batch {
	atomic_uint refs;
	unsigned workers;
	size_t n, size;
	struct batch_entry *entries;
	struct batch_mail mails[];
};

/* For at most size writes; NULL: no memory. */
struct batch *batch_new(size_t size, const struct store_worker *workers,
    unsigned workers_n);

/* Takes over the reference. */
void batch_add(struct batch *batch, struct store_write *write);

/* What a first attempt at applying has set in a write. */
void batch_rewind(struct batch_entry *entry);

/* Posts the mails.  The batch is gone once the last is delivered. */
void batch_publish(struct batch *batch);

/* Without publication.  NULL is allowed. */
void batch_free(struct batch *batch);

#endif
