/* SPDX-License-Identifier: MIT */
#include "base/map.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define MAP_FIRST_SLOTS 8

static size_t
home(const struct map *map, uint64_t key)
{
	key ^= key >> 32;
	key *= UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(key >> 32) & map->mask;
}

static size_t
find(const struct map *map, uint64_t key)
{
	size_t at = home(map, key);

	while (map->slots[at].key != 0 && map->slots[at].key != key)
		at = (at + 1) & map->mask;
	return at;
}

void
map_fini(struct map *map)
{
	free(map->slots);
	memset(map, 0, sizeof(*map));
}

void *
map_get(const struct map *map, uint64_t key)
{
	if (map->count == 0)
		return NULL;
	return map->slots[find(map, key)].value;
}

static int
grow(struct map *map)
{
	struct map bigger = {0};
	size_t i, slots;

	slots = map->slots != NULL ? (map->mask + 1) * 2 : MAP_FIRST_SLOTS;
	bigger.slots = calloc(slots, sizeof(*bigger.slots));
	if (bigger.slots == NULL)
		return -1;
	bigger.mask = slots - 1;
	bigger.count = map->count;
	for (i = 0; map->slots != NULL && i <= map->mask; i++) {
		if (map->slots[i].key != 0)
			bigger.slots[find(&bigger, map->slots[i].key)] =
			    map->slots[i];
	}
	free(map->slots);
	*map = bigger;
	return 0;
}

int
map_put(struct map *map, uint64_t key, void *value)
{
	size_t at;

	assert(key != 0 && value != NULL);
	if (map->slots == NULL || map->count + 1 > (map->mask + 1) / 4 * 3) {
		if (grow(map) != 0)
			return -1;
	}
	at = find(map, key);
	if (map->slots[at].key == 0)
		map->count++;
	map->slots[at].key = key;
	map->slots[at].value = value;
	return 0;
}

void *
map_remove(struct map *map, uint64_t key)
{
	size_t hole, next, want;
	void *value;

	if (map->count == 0)
		return NULL;
	hole = find(map, key);
	value = map->slots[hole].value;
	if (map->slots[hole].key == 0)
		return NULL;
	for (next = hole;;) {
		next = (next + 1) & map->mask;
		if (map->slots[next].key == 0)
			break;
		want = home(map, map->slots[next].key);
		/* It may move back only if its home is not after the hole. */
		if (((next - want) & map->mask) >= ((next - hole) & map->mask)) {
			map->slots[hole] = map->slots[next];
			hole = next;
		}
	}
	map->slots[hole].key = 0;
	map->slots[hole].value = NULL;
	map->count--;
	return value;
}

void *
map_next(const struct map *map, size_t *at)
{
	while (map->slots != NULL && *at <= map->mask) {
		void *value = map->slots[(*at)++].value;

		if (value != NULL)
			return value;
	}
	return NULL;
}
