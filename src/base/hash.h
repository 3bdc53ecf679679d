/* SPDX-License-Identifier: MIT */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * A 64-bit hash of some bytes, the same on every machine and in every version
 * of the program: it may be stored.  Not against an adversary.
 */
uint64_t hash_bytes(const void *data, size_t len);

/*
 * SipHash-2-4: who does not know the key, which is random, finds no bytes of
 * the same hash.
 */
struct hash_key {
	uint64_t words[2];
};
uint64_t hash_keyed(const struct hash_key *key, const void *data, size_t len);

#endif
