/* SPDX-License-Identifier: MIT */
#include "store/pack.h"

#include <string.h>

#include "store/record.h"

#define CHECKSUMMED 6 /* of the header: version, flags, length */

static void
put_be32(unsigned char *at, uint32_t value)
{
	at[0] = (unsigned char)(value >> 24);
	at[1] = (unsigned char)(value >> 16);
	at[2] = (unsigned char)(value >> 8);
	at[3] = (unsigned char)value;
}

static uint32_t
get_be32(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	    (uint32_t)at[2] << 8 | at[3];
}

static uint32_t
checksum(const unsigned char *value, size_t fields)
{
	uint32_t crc = record_crc32c(0, value, CHECKSUMMED);

	return record_crc32c(crc, value + PACK_HEADER, fields);
}

static bool
has_room(struct pack *pack, size_t n)
{
	if ((size_t)(pack->end - pack->at) < n)
		pack->failed = true;
	return !pack->failed;
}

void
pack_begin(struct pack *pack, void *room, size_t size, uint8_t flags)
{
	pack->start = pack->at = room;
	pack->end = pack->start + size;
	pack->failed = false;
	if (!has_room(pack, PACK_HEADER))
		return;
	pack->start[0] = PACK_VERSION;
	pack->start[1] = flags;
	pack->at += PACK_HEADER;
}

void
pack_u8(struct pack *pack, uint8_t value)
{
	if (has_room(pack, 1))
		*pack->at++ = value;
}

void
pack_u32(struct pack *pack, uint32_t value)
{
	if (!has_room(pack, 4))
		return;
	put_be32(pack->at, value);
	pack->at += 4;
}

void
pack_u64(struct pack *pack, uint64_t value)
{
	if (!has_room(pack, 8))
		return;
	put_be64(pack->at, value);
	pack->at += 8;
}

void
pack_varint(struct pack *pack, uint64_t value)
{
	while (value >= 0x80 && has_room(pack, 1)) {
		*pack->at++ = (unsigned char)(value | 0x80);
		value >>= 7;
	}
	pack_u8(pack, (uint8_t)value);
}

void
pack_bytes(struct pack *pack, const void *data, size_t len)
{
	if (len == 0 || !has_room(pack, len))
		return;
	memcpy(pack->at, data, len);
	pack->at += len;
}

void
pack_string(struct pack *pack, const char *string)
{
	size_t len = strlen(string);

	pack_varint(pack, len);
	pack_bytes(pack, string, len);
}

size_t
pack_end(struct pack *pack)
{
	size_t fields;

	if (pack->failed)
		return 0;
	fields = (size_t)(pack->at - pack->start) - PACK_HEADER;
	put_be32(pack->start + 2, (uint32_t)fields);
	put_be32(pack->start + CHECKSUMMED, checksum(pack->start, fields));
	return fields + PACK_HEADER;
}

int
unpack_begin(struct unpack *unpack, const void *data, size_t len,
    struct error *err)
{
	const unsigned char *value = data;

	if (len < PACK_HEADER) {
		error_set(err, ERROR_CORRUPT, "a value of %zu bytes", len);
		return -1;
	}
	if (value[0] != PACK_VERSION) {
		error_set(err, ERROR_CORRUPT, "a value of version %u",
		    value[0]);
		return -1;
	}
	if (get_be32(value + 2) != len - PACK_HEADER) {
		error_set(err, ERROR_CORRUPT, "a value's length is wrong");
		return -1;
	}
	if (get_be32(value + CHECKSUMMED) !=
	    checksum(value, len - PACK_HEADER)) {
		error_set(err, ERROR_CORRUPT, "a value's checksum is wrong");
		return -1;
	}
	unpack->at = value + PACK_HEADER;
	unpack->end = value + len;
	unpack->flags = value[1];
	unpack->failed = false;
	return 0;
}

const void *
unpack_bytes(struct unpack *unpack, size_t len)
{
	const void *at = unpack->at;

	if (unpack->failed || (size_t)(unpack->end - unpack->at) < len) {
		unpack->failed = true;
		return NULL;
	}
	unpack->at += len;
	return at;
}

uint8_t
unpack_u8(struct unpack *unpack)
{
	const unsigned char *at = unpack_bytes(unpack, 1);

	return at != NULL ? *at : 0;
}

uint32_t
unpack_u32(struct unpack *unpack)
{
	const unsigned char *at = unpack_bytes(unpack, 4);

	return at != NULL ? get_be32(at) : 0;
}

uint64_t
unpack_u64(struct unpack *unpack)
{
	const unsigned char *at = unpack_bytes(unpack, 8);

	return at != NULL ? get_be64(at) : 0;
}

uint64_t
unpack_varint(struct unpack *unpack)
{
	uint64_t value = 0;
	unsigned shift;
	uint8_t byte;

	for (shift = 0; shift < 64; shift += 7) {
		byte = unpack_u8(unpack);
		if (shift == 63 && byte > 1)
			break;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return unpack->failed ? 0 : value;
	}
	unpack->failed = true;
	return 0;
}

void
unpack_string(struct unpack *unpack, char *room, size_t size)
{
	uint64_t len = unpack_varint(unpack);
	const void *at;

	room[0] = '\0';
	if (len >= size) {
		unpack->failed = true;
		return;
	}
	at = unpack_bytes(unpack, (size_t)len);
	if (at == NULL)
		return;
	memcpy(room, at, (size_t)len);
	room[len] = '\0';
}

int
unpack_end(const struct unpack *unpack, struct error *err)
{
	if (!unpack->failed && unpack->at == unpack->end)
		return 0;
	error_set(err, ERROR_CORRUPT, "a value's fields do not add up");
	return -1;
}
