/* SPDX-License-Identifier: MIT */
#include "store/query.h"

#include <stdlib.h>

#include "store/mention.h"

/*
 * Own messages, deleted ones and other events do not count: so many records
 * are looked at, and what lies beyond is "more".
 */
#define SCAN_MAX 20000

struct scan {
	const struct store_read *read;
	struct store_membership *membership;
	const char *name; /* of read->uid */
	uint64_t last;	  /* seq */
	uint64_t messages; /* of any kind, still ahead */
	unsigned looked_at;
};

static int
by_uid(const void *one, const void *other)
{
	uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;

	return (a > b) - (a < b);
}

/* blocks[] is in the order of the table, that of uids. */
bool
query_is_blocked(const struct store_read *read, uint64_t uid)
{
	return read->blocks_n != 0 && bsearch(&uid, read->blocks,
	    read->blocks_n, sizeof(uid), by_uid) != NULL;
}

static bool
counts(const struct scan *scan, const struct record *record)
{
	return (record->flags & RECORD_TOMBSTONE) == 0 &&
	    record->sender != scan->read->uid &&
	    (scan->membership->conversation.kind != CONVERSATION_GROUP ||
	    !query_is_blocked(scan->read, record->sender));
}

/* False: the scan is over. */
static bool
look_at(struct scan *scan, const struct record *record)
{
	struct store_membership *membership = scan->membership;

	if (record->kind != RECORD_MESSAGE)
		return true;
	scan->messages--;
	if (!counts(scan, record))
		return true;
	if (membership->unread == UNREAD_MAX) {
		membership->unread_more = true;
		return false;
	}
	membership->unread++;
	if (mention_in(record->text, record->text_len, scan->name))
		membership->mentions++;
	return true;
}

/* What does not verify counts as nothing: history tells of it. */
static bool
look_at_value(struct scan *scan, struct kv_bytes key, struct kv_bytes value)
{
	const unsigned char *bytes = key.data;
	struct record record;

	if (key.len != 16 || get_be64(bytes + 8) > scan->last ||
	    get_be64(bytes) != scan->membership->conversation.id)
		return false;
	if (++scan->looked_at > SCAN_MAX) {
		scan->membership->unread_more = true;
		return false;
	}
	return record_decode(value.data, value.len, &record, NULL) != 0 ||
	    look_at(scan, &record);
}

static enum store_status
scan_from(struct query *query, struct scan *scan, uint64_t first)
{
	struct kv_cursor *cursor = kv_cursor_new(query->txn, KV_CONV);
	struct kv_bytes key, value;
	enum kv_result result;
	struct key from;

	if (cursor == NULL)
		return STORE_NOMEM;
	key_record(&from, scan->membership->conversation.id, first);
	result = kv_seek(cursor, key_bytes(&from), &key, &value);
	while (result == KV_OK && scan->messages != 0 &&
	    look_at_value(scan, key, value))
		result = kv_next(cursor, &key, &value);
	kv_cursor_free(cursor);
	return result == KV_NONE ? STORE_OK : row_status(result);
}

enum store_status
query_unread(struct query *query, const struct store_read *read,
    const struct conversation_row *row, struct store_membership *membership)
{
	uint64_t mark = membership->read_seq, before;
	struct scan scan = {.read = read, .membership = membership,
	    .last = row->info.last_seq};
	enum store_status status;

	if (mark < membership->joined_seq)
		mark = membership->joined_seq;
	if (mark + 1 < row->info.first_seq)
		mark = row->info.first_seq - 1;
	if (mark >= row->message_seq)
		return STORE_OK; /* no message is behind it */
	status = query_count_at(query, row, mark, &before);
	if (status != STORE_OK || before >= row->count)
		return status;
	scan.messages = row->count - before;
	scan.name = query_find_name(query, read->uid);
	return scan_from(query, &scan, mark + 1);
}
