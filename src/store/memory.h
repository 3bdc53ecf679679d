/* SPDX-License-Identifier: MIT */
#ifndef STORE_MEMORY_H
#define STORE_MEMORY_H

#include "base/error.h"
#include "store/kv.h"

/*
 * Tables that live as long as the process.  Readers and the writer take
 * turns: a snapshot is held by keeping the writer out.
 */
struct kv *kv_memory_open(struct error *err);

#endif
