/* SPDX-License-Identifier: MIT */
#ifndef STORE_ARENA_H
#define STORE_ARENA_H

#include <stddef.h>

/*
 * Memory that is freed all at once: the results of one read.  NULL is an
 * empty arena.
 */
struct store_arena;

/* Uninitialised, aligned for anything; NULL: no memory. */
void *arena_get(struct store_arena **arena, size_t size);

/* A copy with a NUL behind it. */
char *arena_copy(struct store_arena **arena, const void *data, size_t len);

void arena_free(struct store_arena *arena);

#endif
