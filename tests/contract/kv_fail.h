/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CONTRACT_KV_FAIL_H
#define TESTS_CONTRACT_KV_FAIL_H

#include <stdatomic.h>

#include "store/kv.h"

/*
 * Tables in front of others, of which one call fails: the change, insertion,
 * commit, begin or snapshot that counts a number down to zero.  Shared with
 * the store's threads.
 */
struct kv_fail {
	atomic_int changes, commits, begins, snapshots; /* 0: none fails */
	_Atomic(enum kv_result) result;
	_Atomic(uint64_t) room; /* of the disk; 0: as it is */
};

/* Takes over kv; fail is borrowed. */
struct kv *kv_fail_wrap(struct kv *kv, struct kv_fail *fail);

#endif
