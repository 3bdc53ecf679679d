/* SPDX-License-Identifier: MIT */
#include "store/query.h"

#include <string.h>

enum store_status
query_client_msg_id(struct query *query, struct store_read *read)
{
	const struct record wanted = {
	    .conv = read->conv,
	    .sender = read->uid,
	    .client_msg_id = read->client_msg_id,
	    .client_msg_id_len = (uint8_t)strlen(read->client_msg_id)};
	enum store_status status, kept;
	struct record record;
	uint64_t last;

	status = row_get_last_seq(query->txn, read->conv, &last);
	if (status == STORE_OK)
		status = row_find_client_id(query->txn, query->key, &wanted,
		    last, &record);
	if (status != STORE_DUPLICATE)
		return status;
	read->records = arena_get(&read->arena, sizeof(*read->records));
	if (read->records == NULL)
		return STORE_NOMEM;
	kept = query_keep_record(query, read, &record);
	if (kept != STORE_OK)
		return kept;
	return record.fingerprint == read->fingerprint ? STORE_DUPLICATE
						       : STORE_CONFLICT;
}

enum store_status
query_find_id(struct query *query, uint64_t id, uint64_t *conv, uint64_t *seq)
{
	struct kv_bytes value;
	enum kv_result result;
	struct key key;

	key_u64(&key, id);
	result = kv_get(query->txn, KV_CHG, key_bytes(&key), &value);
	if (result == KV_OK)
		return row_unpack_change(value, conv, seq);
	return result == KV_NONE ? STORE_NO_MESSAGE : row_status(result);
}

/* The id of the first event from *seq on whose record verifies. */
static enum store_status
find_next_id(struct query *query, const struct conversation_info *info,
    uint64_t *seq, uint64_t *id)
{
	enum store_status status = STORE_NOT_FOUND;
	struct record record;

	for (; *seq <= info->last_seq; ++*seq) {
		status = row_get_record(query->txn, info->id, *seq, &record);
		if (status == STORE_OK || status == STORE_NOMEM)
			break;
	}
	*id = status == STORE_OK ? record.id : UINT64_MAX;
	return status == STORE_NOMEM ? status : STORE_OK;
}

enum store_status
query_seq_at(struct query *query, const struct conversation_info *info,
    uint64_t since, uint64_t floor, uint64_t *seq)
{
	uint64_t low = info->first_seq - 1, high = info->last_seq;
	uint64_t middle, at, id;
	enum store_status status;

	if (low < floor)
		low = floor;
	if (info->last_id <= since)
		low = high;
	/* All up to low are of it, none above high is. */
	while (low < high) {
		middle = at = low + (high - low + 1) / 2;
		status = find_next_id(query, info, &at, &id);
		if (status != STORE_OK)
			return status;
		if (id <= since)
			low = at;
		else
			high = middle - 1;
	}
	*seq = low;
	return STORE_OK;
}

/* Whether it is for uid to see: the public room is for everyone. */
static enum store_status
check_visible(struct query *query, const struct store_read *read,
    const struct conversation_info *info, uint64_t seq)
{
	enum store_status status;
	struct member_row member;

	if (read->uid == 0 || info->kind == CONVERSATION_PUBLIC)
		return STORE_OK;
	status = row_get_member(query->txn, info->id, read->uid, &member);
	if (status == STORE_NOT_FOUND || (status == STORE_OK &&
	    seq <= query_floor(info, member.joined_seq)))
		return STORE_NO_MESSAGE;
	return status;
}

enum store_status
query_event(struct query *query, struct store_read *read)
{
	struct conversation_row conversation;
	enum store_status status;
	struct record record;
	uint64_t conv, seq;

	status = query_find_id(query, read->before, &conv, &seq);
	if (status == STORE_OK)
		status = row_get_conversation(query->txn, conv, &conversation);
	if (status == STORE_OK)
		status = check_visible(query, read, &conversation.info, seq);
	if (status == STORE_OK)
		status = row_get_record(query->txn, conv, seq, &record);
	if (status != STORE_OK)
		return status == STORE_NOT_FOUND ? STORE_CORRUPT : status;
	read->conversation = conversation.info;
	read->records = arena_get(&read->arena, sizeof(*read->records));
	if (read->records == NULL)
		return STORE_NOMEM;
	return query_keep_record(query, read, &record);
}
