/* SPDX-License-Identifier: MIT */
#include "store/query.h"

#include <string.h>

static enum store_status
find_event(struct query *query, struct store_read *read,
    struct record *event)
{
	struct conversation_row conversation;
	enum store_status status = STORE_OK;

	if (read->before != 0)
		status = query_find_id(query, read->before, &read->conv,
		    &read->after);
	if (status == STORE_OK)
		status = row_get_conversation(query->txn, read->conv,
		    &conversation);
	if (status != STORE_OK)
		return status;
	read->conversation = conversation.info;
	if (read->after < conversation.info.first_seq ||
	    read->after > conversation.info.last_seq)
		return STORE_NO_MESSAGE;
	status = row_get_record(query->txn, read->conv, read->after, event);
	return status == STORE_NOT_FOUND ? STORE_CORRUPT : status;
}

static enum store_status
keep_event(struct query *query, struct store_read *read,
    const struct record *event)
{
	enum store_status status;
	struct kv_bytes trail;

	read->records = arena_get(&read->arena, sizeof(*read->records));
	if (read->records == NULL)
		return STORE_NOMEM;
	status = query_keep_record(query, read, event);
	if (status == STORE_OK)
		status = row_get_trail(query->txn, event->trail, &trail);
	if (status != STORE_OK)
		return status;
	read->trail = arena_copy(&read->arena, trail.data, trail.len);
	return read->trail != NULL ? STORE_OK : STORE_NOMEM;
}

/* ------------------------------------------------------------------ devices */

/* The device's cursor in read's conversation, 0 where it has none. */
static enum store_status
find_cursor(const struct store_read *read, struct device_row *row,
    uint64_t *seq)
{
	struct store_cursor cursor;

	*seq = 0;
	while (row_next_cursor(row, &cursor)) {
		if (cursor.conv == read->conv)
			*seq = cursor.seq;
	}
	return row_close_device(row);
}

/* key: the person, the device. */
static enum store_status
keep_device(struct store_read *read, struct kv_bytes key,
    struct kv_bytes value)
{
	struct store_device *devices, *device;
	enum store_status status;
	struct device_row row;
	size_t len = key.len - 8;

	devices = query_grow(read, read->devices, &read->devices_n,
	    sizeof(*devices));
	if (devices == NULL)
		return STORE_NOMEM;
	read->devices = devices;
	device = &devices[read->devices_n - 1];
	device->uid = get_be64(key.data);
	if (len > DEVICE_MAX)
		return STORE_CORRUPT;
	memcpy(device->device, (const char *)key.data + 8, len);
	status = row_open_device(value, &row);
	if (status != STORE_OK)
		return status;
	device->used_us = row.used_us;
	return find_cursor(read, &row, &device->seq);
}

static enum store_status
keep_devices(struct store_read *read, struct kv_cursor *cursor, uint64_t uid)
{
	enum store_status status = STORE_OK;
	struct kv_bytes key, value;
	enum kv_result result;
	struct key from;

	key_u64(&from, uid);
	result = kv_seek(cursor, key_bytes(&from), &key, &value);
	while (status == STORE_OK && result == KV_OK && key.len > 8 &&
	    get_be64(key.data) == uid) {
		status = keep_device(read, key, value);
		result = kv_next(cursor, &key, &value);
	}
	if (status != STORE_OK || result == KV_OK || result == KV_NONE)
		return status;
	return row_status(result);
}

/* ------------------------------------------------------------------- blocks */

static enum store_status
keep_block(struct query *query, struct store_read *read, uint64_t uid,
    uint64_t sender)
{
	struct kv_bytes value;
	enum kv_result result;
	uint64_t *blocks;
	struct key key;

	key_pair(&key, uid, sender);
	result = kv_get(query->txn, KV_BLOCK, key_bytes(&key), &value);
	if (result != KV_OK)
		return result == KV_NONE ? STORE_OK : row_status(result);
	blocks = query_grow(read, read->blocks, &read->blocks_n,
	    sizeof(*blocks));
	if (blocks == NULL)
		return STORE_NOMEM;
	read->blocks = blocks;
	blocks[read->blocks_n - 1] = uid;
	return STORE_OK;
}

/* Of the members that are shown: their devices, and whom they block. */
static enum store_status
keep_theirs(struct query *query, struct store_read *read, uint64_t sender)
{
	struct kv_cursor *cursor = kv_cursor_new(query->txn, KV_CUR);
	enum store_status status = STORE_OK;
	size_t i;

	if (cursor == NULL)
		return STORE_NOMEM;
	for (i = 0; i < read->members_n && status == STORE_OK; i++) {
		status = keep_devices(read, cursor, read->members[i].uid);
		if (status == STORE_OK)
			status = keep_block(query, read, read->members[i].uid,
			    sender);
	}
	kv_cursor_free(cursor);
	return status;
}

enum store_status
query_story(struct query *query, struct store_read *read)
{
	enum store_status status;
	struct record event;

	status = find_event(query, read, &event);
	if (status == STORE_OK)
		status = keep_event(query, read, &event);
	if (status == STORE_OK)
		status = query_add_receipts(query, read, &event, 0);
	if (status == STORE_OK)
		status = keep_theirs(query, read, event.sender);
	return status;
}
