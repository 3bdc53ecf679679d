/* SPDX-License-Identifier: MIT */
#include "store/search_block.h"

void
search_block_unpack(struct search_block *block, struct kv_bytes value)
{
	const unsigned char *bytes = value.data;
	size_t i;

	if (value.len == SEARCH_BLOCK_BYTES) {
		for (i = 0; i < SEARCH_BLOCK_WORDS; i++)
			block->words[i] |= get_be64(bytes + 8 * i);
		return;
	}
	for (i = 0; i + 2 <= value.len; i += 2)
		search_block_add(block,
		    (bytes[i] * 256u + bytes[i + 1]) % SEARCH_BLOCK_SEQS);
}

static size_t
count(const struct search_block *block)
{
	size_t i, n = 0;

	for (i = 0; i < SEARCH_BLOCK_WORDS; i++)
		n += (size_t)__builtin_popcountll(block->words[i]);
	return n;
}

size_t
search_block_pack(const struct search_block *block, void *room)
{
	unsigned char *at = room;
	uint64_t word;
	unsigned place;
	size_t i;

	if (count(block) * 2 >= SEARCH_BLOCK_BYTES) {
		for (i = 0; i < SEARCH_BLOCK_WORDS; i++)
			put_be64(at + 8 * i, block->words[i]);
		return SEARCH_BLOCK_BYTES;
	}
	for (i = 0; i < SEARCH_BLOCK_WORDS; i++) {
		for (word = block->words[i]; word != 0; word &= word - 1) {
			place = (unsigned)(i * 64) +
			    (unsigned)__builtin_ctzll(word);
			*at++ = (unsigned char)(place >> 8);
			*at++ = (unsigned char)place;
		}
	}
	return (size_t)(at - (unsigned char *)room);
}

void
search_block_and(struct search_block *block, const struct search_block *other)
{
	size_t i;

	for (i = 0; i < SEARCH_BLOCK_WORDS; i++)
		block->words[i] &= other->words[i];
}

int
search_block_last(const struct search_block *block, unsigned from)
{
	uint64_t word = block->words[from / 64] &
	    UINT64_MAX >> (63 - from % 64);
	int i = (int)(from / 64);

	while (word == 0 && i > 0)
		word = block->words[--i];
	return word == 0 ? -1 : i * 64 + 63 - __builtin_clzll(word);
}
