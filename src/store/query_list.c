/* SPDX-License-Identifier: MIT */
#include "store/query.h"

#include <stdlib.h>
#include <string.h>

/* -------------------------------------------------------------- invitations */

/* One that is damaged is left out: the person has the others. */
static enum store_status
add_invitation(struct query *query, struct store_read *read, uint64_t conv)
{
	struct store_invitation *invitations, *invitation;
	struct conversation_row conversation;
	enum store_status status;
	struct grant_row grant;
	const char *name;
	struct key key;

	key_pair(&key, conv, read->uid);
	status = row_get_grant(query->txn, KV_INVITE, &key, &grant);
	if (status == STORE_OK)
		status = row_get_conversation(query->txn, conv, &conversation);
	if (status == STORE_CORRUPT || status == STORE_NOT_FOUND) {
		query_say_damaged(query, conv);
		return STORE_OK;
	}
	if (status != STORE_OK)
		return status;
	invitations = query_grow(read, read->invitations,
	    &read->invitations_n, sizeof(*invitations));
	if (invitations == NULL)
		return STORE_NOMEM;
	read->invitations = invitations;
	invitation = &invitations[read->invitations_n - 1];
	invitation->conversation = conversation.info;
	invitation->by = grant.by;
	invitation->at_us = grant.at_us;
	name = query_find_name(query, grant.by);
	memcpy(invitation->by_name, name, strlen(name) + 1);
	return STORE_OK;
}

enum store_status
query_invitations(struct query *query, struct store_read *read)
{
	struct kv_cursor *cursor = kv_cursor_new(query->txn, KV_UINVITE);
	enum store_status status = STORE_OK;
	struct kv_bytes key, value;
	enum kv_result result;
	struct key from;

	if (cursor == NULL)
		return STORE_NOMEM;
	key_u64(&from, read->uid);
	result = kv_seek(cursor, key_bytes(&from), &key, &value);
	while (status == STORE_OK && result == KV_OK && key.len == 16 &&
	    get_be64(key.data) == read->uid) {
		status = add_invitation(query, read,
		    get_be64((const unsigned char *)key.data + 8));
		result = kv_next(cursor, &key, &value);
	}
	kv_cursor_free(cursor);
	if (status != STORE_OK || result == KV_NONE)
		return status;
	return row_status(result);
}

/* ------------------------------------------ what is told of a conversation */

static enum store_status
keep_newest_message(struct query *query, struct store_read *read,
    const struct conversation_row *row,
    const struct store_membership *membership)
{
	uint64_t conv = row->info.id, seq = row->message_seq;
	enum store_status status;
	struct record record;

	if (seq > query_floor(&row->info, membership->joined_seq)) {
		status = row_get_record(query->txn, conv, seq, &record);
		if (status == STORE_OK)
			return query_keep_record(query, read, &record);
		if (status != STORE_CORRUPT && status != STORE_NOT_FOUND)
			return status;
		status = query_say_lost(query, read, conv, seq);
		if (status != STORE_OK)
			return status;
	}
	memset(&read->records[read->records_n++], 0, sizeof(record));
	return STORE_OK;
}

static enum store_status
tell_texts(struct query *query, struct store_read *read,
    struct store_membership *membership)
{
	struct kv_bytes title, description;
	enum store_status status;

	status = row_get_texts(query->txn, membership->conversation.id,
	    &title, &description);
	if (status != STORE_OK)
		return status;
	membership->title = arena_copy(&read->arena, title.data, title.len);
	membership->description = arena_copy(&read->arena, description.data,
	    description.len);
	return membership->title != NULL && membership->description != NULL
	    ? STORE_OK : STORE_NOMEM;
}

/* Of a direct conversation: how far the other side is. */
static enum store_status
tell_other(struct query *query, const struct store_read *read,
    struct store_membership *membership)
{
	const struct conversation_info *info = &membership->conversation;
	uint64_t other = info->a == read->uid ? info->b : info->a, seen = 0;
	enum store_status status;
	struct member_row member;
	struct user_row user;
	struct key key;

	membership->other = other;
	key_u64(&key, other);
	status = row_get_u64(query->txn, KV_SEEN, &key, &seen);
	if (status == STORE_OK)
		membership->other_seen_us = (int64_t)seen;
	if (status == STORE_OK || status == STORE_NOT_FOUND)
		status = row_get_user(query->txn, other, &user);
	if (status == STORE_OK)
		status = row_get_member(query->txn, info->id, other, &member);
	if (status != STORE_OK) /* erased: they have no marks */
		return status == STORE_NOT_FOUND ? STORE_OK : status;
	membership->other_delivered = member.delivered_seq;
	if ((user.flags & USER_HIDES_READ) == 0 || other == read->uid)
		membership->other_read = member.read_seq;
	return STORE_OK;
}

static enum store_status
tell_all(struct query *query, struct store_read *read,
    struct store_membership *membership)
{
	struct conversation_row row;
	enum store_status status;

	status = row_get_conversation(query->txn, membership->conversation.id,
	    &row);
	if (status == STORE_OK)
		status = keep_newest_message(query, read, &row, membership);
	if (status == STORE_OK)
		status = tell_texts(query, read, membership);
	if (status == STORE_OK && row.info.kind == CONVERSATION_DIRECT)
		status = tell_other(query, read, membership);
	if (status == STORE_OK)
		status = query_unread(query, read, &row, membership);
	return status;
}

/* ----------------------------------------------------------------- the list */

static int
by_newest(const void *one, const void *other)
{
	const struct store_membership *a = one, *b = other;

	return (a->conversation.last_id < b->conversation.last_id) -
	    (a->conversation.last_id > b->conversation.last_id);
}

/* Of all memberships, those of the page that is asked for. */
static void
cut_page(struct store_read *read)
{
	struct store_membership *all = read->memberships;
	size_t from = 0, n = read->memberships_n;

	if (n == 0)
		return;
	qsort(all, n, sizeof(*all), by_newest);
	while (read->before != 0 && from < n &&
	    all[from].conversation.last_id >= read->before)
		from++;
	n -= from;
	if (read->limit != 0 && n > read->limit) {
		n = read->limit;
		read->more = true;
	}
	read->memberships = all + from;
	read->memberships_n = n;
}

static enum store_status
find_listed(struct query *query, struct store_read *read)
{
	enum store_status status;

	if (read->conv != 0)
		return query_membership(query, read, read->conv);
	status = query_memberships(query, read);
	cut_page(read);
	if (status == STORE_OK && read->before == 0)
		status = query_invitations(query, read);
	return status;
}

enum store_status
query_conversations(struct query *query, struct store_read *read)
{
	enum store_status status = find_listed(query, read);
	size_t i;

	if (status == STORE_OK)
		status = query_blocks(query, read);
	if (status != STORE_OK)
		return status;
	read->records = arena_get(&read->arena,
	    read->memberships_n * sizeof(*read->records));
	if (read->records == NULL)
		return STORE_NOMEM;
	for (i = 0; i < read->memberships_n && status == STORE_OK; i++)
		status = tell_all(query, read, &read->memberships[i]);
	return status;
}
