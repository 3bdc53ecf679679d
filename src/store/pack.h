/* SPDX-License-Identifier: MIT */
#ifndef STORE_PACK_H
#define STORE_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * The form of every stored value.  Numbers are big-endian; varint is LEB128.
 *
 *	version u8 | flags u8 | length u32 | CRC32C u32 | fields
 *
 * length counts the fields; the checksum covers all but itself.
 */
#define PACK_VERSION 1
#define PACK_HEADER 10
#define PACK_VARINT_MAX 10

/* Writes into the caller's room; what does not fit sets `failed`. */
struct pack {
	unsigned char *start, *at, *end;
	bool failed;
};

void pack_begin(struct pack *pack, void *room, size_t size, uint8_t flags);
void pack_u8(struct pack *pack, uint8_t value);
void pack_u32(struct pack *pack, uint32_t value);
void pack_u64(struct pack *pack, uint64_t value);
void pack_varint(struct pack *pack, uint64_t value);
void pack_bytes(struct pack *pack, const void *data, size_t len);
void pack_string(struct pack *pack, const char *string); /* with its length */
size_t pack_end(struct pack *pack); /* the size, 0 if it failed */

/* Reads; what is not there sets `failed` and reads as 0. */
struct unpack {
	const unsigned char *at, *end;
	uint8_t flags;
	bool failed;
};

/* -1 and err when version, length or checksum do not verify. */
int unpack_begin(struct unpack *unpack, const void *data, size_t len,
    struct error *err);
uint8_t unpack_u8(struct unpack *unpack);
uint32_t unpack_u32(struct unpack *unpack);
uint64_t unpack_u64(struct unpack *unpack);
uint64_t unpack_varint(struct unpack *unpack);
const void *unpack_bytes(struct unpack *unpack, size_t len);
/* Into room of size bytes, NUL-terminated. */
void unpack_string(struct unpack *unpack, char *room, size_t size);
/* -1 and err unless all was read, and nothing more was asked for. */
int unpack_end(const struct unpack *unpack, struct error *err);

static inline void
put_be64(unsigned char *at, uint64_t value)
{
	int i;

	for (i = 7; i >= 0; i--, value >>= 8)
		at[i] = (unsigned char)value;
}

static inline uint64_t
get_be64(const unsigned char *at)
{
	uint64_t value = 0;
	int i;

	for (i = 0; i < 8; i++)
		value = value << 8 | at[i];
	return value;
}

#endif
