/* SPDX-License-Identifier: MIT */
#ifndef STORE_ID_SET_H
#define STORE_ID_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "store/rows.h"

/*
 * For the writer: which client ids the conversations it deals with have seen,
 * as marks of 32 bits.  A mark that is absent proves that the id is new; one
 * that is there has to be looked up (row_find_client_id()).
 *
 * On disk the marks of a log's records are kept by blocks of ROW_BLOCK seqs,
 * each written when it is full; those of the last block are in the records
 * themselves.  So an append touches the tail of its log and nothing else.
 */
struct id_set;

struct id_sets {
	struct mark_key key; /* the store's */
	struct map by_conv;
	struct id_set *first, *last; /* the most recently used first */
	/* The least recently used go; the one in use may exceed it alone. */
	size_t bytes, bytes_max;
};

void id_sets_clear(struct id_sets *sets); /* frees them all */

/*
 * The set of a conversation whose log ends at last_seq, loaded if it is not
 * there.  Valid until the next call.
 */
enum store_status id_sets_get(struct id_sets *sets, struct kv_txn *txn,
    uint64_t conv, uint64_t last_seq, struct id_set **set);

/* The one that is there, or NULL. */
struct id_set *id_sets_find(const struct id_sets *sets, uint64_t conv);

bool id_set_has(const struct id_set *set, uint32_t mark);

/*
 * The record at seq, right behind those so far, has this mark; 0: it has no
 * client id.  -1: no memory.
 */
int id_sets_add(struct id_sets *sets, struct id_set *set, uint64_t seq,
    uint32_t mark);

/* The marks of the block that seq is in, as far as it goes. */
const uint32_t *id_set_block(const struct id_set *set);

#endif
