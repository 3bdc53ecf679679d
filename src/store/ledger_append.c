/* SPDX-License-Identifier: MIT */
#include "store/ledger.h"

#include <stdio.h>
#include <string.h>

/*
 * Whether sender may write to conversation.  Nothing here changes anything:
 * all that can refuse an append comes before its first put.
 */
static enum store_status
may_write(struct ledger *ledger, const struct conversation_row *conversation,
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

/*
 * STORE_NOT_FOUND, or what the sender was answered when this id came first:
 * _DUPLICATE, or _CONFLICT with another text.
 */
static enum store_status
find_repeat(struct ledger *ledger, const struct conversation_row *conversation,
    struct store_write *write, uint32_t mark)
{
	struct record *record = &write->record, first;
	const struct conversation_info *info = &conversation->info;
	enum store_status status;
	struct id_set *ids;

	status = id_sets_get(&ledger->ids, ledger->txn, info->id,
	    info->last_seq, &ids);
	if (status != STORE_OK)
		return status;
	if (!id_set_has(ids, mark))
		return STORE_NOT_FOUND;
	status = row_find_client_id(ledger->txn, &ledger->ids.key, record,
	    info->last_seq, &first);
	if (status != STORE_DUPLICATE)
		return status;
	record->seq = first.seq;
	record->id = first.id;
	record->at_us = first.at_us;
	record->count = first.count;
	return first.fingerprint == write->fingerprint ? STORE_DUPLICATE
						       : STORE_CONFLICT;
}

static enum store_status
append(struct ledger *ledger, struct conversation_row *conversation,
    struct store_write *write)
{
	struct record *record = &write->record;
	enum store_status status;
	uint32_t mark = mark_of(&ledger->ids.key, record);

	write->conversation = conversation->info;
	if (mark != 0) {
		/* A repeat is that, whatever would refuse it now. */
		status = find_repeat(ledger, conversation, write, mark);
		if (status != STORE_NOT_FOUND)
			return status;
	}
	status = may_write(ledger, conversation, record->sender);
	if (status == STORE_OK && ledger->disk_is_full)
		status = STORE_NO_SPACE;
	if (status != STORE_OK)
		return status;
	record->kind = RECORD_MESSAGE;
	record->fingerprint = write->fingerprint;
	status = ledger_log(ledger, conversation, record, mark);
	write->conversation = conversation->info;
	return status;
}

/* ---------------------------------------- a direct conversation's beginning */

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
    struct conversation_row **conversation)
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
	struct conversation_row *conversation;
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
