/* SPDX-License-Identifier: MIT */
#ifndef STORE_LMDB_H
#define STORE_LMDB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/kv.h"

/*
 * Tables in an LMDB environment, with its default, full synchronisation: a
 * commit that returned survives loss of power.
 */
struct kv_lmdb_options {
	const char *folder; /* made if absent */
	uint64_t map_size;  /* 0: 1 TiB; halved where refused */
	unsigned readers;   /* at most so many at once */
	bool reading;	    /* see kv_lmdb_open_reading() */
};

/*
 * The folder is locked until kv_close(): ERROR_STATE when another process has
 * it.  Never twice on one folder within a process.
 */
struct kv *kv_lmdb_open(const struct kv_lmdb_options *options,
    struct error *err);

/*
 * For another process than the server's: to read, also while that runs.
 * ERROR_STATE when there is no store in the folder.
 */
struct kv *kv_lmdb_open_reading(const char *folder, struct error *err);

/*
 * A consistent copy, without what is free, into an empty folder; writers go
 * on meanwhile.  It is durable once it was opened and something committed.
 */
int kv_lmdb_copy(struct kv *kv, const char *folder, struct error *err);

#endif
