/* SPDX-License-Identifier: MIT */
#ifndef STORE_SEARCH_INDEX_H
#define STORE_SEARCH_INDEX_H

#include <stdatomic.h>

#include "base/error.h"
#include "base/log.h"
#include "store/kv.h"

/* The work of the search index's thread (search.h), a transaction a step. */
struct search_posting;
struct search_erased;

struct search_index {
	struct kv_txn *store; /* a reader */
	struct kv *tables;
	uint64_t position; /* the id up to which all is indexed */
	uint64_t min_free;
	const atomic_bool *stopping;

	/* What a step has read and not yet put. */
	struct search_posting *postings;
	size_t postings_n, postings_size;
	struct search_erased *erased;
	size_t erased_n, erased_size;
	uint64_t upto;
};

enum search_step {
	SEARCH_MORE,	 /* something was indexed */
	SEARCH_DONE,	 /* there is nothing left */
	SEARCH_LATER,	 /* no memory, or the disk is nearly full */
	SEARCH_FAILED	 /* the index must not be used any more; err */
};

/*
 * How far it is.  False: it is none of this store, whose newest event is
 * last_id, and format.
 */
bool search_index_load(struct search_index *index, uint64_t epoch,
    uint64_t last_id);

/* Of empty tables. */
int search_index_make(struct search_index *index, uint64_t epoch,
    struct error *err);

enum search_step search_index_step(struct search_index *index,
    struct error *err);

void search_index_fini(struct search_index *index);

#endif
