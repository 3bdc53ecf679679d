/* SPDX-License-Identifier: MIT */
#ifndef STORE_SEARCH_BLOCK_H
#define STORE_SEARCH_BLOCK_H

#include <stdint.h>

#include "store/keys.h"

/*
 * The unit of the search index: where, among SEARCH_BLOCK_SEQS consecutive
 * seqs of a conversation, a term occurs.  In memory one bit for each seq; on
 * disk, under (conv, number of the block, hash of the term), the places as
 * ascending u16, or the bits where these are shorter.  There is no checksum:
 * what the index says is verified against the records.
 */
#define SEARCH_BLOCK_SHIFT 12
#define SEARCH_BLOCK_SEQS (1 << SEARCH_BLOCK_SHIFT)
#define SEARCH_BLOCK_WORDS (SEARCH_BLOCK_SEQS / 64)
#define SEARCH_BLOCK_BYTES (SEARCH_BLOCK_SEQS / 8)

struct search_block {
	uint64_t words[SEARCH_BLOCK_WORDS];
};

static inline uint64_t
search_block_of(uint64_t seq)
{
	return seq >> SEARCH_BLOCK_SHIFT;
}

static inline void
search_block_key(struct key *key, uint64_t conv, uint64_t block,
    uint32_t hash)
{
	key_pair(key, conv, block << 32 | hash);
}

/* place: seq % SEARCH_BLOCK_SEQS */
static inline void
search_block_add(struct search_block *block, unsigned place)
{
	block->words[place / 64] |= UINT64_C(1) << place % 64;
}

/* Adds what value says; nothing where it is damaged. */
void search_block_unpack(struct search_block *block, struct kv_bytes value);

/* Into room of SEARCH_BLOCK_BYTES; the size. */
size_t search_block_pack(const struct search_block *block, void *room);

/* Keeps what both have. */
void search_block_and(struct search_block *block,
    const struct search_block *other);

/* The highest place at or below `from`; -1: none. */
int search_block_last(const struct search_block *block, unsigned from);

#endif
