/* SPDX-License-Identifier: MIT */
#ifndef STORE_READERS_H
#define STORE_READERS_H

#include "base/error.h"
#include "base/log.h"
#include "store/batch.h"
#include "store/ledger.h"

/*
 * The threads that answer reads: a page that is not in memory blocks one of
 * them, never a loop.
 */
struct readers;

/* ledger, its search and workers are borrowed until readers_stop(). */
struct readers *readers_start(const struct ledger *ledger, unsigned threads,
    const struct store_worker *workers, const struct log *log,
    struct error *err);

/*
 * From any thread; takes over read.  True: a thread sleeps, so readers_wake()
 * is due, once more of the like came.
 */
bool readers_submit(struct readers *readers, struct store_read *read);
void readers_wake(struct readers *readers);

/* Answers what was submitted, ends the threads.  NULL is allowed. */
void readers_stop(struct readers *readers);

#endif
