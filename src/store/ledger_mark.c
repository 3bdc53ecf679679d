/* SPDX-License-Identifier: MIT */
#include "store/ledger.h"

/* Conversations of up to so many members keep when each mark moved. */
#define MOVES_KEPT_MEMBERS 32

/* Of sender in record.conv. */
static enum store_status
find_member(struct ledger *ledger, struct store_write *write,
    struct conversation_row **conversation, struct member_row **row)
{
	enum store_status status;

	status = ledger_conversation(ledger, write->record.conv, conversation);
	if (status != STORE_OK)
		return status;
	write->conversation = (*conversation)->info;
	status = ledger_member(ledger, write->record.conv,
	    write->record.sender, row);
	return status == STORE_NOT_FOUND ? STORE_NOT_MEMBER : status;
}

static uint64_t
at_most(uint64_t seq, uint64_t last)
{
	return seq < last ? seq : last;
}

static bool
moves(const struct member_row *row, const struct store_mark *mark)
{
	return mark->delivered > row->delivered_seq ||
	    mark->read > row->read_seq;
}

static enum store_status
keep_move(struct ledger *ledger, const struct conversation_info *info,
    uint64_t uid, char which, uint64_t seq, const struct move_row *row)
{
	struct key key;

	if (info->members > MOVES_KEPT_MEMBERS)
		return STORE_OK;
	key_mark(&key, info->id, uid, which, seq);
	return ledger_put(ledger, KV_MARK, &key,
	    row_pack_move(row, ledger->room));
}

/* Sets what is further in mark, and puts the row. */
static enum store_status
move(struct ledger *ledger, const struct conversation_row *conversation,
    uint64_t uid, struct member_row *row, const struct store_mark *mark)
{
	const struct conversation_info *info = &conversation->info;
	struct move_row kept = {.at_us = ledger_time(ledger, conversation)};
	enum store_status status = STORE_OK;

	if (mark->delivered > row->delivered_seq) {
		kept.from = row->delivered_seq;
		row->delivered_seq = mark->delivered;
		row->delivered_us = kept.at_us;
		status = keep_move(ledger, info, uid, 'd', mark->delivered,
		    &kept);
	}
	if (status == STORE_OK && mark->read > row->read_seq) {
		kept.from = row->read_seq;
		row->read_seq = mark->read;
		row->read_us = kept.at_us;
		status = keep_move(ledger, info, uid, 'r', mark->read, &kept);
	}
	if (status != STORE_OK)
		return status;
	return ledger_put_member(ledger, info->id, uid, row);
}

enum store_status
ledger_deliver(struct ledger *ledger,
    const struct conversation_row *conversation, uint64_t uid,
    struct member_row *row, uint64_t seq)
{
	const struct store_mark mark = {
	    .delivered = at_most(seq, conversation->info.last_seq)};

	if (!moves(row, &mark))
		return STORE_OK;
	return move(ledger, conversation, uid, row, &mark);
}

enum store_status
ledger_mark(struct ledger *ledger, struct store_write *write)
{
	uint64_t uid = write->record.sender, last;
	struct conversation_row *conversation;
	struct store_mark mark = write->mark;
	enum store_status status;
	struct member_row *row;
	uint8_t flags;

	status = find_member(ledger, write, &conversation, &row);
	if (status == STORE_OK)
		status = ledger_user_flags(ledger, uid, &flags);
	if (status != STORE_OK)
		return status;
	last = conversation->info.last_seq;
	mark.read = at_most(mark.read, last);
	mark.delivered = at_most(mark.delivered, last);
	if (mark.delivered < mark.read)
		mark.delivered = mark.read;
	write->before = write->now =
	    (struct store_mark){row->delivered_seq, row->read_seq};
	write->unread = write->mark.read != 0 &&
	    (row->flags & MEMBER_UNREAD) != 0;
	if (!moves(row, &mark) && !write->unread)
		return STORE_DUPLICATE;
	if (write->unread)
		row->flags &= (uint8_t)~MEMBER_UNREAD;
	status = move(ledger, conversation, uid, row, &mark);
	write->now = (struct store_mark){row->delivered_seq, row->read_seq};
	write->hides_read = (flags & USER_HIDES_READ) != 0;
	write->record.at_us = ledger_time(ledger, conversation);
	return status;
}

enum store_status
ledger_unread(struct ledger *ledger, struct store_write *write)
{
	struct conversation_row *conversation;
	enum store_status status;
	struct member_row *row;

	status = find_member(ledger, write, &conversation, &row);
	if (status != STORE_OK)
		return status;
	if (((row->flags & MEMBER_UNREAD) != 0) == write->unread)
		return STORE_DUPLICATE;
	row->flags ^= MEMBER_UNREAD;
	return ledger_put_member(ledger, conversation->info.id,
	    write->record.sender, row);
}

enum store_status
ledger_hide_read(struct ledger *ledger, struct store_write *write)
{
	enum store_status status;
	struct user_row row;

	status = row_get_user(ledger->txn, write->record.sender, &row);
	if (status != STORE_OK)
		return status;
	if ((row.flags & USER_ERASED) != 0)
		return STORE_NOT_FOUND;
	if (((row.flags & USER_HIDES_READ) != 0) == write->hides_read)
		return STORE_DUPLICATE;
	row.flags ^= USER_HIDES_READ;
	return ledger_put_user(ledger, write->record.sender, &row);
}
