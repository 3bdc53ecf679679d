/* SPDX-License-Identifier: MIT */
#include "store/ledger.h"

#include <string.h>

static enum store_status
log_event(struct ledger *ledger, struct conversation_row *conversation,
    struct store_write *write, enum record_kind kind, enum role role)
{
	write->record.kind = (uint8_t)kind;
	write->record.role = (uint8_t)role;
	return ledger_log(ledger, conversation, &write->record, 0);
}

/* The first to join owns the group and sees its making. */
static enum store_status
enter(struct ledger *ledger, struct conversation_row *conversation,
    struct store_write *write)
{
	struct conversation_info *info = &conversation->info;
	struct member_row row = {
	    .role = info->members == 0 ? ROLE_OWNER : ROLE_MEMBER,
	    .joined_seq = info->last_seq,
	    .delivered_seq = info->last_seq,
	    .read_seq = info->last_seq,
	    .joined_us = ledger->now_us};
	enum store_status status = STORE_OK;

	info->members++;
	if (write->created)
		status = log_event(ledger, conversation, write,
		    RECORD_CREATED, ROLE_NONE);
	if (status == STORE_OK)
		status = log_event(ledger, conversation, write, RECORD_JOINED,
		    (enum role)row.role);
	if (status == STORE_OK)
		status = ledger_put_info(ledger, conversation);
	if (status == STORE_OK)
		status = ledger_add_member(ledger, info->id,
		    write->record.sender, &row);
	write->conversation = *info;
	return status;
}

static enum store_status
make_group(struct ledger *ledger, struct store_write *write,
    struct conversation_row **conversation)
{
	struct conversation_info info = {.kind = CONVERSATION_GROUP};

	memcpy(info.name, write->name, sizeof(info.name));
	write->created = true;
	return ledger_add_conversation(ledger, &info, write->limit,
	    conversation);
}

/* Whether the group that exists takes the sender in. */
static enum store_status
may_join(struct ledger *ledger, const struct conversation_row *conversation,
    uint64_t sender)
{
	const struct conversation_info *info = &conversation->info;
	enum store_status status;
	struct member_row *row;

	if (info->kind == CONVERSATION_PUBLIC)
		return STORE_DUPLICATE;
	status = ledger_member(ledger, info->id, sender, &row);
	if (status != STORE_NOT_FOUND)
		return status == STORE_OK ? STORE_DUPLICATE : status;
	if (conversation->limit != 0 && info->members >= conversation->limit)
		return STORE_LIMIT;
	return ledger->disk_is_full ? STORE_NO_SPACE : STORE_OK;
}

enum store_status
ledger_join(struct ledger *ledger, struct store_write *write)
{
	struct conversation_row *conversation;
	enum store_status status;
	struct key key;
	uint64_t conv;

	if (write->name[0] != '#')
		return STORE_FORBIDDEN;
	key_string(&key, write->name);
	status = row_get_u64(ledger->txn, KV_CNAME, &key, &conv);
	if (status == STORE_NOT_FOUND) {
		if (ledger->disk_is_full)
			return STORE_NO_SPACE;
		status = make_group(ledger, write, &conversation);
	} else if (status == STORE_OK) {
		status = ledger_conversation(ledger, conv, &conversation);
		if (status != STORE_OK)
			return status;
		write->record.conv = conv;
		write->conversation = conversation->info;
		status = may_join(ledger, conversation, write->record.sender);
	}
	if (status != STORE_OK)
		return status;
	return enter(ledger, conversation, write);
}

enum store_status
ledger_leave(struct ledger *ledger, struct store_write *write)
{
	struct conversation_row *conversation;
	enum store_status status;
	struct member_row *row;
	uint64_t conv = write->record.conv, uid = write->record.sender;

	status = ledger_conversation(ledger, conv, &conversation);
	if (status != STORE_OK)
		return status;
	if (conversation->info.kind != CONVERSATION_GROUP)
		return STORE_FORBIDDEN;
	status = ledger_member(ledger, conv, uid, &row);
	if (status != STORE_OK)
		return status == STORE_NOT_FOUND ? STORE_NOT_MEMBER : status;
	conversation->info.members--;
	status = log_event(ledger, conversation, write, RECORD_LEFT,
	    ROLE_NONE);
	if (status == STORE_OK)
		status = ledger_put_info(ledger, conversation);
	if (status == STORE_OK)
		status = ledger_remove_member(ledger, conv, uid);
	write->conversation = conversation->info;
	return status;
}
