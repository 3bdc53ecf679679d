/* SPDX-License-Identifier: MIT */
#include "store/record.h"

#include <string.h>

#include "store/pack.h"

size_t
record_encode(const struct record *record, void *room, size_t size)
{
	struct pack pack;

	pack_begin(&pack, room, size, record->flags);
	pack_u8(&pack, record->kind);
	pack_u8(&pack, record->transport);
	pack_u8(&pack, record->role);
	pack_varint(&pack, record->id);
	pack_varint(&pack, (uint64_t)record->at_us);
	pack_varint(&pack, record->count);
	pack_varint(&pack, record->sender);
	pack_varint(&pack, record->subject);
	pack_varint(&pack, record->target);
	pack_varint(&pack, record->reply_to);
	pack_varint(&pack, (uint64_t)record->edited_us);
	pack_varint(&pack, (uint64_t)record->until_us);
	pack_u64(&pack, record->trail);
	pack_varint(&pack, record->generation);
	pack_u8(&pack, record->client_msg_id_len);
	pack_bytes(&pack, record->client_msg_id, record->client_msg_id_len);
	if (record->client_msg_id_len != 0)
		pack_u64(&pack, record->fingerprint);
	pack_varint(&pack, record->text_len);
	pack_bytes(&pack, record->text, record->text_len);
	return pack_end(&pack);
}

int
record_decode(const void *data, size_t len, struct record *record,
    struct error *err)
{
	struct unpack in;
	uint64_t generation, text_len;

	memset(record, 0, sizeof(*record));
	if (unpack_begin(&in, data, len, err) != 0)
		return -1;
	record->flags = in.flags;
	record->kind = unpack_u8(&in);
	record->transport = unpack_u8(&in);
	record->role = unpack_u8(&in);
	record->id = unpack_varint(&in);
	record->at_us = (int64_t)unpack_varint(&in);
	record->count = unpack_varint(&in);
	record->sender = unpack_varint(&in);
	record->subject = unpack_varint(&in);
	record->target = unpack_varint(&in);
	record->reply_to = unpack_varint(&in);
	record->edited_us = (int64_t)unpack_varint(&in);
	record->until_us = (int64_t)unpack_varint(&in);
	record->trail = unpack_u64(&in);
	generation = unpack_varint(&in);
	record->generation = (uint32_t)generation;
	record->client_msg_id_len = unpack_u8(&in);
	record->client_msg_id = unpack_bytes(&in, record->client_msg_id_len);
	if (record->client_msg_id_len != 0)
		record->fingerprint = unpack_u64(&in);
	text_len = unpack_varint(&in);
	record->text_len = (uint32_t)text_len;
	record->text = unpack_bytes(&in, (size_t)text_len);
	if (generation > UINT32_MAX || text_len > TEXT_MAX ||
	    record->client_msg_id_len > CLIENT_MSG_ID_MAX || record->kind == 0)
		in.failed = true;
	return unpack_end(&in, err);
}
