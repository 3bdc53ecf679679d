/* SPDX-License-Identifier: MIT */
#include "store/ledger_account.h"

#include <string.h>

#define SWEPT 4 /* codes that are looked at for each that is put */

static enum store_status
put_code(struct ledger *ledger, const struct key *key,
    const struct code_row *row)
{
	return ledger_put(ledger, KV_CODE, key,
	    row_pack_code(row, ledger->room));
}

/* ------------------------------------------------------------- to register */

static enum store_status
get_invite(struct ledger *ledger, const struct store_code *code,
    struct key *key, struct code_row *row)
{
	enum store_status status;

	key_invite(key, code->hash);
	status = row_get_code(ledger->txn, key, row);
	if (status == STORE_OK && row_code_is_over(row, ledger->now_us))
		return STORE_NOT_FOUND;
	return status;
}

enum store_status
ledger_check_invite(struct ledger *ledger, const struct store_code *code)
{
	enum store_status status;
	struct code_row row;
	struct key key;

	status = get_invite(ledger, code, &key, &row);
	return status == STORE_NOT_FOUND ? STORE_FORBIDDEN : status;
}

enum store_status
ledger_use_invite(struct ledger *ledger, const struct store_code *code)
{
	enum store_status status;
	struct code_row row;
	struct key key;

	status = get_invite(ledger, code, &key, &row);
	if (status != STORE_OK)
		return status;
	return --row.left == 0 ? ledger_del(ledger, KV_CODE, &key)
			       : put_code(ledger, &key, &row);
}

/* Some that ended go as others come: see sweep() of ledger_token.c. */
static enum store_status
sweep(struct ledger *ledger, const struct key *from)
{
	struct kv_cursor *cursor = kv_cursor_new(ledger->txn, KV_CODE);
	enum store_status status = STORE_OK;
	struct key at = *from, found;
	struct code_row row;
	int i;

	if (cursor == NULL)
		return STORE_NOMEM;
	for (i = 0; status == STORE_OK && i < SWEPT; i++) {
		at.bytes[at.len++] = 0; /* the next key */
		status = ledger_find_row(cursor, &at, 1, &found);
		if (status == STORE_OK && row_get_code(ledger->txn, &found,
		    &row) == STORE_OK && row_code_is_over(&row, ledger->now_us))
			status = ledger_del(ledger, KV_CODE, &found);
		at = found;
	}
	kv_cursor_free(cursor);
	return status == STORE_NOT_FOUND ? STORE_OK : status;
}

enum store_status
ledger_code(struct ledger *ledger, struct store_write *write)
{
	const struct store_code *code = write->code;
	const struct code_row row = {.expires_us = code->expires_us,
	    .left = code->uses};
	enum store_status status;
	struct code_row before;
	struct key key;

	if (code->uses == 0) {
		status = get_invite(ledger, code, &key, &before);
		return status == STORE_OK ? ledger_del(ledger, KV_CODE, &key)
					  : status;
	}
	if (ledger->disk_is_full)
		return STORE_NO_SPACE;
	key_invite(&key, code->hash);
	status = put_code(ledger, &key, &row);
	return status == STORE_OK ? sweep(ledger, &key) : status;
}

/* ----------------------------------------------------------------- to reset */

enum store_status
ledger_reset_code(struct ledger *ledger, struct store_write *write)
{
	struct code_row row = {.expires_us = write->code->expires_us,
	    .left = RESET_TRIES};
	enum store_status status;
	struct key key;

	status = ledger_check_person(ledger, write->record.sender);
	if (status != STORE_OK)
		return status;
	memcpy(row.hash, write->code->hash, SECRET_HASH);
	key_reset(&key, write->record.sender);
	return put_code(ledger, &key, &row);
}

/* In constant time. */
static bool
is_same(const unsigned char one[SECRET_HASH],
    const unsigned char other[SECRET_HASH])
{
	unsigned char differs = 0;
	size_t i;

	for (i = 0; i < SECRET_HASH; i++)
		differs |= one[i] ^ other[i];
	return differs == 0;
}

static enum store_status
count_wrong(struct ledger *ledger, const struct key *key, struct code_row *row)
{
	enum store_status status;

	status = --row->left == 0 ? ledger_del(ledger, KV_CODE, key)
				  : put_code(ledger, key, row);
	return status == STORE_OK ? STORE_FORBIDDEN : status;
}

/* _FORBIDDEN, or the code is used up. */
static enum store_status
use_reset(struct ledger *ledger, const struct store_write *write)
{
	enum store_status status;
	struct code_row row;
	struct key key;

	key_reset(&key, write->record.sender);
	status = row_get_code(ledger->txn, &key, &row);
	if (status == STORE_NOT_FOUND || (status == STORE_OK &&
	    row_code_is_over(&row, ledger->now_us)))
		return STORE_FORBIDDEN;
	if (status != STORE_OK)
		return status;
	if (!is_same(row.hash, write->code->hash))
		return count_wrong(ledger, &key, &row);
	return ledger_del(ledger, KV_CODE, &key);
}

enum store_status
ledger_reset(struct ledger *ledger, struct store_write *write)
{
	struct store_account *account = write->account;
	const char *password = account->password != NULL ? account->password
							 : "";
	uint64_t uid = write->record.sender;
	struct account_row row;
	enum store_status status;

	account->signed_out = false;
	if (strlen(password) > PASSWORD_HASH_MAX)
		return STORE_LIMIT;
	status = ledger_get_account(ledger, uid, &row);
	if (status == STORE_OK)
		status = use_reset(ledger, write);
	if (status != STORE_OK)
		return status;
	strcpy(row.password, password);
	row.flags |= ROW_CLAIMED;
	status = ledger_void_tokens(ledger, uid, 0, &row);
	if (status == STORE_OK)
		status = ledger_put_account(ledger, uid, &row);
	account->signed_out = true;
	account->updated_us = row.updated_us;
	return status;
}
