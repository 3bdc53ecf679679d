/* SPDX-License-Identifier: MIT */
#include "store/arena.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK 4096
#define CHUNK_MAX (256 << 10)
#define ALIGNMENT _Alignof(max_align_t)

/* The newest chunk, which leads to the older ones. */
struct store_arena {
	struct store_arena *older;
	size_t used, size;
	_Alignas(max_align_t) unsigned char bytes[];
};

void *
arena_get(struct store_arena **arena, size_t size)
{
	struct store_arena *chunk = *arena;
	size_t room;
	void *at;

	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (chunk == NULL || chunk->size - chunk->used < size) {
		room = chunk == NULL ? CHUNK : chunk->size * 2;
		if (room > CHUNK_MAX)
			room = CHUNK_MAX;
		if (room < size)
			room = size;
		chunk = malloc(sizeof(*chunk) + room);
		if (chunk == NULL)
			return NULL;
		chunk->older = *arena;
		chunk->used = 0;
		chunk->size = room;
		*arena = chunk;
	}
	at = chunk->bytes + chunk->used;
	chunk->used += size;
	return at;
}

char *
arena_copy(struct store_arena **arena, const void *data, size_t len)
{
	char *copy = arena_get(arena, len + 1);

	if (copy == NULL)
		return NULL;
	if (len != 0)
		memcpy(copy, data, len);
	copy[len] = '\0';
	return copy;
}

void
arena_free(struct store_arena *arena)
{
	struct store_arena *older;

	for (; arena != NULL; arena = older) {
		older = arena->older;
		free(arena);
	}
}
