/* SPDX-License-Identifier: MIT */
#include "store/ledger.h"

static enum store_status
put_change(struct ledger *ledger, const struct record *record)
{
	size_t len = row_pack_change(record->conv, record->seq, ledger->room);
	struct key key;

	key_u64(&key, record->id);
	return row_status(kv_append(ledger->txn, KV_CHG, key_bytes(&key),
	    (struct kv_bytes){ledger->room, len}));
}

/* Every full block is put, whether or not its marks are in memory. */
static enum store_status
put_block(struct ledger *ledger, const struct id_set *ids,
    const struct record *record)
{
	uint64_t first = ROW_BLOCK_FIRST(record->seq);
	const uint32_t *marks = ids != NULL ? id_set_block(ids) : NULL;
	uint32_t read[ROW_BLOCK], any = 0;
	struct key key;
	size_t i;

	if (marks == NULL) {
		row_read_block(ledger->txn, &ledger->ids.key, record->conv,
		    first, record->seq, read);
		marks = read;
	}
	for (i = 0; i < ROW_BLOCK; i++)
		any |= marks[i];
	if (any == 0)
		return STORE_OK;
	key_pair(&key, record->conv, first);
	return ledger_put(ledger, KV_IDS, &key,
	    row_pack_block(marks, ledger->room));
}

static enum store_status
put_mark(struct ledger *ledger, const struct record *record, uint32_t mark)
{
	struct id_set *ids = id_sets_find(&ledger->ids, record->conv);

	if (ids != NULL &&
	    id_sets_add(&ledger->ids, ids, record->seq, mark) != 0)
		return STORE_NOMEM;
	if (record->seq % ROW_BLOCK != 0)
		return STORE_OK;
	return put_block(ledger, ids, record);
}

enum store_status
ledger_log(struct ledger *ledger, struct conversation_row *conversation,
    struct record *record, uint32_t mark)
{
	struct conversation_info *info = &conversation->info;
	enum store_status status;
	struct key key;

	if (conversation->at_us < ledger->now_us)
		conversation->at_us = ledger->now_us;
	info->last_seq++;
	info->last_id = ++ledger->last.id;
	if (record->kind == RECORD_MESSAGE) {
		conversation->count++;
		conversation->message_seq = info->last_seq;
	}
	record->conv = info->id;
	record->seq = info->last_seq;
	record->id = info->last_id;
	record->at_us = conversation->at_us;
	record->count = conversation->count;
	key_record(&key, record->conv, record->seq);
	status = ledger_put(ledger, KV_CONV, &key,
	    record_encode(record, ledger->room, ledger->room_size));
	if (status == STORE_OK)
		status = put_change(ledger, record);
	if (status == STORE_OK)
		status = put_mark(ledger, record, mark);
	if (status == STORE_OK)
		status = ledger_touch(ledger, conversation);
	return status;
}
