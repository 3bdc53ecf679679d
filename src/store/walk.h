/* SPDX-License-Identifier: MIT */
#ifndef STORE_WALK_H
#define STORE_WALK_H

#include "store/query.h"

/*
 * Walks one log forward.  Where a record does not verify or is not there, it
 * says so by a gap and goes on behind it.
 */
struct walk {
	struct kv_cursor *cursor;
	struct kv_bytes key, value;
	uint64_t conv, last; /* where to stop */
};

/* From seq `first` on.  walk_close() it, whatever is returned. */
enum store_status walk_open(struct query *query, struct walk *walk,
    uint64_t conv, uint64_t first, uint64_t last);

/*
 * The record at *seq, or the first good one after it, to which *seq moves.
 * Borrowed from the snapshot.  STORE_NOT_FOUND: the end.  Ask for ascending
 * seqs, each once.
 */
enum store_status walk_read(struct query *query, struct store_read *read,
    struct walk *walk, uint64_t *seq, struct record *record);

void walk_close(struct walk *walk);

#endif
