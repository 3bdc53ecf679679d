/* SPDX-License-Identifier: MIT */
#include "store/ledger.h"

#include <string.h>

static bool
begins_with(struct kv_bytes key, const struct key *prefix)
{
	return key.len >= prefix->len &&
	    memcmp(key.data, prefix->bytes, prefix->len) == 0;
}

static void
keep_key(struct key *kept, struct kv_bytes key)
{
	kept->len = key.len;
	memcpy(kept->bytes, key.data, key.len);
}

enum store_status
ledger_del_if_there(struct ledger *ledger, enum kv_table table,
    const struct key *key)
{
	enum store_status status = ledger_del(ledger, table, key);

	return status == STORE_NOT_FOUND ? STORE_OK : status;
}

enum store_status
ledger_find_row(struct kv_cursor *cursor, const struct key *from,
    size_t prefix_len, struct key *found)
{
	struct key prefix = *from;
	struct kv_bytes key, value;
	enum kv_result result;

	prefix.len = prefix_len;
	result = kv_seek(cursor, key_bytes(from), &key, &value);
	if (result != KV_OK)
		return row_status(result);
	if (!begins_with(key, &prefix) || key.len > sizeof(found->bytes))
		return STORE_NOT_FOUND;
	keep_key(found, key);
	return STORE_OK;
}

enum store_status
ledger_del_rows(struct ledger *ledger, enum kv_table table,
    const struct key *prefix, uint32_t *room)
{
	struct kv_cursor *cursor = kv_cursor_new(ledger->txn, table);
	enum store_status status = STORE_OK;
	struct key found;

	if (cursor == NULL)
		return STORE_NOMEM;
	while (status == STORE_OK && *room > 0) {
		status = ledger_find_row(cursor, prefix, prefix->len,
		    &found);
		if (status == STORE_OK)
			status = ledger_del(ledger, table, &found);
		if (status == STORE_OK)
			--*room;
	}
	kv_cursor_free(cursor);
	return status == STORE_NOT_FOUND ? STORE_OK : status;
}

/* ---------------------------------------------------------------- retention */

/* The oldest event, if the limits ask for its end; else STORE_NOT_FOUND. */
static enum store_status
find_due(struct ledger *ledger, const struct conversation_row *conversation,
    const struct store_trim *trim, struct record *record)
{
	const struct conversation_info *info = &conversation->info;
	uint64_t messages = conversation->count - conversation->first_count;
	enum store_status status;

	if (info->first_seq >= info->last_seq)
		return STORE_NOT_FOUND;
	status = row_get_record(ledger->txn, info->id, info->first_seq,
	    record);
	if (status != STORE_OK)
		return STORE_CORRUPT; /* a log has no gaps */
	if ((trim->keep != 0 && messages > trim->keep) ||
	    record->at_us < trim->before_us)
		return STORE_OK;
	return STORE_NOT_FOUND;
}

/* With no room left, what hangs on it may have gone without it. */
static enum store_status
del_event(struct ledger *ledger, struct conversation_row *conversation,
    const struct record *record, uint32_t *room)
{
	enum store_status status;
	struct key key;

	key_record(&key, record->conv, record->seq);
	status = ledger_del_rows(ledger, KV_REACT, &key, room);
	if (status == STORE_OK)
		status = ledger_del_rows(ledger, KV_OLD, &key, room);
	if (status != STORE_OK || *room < 2)
		return status;
	*room -= 2;
	status = ledger_del(ledger, KV_CONV, &key);
	key_u64(&key, record->id);
	if (status == STORE_OK)
		status = ledger_del_if_there(ledger, KV_CHG, &key);
	conversation->info.first_seq = record->seq + 1;
	conversation->first_count = record->count;
	if (conversation->message_seq == record->seq)
		conversation->message_seq = 0;
	return status;
}

/* Marks of client ids, of blocks that have no event left. */
static enum store_status
del_blocks(struct ledger *ledger, const struct conversation_info *info,
    uint32_t *room)
{
	struct kv_cursor *cursor = kv_cursor_new(ledger->txn, KV_IDS);
	enum store_status status = STORE_OK;
	struct key from, found;

	if (cursor == NULL)
		return STORE_NOMEM;
	key_pair(&from, info->id, 0);
	while (status == STORE_OK && *room > 0) {
		status = ledger_find_row(cursor, &from, 8, &found);
		if (status == STORE_OK && get_be64(found.bytes + 8) +
		    ROW_BLOCK > info->first_seq)
			break;
		if (status == STORE_OK)
			status = ledger_del(ledger, KV_IDS, &found);
		if (status == STORE_OK)
			--*room;
	}
	kv_cursor_free(cursor);
	return status == STORE_NOT_FOUND ? STORE_OK : status;
}

/* When marks moved to events that are no more: nobody asks for those. */
static enum store_status
del_marks(struct ledger *ledger, const struct conversation_info *info,
    uint32_t *room)
{
	struct kv_cursor *cursor = kv_cursor_new(ledger->txn, KV_MARK);
	enum store_status status = STORE_OK;
	struct key from, found;
	unsigned char *seq;

	if (cursor == NULL)
		return STORE_NOMEM;
	key_pair(&from, info->id, 0);
	while (status == STORE_OK && *room > 0) {
		status = ledger_find_row(cursor, &from, 8, &found);
		if (status != STORE_OK)
			break;
		seq = found.bytes + found.len - 8;
		if (get_be64(seq) < info->first_seq) {
			status = ledger_del(ledger, KV_MARK, &found);
			--*room;
		} else {
			put_be64(seq, UINT64_MAX); /* on to the next mark */
		}
		from = found;
	}
	kv_cursor_free(cursor);
	return status == STORE_NOT_FOUND ? STORE_OK : status;
}

static enum store_status
trim_events(struct ledger *ledger, struct conversation_row *conversation,
    struct store_write *write, uint32_t *room)
{
	struct store_trim *trim = &write->trim;
	uint64_t seq = conversation->info.first_seq;
	enum store_status status;
	struct record record;

	for (;;) {
		status = find_due(ledger, conversation, trim, &record);
		if (status != STORE_OK)
			return status == STORE_NOT_FOUND ? STORE_OK : status;
		trim->more = trim->erased >= write->limit || *room < 2;
		if (trim->more)
			return STORE_OK;
		status = del_event(ledger, conversation, &record, room);
		trim->erased = (uint32_t)(conversation->info.first_seq - seq);
		if (status != STORE_OK)
			return status;
	}
}

enum store_status
ledger_trim(struct ledger *ledger, struct store_write *write)
{
	struct conversation_row *conversation;
	uint32_t room = LEDGER_DELETES_MAX;
	enum store_status status;

	write->trim.erased = 0;
	write->trim.more = false;
	status = ledger_conversation(ledger, write->record.conv,
	    &conversation);
	if (status == STORE_OK)
		status = ledger_flush(ledger);
	if (status == STORE_OK)
		status = trim_events(ledger, conversation, write, &room);
	if (status == STORE_OK)
		status = del_blocks(ledger, &conversation->info, &room);
	if (status == STORE_OK)
		status = del_marks(ledger, &conversation->info, &room);
	if (status == STORE_OK && write->trim.erased != 0)
		status = ledger_touch(ledger, conversation);
	if (status != STORE_OK)
		return status;
	write->trim.more |= room == 0;
	write->conversation = conversation->info;
	return STORE_OK;
}
