/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#define HASH_PRIME UINT64_C(0x9e3779b97f4a7c15)

static uint64_t
little_endian(const unsigned char *at, size_t len)
{
	uint64_t word = 0;
	size_t i;

	for (i = 0; i < len; i++)
		word |= (uint64_t)at[i] << (8 * i);
	return word;
}

static uint64_t
mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * HASH_PRIME;
	return hash ^ hash >> 29;
}

uint64_t
hash_bytes(const void *data, size_t len)
{
	const unsigned char *at = data;
	uint64_t hash = mix(HASH_PRIME, len);

	for (; len >= 8; at += 8, len -= 8)
		hash = mix(hash, little_endian(at, 8));
	hash = mix(hash, little_endian(at, len));
	return mix(hash, hash >> 32);
}
