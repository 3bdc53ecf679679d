/* SPDX-License-Identifier: MIT */
#include "store/query.h"

#include <stdlib.h>
#include <string.h>

static bool
is_of(struct kv_bytes key, uint64_t first)
{
	return key.len == 16 && get_be64(key.data) == first;
}

static uint64_t
second_of(struct kv_bytes key)
{
	return get_be64((const unsigned char *)key.data + 8);
}

/* --------------------------------------------------------- one conversation */

static enum store_status
find_person(struct query *query, const char *name, size_t len, uint64_t *uid)
{
	enum store_status status;
	struct key key;

	*uid = 0;
	if (len > NAME_BYTES_MAX)
		return STORE_OK;
	key.len = len;
	memcpy(key.bytes, name, len);
	status = row_get_u64(query->txn, KV_UNAME, &key, uid);
	return status == STORE_NOT_FOUND ? STORE_OK : status;
}

/* "@alice:bob", in either order. */
static enum store_status
find_direct(struct query *query, struct store_read *read, uint64_t *conv)
{
	const char *first = read->name + 1, *colon = strchr(first, ':');
	enum store_status status;
	struct key key;
	uint64_t a, b;

	if (colon == NULL)
		return STORE_NOT_FOUND;
	status = find_person(query, first, (size_t)(colon - first), &a);
	if (status == STORE_OK)
		status = find_person(query, colon + 1, strlen(colon + 1), &b);
	if (status != STORE_OK)
		return status;
	read->conversation.a = a;
	read->conversation.b = b;
	if (a == 0 || b == 0)
		return STORE_NOT_FOUND;
	key_direct(&key, a, b);
	return row_get_u64(query->txn, KV_CNAME, &key, conv);
}

enum store_status
query_conversation(struct query *query, struct store_read *read)
{
	enum store_status status = STORE_OK;
	struct conversation_row conversation;
	uint64_t conv = read->conv;
	struct key key;

	if (conv == 0 && read->name[0] == '@') {
		status = find_direct(query, read, &conv);
	} else if (conv == 0) {
		key_string(&key, read->name);
		status = row_get_u64(query->txn, KV_CNAME, &key, &conv);
	}
	if (status == STORE_OK)
		status = row_get_conversation(query->txn, conv, &conversation);
	if (status == STORE_OK)
		read->conversation = conversation.info;
	return status;
}

/* -------------------------------------------------------------- memberships */

/* One that is damaged is left out: the person has the others. */
static enum store_status
add_membership(struct query *query, struct store_read *read, uint64_t conv)
{
	struct store_membership *memberships, *membership;
	struct conversation_row conversation;
	enum store_status status;
	struct member_row row;

	status = row_get_member(query->txn, conv, read->uid, &row);
	if (status == STORE_OK)
		status = row_get_conversation(query->txn, conv, &conversation);
	if (status == STORE_CORRUPT || status == STORE_NOT_FOUND) {
		query_say_damaged(query, conv);
		return STORE_OK;
	}
	if (status != STORE_OK)
		return status;
	memberships = query_grow(read, read->memberships,
	    &read->memberships_n, sizeof(*memberships));
	if (memberships == NULL)
		return STORE_NOMEM;
	read->memberships = memberships;
	membership = &memberships[read->memberships_n - 1];
	membership->conversation = conversation.info;
	membership->role = row.role;
	membership->joined_seq = row.joined_seq;
	membership->delivered_seq = row.delivered_seq;
	membership->read_seq = row.read_seq;
	membership->muted_until_us = row.muted_until_us;
	membership->marked_unread = (row.flags & MEMBER_UNREAD) != 0;
	membership->title = membership->description = "";
	return STORE_OK;
}

enum store_status
query_membership(struct query *query, struct store_read *read, uint64_t conv)
{
	enum store_status status;
	struct member_row row;
	uint64_t last_seq;

	status = row_get_last_seq(query->txn, conv, &last_seq);
	if (status != STORE_OK)
		return status;
	status = row_get_member(query->txn, conv, read->uid, &row);
	if (status == STORE_NOT_FOUND)
		return STORE_NOT_MEMBER;
	return status == STORE_OK ? add_membership(query, read, conv)
				  : status;
}

enum store_status
query_memberships(struct query *query, struct store_read *read)
{
	struct kv_cursor *cursor = kv_cursor_new(query->txn, KV_UMEMB);
	enum store_status status = STORE_OK;
	struct kv_bytes key, value;
	enum kv_result result;
	struct key from;

	if (cursor == NULL)
		return STORE_NOMEM;
	key_u64(&from, read->uid);
	result = kv_seek(cursor, key_bytes(&from), &key, &value);
	while (status == STORE_OK && result == KV_OK && is_of(key, read->uid)) {
		status = add_membership(query, read, second_of(key));
		result = kv_next(cursor, &key, &value);
	}
	kv_cursor_free(cursor);
	if (status != STORE_OK || result == KV_NONE)
		return status;
	return row_status(result);
}

/* Looks from `from` on, then before it: the lists are mostly in one order. */
static bool
has_position(const struct store_read *read, uint64_t conv, size_t *from)
{
	size_t i, at;

	for (i = 0; i < read->positions_n; i++) {
		at = (*from + i) % read->positions_n;
		if (read->positions[at].conv == conv) {
			*from = at + 1;
			return true;
		}
	}
	return false;
}

static size_t
count_memberships(const struct store_read *read)
{
	size_t i, n = read->positions_n;

	for (i = 0; i < read->positions_n; i++) {
		if (read->positions[i].conv == LOBBY_ID)
			n--;
	}
	return n;
}

/* What query_memberships() leaves out is not missed. */
static bool
is_damaged(struct query *query, uint64_t uid, uint64_t conv)
{
	struct conversation_row conversation;
	struct member_row row;

	return row_get_member(query->txn, conv, uid, &row) != STORE_OK ||
	    row_get_conversation(query->txn, conv, &conversation) != STORE_OK;
}

enum store_status
query_check_positions(struct query *query, struct store_read *read,
    bool *same)
{
	struct kv_cursor *cursor = kv_cursor_new(query->txn, KV_UMEMB);
	struct kv_bytes key, value;
	enum kv_result result;
	size_t n = 0, from = 0;
	struct key first;

	if (cursor == NULL)
		return STORE_NOMEM;
	*same = true;
	key_u64(&first, read->uid);
	result = kv_seek(cursor, key_bytes(&first), &key, &value);
	while (*same && result == KV_OK && is_of(key, read->uid)) {
		if (has_position(read, second_of(key), &from))
			n++;
		else
			*same = is_damaged(query, read->uid, second_of(key));
		result = kv_next(cursor, &key, &value);
	}
	kv_cursor_free(cursor);
	*same = *same && n == count_memberships(read);
	return result == KV_OK || result == KV_NONE ? STORE_OK
						    : row_status(result);
}

/* ------------------------------------------------------------------ members */

/* Whether their read mark is for nobody else. */
static enum store_status
hide_marks(struct query *query, struct store_member *member)
{
	enum store_status status;
	struct user_row user;

	status = row_get_user(query->txn, member->uid, &user);
	if (status == STORE_OK)
		member->hides_read = (user.flags & USER_HIDES_READ) != 0;
	return status == STORE_NOT_FOUND ? STORE_OK : status;
}

static enum store_status
add_member(struct query *query, struct store_read *read, uint64_t uid,
    struct kv_bytes value)
{
	struct store_member *members, *member;
	enum store_status status;
	struct member_row row;
	const char *name;
	uint64_t seen = 0;
	struct key key;

	status = row_unpack_member(value, &row);
	if (status != STORE_OK)
		return status;
	key_u64(&key, uid);
	status = row_get_u64(query->txn, KV_SEEN, &key, &seen);
	if (status != STORE_OK && status != STORE_NOT_FOUND)
		return status;
	members = query_grow(read, read->members, &read->members_n,
	    sizeof(*members));
	if (members == NULL)
		return STORE_NOMEM;
	read->members = members;
	member = &members[read->members_n - 1];
	name = query_find_name(query, uid);
	memcpy(member->name, name, strlen(name) + 1);
	member->uid = uid;
	member->role = row.role;
	member->joined_seq = row.joined_seq;
	member->delivered_seq = row.delivered_seq;
	member->read_seq = row.read_seq;
	member->last_seen_us = (int64_t)seen;
	member->muted_until_us = row.muted_until_us;
	return hide_marks(query, member);
}

static int
by_name(const void *one, const void *other)
{
	const struct store_member *a = one, *b = other;

	return strcmp(a->name, b->name);
}

enum store_status
query_members(struct query *query, struct store_read *read)
{
	struct kv_cursor *cursor = kv_cursor_new(query->txn, KV_MEMB);
	enum store_status status = STORE_OK;
	struct kv_bytes key, value;
	enum kv_result result;
	struct key from;

	if (cursor == NULL)
		return STORE_NOMEM;
	key_u64(&from, read->conv);
	result = kv_seek(cursor, key_bytes(&from), &key, &value);
	while (status == STORE_OK && result == KV_OK &&
	    is_of(key, read->conv)) {
		status = add_member(query, read, second_of(key), value);
		result = kv_next(cursor, &key, &value);
	}
	kv_cursor_free(cursor);
	if (status == STORE_OK && result != KV_NONE)
		status = row_status(result);
	if (read->members_n != 0)
		qsort(read->members, read->members_n, sizeof(*read->members),
		    by_name);
	return status;
}
