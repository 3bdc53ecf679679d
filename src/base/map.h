/* SPDX-License-Identifier: MIT */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

/*
 * A map from a number (not 0) to a pointer (not NULL): open addressing with
 * linear probing, half to three quarters full, deletion by shifting back.
 * All zero is an empty map.  One thread.
 */
struct map_slot {
	uint64_t key; /* 0: free */
	void *value;
};

struct map {
	struct map_slot *slots;
	size_t mask;  /* slots - 1, or 0 before the first insertion */
	size_t count;
};

void map_fini(struct map *map); /* the values are the caller's */
void *map_get(const struct map *map, uint64_t key); /* NULL: absent */
int map_put(struct map *map, uint64_t key, void *value); /* -1: no memory */
void *map_remove(struct map *map, uint64_t key); /* the value, or NULL */

/*
 * Walks: *at begins at 0; NULL at the end.  The map must not change between
 * two steps.
 */
void *map_next(const struct map *map, size_t *at);

#endif
