/* SPDX-License-Identifier: MIT */
#include "store/ledger.h"

#include <string.h>

#include "store/rows_account.h"

/* ------------------------------------------------------------------- ranges */

/* How many are banned, and the first that is not any more. */
static enum store_status
survey(struct ledger *ledger, unsigned *count, struct key *ended)
{
	struct kv_cursor *cursor = kv_cursor_new(ledger->txn, KV_RANGE);
	const struct kv_bytes first = {"", 1};
	struct kv_bytes key, value;
	enum kv_result result;
	struct store_ban ban;

	if (cursor == NULL)
		return STORE_NOMEM;
	*count = 0;
	ended->len = 0;
	result = kv_seek(cursor, first, &key, &value);
	for (; result == KV_OK; result = kv_next(cursor, &key, &value)) {
		if (row_unpack_range(value, &ban) != STORE_OK ||
		    ban.until_us > ledger->now_us) {
			++*count;
		} else if (ended->len == 0 && key.len < RANGE_MAX) {
			ended->len = key.len;
			memcpy(ended->bytes, key.data, key.len);
		}
	}
	kv_cursor_free(cursor);
	return result == KV_NONE ? STORE_OK : row_status(result);
}

enum store_status
ledger_ban_range(struct ledger *ledger, struct store_write *write)
{
	struct store_ban *ban = write->ban;
	enum store_status status;
	struct kv_bytes before;
	struct key key, ended;
	unsigned count;

	key_string(&key, ban->range);
	status = survey(ledger, &count, &ended);
	if (status != STORE_OK)
		return status;
	if (count >= RANGES_MAX && kv_get(ledger->txn, KV_RANGE,
	    key_bytes(&key), &before) == KV_NONE)
		return STORE_LIMIT;
	/* One comes, one goes: they do not pile up. */
	if (ended.len != 0)
		status = ledger_del(ledger, KV_RANGE, &ended);
	ban->at_us = ledger->now_us;
	if (status == STORE_OK)
		status = ledger_put(ledger, KV_RANGE, &key,
		    row_pack_range(ban, ledger->room));
	return status;
}

enum store_status
ledger_unban_range(struct ledger *ledger, struct store_write *write)
{
	struct kv_bytes value;
	enum kv_result result;
	struct key key;

	key_string(&key, write->ban->range);
	result = kv_get(ledger->txn, KV_RANGE, key_bytes(&key), &value);
	return result == KV_OK ? ledger_del(ledger, KV_RANGE, &key)
			       : row_status(result);
}

/* ----------------------------------------------------------------- lockdown */

enum store_status
ledger_lockdown(struct ledger *ledger, struct store_write *write)
{
	enum store_status status;
	uint64_t on = 0;
	struct key key;

	key_lockdown(&key);
	status = row_get_u64(ledger->txn, KV_META, &key, &on);
	if (status != STORE_OK && status != STORE_NOT_FOUND)
		return status;
	if ((on != 0) == write->forced)
		return STORE_DUPLICATE;
	return ledger_put_u64(ledger, KV_META, &key, write->forced);
}
