/* SPDX-License-Identifier: MIT */
#include "store/ledger.h"

#include <stdlib.h>

#include "base/utf8.h"

/* ---------------------------------------------------------- what waits */

enum store_status
ledger_touch(struct ledger *ledger, struct conversation_row *conversation)
{
	size_t size = ledger->changed_size;
	uint64_t *changed;

	if (conversation->changed)
		return STORE_OK;
	if (ledger->changed_n == size) {
		size = size != 0 ? size * 2 : 64;
		changed = realloc(ledger->changed, size * sizeof(*changed));
		if (changed == NULL)
			return STORE_NOMEM;
		ledger->changed = changed;
		ledger->changed_size = size;
	}
	conversation->changed = true;
	ledger->changed[ledger->changed_n++] = conversation->info.id;
	return STORE_OK;
}

static enum store_status
add_waiting(struct ledger *ledger, const struct record *record)
{
	size_t size = ledger->waiting_size, len;
	struct ledger_waiting *waiting;
	char *room;

	if (ledger->waiting_n == size) {
		size = size != 0 ? size * 2 : 64;
		waiting = realloc(ledger->waiting, size * sizeof(*waiting));
		if (waiting == NULL)
			return STORE_NOMEM;
		ledger->waiting = waiting;
		ledger->waiting_size = size;
	}
	room = buf_reserve(&ledger->log, RECORD_ENCODED_MAX);
	if (room == NULL)
		return STORE_NOMEM;
	len = record_encode(record, room, RECORD_ENCODED_MAX);
	ledger->waiting[ledger->waiting_n++] = (struct ledger_waiting){
	    record->conv, record->seq, ledger->log.len, len};
	ledger->log.len += len;
	return STORE_OK;
}

static int
by_key(const void *one, const void *other)
{
	const struct ledger_waiting *a = one, *b = other;

	if (a->conv != b->conv)
		return a->conv < b->conv ? -1 : 1;
	return (a->seq > b->seq) - (a->seq < b->seq);
}

static enum store_status
put_record(struct ledger *ledger, const struct ledger_waiting *waiting)
{
	struct key key;

	key_record(&key, waiting->conv, waiting->seq);
	return row_status(kv_put(ledger->txn, KV_CONV, key_bytes(&key),
	    (struct kv_bytes){ledger->log.data + waiting->at, waiting->len}));
}

/* What is changed is in the cache: it leaves that by a flush. */
static enum store_status
put_head(struct ledger *ledger, uint64_t conv)
{
	struct conversation_row *conversation =
	    cache_find(&ledger->conversations, conv, 0);
	struct key key;

	if (conversation == NULL || !conversation->changed)
		return STORE_OK;
	conversation->changed = false;
	key_head(&key, conv);
	return ledger_put(ledger, KV_CONV, &key,
	    row_pack_head(conversation, ledger->room));
}

static enum store_status
put_waiting(struct ledger *ledger)
{
	const struct ledger_waiting *waiting = ledger->waiting;
	enum store_status status = STORE_OK;
	size_t i;

	for (i = 0; i < ledger->waiting_n && status == STORE_OK; i++) {
		ledger->spoiled_conv = waiting[i].conv;
		status = put_record(ledger, &waiting[i]);
		if (status == STORE_OK && (i + 1 == ledger->waiting_n ||
		    waiting[i + 1].conv != waiting[i].conv))
			status = put_head(ledger, waiting[i].conv);
	}
	for (i = 0; i < ledger->changed_n && status == STORE_OK; i++) {
		ledger->spoiled_conv = ledger->changed[i];
		status = put_head(ledger, ledger->changed[i]);
	}
	return status;
}

enum store_status
ledger_flush(struct ledger *ledger)
{
	uint64_t changes = ledger->changes;
	enum store_status status;

	if (ledger->waiting_n > 1)
		qsort(ledger->waiting, ledger->waiting_n,
		    sizeof(*ledger->waiting), by_key);
	status = put_waiting(ledger);
	ledger->waiting_n = ledger->changed_n = 0;
	buf_reset(&ledger->log);
	if (status == STORE_OK)
		ledger->spoiled_conv = 0;
	/* These belong to writes that are applied, not to the next. */
	ledger->changes = status == STORE_OK ? changes : changes + 1;
	return status;
}

/* ----------------------------------------------------- what is put at once */

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
	enum store_status status;
	struct key key;
	size_t i;

	if (marks == NULL) {
		status = ledger_flush(ledger);
		if (status != STORE_OK)
			return status;
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

	ledger->changes++;
	conversation->at_us = ledger_time(ledger, conversation);
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
	status = ledger_touch(ledger, conversation);
	if (status == STORE_OK)
		status = add_waiting(ledger, record);
	if (status == STORE_OK)
		status = put_change(ledger, record);
	if (status == STORE_OK)
		status = put_mark(ledger, record, mark);
	return status;
}

/* ------------------------------------------------------------------- trails */

static enum store_status
put_trail(struct ledger *ledger, const struct key *key,
    const struct kv_bytes *trail)
{
	struct kv_bytes value;
	enum kv_result result;

	result = kv_get(ledger->txn, KV_TRAIL, key_bytes(key), &value);
	if (result != KV_NONE)
		return row_status(result);
	return ledger_put(ledger, KV_TRAIL, key,
	    row_pack_trail(*trail, ledger->room));
}

enum store_status
ledger_keep_trail(struct ledger *ledger, struct store_write *write)
{
	struct kv_bytes trail = {write->trail, write->trail_len};
	enum store_status status;
	struct key key;
	uint64_t hash;

	write->record.trail = 0;
	if (trail.data == NULL)
		return STORE_OK;
	trail.len = utf8_cut(trail.data, trail.len, TRAIL_MAX);
	hash = mark_siphash(&ledger->ids.key, trail.data, trail.len);
	write->record.trail = hash = hash != 0 ? hash : 1;
	if (cache_find(&ledger->trails, hash, 0) != NULL)
		return STORE_OK;
	key_u64(&key, hash);
	status = put_trail(ledger, &key, &trail);
	if (status == STORE_OK)
		cache_add(&ledger->trails, hash, 0);
	return status;
}
