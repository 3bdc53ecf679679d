/* SPDX-License-Identifier: MIT */
#include "store/ledger.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* How exactly it is kept when a device that acknowledges nothing was used. */
#define USED_STEP_US (INT64_C(86400) * 1000000)

/* Room to merge n cursors and to encode the row they are in. */
static enum store_status
make_room(struct ledger *ledger, size_t n)
{
	size_t size = ROW_DEVICE_SIZE(n);
	void *room;

	if (ledger->room_size < size) {
		room = realloc(ledger->room, size);
		if (room == NULL)
			return STORE_NOMEM;
		ledger->room = room;
		ledger->room_size = size;
	}
	if (ledger->cursors_size < n) {
		room = realloc(ledger->cursors, n * sizeof(*ledger->cursors));
		if (room == NULL)
			return STORE_NOMEM;
		ledger->cursors = room;
		ledger->cursors_size = n;
	}
	return STORE_OK;
}

static int
by_conv(const void *one, const void *other)
{
	const struct store_cursor *a = one, *b = other;

	return (a->conv > b->conv) - (a->conv < b->conv);
}

/*
 * Puts cursor among the n sorted ones or, if it is further, in place of the
 * one of its conversation.  The new n.
 */
static size_t
merge(struct store_cursor *cursors, size_t n, const struct store_cursor *cursor)
{
	size_t low = 0, high = n, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (cursors[middle].conv < cursor->conv)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < n && cursors[low].conv == cursor->conv) {
		if (cursors[low].seq < cursor->seq)
			cursors[low].seq = cursor->seq;
		return n;
	}
	memmove(cursors + low + 1, cursors + low, (n - low) * sizeof(*cursors));
	cursors[low] = *cursor;
	return n + 1;
}

/*
 * A cursor as far as it is meaningful: _NOT_FOUND where the person is not,
 * and never past the end.
 */
static enum store_status
clamp(struct ledger *ledger, uint64_t uid, struct store_cursor *cursor,
    struct conversation_row **conversation, struct member_row **row)
{
	enum store_status status;

	status = ledger_member(ledger, cursor->conv, uid, row);
	if (status == STORE_OK)
		status = ledger_conversation(ledger, cursor->conv,
		    conversation);
	if (status == STORE_OK && cursor->seq > (*conversation)->info.last_seq)
		cursor->seq = (*conversation)->info.last_seq;
	return status;
}

static enum store_status
put_device(struct ledger *ledger, const struct key *key, size_t n)
{
	return ledger_put(ledger, KV_CUR, key,
	    row_pack_device(ledger->now_us, ledger->cursors, n, ledger->room));
}

/* The row's cursors, with room for more; STORE_NOT_FOUND: no such device. */
static enum store_status
load_device(struct ledger *ledger, const struct key *key, size_t more,
    size_t *n, int64_t *used_us)
{
	enum store_status status;
	struct device_row row;
	struct kv_bytes value;
	enum kv_result result;

	result = kv_get(ledger->txn, KV_CUR, key_bytes(key), &value);
	if (result != KV_OK)
		return row_status(result);
	status = row_open_device(value, &row);
	if (status != STORE_OK)
		return status;
	/* A cursor is two bytes at least: the count is no wilder than that. */
	if (row.cursors_n > value.len / 2)
		return STORE_CORRUPT;
	status = make_room(ledger, row.cursors_n + more);
	if (status != STORE_OK)
		return status;
	*used_us = row.used_us;
	for (*n = 0; row_next_cursor(&row, &ledger->cursors[*n]);)
		++*n;
	return row_close_device(&row);
}

/* ------------------------------------------------------------------ cursors */

enum store_status
ledger_cursors(struct ledger *ledger, struct store_write *write)
{
	uint64_t uid = write->record.sender;
	struct conversation_row *conversation;
	struct store_cursor *cursor;
	enum store_status status = STORE_NOT_FOUND;
	struct member_row *row;
	int64_t used_us;
	struct key key;
	bool has_row;
	size_t n = 0, i;

	key_device(&key, uid, write->device);
	if (write->device[0] != '\0')
		status = load_device(ledger, &key, write->cursors_n, &n,
		    &used_us);
	if (status != STORE_OK && status != STORE_NOT_FOUND)
		return status;
	has_row = status == STORE_OK;
	for (i = 0; i < write->cursors_n; i++) {
		cursor = &write->cursors[i];
		status = clamp(ledger, uid, cursor, &conversation, &row);
		if (status == STORE_NOT_FOUND)
			continue;
		if (status == STORE_OK)
			status = ledger_deliver(ledger, conversation, uid,
			    row, cursor->seq);
		if (status != STORE_OK)
			return status;
		if (has_row)
			n = merge(ledger->cursors, n, cursor);
	}
	return has_row ? put_device(ledger, &key, n) : STORE_OK;
}

/* ------------------------------------------------------------------ devices */

static bool
is_of(struct kv_bytes key, uint64_t uid)
{
	return key.len > 8 && get_be64(key.data) == uid;
}

/* How many devices uid has, and which one was used least recently. */
static enum store_status
survey(struct ledger *ledger, uint64_t uid, unsigned *count,
    struct key *oldest)
{
	struct kv_cursor *cursor = kv_cursor_new(ledger->txn, KV_CUR);
	int64_t oldest_us = INT64_MAX;
	struct kv_bytes key, value;
	enum kv_result result;
	struct device_row row;
	struct key from;

	if (cursor == NULL)
		return STORE_NOMEM;
	*count = 0;
	key_u64(&from, uid);
	result = kv_seek(cursor, key_bytes(&from), &key, &value);
	for (; result == KV_OK && is_of(key, uid);
	     result = kv_next(cursor, &key, &value)) {
		++*count;
		if (row_open_device(value, &row) != STORE_OK)
			row.used_us = 0; /* damaged: the first to go */
		if (row.used_us >= oldest_us)
			continue;
		oldest_us = row.used_us;
		oldest->len = key.len;
		memcpy(oldest->bytes, key.data, key.len);
	}
	kv_cursor_free(cursor);
	return result == KV_OK || result == KV_NONE ? STORE_OK
						    : row_status(result);
}

static enum store_status
add_device(struct ledger *ledger, struct store_write *write,
    const struct key *key)
{
	uint64_t uid = write->record.sender;
	struct conversation_row *conversation;
	enum store_status status;
	struct member_row *row;
	struct key oldest;
	unsigned count;
	size_t n = 0, i;

	status = make_room(ledger, write->cursors_n);
	if (status == STORE_OK)
		status = survey(ledger, uid, &count, &oldest);
	if (status != STORE_OK)
		return status;
	for (i = 0; i < write->cursors_n; i++) {
		status = clamp(ledger, uid, &write->cursors[i],
		    &conversation, &row);
		if (status == STORE_OK)
			ledger->cursors[n++] = write->cursors[i];
		else if (status != STORE_NOT_FOUND)
			return status;
	}
	if (n != 0)
		qsort(ledger->cursors, n, sizeof(*ledger->cursors), by_conv);
	if (count >= ledger->device_max) {
		status = ledger_del(ledger, KV_CUR, &oldest);
		if (status != STORE_OK)
			return status;
	}
	return put_device(ledger, key, n);
}

enum store_status
ledger_device(struct ledger *ledger, struct store_write *write)
{
	enum store_status status;
	int64_t used_us;
	struct key key;
	size_t n;

	assert(write->device[0] != '\0');
	status = ledger_check_person(ledger, write->record.sender);
	if (status != STORE_OK)
		return status;
	key_device(&key, write->record.sender, write->device);
	status = load_device(ledger, &key, 0, &n, &used_us);
	if (status == STORE_NOT_FOUND)
		return add_device(ledger, write, &key);
	if (status == STORE_OK && ledger->now_us - used_us >= USED_STEP_US)
		status = put_device(ledger, &key, n);
	return status == STORE_OK ? STORE_DUPLICATE : status;
}
