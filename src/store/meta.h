/* SPDX-License-Identifier: MIT */
#ifndef STORE_META_H
#define STORE_META_H

#include "base/error.h"
#include "store/kv.h"
#include "store/mark.h"

/* What a store says of itself, in KV_META. */

/* Of tables and values together. */
#define META_FORMAT 2

struct meta {
	uint64_t format;
	uint64_t epoch; /* a JSON integer; never 0 */
	struct mark_key mark_key;
};

/*
 * Reads it, and refuses another format.  1: a new, empty store says nothing
 * yet.  -1 and err.
 */
int meta_read(struct kv_txn *txn, struct meta *meta, struct error *err);

/* Says it for a new store: with numbers that are drawn. */
int meta_make(struct kv_txn *txn, struct meta *meta, struct error *err);

/* Another epoch, so that clients know that the data is not what it was. */
int meta_renew_epoch(struct kv_txn *txn, struct error *err);

#endif
