/* SPDX-License-Identifier: MIT */
#include "store/ledger.h"

#include <stdio.h>
#include <string.h>

static enum store_status
may_post_to_person(struct ledger *ledger,
    const struct conversation_info *info, uint64_t sender)
{
	uint64_t other = sender == info->a ? info->b : info->a;
	enum store_status status;
	bool blocked;

	if (sender != info->a && sender != info->b)
		return STORE_NOT_MEMBER;
	status = ledger_check_person(ledger, other);
	if (status == STORE_OK)
		status = ledger_blocks(ledger, other, sender, &blocked);
	return status == STORE_OK && blocked ? STORE_BLOCKED : status;
}

static enum store_status
may_post_to_group(struct ledger *ledger,
    const struct conversation_info *info, struct store_write *write,
    bool slow)
{
	struct record *record = &write->record;
	enum store_status status;
	struct member_row *row;
	int64_t again_us;

	status = ledger_member(ledger, info->id, record->sender, &row);
	if (status != STORE_OK)
		return status == STORE_NOT_FOUND ? STORE_NOT_MEMBER : status;
	write->role = row->role;
	if (row->muted_until_us > ledger->now_us) {
		record->until_us = row->muted_until_us == INT64_MAX
		    ? 0 : row->muted_until_us;
		return STORE_MUTED;
	}
	again_us = row->posted_us + (int64_t)info->slow_s * 1000000;
	if (!slow || info->slow_s == 0 || row->role >= ROLE_MODERATOR ||
	    again_us <= ledger->now_us || row->posted_us > ledger->now_us)
		return STORE_OK; /* the last: the clock was put back */
	record->until_us = again_us;
	return STORE_SLOW;
}

enum store_status
ledger_may_post(struct ledger *ledger,
    const struct conversation_row *conversation, struct store_write *write,
    bool slow)
{
	const struct conversation_info *info = &conversation->info;
	uint64_t sender = write->record.sender;
	enum store_status status;

	status = ledger_check_person(ledger, sender);
	if (status != STORE_OK)
		return status;
	switch (info->kind) {
	case CONVERSATION_PUBLIC:
		return STORE_OK;
	case CONVERSATION_DIRECT:
		return may_post_to_person(ledger, info, sender);
	case CONVERSATION_GROUP:
		return may_post_to_group(ledger, info, write, slow);
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
	enum store_status status = STORE_OK;
	struct id_set *ids;

	/* Where its log is about to be read, it must be there. */
	ids = id_sets_find(&ledger->ids, info->id);
	if (conversation->changed && (ids == NULL || id_set_has(ids, mark)))
		status = ledger_flush(ledger);
	if (status == STORE_OK)
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

/* What is replied to: a message that is there, deleted or not. */
static enum store_status
check_reply(struct ledger *ledger,
    const struct conversation_row *conversation, uint64_t seq)
{
	const struct conversation_info *info = &conversation->info;
	enum store_status status;
	struct record record;

	if (seq == 0)
		return STORE_OK;
	if (seq < info->first_seq || seq > info->last_seq)
		return STORE_NO_MESSAGE;
	status = row_get_record(ledger->txn, info->id, seq, &record);
	if (status == STORE_NOT_FOUND && conversation->changed) {
		/* It is of this transaction, and waits. */
		status = ledger_flush(ledger);
		if (status == STORE_OK)
			status = row_get_record(ledger->txn, info->id, seq,
			    &record);
	}
	if (status != STORE_OK)
		return status == STORE_NOT_FOUND ? STORE_NO_MESSAGE : status;
	return record.kind == RECORD_MESSAGE ? STORE_OK : STORE_NO_MESSAGE;
}

/* In slow mode, when a member may post again counts from here. */
static enum store_status
note_posted(struct ledger *ledger, const struct conversation_info *info,
    const struct store_write *write)
{
	enum store_status status;
	struct member_row *row;

	if (info->slow_s == 0 || write->role >= ROLE_MODERATOR)
		return STORE_OK;
	status = ledger_member(ledger, info->id, write->record.sender, &row);
	if (status != STORE_OK)
		return status;
	row->posted_us = ledger->now_us;
	return ledger_put_member(ledger, info->id, write->record.sender, row);
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
	status = ledger_may_post(ledger, conversation, write, true);
	if (status == STORE_OK)
		status = check_reply(ledger, conversation, record->reply_to);
	if (status == STORE_OK && ledger->disk_is_full)
		status = STORE_NO_SPACE;
	if (status != STORE_OK)
		return status;
	record->kind = RECORD_MESSAGE;
	record->fingerprint = write->fingerprint;
	status = ledger_keep_trail(ledger, write);
	if (status == STORE_OK)
		status = ledger_log(ledger, conversation, record, mark);
	if (status == STORE_OK)
		status = note_posted(ledger, &conversation->info, write);
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
	if (((a.flags | b.flags) & USER_ERASED) != 0)
		return STORE_NOT_FOUND;
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

	if (write->record.reply_to != 0)
		return STORE_NO_MESSAGE;
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
