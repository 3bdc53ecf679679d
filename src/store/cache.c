/* SPDX-License-Identifier: MIT */
#include "store/cache.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define WAYS 4
#define FIRST_SLOTS 64

struct slot {
	uint64_t first, second;
	uint32_t era; /* other than the cache's: free */
	uint32_t age; /* additions to the set since its own */
	/* the value follows */
};

int
cache_init(struct cache *cache, size_t max, size_t value_size,
    struct error *err)
{
	assert(max >= FIRST_SLOTS && (max & (max - 1)) == 0);
	cache->stride = sizeof(struct slot) +
	    (value_size + sizeof(uint64_t) - 1) / sizeof(uint64_t) *
	    sizeof(uint64_t);
	cache->mask = FIRST_SLOTS / WAYS - 1;
	cache->used = 0;
	cache->max = max;
	cache->era = 1;
	cache->slots = calloc(FIRST_SLOTS, cache->stride);
	if (cache->slots == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for the store's cache");
		return -1;
	}
	return 0;
}

void
cache_fini(struct cache *cache)
{
	free(cache->slots);
	memset(cache, 0, sizeof(*cache));
}

static struct slot *
slot_at(const struct cache *cache, uint64_t set, unsigned way)
{
	return (struct slot *)(void *)(cache->slots +
	    (set * WAYS + way) * cache->stride);
}

static uint64_t
set_of(const struct cache *cache, uint64_t first, uint64_t second)
{
	uint64_t hash = first * UINT64_C(0x9e3779b97f4a7c15);

	hash = (hash ^ hash >> 32 ^ second) * UINT64_C(0xd6e8feb86659fd93);
	return hash >> 32 & cache->mask;
}

static struct slot *
find(struct cache *cache, uint64_t first, uint64_t second)
{
	uint64_t set = set_of(cache, first, second);
	struct slot *slot;
	unsigned way;

	for (way = 0; way < WAYS; way++) {
		slot = slot_at(cache, set, way);
		if (slot->first == first && slot->second == second &&
		    slot->era == cache->era)
			return slot;
	}
	return NULL;
}

void *
cache_find(struct cache *cache, uint64_t first, uint64_t second)
{
	struct slot *slot = find(cache, first, second);

	return slot != NULL ? slot + 1 : NULL;
}

static struct slot *
place(struct cache *cache, uint64_t set)
{
	struct slot *slot, *oldest = NULL;
	unsigned way;

	for (way = 0; way < WAYS; way++) {
		slot = slot_at(cache, set, way);
		if (slot->era != cache->era)
			return slot;
		if (oldest == NULL || slot->age > oldest->age)
			oldest = slot;
	}
	return oldest;
}

void *
cache_victim(struct cache *cache, uint64_t first, uint64_t second)
{
	struct slot *slot = place(cache, set_of(cache, first, second));

	return slot->era == cache->era ? slot + 1 : NULL;
}

/* A set's entries go to two sets, in each of which they have room. */
static void
grow(struct cache *cache)
{
	struct cache bigger = *cache;
	const struct slot *slot;
	uint64_t set;
	unsigned way;

	bigger.mask = cache->mask * 2 + 1;
	bigger.slots = calloc((size_t)(bigger.mask + 1) * WAYS, cache->stride);
	if (bigger.slots == NULL)
		return;
	for (set = 0; set <= cache->mask; set++) {
		for (way = 0; way < WAYS; way++) {
			slot = slot_at(cache, set, way);
			if (slot->era == cache->era)
				memcpy(place(&bigger, set_of(&bigger,
				    slot->first, slot->second)), slot,
				    cache->stride);
		}
	}
	free(cache->slots);
	*cache = bigger;
}

void *
cache_add(struct cache *cache, uint64_t first, uint64_t second)
{
	size_t slots = (size_t)(cache->mask + 1) * WAYS;
	struct slot *slot;
	uint64_t set;
	unsigned way;

	assert(find(cache, first, second) == NULL);
	if (cache->used > slots / 2 && slots < cache->max)
		grow(cache);
	set = set_of(cache, first, second);
	slot = place(cache, set);
	if (slot->era != cache->era)
		cache->used++;
	for (way = 0; way < WAYS; way++)
		slot_at(cache, set, way)->age++;
	slot->first = first;
	slot->second = second;
	slot->era = cache->era;
	slot->age = 0;
	return slot + 1;
}

void
cache_drop(struct cache *cache, uint64_t first, uint64_t second)
{
	struct slot *slot = find(cache, first, second);

	if (slot == NULL)
		return;
	slot->era = 0;
	cache->used--;
}

void
cache_clear(struct cache *cache)
{
	/* Era 0 is that of slots never used or dropped. */
	if (++cache->era == 0)
		cache->era = 1;
	cache->used = 0;
}
