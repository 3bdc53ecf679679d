/* SPDX-License-Identifier: MIT */
#ifndef STORE_SEARCH_H
#define STORE_SEARCH_H

#include "base/error.h"
#include "base/log.h"
#include "store/kv.h"

/*
 * The index of words, in tables of its own (KV_META and KV_TERM): see
 * search_block.h for what it holds.  A thread feeds it from the store's
 * KV_CHG, some tenths of a second after each commit, and catches up after a
 * restart.  Nobody waits for it but who asks; it is made anew where it is
 * missing, damaged, of another store or format, or ahead of its store.
 */
struct search;

struct search_options {
	struct kv *store;   /* borrowed; its tables are read */
	uint64_t epoch;	    /* the store's */
	uint64_t last_id;   /* of its newest event */
	const char *folder; /* of the index, made if absent; NULL: in memory */
	uint64_t map_size;  /* as in kv_lmdb_options */
	unsigned readers;
	uint64_t min_free;  /* bytes of disk below which nothing is indexed */
	const struct log *log;
};

struct search *search_start(const struct search_options *options,
    struct error *err);

/* Something was committed.  Cheap, from any thread. */
void search_wake(struct search *search);

/*
 * Waits until all that was committed before is indexed, unless there is no
 * memory or room for it: for tests.
 */
void search_settle(struct search *search);

/* Where the index is, for readers. */
struct kv *search_tables(const struct search *search);

/* After the readers of search_tables().  NULL is allowed. */
void search_stop(struct search *search);

#endif
