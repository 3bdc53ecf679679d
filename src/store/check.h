/* SPDX-License-Identifier: MIT */
#ifndef STORE_CHECK_H
#define STORE_CHECK_H

#include <stdint.h>

#include "base/error.h"
#include "store/kv.h"

/*
 * Walks a whole store in one snapshot and says what does not hold: rows that
 * do not verify; logs with a gap, a count that is off or a time that goes
 * back; events that the order of all events does not know, and the other way
 * round; members, marks and invitations that one side alone knows; what hangs
 * on nothing.
 */
struct check_totals {
	uint64_t people, conversations, events, messages, rows;
	uint64_t findings;
};

/* One finding, a sentence: what, where, and what to do. */
typedef void check_found(void *arg, const char *finding);

/*
 * txn: a snapshot, or the transaction that writes.  -1 and err when it cannot
 * be read at all or there is no memory; findings are no failure.
 */
int check_store(struct kv_txn *txn, check_found *found, void *arg,
    struct check_totals *totals, struct error *err);

#endif
