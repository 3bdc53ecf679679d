/* SPDX-License-Identifier: MIT */
#ifndef STORE_CACHE_H
#define STORE_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * A bounded cache from two numbers to a value of fixed size, in sets of four
 * that replace their oldest entry.  Memory is taken at once, and touched as
 * it fills.  One thread.
 */
struct cache {
	unsigned char *slots;
	size_t stride; /* of a slot */
	uint64_t mask; /* sets - 1 */
	uint32_t era;  /* of the valid slots */
};

/* entries: a power of two, at least 4. */
int cache_init(struct cache *cache, size_t entries, size_t value_size,
    struct error *err);
void cache_fini(struct cache *cache);

/* The value, or NULL.  Valid until the next cache_add(). */
void *cache_find(struct cache *cache, uint64_t first, uint64_t second);

/* The value that cache_add() would replace, or NULL: a place is free. */
void *cache_victim(struct cache *cache, uint64_t first, uint64_t second);

/* Room for the value of a key that is not in it. */
void *cache_add(struct cache *cache, uint64_t first, uint64_t second);

/* Forgets one, or all. */
void cache_drop(struct cache *cache, uint64_t first, uint64_t second);
void cache_clear(struct cache *cache);

#endif
