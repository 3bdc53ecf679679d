/* SPDX-License-Identifier: MIT */
#include "store/query.h"

#include <stdlib.h>
#include <string.h>

static enum store_status
answer(struct query *query, struct store_read *read)
{
	switch (read->kind) {
	case STORE_READ_USER:
		return query_user(query, read);
	case STORE_READ_PERSON:
		return query_person(query, read);
	case STORE_READ_CONVERSATION:
		return query_conversation(query, read);
	case STORE_READ_CATCH_UP:
		return query_catch_up(query, read);
	case STORE_READ_HISTORY:
		return query_history(query, read);
	case STORE_READ_MEMBERS:
		return query_members(query, read);
	case STORE_READ_CONVERSATIONS:
		return query_conversations(query, read);
	case STORE_READ_CLIENT_MSG_ID:
		return query_client_msg_id(query, read);
	case STORE_READ_PEOPLE:
		return query_people(query, read);
	case STORE_READ_RECEIPTS:
		return query_receipts(query, read);
	case STORE_READ_VERSIONS:
		return query_versions(query, read);
	case STORE_READ_SEARCH:
		return query_search(query, read);
	case STORE_READ_STORY:
		return query_story(query, read);
	case STORE_READ_OVERDUE:
		return query_overdue(query, read);
	case STORE_READ_SENT_BY:
		return query_sent_by(query, read);
	case STORE_READ_ERASING:
		return query_erasing(query, read);
	case STORE_READ_ACCOUNT:
		return query_account(query, read);
	case STORE_READ_DEVICES:
		return query_devices(query, read);
	case STORE_READ_EVENT:
		return query_event(query, read);
	case STORE_READ_ACCOUNTS:
		return query_accounts(query, read);
	case STORE_READ_BANS:
		return query_bans(query, read);
	case STORE_READ_BLOCKS:
		return query_blocked(query, read);
	}
	abort(); /* a kind that does not exist */
}

/* The highest id of the snapshot. */
static enum store_status
find_upto(struct query *query, uint64_t *upto)
{
	struct kv_cursor *cursor = kv_cursor_new(query->txn, KV_CHG);
	struct kv_bytes key, value;
	enum kv_result result;

	if (cursor == NULL)
		return STORE_NOMEM;
	*upto = 0;
	result = kv_last(cursor, &key, &value);
	if (result == KV_OK && key.len == 8)
		*upto = get_be64(key.data);
	kv_cursor_free(cursor);
	return result == KV_NONE ? STORE_OK : row_status(result);
}

enum store_status
query_answer(struct query *query, struct store_read *read)
{
	enum store_status status = find_upto(query, &read->upto);

	if (status == STORE_OK)
		status = answer(query, read);
	if (status == STORE_OK && (read->kind == STORE_READ_HISTORY ||
	    read->kind == STORE_READ_SEARCH))
		status = query_add_reactions(query, read);
	if (status == STORE_CORRUPT)
		log_write(query->log, LOG_LEVEL_ERROR, "store.corrupt",
		    "read=%d conv=%llu person=%llu", (int)read->kind,
		    (unsigned long long)read->conv,
		    (unsigned long long)read->uid);
	return status;
}

const char *
query_find_name(struct query *query, uint64_t uid)
{
	struct query_name *slot = &query->names[uid % QUERY_NAMES];
	struct user_row row;

	if (uid == 0)
		return "";
	if (slot->uid == uid)
		return slot->name;
	if (row_get_user(query->txn, uid, &row) != STORE_OK)
		return "";
	slot->uid = uid;
	memcpy(slot->name, row.name, sizeof(slot->name));
	return slot->name;
}

static const char *
keep_name(struct query *query, struct store_read *read, uint64_t uid)
{
	const char *name = query_find_name(query, uid);

	return arena_copy(&read->arena, name, strlen(name));
}

/* Most records have the sender of one of the last. */
static const char *
sender_name(struct query *query, struct store_read *read, uint64_t uid)
{
	size_t i;

	for (i = read->records_n; i-- > 0 && read->records_n - i <= 8;) {
		if (read->records[i].sender == uid &&
		    read->records[i].sender_name != NULL)
			return read->records[i].sender_name;
	}
	return keep_name(query, read, uid);
}

enum store_status
query_keep_record(struct query *query, struct store_read *read,
    const struct record *record)
{
	struct record *kept = &read->records[read->records_n];
	enum store_status status = STORE_OK;

	*kept = *record;
	if (kept->kind == RECORD_EDITED)
		status = query_fill_edited(query, read, kept);
	if (status != STORE_OK)
		return status;
	kept->text = arena_copy(&read->arena, kept->text, kept->text_len);
	kept->client_msg_id = arena_copy(&read->arena, record->client_msg_id,
	    record->client_msg_id_len);
	kept->sender_name = sender_name(query, read, record->sender);
	if (record->subject != 0)
		kept->subject_name = keep_name(query, read, record->subject);
	if (kept->text == NULL || kept->client_msg_id == NULL ||
	    kept->sender_name == NULL ||
	    (record->subject != 0 && kept->subject_name == NULL))
		return STORE_NOMEM;
	read->records_n++;
	return STORE_OK;
}

/* The array has room for 16 elements or the next power of two. */
void *
query_grow(struct store_read *read, void *array, size_t *n, size_t element)
{
	void *moved;

	if (*n == 0 || (*n >= 16 && (*n & (*n - 1)) == 0)) {
		moved = arena_get(&read->arena,
		    (*n == 0 ? 16 : *n * 2) * element);
		if (moved == NULL)
			return NULL;
		if (*n != 0)
			memcpy(moved, array, *n * element);
		array = moved;
	}
	memset((char *)array + (*n)++ * element, 0, element);
	return array;
}

enum store_status
query_add_gap(struct store_read *read, uint64_t conv, uint64_t from,
    uint64_t to)
{
	struct store_gap *gaps = read->gaps;

	if (read->gaps_n != 0 && gaps[read->gaps_n - 1].conv == conv &&
	    gaps[read->gaps_n - 1].to + 1 == from) {
		gaps[read->gaps_n - 1].to = to;
		return STORE_OK;
	}
	gaps = query_grow(read, gaps, &read->gaps_n, sizeof(*gaps));
	if (gaps == NULL)
		return STORE_NOMEM;
	read->gaps = gaps;
	gaps[read->gaps_n - 1] = (struct store_gap){conv, from, to};
	return STORE_OK;
}

void
query_say_damaged(const struct query *query, uint64_t conv)
{
	log_write(query->log, LOG_LEVEL_ERROR, "store.corrupt",
	    "conv=%llu: it does not verify and is left out",
	    (unsigned long long)conv);
}

enum store_status
query_say_lost(struct query *query, struct store_read *read, uint64_t conv,
    uint64_t seq)
{
	log_write(query->log, LOG_LEVEL_ERROR, "store.corrupt",
	    "conv=%llu seq=%llu: a record does not verify",
	    (unsigned long long)conv, (unsigned long long)seq);
	return query_add_gap(read, conv, seq, seq);
}
