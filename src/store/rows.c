/* SPDX-License-Identifier: MIT */
#include "store/rows.h"

#include <string.h>

#include "store/pack.h"

enum store_status
row_status(enum kv_result result)
{
	switch (result) {
	case KV_OK:
		return STORE_OK;
	case KV_NONE:
		return STORE_NOT_FOUND;
	case KV_FULL:
		return STORE_NO_SPACE;
	case KV_NOMEM:
		return STORE_NOMEM;
	case KV_FAILED:
		break;
	}
	return STORE_CORRUPT;
}

enum store_status
row_open(struct kv_txn *txn, enum kv_table table, const struct key *key,
    struct unpack *in)
{
	struct kv_bytes value;
	enum kv_result result = kv_get(txn, table, key_bytes(key), &value);

	if (result != KV_OK)
		return row_status(result);
	if (unpack_begin(in, value.data, value.len, NULL) != 0)
		return STORE_CORRUPT;
	return STORE_OK;
}

enum store_status
row_close(const struct unpack *in)
{
	return unpack_end(in, NULL) == 0 ? STORE_OK : STORE_CORRUPT;
}

/* ------------------------------------------------------------- conversation */

static enum store_status
get_head(struct kv_txn *txn, uint64_t conv,
    struct conversation_row *conversation)
{
	struct conversation_info *info = &conversation->info;
	enum store_status status;
	struct unpack in;
	struct key key;

	key_head(&key, conv);
	status = row_open(txn, KV_CONV, &key, &in);
	if (status != STORE_OK)
		return status;
	info->last_seq = unpack_u64(&in);
	info->last_id = unpack_u64(&in);
	conversation->count = unpack_u64(&in);
	conversation->message_seq = unpack_u64(&in);
	conversation->at_us = (int64_t)unpack_u64(&in);
	info->first_seq = unpack_u64(&in);
	conversation->first_count = unpack_u64(&in);
	return row_close(&in);
}

enum store_status
row_get_ends(struct kv_txn *txn, uint64_t conv, uint64_t *first_seq,
    uint64_t *last_seq)
{
	struct conversation_row conversation;
	enum store_status status = get_head(txn, conv, &conversation);

	if (status == STORE_OK) {
		*first_seq = conversation.info.first_seq;
		*last_seq = conversation.info.last_seq;
	}
	return status;
}

enum store_status
row_get_last_seq(struct kv_txn *txn, uint64_t conv, uint64_t *seq)
{
	uint64_t first;

	return row_get_ends(txn, conv, &first, seq);
}

enum store_status
row_get_kind(struct kv_txn *txn, uint64_t conv, uint8_t *kind)
{
	enum store_status status;
	struct unpack in;
	struct key key;

	key_info(&key, conv);
	status = row_open(txn, KV_CONV, &key, &in);
	if (status != STORE_OK)
		return status;
	*kind = unpack_u8(&in);
	return in.failed ? STORE_CORRUPT : STORE_OK;
}

enum store_status
row_get_conversation(struct kv_txn *txn, uint64_t conv,
    struct conversation_row *conversation)
{
	struct conversation_info *info = &conversation->info;
	enum store_status status;
	struct unpack in;
	struct key key;

	memset(conversation, 0, sizeof(*conversation));
	info->id = conv;
	status = get_head(txn, conv, conversation);
	if (status != STORE_OK)
		return status;
	key_info(&key, conv);
	status = row_open(txn, KV_CONV, &key, &in);
	if (status != STORE_OK)
		return STORE_CORRUPT; /* never a head without it */
	info->kind = unpack_u8(&in);
	info->a = unpack_varint(&in);
	info->b = unpack_varint(&in);
	info->members = (uint32_t)unpack_varint(&in);
	conversation->limit = (uint32_t)unpack_varint(&in);
	info->created_us = (int64_t)unpack_u64(&in);
	info->flags = unpack_u8(&in);
	info->slow_s = (uint32_t)unpack_varint(&in);
	info->owners = (uint32_t)unpack_varint(&in);
	unpack_string(&in, info->name, sizeof(info->name));
	return row_close(&in);
}

/* Always the same size: it is overwritten in place. */
size_t
row_pack_head(const struct conversation_row *conversation, void *room)
{
	struct pack out;

	pack_begin(&out, room, ROW_MAX, 0);
	pack_u64(&out, conversation->info.last_seq);
	pack_u64(&out, conversation->info.last_id);
	pack_u64(&out, conversation->count);
	pack_u64(&out, conversation->message_seq);
	pack_u64(&out, (uint64_t)conversation->at_us);
	pack_u64(&out, conversation->info.first_seq);
	pack_u64(&out, conversation->first_count);
	return pack_end(&out);
}

size_t
row_pack_info(const struct conversation_row *conversation, void *room)
{
	const struct conversation_info *info = &conversation->info;
	struct pack out;

	pack_begin(&out, room, ROW_MAX, 0);
	pack_u8(&out, info->kind);
	pack_varint(&out, info->a);
	pack_varint(&out, info->b);
	pack_varint(&out, info->members);
	pack_varint(&out, conversation->limit);
	pack_u64(&out, (uint64_t)info->created_us);
	pack_u8(&out, info->flags);
	pack_varint(&out, info->slow_s);
	pack_varint(&out, info->owners);
	pack_string(&out, info->name);
	return pack_end(&out);
}

/* ------------------------------------------------------------------- people */

enum store_status
row_unpack_member(struct kv_bytes value, struct member_row *row)
{
	struct unpack in;

	if (unpack_begin(&in, value.data, value.len, NULL) != 0)
		return STORE_CORRUPT;
	row->flags = in.flags;
	row->role = unpack_u8(&in);
	row->joined_seq = unpack_u64(&in);
	row->delivered_seq = unpack_u64(&in);
	row->read_seq = unpack_u64(&in);
	row->joined_us = (int64_t)unpack_u64(&in);
	row->muted_until_us = (int64_t)unpack_u64(&in);
	row->delivered_us = (int64_t)unpack_u64(&in);
	row->read_us = (int64_t)unpack_u64(&in);
	row->posted_us = (int64_t)unpack_u64(&in);
	return row_close(&in);
}

enum store_status
row_get_member(struct kv_txn *txn, uint64_t conv, uint64_t uid,
    struct member_row *row)
{
	struct kv_bytes value;
	enum kv_result result;
	struct key key;

	key_pair(&key, conv, uid);
	result = kv_get(txn, KV_MEMB, key_bytes(&key), &value);
	if (result != KV_OK)
		return row_status(result);
	return row_unpack_member(value, row);
}

size_t
row_pack_member(const struct member_row *row, void *room)
{
	struct pack out;

	pack_begin(&out, room, ROW_MAX, row->flags);
	pack_u8(&out, row->role);
	pack_u64(&out, row->joined_seq);
	pack_u64(&out, row->delivered_seq);
	pack_u64(&out, row->read_seq);
	pack_u64(&out, (uint64_t)row->joined_us);
	pack_u64(&out, (uint64_t)row->muted_until_us);
	pack_u64(&out, (uint64_t)row->delivered_us);
	pack_u64(&out, (uint64_t)row->read_us);
	pack_u64(&out, (uint64_t)row->posted_us);
	return pack_end(&out);
}

enum store_status
row_unpack_move(struct kv_bytes value, struct move_row *row)
{
	struct unpack in;

	if (unpack_begin(&in, value.data, value.len, NULL) != 0)
		return STORE_CORRUPT;
	row->from = unpack_u64(&in);
	row->at_us = (int64_t)unpack_u64(&in);
	return row_close(&in);
}

size_t
row_pack_move(const struct move_row *row, void *room)
{
	struct pack out;

	pack_begin(&out, room, ROW_MAX, 0);
	pack_u64(&out, row->from);
	pack_u64(&out, (uint64_t)row->at_us);
	return pack_end(&out);
}

enum store_status
row_get_grant(struct kv_txn *txn, enum kv_table table, const struct key *key,
    struct grant_row *row)
{
	enum store_status status;
	struct unpack in;

	status = row_open(txn, table, key, &in);
	if (status != STORE_OK)
		return status;
	row->by = unpack_u64(&in);
	row->at_us = (int64_t)unpack_u64(&in);
	row->until_us = (int64_t)unpack_u64(&in);
	return row_close(&in);
}

size_t
row_pack_grant(const struct grant_row *row, void *room)
{
	struct pack out;

	pack_begin(&out, room, ROW_MAX, 0);
	pack_u64(&out, row->by);
	pack_u64(&out, (uint64_t)row->at_us);
	pack_u64(&out, (uint64_t)row->until_us);
	return pack_end(&out);
}

enum store_status
row_get_texts(struct kv_txn *txn, uint64_t conv, struct kv_bytes *title,
    struct kv_bytes *description)
{
	enum store_status status;
	struct unpack in;
	struct key key;

	*title = *description = (struct kv_bytes){"", 0};
	key_texts(&key, conv);
	status = row_open(txn, KV_CONV, &key, &in);
	if (status != STORE_OK)
		return status == STORE_NOT_FOUND ? STORE_OK : status;
	title->len = (size_t)unpack_varint(&in);
	title->data = unpack_bytes(&in, title->len);
	description->len = (size_t)unpack_varint(&in);
	description->data = unpack_bytes(&in, description->len);
	return row_close(&in);
}

size_t
row_pack_texts(struct kv_bytes title, struct kv_bytes description, void *room)
{
	struct pack out;

	pack_begin(&out, room, TITLE_MAX + DESCRIPTION_MAX + 32, 0);
	pack_varint(&out, title.len);
	pack_bytes(&out, title.data, title.len);
	pack_varint(&out, description.len);
	pack_bytes(&out, description.data, description.len);
	return pack_end(&out);
}

enum store_status
row_get_user(struct kv_txn *txn, uint64_t uid, struct user_row *row)
{
	enum store_status status;
	struct unpack in;
	struct key key;

	key_u64(&key, uid);
	status = row_open(txn, KV_USER, &key, &in);
	if (status != STORE_OK)
		return status;
	row->flags = in.flags;
	row->created_us = (int64_t)unpack_u64(&in);
	unpack_string(&in, row->name, sizeof(row->name));
	return row_close(&in);
}

size_t
row_pack_user(const struct user_row *row, void *room)
{
	struct pack out;

	pack_begin(&out, room, ROW_MAX, row->flags);
	pack_u64(&out, (uint64_t)row->created_us);
	pack_string(&out, row->name);
	return pack_end(&out);
}

/* ------------------------------------------------------------------ devices */

enum store_status
row_open_device(struct kv_bytes value, struct device_row *row)
{
	if (unpack_begin(&row->in, value.data, value.len, NULL) != 0)
		return STORE_CORRUPT;
	row->used_us = (int64_t)unpack_u64(&row->in);
	row->cursors_n = (size_t)unpack_varint(&row->in);
	return row->in.failed ? STORE_CORRUPT : STORE_OK;
}

bool
row_next_cursor(struct device_row *row, struct store_cursor *cursor)
{
	if (row->cursors_n == 0)
		return false;
	cursor->conv = unpack_varint(&row->in);
	cursor->seq = unpack_varint(&row->in);
	row->cursors_n--;
	return !row->in.failed;
}

enum store_status
row_close_device(const struct device_row *row)
{
	return row->cursors_n == 0 ? row_close(&row->in) : STORE_CORRUPT;
}

size_t
row_pack_device(int64_t used_us, const struct store_cursor *cursors, size_t n,
    void *room)
{
	struct pack out;
	size_t i;

	pack_begin(&out, room, ROW_DEVICE_SIZE(n), 0);
	pack_u64(&out, (uint64_t)used_us);
	pack_varint(&out, n);
	for (i = 0; i < n; i++) {
		pack_varint(&out, cursors[i].conv);
		pack_varint(&out, cursors[i].seq);
	}
	return pack_end(&out);
}

/* ------------------------------------------------------------------ numbers */

enum store_status
row_get_u64(struct kv_txn *txn, enum kv_table table, const struct key *key,
    uint64_t *value)
{
	enum store_status status;
	struct unpack in;

	status = row_open(txn, table, key, &in);
	if (status != STORE_OK)
		return status;
	*value = unpack_u64(&in);
	return row_close(&in);
}

size_t
row_pack_u64(uint64_t value, void *room)
{
	struct pack out;

	pack_begin(&out, room, ROW_MAX, 0);
	pack_u64(&out, value);
	return pack_end(&out);
}

size_t
row_pack_change(uint64_t conv, uint64_t seq, void *room)
{
	struct pack out;

	pack_begin(&out, room, ROW_MAX, 0);
	pack_u64(&out, conv);
	pack_u64(&out, seq);
	return pack_end(&out);
}

enum store_status
row_unpack_change(struct kv_bytes value, uint64_t *conv, uint64_t *seq)
{
	struct unpack in;

	if (unpack_begin(&in, value.data, value.len, NULL) != 0)
		return STORE_CORRUPT;
	*conv = unpack_u64(&in);
	*seq = unpack_u64(&in);
	return row_close(&in);
}

/* ------------------------------------------------------------------- trails */

enum store_status
row_get_trail(struct kv_txn *txn, uint64_t hash, struct kv_bytes *trail)
{
	enum store_status status;
	struct unpack in;
	struct key key;

	*trail = (struct kv_bytes){"", 0};
	key_u64(&key, hash);
	status = row_open(txn, KV_TRAIL, &key, &in);
	if (status != STORE_OK)
		return status == STORE_NOT_FOUND ? STORE_OK : status;
	trail->len = (size_t)unpack_varint(&in);
	trail->data = unpack_bytes(&in, trail->len);
	return row_close(&in);
}

size_t
row_pack_trail(struct kv_bytes trail, void *room)
{
	struct pack out;

	pack_begin(&out, room, TRAIL_MAX + 32, 0);
	pack_varint(&out, trail.len);
	pack_bytes(&out, trail.data, trail.len);
	return pack_end(&out);
}

/* ------------------------------------------------------------------ records */

enum store_status
row_get_record(struct kv_txn *txn, uint64_t conv, uint64_t seq,
    struct record *record)
{
	struct kv_bytes value;
	enum kv_result result;
	struct key key;

	key_record(&key, conv, seq);
	result = kv_get(txn, KV_CONV, key_bytes(&key), &value);
	if (result != KV_OK)
		return row_status(result);
	if (record_decode(value.data, value.len, record, NULL) != 0)
		return STORE_CORRUPT;
	record->conv = conv;
	record->seq = seq;
	return STORE_OK;
}
