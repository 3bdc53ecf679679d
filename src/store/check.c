/* SPDX-License-Identifier: MIT */
#include "store/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "store/check_state.h"

void
check_say(struct check *check, const char *advice, const char *format, ...)
{
	char text[512];
	va_list args;
	size_t len;

	check->totals->findings++;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	len = strlen(text);
	snprintf(text + len, sizeof(text) - len, "; %s", advice);
	check->found(check->arg, text);
}

bool
check_is(struct check *check, enum store_status status)
{
	if (status == STORE_NOMEM)
		check->status = status;
	return status == STORE_OK;
}

bool
check_has(struct check *check, enum kv_table table, const struct key *key)
{
	struct kv_bytes value;
	enum kv_result result;

	result = kv_get(check->txn, table, key_bytes(key), &value);
	return check_is(check, row_status(result));
}

bool
check_has_person(struct check *check, uint64_t uid)
{
	struct key key;

	key_u64(&key, uid);
	return check_has(check, KV_USER, &key);
}

static const char *const table_texts[KV_TABLES] = {
    [KV_META] = "what the store says of itself", [KV_CONV] = "conversation",
    [KV_IDS] = "client ids", [KV_CHG] = "order of events",
    [KV_MEMB] = "member", [KV_UMEMB] = "membership", [KV_CUR] = "device",
    [KV_USER] = "person", [KV_UNAME] = "name of a person",
    [KV_CNAME] = "name of a conversation", [KV_BLOCK] = "block",
    [KV_SEEN] = "last seen", [KV_BAN] = "ban", [KV_INVITE] = "invitation",
    [KV_UINVITE] = "invitation of a person", [KV_MARK] = "time of a mark",
    [KV_REACT] = "reaction", [KV_OLD] = "earlier version",
    [KV_TRAIL] = "verdicts", [KV_ACCOUNT] = "account",
    [KV_EMAIL] = "e-mail", [KV_FAMILY] = "sign-in",
    [KV_TOKEN] = "refresh token", [KV_CODE] = "code",
    [KV_RANGE] = "banned range", [KV_TERM] = "term of the index"};

/* As hexadecimal digits, as many as are worth showing. */
static void
format_key(struct kv_bytes key, char text[2 * 32 + 1])
{
	const unsigned char *bytes = key.data;
	size_t i;

	text[0] = '\0';
	for (i = 0; i < key.len && i < 32; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
}

static bool
is_empty_by_design(enum kv_table table)
{
	return table == KV_UMEMB || table == KV_UINVITE;
}

static bool
verify(struct check *check, enum kv_table table, struct kv_bytes key,
    struct kv_bytes value)
{
	struct error err = {0};
	char text[2 * 32 + 1];
	struct unpack in;

	check->totals->rows++;
	if (is_empty_by_design(table) && value.len == 0)
		return true;
	if (unpack_begin(&in, value.data, value.len, &err) == 0)
		return true;
	format_key(key, text);
	check_say(check, CHECK_RESTORE, "%s: a row is damaged (key %s): %s",
	    table_texts[table], text, err.text);
	return false;
}

static bool
begins_with(struct kv_bytes key, const struct key *prefix)
{
	return prefix == NULL || (key.len >= prefix->len &&
	    memcmp(key.data, prefix->bytes, prefix->len) == 0);
}

void
check_walk(struct check *check, enum kv_table table, const struct key *prefix,
    check_see *see, void *arg)
{
	const struct key first = {.len = 1}; /* below all others */
	struct kv_cursor *cursor = kv_cursor_new(check->txn, table);
	struct kv_bytes key, value;
	enum kv_result result;

	if (cursor == NULL) {
		check->status = STORE_NOMEM;
		return;
	}
	result = kv_seek(cursor, key_bytes(prefix != NULL ? prefix : &first),
	    &key, &value);
	while (result == KV_OK && check->status == STORE_OK &&
	    begins_with(key, prefix)) {
		if (verify(check, table, key, value))
			see(check, arg, key, value);
		result = kv_next(cursor, &key, &value);
	}
	kv_cursor_free(cursor);
	if (check->status == STORE_OK && result != KV_OK && result != KV_NONE)
		check->status = row_status(result);
}

static int
read_keys(struct check *check, struct error *err)
{
	struct key key;

	key_string(&key, "key-low");
	check->status = row_get_u64(check->txn, KV_META, &key,
	    &check->mark_key.low);
	key_string(&key, "key-high");
	if (check->status == STORE_OK)
		check->status = row_get_u64(check->txn, KV_META, &key,
		    &check->mark_key.high);
	if (check->status == STORE_OK)
		return 0;
	error_set(err, ERROR_CORRUPT, "what the store says of itself cannot "
	    "be read: is this a store, and whole?");
	return -1;
}

int
check_store(struct kv_txn *txn, check_found *found, void *arg,
    struct check_totals *totals, struct error *err)
{
	struct check check = {.txn = txn, .found = found, .arg = arg,
	    .totals = totals};

	memset(totals, 0, sizeof(*totals));
	if (read_keys(&check, err) != 0)
		return -1;
	check_conversations(&check);
	if (check.status == STORE_OK)
		check_tables(&check);
	if (check.status == STORE_OK)
		check_accounts(&check);
	if (check.status == STORE_OK)
		return 0;
	if (check.status == STORE_NOMEM)
		error_set(err, ERROR_NOMEM, "no memory to check the store");
	else
		error_set(err, ERROR_CORRUPT, "the store cannot be read to "
		    "its end");
	return -1;
}
