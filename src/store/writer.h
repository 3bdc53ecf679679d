/* SPDX-License-Identifier: MIT */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "base/error.h"
#include "base/log.h"
#include "store/batch.h"
#include "store/ledger.h"

/*
 * The one thread that writes: takes what workers submitted, applies many
 * writes to a transaction, commits, publishes.
 */
struct writer;

/*
 * ledger and workers are borrowed until writer_stop(); workers is read from
 * the first submit on.
 */
struct writer *writer_start(struct ledger *ledger,
    const struct store_worker *workers, unsigned workers_n,
    const struct log *log, struct error *err);

/*
 * From any thread; takes over the reference.  True: it is urgent and the
 * thread sleeps, so writer_wake() is due, once more of the like came.
 */
bool writer_submit(struct writer *writer, struct store_write *write);
void writer_wake(struct writer *writer);

/* Commits what was submitted, ends the thread.  NULL is allowed. */
void writer_stop(struct writer *writer);

#endif
