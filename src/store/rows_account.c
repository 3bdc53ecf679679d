/* SPDX-License-Identifier: MIT */
#include "store/rows_account.h"

#include <string.h>

static void
unpack_hash(struct unpack *in, unsigned char hash[SECRET_HASH])
{
	const void *at = unpack_bytes(in, SECRET_HASH);

	if (at != NULL)
		memcpy(hash, at, SECRET_HASH);
	else
		memset(hash, 0, SECRET_HASH);
}

/* ----------------------------------------------------------------- accounts */

enum store_status
row_get_account(struct kv_txn *txn, uint64_t uid, struct account_row *row)
{
	enum store_status status;
	struct unpack in;
	struct key key;

	key_u64(&key, uid);
	status = row_open(txn, KV_ACCOUNT, &key, &in);
	if (status != STORE_OK)
		return status;
	row->flags = in.flags;
	row->banned_until_us = (int64_t)unpack_u64(&in);
	row->tokens_from_us = (int64_t)unpack_u64(&in);
	row->created_us = (int64_t)unpack_u64(&in);
	row->updated_us = (int64_t)unpack_u64(&in);
	unpack_string(&in, row->email, sizeof(row->email));
	unpack_string(&in, row->password, sizeof(row->password));
	unpack_string(&in, row->display_name, sizeof(row->display_name));
	unpack_string(&in, row->avatar_url, sizeof(row->avatar_url));
	unpack_string(&in, row->about, sizeof(row->about));
	unpack_string(&in, row->reason, sizeof(row->reason));
	return row_close(&in);
}

size_t
row_pack_account(const struct account_row *row, void *room)
{
	struct pack out;

	pack_begin(&out, room, ROW_ACCOUNT_SIZE, row->flags);
	pack_u64(&out, (uint64_t)row->banned_until_us);
	pack_u64(&out, (uint64_t)row->tokens_from_us);
	pack_u64(&out, (uint64_t)row->created_us);
	pack_u64(&out, (uint64_t)row->updated_us);
	pack_string(&out, row->email);
	pack_string(&out, row->password);
	pack_string(&out, row->display_name);
	pack_string(&out, row->avatar_url);
	pack_string(&out, row->about);
	pack_string(&out, row->reason);
	return pack_end(&out);
}

enum store_status
row_get_access(struct kv_txn *txn, uint64_t uid, uint64_t family,
    int64_t now_us, struct store_access *access)
{
	enum store_status status;
	struct family_row alive;
	struct unpack in;
	struct key key;

	memset(access, 0, sizeof(*access));
	key_u64(&key, uid);
	status = row_open(txn, KV_ACCOUNT, &key, &in);
	if (status == STORE_OK) {
		access->flags = in.flags & (uint8_t)~ROW_CLAIMED;
		access->claimed = (in.flags & ROW_CLAIMED) != 0;
		access->banned_until_us = (int64_t)unpack_u64(&in);
		access->tokens_from_us = (int64_t)unpack_u64(&in);
		status = in.failed ? STORE_CORRUPT : STORE_OK;
	}
	if (status != STORE_OK && status != STORE_NOT_FOUND)
		return status;
	if (family == 0)
		return STORE_OK;
	status = row_get_family(txn, uid, family, &alive);
	access->family_alive = status == STORE_OK && alive.expires_us > now_us;
	return status == STORE_NOT_FOUND ? STORE_OK : status;
}

bool
row_is_shut(uint8_t flags, int64_t banned_until_us, int64_t now_us)
{
	return (flags & ACCOUNT_DISABLED) != 0 || banned_until_us > now_us;
}

/* ----------------------------------------------------------------- sign-ins */

enum store_status
row_unpack_family(struct kv_bytes value, struct family_row *row)
{
	struct unpack in;

	if (unpack_begin(&in, value.data, value.len, NULL) != 0)
		return STORE_CORRUPT;
	row->created_us = (int64_t)unpack_u64(&in);
	row->used_us = (int64_t)unpack_u64(&in);
	row->expires_us = (int64_t)unpack_u64(&in);
	row->day_us = (int64_t)unpack_u64(&in);
	row->refreshes = unpack_u32(&in);
	unpack_hash(&in, row->token);
	unpack_string(&in, row->device, sizeof(row->device));
	unpack_string(&in, row->address, sizeof(row->address));
	return row_close(&in);
}

enum store_status
row_get_family(struct kv_txn *txn, uint64_t uid, uint64_t family,
    struct family_row *row)
{
	struct kv_bytes value;
	enum kv_result result;
	struct key key;

	key_pair(&key, uid, family);
	result = kv_get(txn, KV_FAMILY, key_bytes(&key), &value);
	if (result != KV_OK)
		return row_status(result);
	return row_unpack_family(value, row);
}

size_t
row_pack_family(const struct family_row *row, void *room)
{
	struct pack out;

	pack_begin(&out, room, ROW_MAX, 0);
	pack_u64(&out, (uint64_t)row->created_us);
	pack_u64(&out, (uint64_t)row->used_us);
	pack_u64(&out, (uint64_t)row->expires_us);
	pack_u64(&out, (uint64_t)row->day_us);
	pack_u32(&out, row->refreshes);
	pack_bytes(&out, row->token, SECRET_HASH);
	pack_string(&out, row->device);
	pack_string(&out, row->address);
	return pack_end(&out);
}

void
row_tell_family(const struct family_row *row, struct store_family *family)
{
	family->created_us = row->created_us;
	family->used_us = row->used_us;
	family->expires_us = row->expires_us;
	memcpy(family->device, row->device, sizeof(family->device));
	memcpy(family->address, row->address, sizeof(family->address));
}

void
key_token(struct key *key, const unsigned char hash[SECRET_HASH])
{
	key->len = SECRET_HASH;
	memcpy(key->bytes, hash, SECRET_HASH);
}

enum store_status
row_unpack_token(struct kv_bytes value, struct token_row *row)
{
	struct unpack in;

	if (unpack_begin(&in, value.data, value.len, NULL) != 0)
		return STORE_CORRUPT;
	row->uid = unpack_varint(&in);
	row->family = unpack_u64(&in);
	row->used_us = (int64_t)unpack_u64(&in);
	row->until_us = (int64_t)unpack_u64(&in);
	return row_close(&in);
}

enum store_status
row_get_token(struct kv_txn *txn, const struct key *key,
    struct token_row *row)
{
	struct kv_bytes value;
	enum kv_result result;

	result = kv_get(txn, KV_TOKEN, key_bytes(key), &value);
	if (result != KV_OK)
		return row_status(result);
	return row_unpack_token(value, row);
}

size_t
row_pack_token(const struct token_row *row, void *room)
{
	struct pack out;

	pack_begin(&out, room, ROW_MAX, 0);
	pack_varint(&out, row->uid);
	pack_u64(&out, row->family);
	pack_u64(&out, (uint64_t)row->used_us);
	pack_u64(&out, (uint64_t)row->until_us);
	return pack_end(&out);
}

/* --------------------------------------------------------- codes and ranges */

void
key_reset(struct key *key, uint64_t uid)
{
	key->len = 9;
	key->bytes[0] = KEY_CODE_RESET;
	put_be64(key->bytes + 1, uid);
}

void
key_invite(struct key *key, const unsigned char hash[SECRET_HASH])
{
	key->len = 1 + SECRET_HASH;
	key->bytes[0] = KEY_CODE_REGISTER;
	memcpy(key->bytes + 1, hash, SECRET_HASH);
}

enum store_status
row_unpack_code(struct kv_bytes value, struct code_row *row)
{
	struct unpack in;

	if (unpack_begin(&in, value.data, value.len, NULL) != 0)
		return STORE_CORRUPT;
	unpack_hash(&in, row->hash);
	row->expires_us = (int64_t)unpack_u64(&in);
	row->left = unpack_u32(&in);
	return row_close(&in);
}

enum store_status
row_get_code(struct kv_txn *txn, const struct key *key, struct code_row *row)
{
	struct kv_bytes value;
	enum kv_result result;

	result = kv_get(txn, KV_CODE, key_bytes(key), &value);
	if (result != KV_OK)
		return row_status(result);
	return row_unpack_code(value, row);
}

size_t
row_pack_code(const struct code_row *row, void *room)
{
	struct pack out;

	pack_begin(&out, room, ROW_MAX, 0);
	pack_bytes(&out, row->hash, SECRET_HASH);
	pack_u64(&out, (uint64_t)row->expires_us);
	pack_u32(&out, row->left);
	return pack_end(&out);
}

bool
row_code_is_over(const struct code_row *row, int64_t now_us)
{
	return row->left == 0 ||
	    (row->expires_us != 0 && row->expires_us <= now_us);
}

enum store_status
row_unpack_range(struct kv_bytes value, struct store_ban *ban)
{
	struct unpack in;

	if (unpack_begin(&in, value.data, value.len, NULL) != 0)
		return STORE_CORRUPT;
	ban->until_us = (int64_t)unpack_u64(&in);
	ban->at_us = (int64_t)unpack_u64(&in);
	unpack_string(&in, ban->reason, sizeof(ban->reason));
	return row_close(&in);
}

size_t
row_pack_range(const struct store_ban *ban, void *room)
{
	struct pack out;

	pack_begin(&out, room, ROW_RANGE_SIZE, 0);
	pack_u64(&out, (uint64_t)ban->until_us);
	pack_u64(&out, (uint64_t)ban->at_us);
	pack_string(&out, ban->reason);
	return pack_end(&out);
}

void
key_lockdown(struct key *key)
{
	key_string(key, "lockdown");
}
