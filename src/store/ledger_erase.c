/* SPDX-License-Identifier: MIT */
#include "store/ledger.h"

#include <string.h>

#include "store/rows_account.h"

/* What is looked at in a step, for each change it may make. */
#define LOOKS_A_CHANGE 4

/* 0: it is about to begin, or is done. */
enum phase {
	PHASE_PERSON = 1,
	PHASE_REACTIONS,
	PHASE_VERSIONS,
	PHASE_TOKENS,
	PHASE_END
};

struct erasure {
	struct ledger *ledger;
	struct store_erase *erase;
	uint64_t uid;
	uint32_t room, looks;
};

static enum store_status
find_person(struct ledger *ledger, struct store_write *write,
    struct user_row *user)
{
	enum store_status status = STORE_OK;
	struct key key;

	if (write->record.sender == 0) {
		key_string(&key, write->name);
		status = row_get_u64(ledger->txn, KV_UNAME, &key,
		    &write->record.sender);
	}
	if (status == STORE_OK)
		status = row_get_user(ledger->txn, write->record.sender, user);
	if (status == STORE_OK)
		memcpy(write->name, user->name, strlen(user->name) + 1);
	return status;
}

/* _DUPLICATE: that was done long ago. */
static enum store_status
begin(struct ledger *ledger, uint64_t uid, struct user_row *user)
{
	enum store_status status;
	struct key erasing;
	uint64_t since;

	key_erasing(&erasing, uid);
	if (user->flags & USER_ERASED) {
		status = row_get_u64(ledger->txn, KV_META, &erasing, &since);
		return status == STORE_NOT_FOUND ? STORE_DUPLICATE : status;
	}
	status = ledger_put_u64(ledger, KV_META, &erasing,
	    (uint64_t)ledger->now_us);
	if (status != STORE_OK)
		return status;
	user->flags |= USER_ERASED;
	return ledger_put_user(ledger, uid, user);
}

/* STORE_CONFLICT while they are in a group. */
static enum store_status
check_groups(struct ledger *ledger, uint64_t uid)
{
	struct kv_cursor *cursor = kv_cursor_new(ledger->txn, KV_UMEMB);
	struct conversation_row *conversation;
	struct key from, found;
	enum store_status status;

	if (cursor == NULL)
		return STORE_NOMEM;
	key_pair(&from, uid, 0);
	status = ledger_find_row(cursor, &from, 8, &found);
	while (status == STORE_OK) {
		status = ledger_conversation(ledger,
		    get_be64(found.bytes + 8), &conversation);
		if (status == STORE_OK &&
		    conversation->info.kind == CONVERSATION_GROUP)
			status = STORE_CONFLICT;
		key_pair(&from, uid, get_be64(found.bytes + 8) + 1);
		if (status == STORE_OK)
			status = ledger_find_row(cursor, &from, 8, &found);
	}
	kv_cursor_free(cursor);
	return status == STORE_NOT_FOUND ? STORE_OK : status;
}

/* The rows of a table whose keys begin with the person; each counts. */
static enum store_status
erase_own(struct erasure *erasure, enum kv_table table, uint32_t *count)
{
	uint32_t room = erasure->room;
	enum store_status status;
	struct key prefix;

	key_u64(&prefix, erasure->uid);
	status = ledger_del_rows(erasure->ledger, table, &prefix,
	    &erasure->room);
	*count += room - erasure->room;
	return status;
}

static enum store_status
erase_invitations(struct erasure *erasure)
{
	struct ledger *ledger = erasure->ledger;
	struct kv_cursor *cursor = kv_cursor_new(ledger->txn, KV_UINVITE);
	enum store_status status = STORE_OK;
	struct key from, found, key;

	if (cursor == NULL)
		return STORE_NOMEM;
	key_pair(&from, erasure->uid, 0);
	while (status == STORE_OK && erasure->room > 1) {
		status = ledger_find_row(cursor, &from, 8, &found);
		if (status != STORE_OK)
			break;
		key_pair(&key, get_be64(found.bytes + 8), erasure->uid);
		status = ledger_del_if_there(ledger, KV_INVITE, &key);
		if (status == STORE_OK)
			status = ledger_del(ledger, KV_UINVITE, &found);
		erasure->room -= 2;
		erasure->erase->invitations++;
	}
	kv_cursor_free(cursor);
	if (erasure->room == 1)
		erasure->room = 0; /* too little to go on */
	return status == STORE_NOT_FOUND ? STORE_OK : status;
}

/* Their address is free again. */
static enum store_status
erase_email(struct ledger *ledger, uint64_t uid)
{
	struct account_row account;
	enum store_status status;
	struct key key;

	status = row_get_account(ledger->txn, uid, &account);
	if (status != STORE_OK)
		return status == STORE_NOT_FOUND ? STORE_OK : status;
	key_string(&key, account.email);
	return key.len != 0 ? ledger_del_if_there(ledger, KV_EMAIL, &key)
			    : STORE_OK;
}

static enum store_status
erase_account(struct erasure *erasure)
{
	struct ledger *ledger = erasure->ledger;
	enum store_status status;
	uint32_t rows = 0;
	struct key key;

	status = erase_email(ledger, erasure->uid);
	key_u64(&key, erasure->uid);
	if (status == STORE_OK)
		status = ledger_del_if_there(ledger, KV_ACCOUNT, &key);
	key_reset(&key, erasure->uid);
	if (status == STORE_OK)
		status = ledger_del_if_there(ledger, KV_CODE, &key);
	return status == STORE_OK ? erase_own(erasure, KV_FAMILY, &rows)
				  : status;
}

static enum store_status
erase_person(struct erasure *erasure)
{
	struct store_erase *erase = erasure->erase;
	enum store_status status;
	uint32_t seen = 0;

	status = erase_account(erasure);
	if (status == STORE_OK)
		status = erase_own(erasure, KV_CUR, &erase->devices);
	if (status == STORE_OK)
		status = erase_own(erasure, KV_BLOCK, &erase->blocks);
	/* The writer may remember whom they blocked. */
	cache_clear(&erasure->ledger->blocks);
	if (status == STORE_OK)
		status = erase_own(erasure, KV_SEEN, &seen);
	if (status == STORE_OK)
		status = erase_invitations(erasure);
	return status;
}

/* Of one message: what they reacted. */
static enum store_status
erase_reactions(struct erasure *erasure, uint64_t conv, uint64_t seq)
{
	uint32_t room = erasure->room;
	enum store_status status;
	struct key prefix;

	key_reaction(&prefix, conv, seq, erasure->uid, "", 0);
	status = ledger_del_rows(erasure->ledger, KV_REACT, &prefix,
	    &erasure->room);
	erasure->erase->reactions += room - erasure->room;
	return status;
}

/* Of one message, if it was theirs: what it said before. */
static enum store_status
erase_versions(struct erasure *erasure, uint64_t conv, uint64_t seq)
{
	struct ledger *ledger = erasure->ledger;
	uint32_t room = erasure->room;
	enum store_status status;
	struct record record;
	struct key prefix;

	status = row_get_record(ledger->txn, conv, seq, &record);
	if (status != STORE_OK || record.sender != erasure->uid)
		return status == STORE_NOMEM ? status : STORE_OK;
	key_pair(&prefix, conv, seq);
	status = ledger_del_rows(ledger, KV_OLD, &prefix, &erasure->room);
	erasure->erase->versions += room - erasure->room;
	return status;
}

/* One token, by the first half of its hash, if it is of theirs. */
static enum store_status
erase_token(struct erasure *erasure, uint64_t high, uint64_t low)
{
	struct ledger *ledger = erasure->ledger;
	struct kv_cursor *cursor = kv_cursor_new(ledger->txn, KV_TOKEN);
	struct token_row token = {0};
	enum store_status status;
	struct key from, found;

	if (cursor == NULL)
		return STORE_NOMEM;
	key_pair(&from, high, low);
	status = ledger_find_row(cursor, &from, from.len, &found);
	kv_cursor_free(cursor);
	if (status == STORE_OK)
		status = row_get_token(ledger->txn, &found, &token);
	if (status == STORE_OK && token.uid == erasure->uid) {
		status = ledger_del(ledger, KV_TOKEN, &found);
		erasure->room--;
	}
	return status == STORE_CORRUPT ? STORE_OK : status;
}

/* Walks a table by the first 16 bytes of its keys. */
static enum store_status
erase_hanging(struct erasure *erasure, enum kv_table table,
    enum store_status (*erase)(struct erasure *erasure, uint64_t conv,
	uint64_t seq))
{
	struct store_erase_at *at = &erasure->erase->next;
	struct kv_cursor *cursor;
	enum store_status status = STORE_OK;
	struct key from, found;

	cursor = kv_cursor_new(erasure->ledger->txn, table);
	if (cursor == NULL)
		return STORE_NOMEM;
	while (status == STORE_OK && erasure->looks-- > 0) {
		key_pair(&from, at->conv, at->seq);
		status = ledger_find_row(cursor, &from, 0, &found);
		if (status != STORE_OK)
			break;
		at->conv = get_be64(found.bytes);
		at->seq = get_be64(found.bytes + 8);
		status = erase(erasure, at->conv, at->seq);
		if (status == STORE_OK && erasure->room == 0)
			break;
		at->seq++;
	}
	kv_cursor_free(cursor);
	return status;
}

/* STORE_NOT_FOUND: the phase is over. */
static enum store_status
erase_some(struct erasure *erasure)
{
	enum store_status status;

	switch (erasure->erase->next.phase) {
	case PHASE_PERSON:
		status = erase_person(erasure);
		return status == STORE_OK && erasure->room > 0
		    ? STORE_NOT_FOUND : status;
	case PHASE_REACTIONS:
		return erase_hanging(erasure, KV_REACT, erase_reactions);
	case PHASE_VERSIONS:
		return erase_hanging(erasure, KV_OLD, erase_versions);
	default:
		return erase_hanging(erasure, KV_TOKEN, erase_token);
	}
}

static enum store_status
erase_step(struct ledger *ledger, struct store_write *write)
{
	struct store_erase *erase = &write->erase;
	struct erasure erasure = {ledger, erase, write->record.sender,
	    LEDGER_DELETES_MAX, LEDGER_DELETES_MAX * LOOKS_A_CHANGE};
	enum store_status status;
	struct key key;

	if (write->limit < LEDGER_DELETES_MAX) {
		erasure.room = write->limit > 2 ? write->limit : 2;
		erasure.looks = erasure.room * LOOKS_A_CHANGE;
	}
	if (erase->next.phase == 0)
		erase->next.phase = PHASE_PERSON;
	status = erase_some(&erasure);
	if (status != STORE_NOT_FOUND)
		return status;
	erase->next = (struct store_erase_at){.phase = erase->next.phase + 1};
	if (erase->next.phase < PHASE_END)
		return STORE_OK;
	erase->next.phase = 0;
	key_erasing(&key, write->record.sender);
	return ledger_del(ledger, KV_META, &key);
}

enum store_status
ledger_erase(struct ledger *ledger, struct store_write *write)
{
	const struct store_erase_at from = write->erase.from;
	enum store_status status;
	struct user_row user;

	memset(&write->erase, 0, sizeof(write->erase));
	write->erase.from = write->erase.next = from;
	status = find_person(ledger, write, &user);
	if (status == STORE_OK)
		status = ledger_flush(ledger);
	if (status == STORE_OK && write->limit != 0 &&
	    from.phase <= PHASE_PERSON)
		status = check_groups(ledger, write->record.sender);
	if (status == STORE_OK)
		status = begin(ledger, write->record.sender, &user);
	if (status == STORE_OK && write->limit != 0)
		status = erase_step(ledger, write);
	return status;
}
