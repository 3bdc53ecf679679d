/* SPDX-License-Identifier: MIT */
#include "store/ledger.h"

#include <stdio.h>
#include <string.h>

/*
 * Whether sender may write to conversation.  Nothing here changes anything:
 * all that can refuse an append comes before its first put.
 */
static enum store_status
may_write(struct ledger *ledger, const struct conversation *conversation,
    uint64_t sender)
{
	const struct conversation_info *info = &conversation->info;
	enum store_status status;
	struct member_row *row;
	bool blocked;

	switch (info->kind) {
	case CONVERSATION_PUBLIC:
		return STORE_OK;
	case CONVERSATION_DIRECT:
		if (sender != info->a && sender != info->b)
			return STORE_NOT_MEMBER;
		status = ledger_blocks(ledger,
		    sender == info->a ? info->b : info->a, sender, &blocked);
		return status == STORE_OK && blocked ? STORE_BLOCKED : status;
	case CONVERSATION_GROUP:
		status = ledger_member(ledger, info->id, sender, &row);
		if (status != STORE_OK)
			return status == STORE_NOT_FOUND ? STORE_NOT_MEMBER
							 : status;
		return row->muted_until_us > ledger->now_us ? STORE_MUTED
							    : STORE_OK;
	}
	return STORE_CORRUPT;
}

static enum store_status
answer_repeat(struct store_write *write, const struct record *first,
    uint64_t fingerprint)
{
	write->record.seq = first->seq;
	write->record.id = first->id;
	write->record.at_us = first->at_us;
	write->record.count = first->count;
	return fingerprint == write->fingerprint ? STORE_DUPLICATE
						 : STORE_CONFLICT;
}

/*
 * Takes the place of the client's id for the seq that comes next.  One change
 * both looks it up and, in almost all cases, sets it.
 */
static enum store_status
take_client_id(struct ledger *ledger, const struct conversation *conversation,
    struct store_write *write)
{
	uint64_t hash = row_client_id_hash(&write->record), fingerprint;
	struct client_id_row row = {conversation->info.last_seq + 1,
	    write->fingerprint};
	enum store_status status;
	struct record first;
	struct kv_bytes value;
	enum kv_result result;
	struct key key;
	int i;

	for (i = 0; i < ROW_PROBES; i++) {
		key_client_id(&key, conversation->info.id, hash + (uint64_t)i);
		value.data = ledger->room;
		value.len = row_pack_client_id(&row, ledger->room);
		result = kv_insert(ledger->txn, KV_CONV, key_bytes(&key),
		    &value);
		if (result != KV_EXISTS) {
			ledger->changes++;
			return row_status(result);
		}
		status = row_match_client_id(ledger->txn, value,
		    &write->record, &first, &fingerprint);
		if (status == STORE_DUPLICATE)
			return answer_repeat(write, &first, fingerprint);
		if (status != STORE_OK)
			return status;
	}
	return STORE_CONFLICT;
}

/* A repeat of what was stored is that, whatever would refuse it now. */
static enum store_status
unless_repeat(struct ledger *ledger, struct store_write *write,
    enum store_status refusal)
{
	enum store_status status;
	struct record first;
	uint64_t fingerprint;

	if (write->record.client_msg_id_len == 0)
		return refusal;
	status = row_find_client_id(ledger->txn, &write->record, &first,
	    &fingerprint);
	if (status == STORE_DUPLICATE)
		return answer_repeat(write, &first, fingerprint);
	return status == STORE_NOT_FOUND ? refusal : status;
}

static enum store_status
append(struct ledger *ledger, struct conversation *conversation,
    struct store_write *write)
{
	struct record *record = &write->record;
	enum store_status status;

	write->conversation = conversation->info;
	status = may_write(ledger, conversation, record->sender);
	if (status == STORE_OK && ledger->disk_is_full)
		status = STORE_NO_SPACE;
	if (status != STORE_OK)
		return unless_repeat(ledger, write, status);
	if (record->client_msg_id_len != 0) {
		status = take_client_id(ledger, conversation, write);
		if (status != STORE_OK)
			return status;
	}
	record->kind = RECORD_MESSAGE;
	status = ledger_log(ledger, conversation, record);
	write->conversation = conversation->info;
	return status;
}

/* ------------------------------------------- a direct conversation's beginning */

static enum store_status
people(struct ledger *ledger, uint64_t one, uint64_t other,
    struct conversation_info *info)
{
	struct user_row a, b;
	enum store_status status;
	bool in_order;

	status = row_get_user(ledger->txn, one, &a);
	if (status == STORE_OK)
		status = row_get_user(ledger->txn, other, &b);
	if (status != STORE_OK)
		return status;
	in_order = strcmp(a.name, b.name) <= 0;
	info->kind = CONVERSATION_DIRECT;
	info->a = in_order ? one : other;
	info->b = in_order ? other : one;
	info->members = one == other ? 1 : 2;
	snprintf(info->name, sizeof(info->name), "@%s:%s",
	    in_order ? a.name : b.name, in_order ? b.name : a.name);
	return STORE_OK;
}

static enum store_status
begin_direct(struct ledger *ledger, struct store_write *write,
    struct conversation **conversation)
{
	const struct member_row row = {
	    .role = ROLE_MEMBER, .joined_us = ledger->now_us};
	struct conversation_info *info = &write->conversation;
	uint64_t sender = write->record.sender;
	enum store_status status;
	bool blocked;

	status = people(ledger, sender, write->peer, info);
	if (status != STORE_OK)
		return status;
	status = ledger_blocks(ledger, write->peer, sender, &blocked);
	if (status == STORE_OK && blocked)
		status = STORE_BLOCKED;
	if (status == STORE_OK && ledger->disk_is_full)
		status = STORE_NO_SPACE;
	if (status != STORE_OK)
		return status;
	write->created = true;
	status = ledger_add_conversation(ledger, info, 0, conversation);
	if (status == STORE_OK)
		status = ledger_add_member(ledger, (*conversation)->info.id,
		    sender, &row);
	if (status == STORE_OK && write->peer != sender)
		status = ledger_add_member(ledger, (*conversation)->info.id,
		    write->peer, &row);
	return status;
}

enum store_status
ledger_append(struct ledger *ledger, struct store_write *write)
{
	struct record *record = &write->record;
	struct conversation *conversation;
	enum store_status status;

	if (record->text_len > TEXT_MAX)
		return STORE_LIMIT;
	if (record->conv == 0) {
		status = ledger_direct(ledger, record->sender, write->peer,
		    &record->conv);
		if (status != STORE_OK)
			return status;
	}
	if (record->conv != 0)
		status = ledger_conversation(ledger, record->conv,
		    &conversation);
	else
		status = begin_direct(ledger, write, &conversation);
	if (status != STORE_OK)
		return status;
	record->conv = conversation->info.id;
	return append(ledger, conversation, write);
}
