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

static uint64_t
rotate(uint64_t word, int bits)
{
	return word << bits | word >> (64 - bits);
}

static void
sip_rounds(uint64_t v[4], int n)
{
	while (n-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

uint64_t
hash_keyed(const struct hash_key *key, const void *data, size_t len)
{
	/* "somepseudorandomlygeneratedbytes", in four words */
	uint64_t v[4] = {
	    key->words[0] ^ UINT64_C(0x736f6d6570736575),
	    key->words[1] ^ UINT64_C(0x646f72616e646f6d),
	    key->words[0] ^ UINT64_C(0x6c7967656e657261),
	    key->words[1] ^ UINT64_C(0x7465646279746573)};
	const unsigned char *at = data;
	uint64_t last = (uint64_t)len << 56, word;

	for (; len >= 8; at += 8, len -= 8) {
		word = little_endian(at, 8);
		v[3] ^= word;
		sip_rounds(v, 2);
		v[0] ^= word;
	}
	last |= little_endian(at, len);
	v[3] ^= last;
	sip_rounds(v, 2);
	v[0] ^= last;
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
