/* SPDX-License-Identifier: MIT */
#ifndef STORE_MARK_H
#define STORE_MARK_H

#include <stdint.h>

#include "store/record.h"

/*
 * A client id, with its sender, as 32 bits: SipHash-2-4 under a key that each
 * store draws for itself, so that nobody can choose ids which collide.
 */
struct mark_key {
	uint64_t low, high;
};

/* 0 for a record without a client id, and for no other. */
uint32_t mark_of(const struct mark_key *key, const struct record *record);

/* SipHash-2-4 (Aumasson and Bernstein, 2012). */
uint64_t mark_siphash(const struct mark_key *key, const void *data,
    size_t len);

#endif
