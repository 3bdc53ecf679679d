/* SPDX-License-Identifier: MIT */
#include "store/query.h"

#include <string.h>

/* -------------------------------------------------------- who may ask, what */

/* As far as read->uid is one of its members; 0: the operator asks. */
static enum store_status
find_asker(struct query *query, struct store_read *read, uint64_t *joined_seq)
{
	const struct conversation_info *info = &read->conversation;
	enum store_status status;
	struct member_row row;

	*joined_seq = 0;
	if (read->uid == 0 || info->kind == CONVERSATION_PUBLIC)
		return STORE_OK;
	status = row_get_member(query->txn, info->id, read->uid, &row);
	if (status != STORE_OK)
		return status == STORE_NOT_FOUND ? STORE_NOT_MEMBER : status;
	read->role = row.role;
	if ((info->flags & CONVERSATION_SINCE_JOIN) != 0)
		*joined_seq = row.joined_seq;
	return STORE_OK;
}

/* The event `after` of conv, if it is there and the asker may see it. */
static enum store_status
find_event(struct query *query, struct store_read *read,
    struct record *event)
{
	struct conversation_row conversation;
	enum store_status status;
	uint64_t joined_seq;

	status = row_get_conversation(query->txn, read->conv, &conversation);
	if (status != STORE_OK)
		return status;
	read->conversation = conversation.info;
	status = find_asker(query, read, &joined_seq);
	if (status != STORE_OK)
		return status;
	if (read->after <= joined_seq ||
	    read->after > conversation.info.last_seq)
		return STORE_NO_MESSAGE;
	status = row_get_record(query->txn, read->conv, read->after, event);
	return status == STORE_NOT_FOUND ? STORE_NO_MESSAGE : status;
}

/* ----------------------------------------------------------------- receipts */

/* One mark of a member, and an event that it has reached. */
struct passage {
	uint64_t conv, uid, seq; /* the event's */
	char which;		 /* 'd' or 'r' */
	uint64_t mark_seq;	 /* where it is now */
	int64_t moved_us;	 /* and since when */
};

/*
 * When it did: the first move to the event or beyond, where that was kept; at
 * that time at the latest, where one before it, which did, was not.
 */
static enum store_status
find_time(struct kv_cursor *cursor, const struct passage *passage,
    int64_t *at_us, bool *imprecise)
{
	struct kv_bytes key, value;
	enum store_status status;
	enum kv_result result;
	struct move_row row;
	struct key from;

	key_mark(&from, passage->conv, passage->uid, passage->which,
	    passage->seq);
	result = kv_seek(cursor, key_bytes(&from), &key, &value);
	if (result != KV_OK && result != KV_NONE)
		return row_status(result);
	if (result == KV_NONE || key.len != from.len ||
	    memcmp(key.data, from.bytes, from.len - 8) != 0) {
		*at_us = passage->moved_us;
		*imprecise |= passage->mark_seq != passage->seq;
		return STORE_OK;
	}
	status = row_unpack_move(value, &row);
	if (status != STORE_OK)
		return status;
	*at_us = row.at_us;
	*imprecise |= row.from >= passage->seq;
	return STORE_OK;
}

static enum store_status
find_times(struct query *query, const struct member_row *row,
    const struct record *event, struct store_member *member)
{
	struct kv_cursor *cursor = kv_cursor_new(query->txn, KV_MARK);
	const struct passage delivered = {event->conv, member->uid,
	    event->seq, 'd', row->delivered_seq, row->delivered_us};
	const struct passage seen = {event->conv, member->uid,
	    event->seq, 'r', row->read_seq, row->read_us};
	enum store_status status = STORE_OK;

	if (cursor == NULL)
		return STORE_NOMEM;
	if (row->delivered_seq >= event->seq)
		status = find_time(cursor, &delivered, &member->delivered_us,
		    &member->imprecise);
	if (status == STORE_OK && member->read_seq >= event->seq)
		status = find_time(cursor, &seen, &member->read_us,
		    &member->imprecise);
	kv_cursor_free(cursor);
	return status;
}

static enum store_status
keep_member(struct query *query, struct store_read *read,
    const struct record *event, const struct member_row *row,
    const struct store_member *counted)
{
	struct store_member *members, *member;
	const char *name;

	members = query_grow(read, read->members, &read->members_n,
	    sizeof(*members));
	if (members == NULL)
		return STORE_NOMEM;
	read->members = members;
	member = &members[read->members_n - 1];
	*member = *counted;
	name = query_find_name(query, member->uid);
	memcpy(member->name, name, strlen(name) + 1);
	return find_times(query, row, event, member);
}

static enum store_status
find_hides_read(struct query *query, uint64_t uid, bool *hides)
{
	enum store_status status;
	struct user_row row;

	*hides = false;
	status = row_get_user(query->txn, uid, &row);
	if (status == STORE_OK)
		*hides = (row.flags & USER_HIDES_READ) != 0;
	return status == STORE_NOT_FOUND ? STORE_OK : status;
}

/* Counts a member the event was for; one of the page is kept, too. */
static enum store_status
add_member(struct query *query, struct store_read *read,
    const struct record *event, uint64_t from, uint64_t uid,
    const struct member_row *row)
{
	struct store_member member = {.uid = uid,
	    .role = row->role,
	    .joined_seq = row->joined_seq,
	    .delivered_seq = row->delivered_seq,
	    .muted_until_us = row->muted_until_us};
	enum store_status status;

	if (uid == event->sender || row->joined_seq >= event->seq)
		return STORE_OK;
	status = find_hides_read(query, uid, &member.hides_read);
	if (status != STORE_OK)
		return status;
	if (!member.hides_read)
		member.read_seq = row->read_seq;
	read->of_n++;
	read->delivered_n += row->delivered_seq >= event->seq;
	read->read_n += member.read_seq >= event->seq;
	if (uid < from)
		return STORE_OK;
	if (read->members_n == read->limit) {
		read->more = true;
		return STORE_OK;
	}
	return keep_member(query, read, event, row, &member);
}

enum store_status
query_add_receipts(struct query *query, struct store_read *read,
    const struct record *event, uint64_t from)
{
	struct kv_cursor *cursor = kv_cursor_new(query->txn, KV_MEMB);
	enum store_status status = STORE_OK;
	struct kv_bytes key, value;
	enum kv_result result;
	struct member_row row;
	struct key first;

	if (cursor == NULL)
		return STORE_NOMEM;
	key_u64(&first, event->conv);
	result = kv_seek(cursor, key_bytes(&first), &key, &value);
	while (status == STORE_OK && result == KV_OK && key.len == 16 &&
	    get_be64(key.data) == event->conv) {
		status = row_unpack_member(value, &row);
		if (status == STORE_OK)
			status = add_member(query, read, event, from,
			    get_be64((const unsigned char *)key.data + 8),
			    &row);
		if (status == STORE_OK)
			result = kv_next(cursor, &key, &value);
	}
	kv_cursor_free(cursor);
	if (status != STORE_OK || result == KV_OK || result == KV_NONE)
		return status;
	return row_status(result);
}

enum store_status
query_receipts(struct query *query, struct store_read *read)
{
	enum store_status status;
	struct record event;

	status = find_event(query, read, &event);
	if (status != STORE_OK)
		return status;
	read->records = arena_get(&read->arena, sizeof(*read->records));
	if (read->records == NULL)
		return STORE_NOMEM;
	status = query_keep_record(query, read, &event);
	if (status != STORE_OK)
		return status;
	return query_add_receipts(query, read, &event, read->before);
}

/* ----------------------------------------------------------------- versions */

static enum store_status
keep_version(struct query *query, struct store_read *read,
    struct kv_bytes value)
{
	struct record *records, version;

	if (record_decode(value.data, value.len, &version, NULL) != 0)
		return STORE_CORRUPT;
	version.conv = read->conv;
	version.seq = read->after;
	records = query_grow(read, read->records, &read->records_n,
	    sizeof(*records));
	if (records == NULL)
		return STORE_NOMEM;
	read->records = records;
	read->records_n--; /* the room is there */
	return query_keep_record(query, read, &version);
}

static enum store_status
keep_versions(struct query *query, struct store_read *read)
{
	struct kv_cursor *cursor = kv_cursor_new(query->txn, KV_OLD);
	enum store_status status = STORE_OK;
	struct kv_bytes key, value;
	enum kv_result result;
	struct key from;

	if (cursor == NULL)
		return STORE_NOMEM;
	key_pair(&from, read->conv, read->after);
	result = kv_seek(cursor, key_bytes(&from), &key, &value);
	while (status == STORE_OK && result == KV_OK && key.len > from.len &&
	    memcmp(key.data, from.bytes, from.len) == 0) {
		read->more = read->records_n == read->limit;
		if (read->more)
			break;
		status = keep_version(query, read, value);
		if (status == STORE_OK)
			result = kv_next(cursor, &key, &value);
	}
	kv_cursor_free(cursor);
	if (status != STORE_OK || result == KV_OK || result == KV_NONE)
		return status;
	return row_status(result);
}

enum store_status
query_versions(struct query *query, struct store_read *read)
{
	enum store_status status;
	struct record message;

	status = find_event(query, read, &message);
	if (read->uid != 0 &&
	    (status == STORE_OK || status == STORE_NO_MESSAGE) &&
	    !permission_has((enum role)read->role, PERMISSION_VERSIONS)) {
		read->missing = PERMISSION_VERSIONS;
		return STORE_FORBIDDEN;
	}
	if (status != STORE_OK)
		return status;
	if (message.kind != RECORD_MESSAGE)
		return STORE_NO_MESSAGE;
	return keep_versions(query, read);
}
