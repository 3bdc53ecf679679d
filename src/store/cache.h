/* SPDX-License-Identifier: MIT */
#ifndef STORE_CACHE_H
#define STORE_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * A bounded cache from two numbers to a value of fixed size, in sets of four.
 * It grows to its bound as it fills; then, or where there is no memory, a new
 * entry takes the place of its set's oldest.  One thread.
 */
struct cache {
	unsigned char *slots;
	size_t stride; /* of a slot */
	uint64_t mask; /* sets - 1 */
	size_t used, max; /* slots */
	uint32_t era;  /* of the valid slots */
};

/* max: a power of two of entries, at least 64. */
int cache_init(struct cache *cache, size_t max, size_t value_size,
    struct error *err);
void cache_fini(struct cache *cache);

/* The value, or NULL.  Valid until the next cache_add(). */
void *cache_find(struct cache *cache, uint64_t first, uint64_t second);

/* The value that cache_add() might replace, or NULL: none. */
void *cache_victim(struct cache *cache, uint64_t first, uint64_t second);

/* Room for the value of a key that is not in it. */
void *cache_add(struct cache *cache, uint64_t first, uint64_t second);

/* Forgets one, or all. */
void cache_drop(struct cache *cache, uint64_t first, uint64_t second);
void cache_clear(struct cache *cache);

#endif
