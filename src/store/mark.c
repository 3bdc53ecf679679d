/* SPDX-License-Identifier: MIT */
#include "store/mark.h"

#include <string.h>

#include "store/pack.h"

struct siphash {
	uint64_t v0, v1, v2, v3;
};

static uint64_t
rotate(uint64_t word, int bits)
{
	return word << bits | word >> (64 - bits);
}

static void
siphash_round(struct siphash *s)
{
	s->v0 += s->v1;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v2 = rotate(s->v2, 32);
}

static void
siphash_word(struct siphash *s, uint64_t word)
{
	s->v3 ^= word;
	siphash_round(s);
	siphash_round(s);
	s->v0 ^= word;
}

static uint64_t
little_endian(const unsigned char *at, size_t len)
{
	uint64_t word = 0;

	while (len-- > 0)
		word = word << 8 | at[len];
	return word;
}

uint64_t
mark_siphash(const struct mark_key *key, const void *data, size_t len)
{
	struct siphash s = {
	    key->low ^ UINT64_C(0x736f6d6570736575),
	    key->high ^ UINT64_C(0x646f72616e646f6d),
	    key->low ^ UINT64_C(0x6c7967656e657261),
	    key->high ^ UINT64_C(0x7465646279746573)};
	const unsigned char *at = data;
	uint64_t last = (uint64_t)len << 56;
	int i;

	for (; len >= 8; at += 8, len -= 8)
		siphash_word(&s, little_endian(at, 8));
	siphash_word(&s, last | little_endian(at, len));
	s.v2 ^= 0xff;
	for (i = 0; i < 4; i++)
		siphash_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint32_t
mark_of(const struct mark_key *key, const struct record *record)
{
	unsigned char bytes[8 + CLIENT_MSG_ID_MAX];
	uint32_t mark;

	if (record->client_msg_id_len == 0)
		return 0;
	put_be64(bytes, record->sender);
	memcpy(bytes + 8, record->client_msg_id, record->client_msg_id_len);
	mark = (uint32_t)mark_siphash(key, bytes,
	    8 + (size_t)record->client_msg_id_len);
	return mark != 0 ? mark : 1;
}
