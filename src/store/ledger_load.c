/* SPDX-License-Identifier: MIT */
#include "store/ledger.h"

#include "store/meta.h"

static int
make_lobby(struct ledger *ledger)
{
	const struct conversation_info info = {
	    .kind = CONVERSATION_PUBLIC, .name = "#lobby"};
	struct conversation_row *lobby;

	ledger->last.conv = LOBBY_ID - 1;
	return ledger_add_conversation(ledger, &info, 0, &lobby) == STORE_OK
	    ? 0 : -1;
}

/* The number that the last key of a table begins with, or 0. */
static int
last_number(struct ledger *ledger, enum kv_table table, uint64_t *number,
    struct error *err)
{
	struct kv_cursor *cursor = kv_cursor_new(ledger->txn, table);
	struct kv_bytes key, value;
	enum kv_result result;

	if (cursor == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for the store");
		return -1;
	}
	*number = 0;
	result = kv_last(cursor, &key, &value);
	if (result == KV_OK && key.len >= 8)
		*number = get_be64(key.data);
	kv_cursor_free(cursor);
	if (result == KV_OK || result == KV_NONE)
		return 0;
	error_set(err, ERROR_CORRUPT, "the store cannot be read");
	return -1;
}

int
ledger_load(struct ledger *ledger, struct error *err)
{
	struct meta meta;
	int result = meta_read(ledger->txn, &meta, err);
	bool new = result == 1;

	if (new)
		result = meta_make(ledger->txn, &meta, err);
	if (result != 0)
		return -1;
	ledger->epoch = meta.epoch;
	ledger->ids.key = meta.mark_key;
	if (new && make_lobby(ledger) != 0) {
		error_set(err, ERROR_SYSTEM, "the new store cannot be written");
		return -1;
	}
	if (new)
		return 0;
	if (last_number(ledger, KV_CHG, &ledger->last.id, err) != 0 ||
	    last_number(ledger, KV_USER, &ledger->last.uid, err) != 0 ||
	    last_number(ledger, KV_CONV, &ledger->last.conv, err) != 0)
		return -1;
	return 0;
}
