/* SPDX-License-Identifier: MIT */
#include "store/ledger.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

/* Of tables and values together. */
#define FORMAT 2
/* An epoch is a JSON integer. */
#define EPOCH_MASK ((UINT64_C(1) << 53) - 1)

static int
put_meta(struct ledger *ledger, const char *name, uint64_t value)
{
	struct key key;

	key_string(&key, name);
	return ledger_put_u64(ledger, KV_META, &key, value) == STORE_OK ? 0
									: -1;
}

static enum store_status
get_meta(struct ledger *ledger, const char *name, uint64_t *value)
{
	struct key key;

	key_string(&key, name);
	return row_get_u64(ledger->txn, KV_META, &key, value);
}

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

static int
make_new(struct ledger *ledger, struct error *err)
{
	struct mark_key *key = &ledger->ids.key;
	uint64_t random[3];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random)) {
		error_set_errno(err, "no random numbers");
		return -1;
	}
	ledger->epoch = (random[0] & EPOCH_MASK) | 1; /* never 0 */
	key->low = random[1];
	key->high = random[2];
	if (put_meta(ledger, "format", FORMAT) != 0 ||
	    put_meta(ledger, "epoch", ledger->epoch) != 0 ||
	    put_meta(ledger, "key-low", key->low) != 0 ||
	    put_meta(ledger, "key-high", key->high) != 0 ||
	    make_lobby(ledger) != 0) {
		error_set(err, ERROR_SYSTEM, "the new store cannot be written");
		return -1;
	}
	return 0;
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

static int
check_format(uint64_t format, struct error *err)
{
	if (format == FORMAT)
		return 0;
	error_set(err, ERROR_CONFIG, "the store has format %llu; this program "
	    "knows format %d: it was written by %s one",
	    (unsigned long long)format, FORMAT,
	    format < FORMAT ? "an older" : "a newer");
	return -1;
}

int
ledger_load(struct ledger *ledger, struct error *err)
{
	enum store_status status;
	uint64_t format;

	status = get_meta(ledger, "format", &format);
	if (status == STORE_NOT_FOUND)
		return make_new(ledger, err);
	if (status == STORE_OK && check_format(format, err) != 0)
		return -1;
	if (status != STORE_OK ||
	    get_meta(ledger, "epoch", &ledger->epoch) != STORE_OK ||
	    get_meta(ledger, "key-low", &ledger->ids.key.low) != STORE_OK ||
	    get_meta(ledger, "key-high", &ledger->ids.key.high) != STORE_OK) {
		error_set(err, ERROR_CORRUPT, "what the store says of itself "
		    "does not verify");
		return -1;
	}
	if (last_number(ledger, KV_CHG, &ledger->last.id, err) != 0 ||
	    last_number(ledger, KV_USER, &ledger->last.uid, err) != 0 ||
	    last_number(ledger, KV_CONV, &ledger->last.conv, err) != 0)
		return -1;
	return 0;
}
