/* SPDX-License-Identifier: MIT */
#ifndef STORE_EMBEDDED_H
#define STORE_EMBEDDED_H

#include "base/clock.h"
#include "store/kv.h"
#include "store/store.h"

/*
 * A store over tables within this process, whichever these are: for tests
 * that bring tables that fail, or a clock, which they may move while no write
 * is under way.  Takes over kv, on failure too.
 */
struct store *store_open_over(struct kv *kv,
    const struct store_options *options, const struct clock *clock,
    struct error *err);

/* Waits until search finds all that was committed before. */
void store_settle_search(struct store *store);

#endif
