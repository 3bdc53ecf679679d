/* SPDX-License-Identifier: MIT */
#include "store/query.h"

#include <string.h>

static enum store_status
add_cursor(struct store_read *read, uint64_t conv, uint64_t seq)
{
	struct store_cursor *cursors;

	cursors = query_grow(read, read->cursors, &read->cursors_n,
	    sizeof(*cursors));
	if (cursors == NULL)
		return STORE_NOMEM;
	read->cursors = cursors;
	cursors[read->cursors_n - 1] = (struct store_cursor){conv, seq};
	return STORE_OK;
}

/* ---------------------------------------------------------------- retention */

/* A record that does not verify is left to who can mend it. */
static bool
is_overdue(struct query *query, const struct conversation_row *conversation,
    const struct store_retention *retention)
{
	const struct conversation_info *info = &conversation->info;
	struct record record;

	if (info->first_seq >= info->last_seq)
		return false;
	if (retention->keep != 0 &&
	    conversation->count - conversation->first_count > retention->keep)
		return true;
	return retention->before_us != 0 &&
	    row_get_record(query->txn, info->id, info->first_seq, &record) ==
		STORE_OK && record.at_us < retention->before_us;
}

/* Numbers of conversations have no gaps. */
enum store_status
query_overdue(struct query *query, struct store_read *read)
{
	uint64_t conv = read->after != 0 ? read->after : 1;
	struct conversation_row row;
	enum store_status status;
	uint32_t n;

	for (n = 0; n < read->limit; n++, conv++) {
		status = row_get_conversation(query->txn, conv, &row);
		if (status == STORE_NOT_FOUND)
			return STORE_OK;
		if (status == STORE_CORRUPT)
			query_say_damaged(query, conv);
		else if (status != STORE_OK)
			return status;
		else if (row.info.kind <= CONVERSATION_DIRECT && is_overdue(
		    query, &row, &read->retention[row.info.kind]))
			status = add_cursor(read, conv, row.info.first_seq);
		if (status == STORE_NOMEM)
			return status;
	}
	read->more = true;
	read->next = conv;
	return STORE_OK;
}

/* ----------------------------------------------------------------- a person */

/* Whether uid may ever have written there. */
static bool
may_have_sent(struct query *query, uint64_t conv, uint64_t uid)
{
	struct conversation_row row;

	/* A damaged head hides nothing. */
	return row_get_conversation(query->txn, conv, &row) != STORE_OK ||
	    row.info.kind != CONVERSATION_DIRECT || row.info.a == uid ||
	    row.info.b == uid;
}

static enum store_status
look_at(struct store_read *read, uint64_t conv, uint64_t seq,
    struct kv_bytes value)
{
	struct record record;

	if (record_decode(value.data, value.len, &record, NULL) != 0 ||
	    record.kind != RECORD_MESSAGE || record.sender != read->uid ||
	    record.flags & RECORD_TOMBSTONE)
		return STORE_OK;
	return add_cursor(read, conv, seq);
}

/* skip: the rest of the conversation is its head, or not theirs. */
static enum store_status
look(struct query *query, struct store_read *read, struct kv_bytes key,
    struct kv_bytes value, bool *skip)
{
	const unsigned char *bytes = key.data;
	uint64_t conv = get_be64(bytes), seq = get_be64(bytes + 8);
	enum store_status status = STORE_OK;

	*skip = seq == UINT64_MAX || (conv != read->conv &&
	    !may_have_sent(query, conv, read->uid));
	if (!*skip)
		status = look_at(read, conv, seq, value);
	read->conv = conv;
	return status;
}

enum store_status
query_sent_by(struct query *query, struct store_read *read)
{
	struct kv_cursor *cursor = kv_cursor_new(query->txn, KV_CONV);
	enum store_status status = STORE_OK;
	struct kv_bytes key, value;
	enum kv_result result;
	struct key from;
	uint32_t n = 0;
	bool skip;

	if (cursor == NULL)
		return STORE_NOMEM;
	key_pair(&from, read->conv, read->after);
	read->conv = 0; /* may_have_sent() is asked again */
	result = kv_seek(cursor, key_bytes(&from), &key, &value);
	while (result == KV_OK && key.len >= 16 && n++ < read->limit) {
		status = look(query, read, key, value, &skip);
		if (status != STORE_OK)
			break;
		key_pair(&from, read->conv + 1, 0);
		result = skip ? kv_seek(cursor, key_bytes(&from), &key, &value)
			      : kv_next(cursor, &key, &value);
	}
	kv_cursor_free(cursor);
	read->more = status == STORE_OK && result == KV_OK;
	if (read->more) {
		read->conv = get_be64(key.data);
		read->next = get_be64((const unsigned char *)key.data + 8);
	}
	if (status == STORE_OK && result != KV_OK && result != KV_NONE)
		status = row_status(result);
	return status;
}

static enum store_status
add_person(struct query *query, struct store_read *read, uint64_t uid)
{
	struct store_person *people;
	const char *name;

	people = query_grow(read, read->people, &read->people_n,
	    sizeof(*people));
	if (people == NULL)
		return STORE_NOMEM;
	read->people = people;
	people += read->people_n - 1;
	people->uid = uid;
	name = query_find_name(query, uid);
	memcpy(people->name, name, strlen(name) + 1);
	return STORE_OK;
}

enum store_status
query_erasing(struct query *query, struct store_read *read)
{
	struct kv_cursor *cursor = kv_cursor_new(query->txn, KV_META);
	enum store_status status = STORE_OK;
	struct kv_bytes key, value;
	enum kv_result result;
	struct key from;

	if (cursor == NULL)
		return STORE_NOMEM;
	key_erasing(&from, 0);
	result = kv_seek(cursor, key_bytes(&from), &key, &value);
	while (status == STORE_OK && result == KV_OK && key.len == from.len &&
	    memcmp(key.data, from.bytes, from.len - 8) == 0) {
		status = add_person(query, read, get_be64(
		    (const unsigned char *)key.data + key.len - 8));
		result = kv_next(cursor, &key, &value);
	}
	kv_cursor_free(cursor);
	if (status == STORE_OK && result != KV_OK && result != KV_NONE)
		status = row_status(result);
	if (status == STORE_OK && read->uid != 0)
		status = query_memberships(query, read);
	return status;
}
