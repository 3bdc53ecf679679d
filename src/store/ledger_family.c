/* SPDX-License-Identifier: MIT */
#include "store/ledger_account.h"

#include <string.h>

/* Of a person.  There are never more: ledger_make_family_room(). */
struct families {
	size_t n;
	struct {
		uint64_t id;
		struct family_row row;
	} of[FAMILIES_MAX];
};

static uint64_t
second_of(struct kv_bytes key)
{
	return get_be64((const unsigned char *)key.data + 8);
}

/* One that is damaged is as one that ended long ago. */
static enum store_status
list(struct ledger *ledger, uint64_t uid, struct families *families)
{
	struct kv_cursor *cursor = kv_cursor_new(ledger->txn, KV_FAMILY);
	struct kv_bytes key, value;
	enum kv_result result;
	struct key from;

	if (cursor == NULL)
		return STORE_NOMEM;
	families->n = 0;
	key_u64(&from, uid);
	result = kv_seek(cursor, key_bytes(&from), &key, &value);
	while (result == KV_OK && key.len == 16 &&
	    get_be64(key.data) == uid && families->n < FAMILIES_MAX) {
		families->of[families->n].id = second_of(key);
		if (row_unpack_family(value, &families->of[families->n].row) !=
		    STORE_OK)
			memset(&families->of[families->n].row, 0,
			    sizeof(families->of[0].row));
		families->n++;
		result = kv_next(cursor, &key, &value);
	}
	kv_cursor_free(cursor);
	return result == KV_OK || result == KV_NONE ? STORE_OK
						    : row_status(result);
}

enum store_status
ledger_drop_family(struct ledger *ledger, uint64_t uid, uint64_t family,
    const struct family_row *row)
{
	enum store_status status;
	struct key key;

	key_pair(&key, uid, family);
	status = ledger_del(ledger, KV_FAMILY, &key);
	key_token(&key, row->token);
	if (status == STORE_OK)
		status = ledger_del_if_there(ledger, KV_TOKEN, &key);
	return status;
}

enum store_status
ledger_drop_families(struct ledger *ledger, uint64_t uid, uint64_t keep)
{
	struct families families;
	enum store_status status;
	size_t i;

	status = list(ledger, uid, &families);
	for (i = 0; status == STORE_OK && i < families.n; i++) {
		if (families.of[i].id != keep)
			status = ledger_drop_family(ledger, uid,
			    families.of[i].id, &families.of[i].row);
	}
	return status;
}

enum store_status
ledger_make_family_room(struct ledger *ledger, uint64_t uid)
{
	int64_t idlest_us = INT64_MAX;
	struct families families;
	struct family_row *row;
	enum store_status status;
	size_t i, idlest = 0, left;

	status = list(ledger, uid, &families);
	left = families.n;
	for (i = 0; status == STORE_OK && i < families.n; i++) {
		row = &families.of[i].row;
		if (row->expires_us <= ledger->now_us) {
			status = ledger_drop_family(ledger, uid,
			    families.of[i].id, row);
			left--;
		} else if (row->used_us < idlest_us) {
			idlest_us = row->used_us;
			idlest = i;
		}
	}
	if (status != STORE_OK || left < FAMILIES_MAX)
		return status;
	return ledger_drop_family(ledger, uid, families.of[idlest].id,
	    &families.of[idlest].row);
}

enum store_status
ledger_void_tokens(struct ledger *ledger, uint64_t uid, uint64_t keep,
    struct account_row *row)
{
	row->tokens_from_us = ledger->now_us;
	return ledger_drop_families(ledger, uid, keep);
}

/* ----------------------------------------------------------------- sign-out */

/* The one family, or those of the device. */
static enum store_status
sign_out_some(struct ledger *ledger, const struct store_write *write, bool *any)
{
	bool by_device = write->device[0] != '\0';
	struct families families;
	enum store_status status;
	size_t i;

	status = list(ledger, write->record.sender, &families);
	for (i = 0; status == STORE_OK && i < families.n; i++) {
		if (by_device ? strcmp(families.of[i].row.device,
		    write->device) != 0 : families.of[i].id != write->family)
			continue;
		*any = true;
		status = ledger_drop_family(ledger, write->record.sender,
		    families.of[i].id, &families.of[i].row);
	}
	return status;
}

static enum store_status
forget_device(struct ledger *ledger, const struct store_write *write, bool *any)
{
	struct kv_bytes value;
	enum kv_result result;
	struct key key;

	key_device(&key, write->record.sender, write->device);
	result = kv_get(ledger->txn, KV_CUR, key_bytes(&key), &value);
	if (result != KV_OK)
		return result == KV_NONE ? STORE_OK : row_status(result);
	*any = true;
	return ledger_del(ledger, KV_CUR, &key);
}

static enum store_status
sign_out_all(struct ledger *ledger, const struct store_write *write)
{
	uint64_t uid = write->record.sender;
	enum store_status status;
	struct account_row row;

	status = ledger_get_account(ledger, uid, &row);
	if (status == STORE_OK)
		status = ledger_void_tokens(ledger, uid, 0, &row);
	if (status == STORE_OK)
		status = ledger_put_account(ledger, uid, &row);
	return status;
}

enum store_status
ledger_sign_out(struct ledger *ledger, struct store_write *write)
{
	enum store_status status;
	bool any = false;

	if (write->device[0] == '\0' && write->family == 0)
		return sign_out_all(ledger, write);
	status = sign_out_some(ledger, write, &any);
	if (status == STORE_OK && write->device[0] != '\0')
		status = forget_device(ledger, write, &any);
	return status == STORE_OK && !any ? STORE_NOT_FOUND : status;
}
