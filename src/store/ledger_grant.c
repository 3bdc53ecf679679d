/* SPDX-License-Identifier: MIT */
#include "store/ledger_group.h"

static enum store_status
put_grant(struct ledger *ledger, enum kv_table table, uint64_t conv,
    uint64_t uid, const struct grant_row *row)
{
	struct key key;

	key_pair(&key, conv, uid);
	return ledger_put(ledger, table, &key,
	    row_pack_grant(row, ledger->room));
}

/* --------------------------------------------------------------------- bans */

enum store_status
ledger_get_ban(struct ledger *ledger, uint64_t conv, uint64_t uid,
    struct grant_row *ban)
{
	enum store_status status;
	struct key key;

	key_pair(&key, conv, uid);
	status = row_get_grant(ledger->txn, KV_BAN, &key, ban);
	if (status == STORE_OK && ban->until_us != 0 &&
	    ban->until_us <= ledger->now_us)
		return STORE_NOT_FOUND;
	return status;
}

enum store_status
ledger_put_ban(struct ledger *ledger, uint64_t conv, uint64_t uid,
    const struct grant_row *ban)
{
	return put_grant(ledger, KV_BAN, conv, uid, ban);
}

enum store_status
ledger_drop_ban(struct ledger *ledger, uint64_t conv, uint64_t uid)
{
	struct key key;

	key_pair(&key, conv, uid);
	return ledger_del_if_there(ledger, KV_BAN, &key);
}

/* -------------------------------------------------------------- invitations */

enum store_status
ledger_is_invited(struct ledger *ledger, uint64_t conv, uint64_t uid,
    bool *invited)
{
	struct kv_bytes value;
	enum kv_result result;
	struct key key;

	key_pair(&key, conv, uid);
	result = kv_get(ledger->txn, KV_INVITE, key_bytes(&key), &value);
	*invited = result == KV_OK;
	return result == KV_NONE ? STORE_OK : row_status(result);
}

enum store_status
ledger_check_invitations(struct ledger *ledger, uint64_t uid)
{
	struct kv_cursor *cursor = kv_cursor_new(ledger->txn, KV_UINVITE);
	struct kv_bytes key, value;
	enum kv_result result;
	struct key from;
	unsigned n = 0;

	if (cursor == NULL)
		return STORE_NOMEM;
	key_u64(&from, uid);
	result = kv_seek(cursor, key_bytes(&from), &key, &value);
	while (result == KV_OK && get_be64(key.data) == uid &&
	    ++n < INVITATIONS_MAX)
		result = kv_next(cursor, &key, &value);
	kv_cursor_free(cursor);
	if (n == INVITATIONS_MAX)
		return STORE_LIMIT;
	return result == KV_OK || result == KV_NONE ? STORE_OK
						    : row_status(result);
}

enum store_status
ledger_put_invitation(struct ledger *ledger, uint64_t conv, uint64_t uid,
    const struct grant_row *invitation)
{
	enum store_status status;
	struct key key;

	status = put_grant(ledger, KV_INVITE, conv, uid, invitation);
	if (status != STORE_OK)
		return status;
	key_pair(&key, uid, conv);
	return ledger_put(ledger, KV_UINVITE, &key, 0);
}

enum store_status
ledger_drop_invitation(struct ledger *ledger, uint64_t conv, uint64_t uid)
{
	enum store_status status;
	struct key key;

	key_pair(&key, conv, uid);
	status = ledger_del_if_there(ledger, KV_INVITE, &key);
	if (status != STORE_OK)
		return status;
	key_pair(&key, uid, conv);
	return ledger_del_if_there(ledger, KV_UINVITE, &key);
}

/* -------------------------------------------------------------------- mutes */

enum store_status
ledger_keep_mute(struct ledger *ledger, uint64_t conv, uint64_t uid,
    int64_t until_us)
{
	struct key key;

	if (until_us <= ledger->now_us)
		return STORE_OK;
	key_mute(&key, conv, uid);
	return ledger_put_u64(ledger, KV_BAN, &key, (uint64_t)until_us);
}

enum store_status
ledger_take_mute(struct ledger *ledger, uint64_t conv, uint64_t uid,
    int64_t *until_us)
{
	enum store_status status;
	uint64_t kept;
	struct key key;

	*until_us = 0;
	key_mute(&key, conv, uid);
	status = row_get_u64(ledger->txn, KV_BAN, &key, &kept);
	if (status != STORE_OK)
		return status == STORE_NOT_FOUND ? STORE_OK : status;
	if ((int64_t)kept > ledger->now_us)
		*until_us = (int64_t)kept;
	return ledger_del(ledger, KV_BAN, &key);
}
