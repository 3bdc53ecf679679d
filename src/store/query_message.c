/* SPDX-License-Identifier: MIT */
#include "store/query.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------- edited */

/* Whether read's person joined after that, and is not to see it. */
static enum store_status
find_hidden(struct query *query, const struct store_read *read,
    const struct record *event, bool *hidden)
{
	struct conversation_row conversation;
	enum store_status status;
	struct member_row member;

	*hidden = false;
	if (read->uid == 0)
		return STORE_OK;
	status = row_get_conversation(query->txn, event->conv, &conversation);
	if (status != STORE_OK ||
	    (conversation.info.flags & CONVERSATION_SINCE_JOIN) == 0)
		return status;
	status = row_get_member(query->txn, event->conv, read->uid, &member);
	if (status == STORE_OK)
		*hidden = event->target <= member.joined_seq;
	return status == STORE_NOT_FOUND ? STORE_OK : status;
}

enum store_status
query_fill_edited(struct query *query, const struct store_read *read,
    struct record *event)
{
	enum store_status status;
	struct record message;
	bool hidden;

	status = find_hidden(query, read, event, &hidden);
	if (status == STORE_OK && !hidden)
		status = row_get_record(query->txn, event->conv,
		    event->target, &message);
	if (status == STORE_OK && !hidden &&
	    (message.flags & RECORD_TOMBSTONE) == 0) {
		event->text = message.text;
		event->text_len = message.text_len;
		return STORE_OK;
	}
	/* Hidden, deleted, erased, or damaged: that is told in its place. */
	event->flags |= RECORD_TOMBSTONE;
	return status == STORE_NOMEM ? status : STORE_OK;
}

/* ---------------------------------------------------------------- reactions */

static int
by_emoji(const void *one, const void *other)
{
	const struct record_reaction *a = one, *b = other;
	int order = strcmp(a->emoji, b->emoji);

	return order != 0 ? order : (a->uid > b->uid) - (a->uid < b->uid);
}

/* key: conv, seq, uid, emoji. */
static enum store_status
keep_reaction(struct query *query, struct store_read *read,
    struct kv_bytes key, struct record_reaction *reaction)
{
	const unsigned char *bytes = key.data;
	const char *name;

	reaction->uid = get_be64(bytes + 16);
	name = query_find_name(query, reaction->uid);
	reaction->user = arena_copy(&read->arena, name, strlen(name));
	reaction->emoji = arena_copy(&read->arena, bytes + 24, key.len - 24);
	return reaction->user != NULL && reaction->emoji != NULL
	    ? STORE_OK : STORE_NOMEM;
}

static enum store_status
add_reactions(struct query *query, struct store_read *read,
    struct kv_cursor *cursor, struct record *message)
{
	struct record_reaction *reactions = NULL;
	enum store_status status = STORE_OK;
	struct kv_bytes key, value;
	enum kv_result result;
	struct key from;
	size_t n = 0;

	key_pair(&from, message->conv, message->seq);
	result = kv_seek(cursor, key_bytes(&from), &key, &value);
	while (status == STORE_OK && result == KV_OK && key.len > 24 &&
	    memcmp(key.data, from.bytes, from.len) == 0 &&
	    n < REACTIONS_SHOWN) {
		reactions = query_grow(read, reactions, &n,
		    sizeof(*reactions));
		if (reactions == NULL)
			return STORE_NOMEM;
		status = keep_reaction(query, read, key, &reactions[n - 1]);
		if (status == STORE_OK)
			result = kv_next(cursor, &key, &value);
	}
	if (status == STORE_OK && result != KV_OK && result != KV_NONE)
		status = row_status(result);
	if (n != 0)
		qsort(reactions, n, sizeof(*reactions), by_emoji);
	message->reactions = reactions;
	message->reactions_n = (uint32_t)n;
	return status;
}

enum store_status
query_add_reactions(struct query *query, struct store_read *read)
{
	struct kv_cursor *cursor = kv_cursor_new(query->txn, KV_REACT);
	enum store_status status = STORE_OK;
	struct record *record;
	size_t i;

	if (cursor == NULL)
		return STORE_NOMEM;
	for (i = 0; i < read->records_n && status == STORE_OK; i++) {
		record = &read->records[i];
		if (record->kind == RECORD_MESSAGE &&
		    (record->flags & RECORD_HAS_REACTIONS) != 0 &&
		    (record->flags & RECORD_TOMBSTONE) == 0)
			status = add_reactions(query, read, cursor, record);
	}
	kv_cursor_free(cursor);
	return status;
}
