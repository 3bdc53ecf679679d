/* SPDX-License-Identifier: MIT */
#include "store/ledger.h"

#include <string.h>

enum store_status
ledger_user_flags(struct ledger *ledger, uint64_t uid, uint8_t *flags)
{
	uint64_t *cached = &ledger->people[uid % PEOPLE_CACHED];
	enum store_status status;
	struct user_row row;

	if (*cached >> 8 == uid && uid != 0) {
		*flags = (uint8_t)*cached;
		return STORE_OK;
	}
	status = row_get_user(ledger->txn, uid, &row);
	if (status != STORE_OK)
		return status;
	*cached = uid << 8 | row.flags;
	*flags = row.flags;
	return STORE_OK;
}

enum store_status
ledger_check_person(struct ledger *ledger, uint64_t uid)
{
	enum store_status status;
	uint8_t flags;

	status = ledger_user_flags(ledger, uid, &flags);
	if (status == STORE_OK && (flags & USER_ERASED) != 0)
		return STORE_NOT_FOUND;
	return status;
}

enum store_status
ledger_put_user(struct ledger *ledger, uint64_t uid,
    const struct user_row *row)
{
	struct key key;

	ledger->people[uid % PEOPLE_CACHED] = 0;
	key_u64(&key, uid);
	return ledger_put(ledger, KV_USER, &key,
	    row_pack_user(row, ledger->room));
}

enum store_status
ledger_add_user(struct ledger *ledger, const char *name, uint64_t *uid)
{
	struct user_row row = {.created_us = ledger->now_us};
	enum store_status status;
	struct key key;

	if (ledger->disk_is_full)
		return STORE_NO_SPACE;
	*uid = ledger->last.uid + 1;
	key_string(&key, name);
	status = ledger_put_u64(ledger, KV_UNAME, &key, *uid);
	if (status != STORE_OK)
		return status;
	ledger->last.uid++;
	memcpy(row.name, name, strlen(name) + 1);
	return ledger_put_user(ledger, *uid, &row);
}

enum store_status
ledger_user(struct ledger *ledger, struct store_write *write)
{
	enum store_status status;
	struct key key;

	if (strlen(write->name) > NAME_BYTES_MAX)
		return STORE_LIMIT;
	key_string(&key, write->name);
	status = row_get_u64(ledger->txn, KV_UNAME, &key,
	    &write->record.sender);
	if (status == STORE_NOT_FOUND)
		return ledger_add_user(ledger, write->name,
		    &write->record.sender);
	return status == STORE_OK ? STORE_EXISTS : status;
}

static enum store_status
check_people(struct ledger *ledger, const struct store_write *write)
{
	enum store_status status;
	uint8_t flags;

	if (write->peer == write->record.sender)
		return STORE_FORBIDDEN;
	status = ledger_check_person(ledger, write->record.sender);
	if (status == STORE_OK)
		status = ledger_user_flags(ledger, write->peer, &flags);
	return status;
}

static enum store_status
set_block(struct ledger *ledger, struct store_write *write, bool on)
{
	uint64_t who = write->record.sender, whom = write->peer;
	enum store_status status;
	struct key key;
	bool already;

	status = check_people(ledger, write);
	if (status == STORE_OK)
		status = ledger_blocks(ledger, who, whom, &already);
	if (status != STORE_OK)
		return status;
	if (already == on)
		return STORE_DUPLICATE;
	cache_drop(&ledger->blocks, who, whom);
	key_pair(&key, who, whom);
	if (on)
		return ledger_put_u64(ledger, KV_BLOCK, &key,
		    (uint64_t)ledger->now_us);
	return ledger_del(ledger, KV_BLOCK, &key);
}

enum store_status
ledger_block(struct ledger *ledger, struct store_write *write)
{
	return set_block(ledger, write, true);
}

enum store_status
ledger_unblock(struct ledger *ledger, struct store_write *write)
{
	return set_block(ledger, write, false);
}

enum store_status
ledger_seen(struct ledger *ledger, struct store_write *write)
{
	enum store_status status;
	struct key key;

	status = ledger_check_person(ledger, write->record.sender);
	if (status != STORE_OK)
		return status;
	key_u64(&key, write->record.sender);
	return ledger_put_u64(ledger, KV_SEEN, &key,
	    (uint64_t)write->seen_us);
}
