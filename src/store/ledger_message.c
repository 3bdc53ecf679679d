/* SPDX-License-Identifier: MIT */
#include "store/ledger.h"

#include <string.h>

/* ------------------------------------------------- the message it concerns */

static enum store_status
find_conversation(struct ledger *ledger, struct store_write *write,
    struct conversation_row **conversation)
{
	enum store_status status;

	status = ledger_conversation(ledger, write->record.conv, conversation);
	if (status == STORE_OK)
		write->conversation = (*conversation)->info;
	return status;
}

/*
 * The message that write is about, a tombstone too, as a copy that lasts
 * while the tables change.
 */
static enum store_status
find_message(struct ledger *ledger,
    const struct conversation_row *conversation, uint64_t seq,
    struct record *message)
{
	const struct conversation_info *info = &conversation->info;
	enum store_status status;
	struct kv_bytes value;
	enum kv_result result;
	struct key key;

	if (seq == 0 || seq > info->last_seq)
		return STORE_NO_MESSAGE;
	/* Where the log is about to be read, it must be there. */
	if (conversation->changed) {
		status = ledger_flush(ledger);
		if (status != STORE_OK)
			return status;
	}
	key_record(&key, info->id, seq);
	result = kv_get(ledger->txn, KV_CONV, key_bytes(&key), &value);
	if (result != KV_OK)
		return result == KV_NONE ? STORE_NO_MESSAGE
					 : row_status(result);
	if (value.len > RECORD_ENCODED_MAX)
		return STORE_CORRUPT;
	memcpy(ledger->message, value.data, value.len);
	if (record_decode(ledger->message, value.len, message, NULL) != 0)
		return STORE_CORRUPT;
	message->conv = info->id;
	message->seq = seq;
	return message->kind == RECORD_MESSAGE ? STORE_OK : STORE_NO_MESSAGE;
}

/* As find_message(), without tombstones. */
static enum store_status
find_text(struct ledger *ledger, const struct conversation_row *conversation,
    uint64_t seq, struct record *message)
{
	enum store_status status =
	    find_message(ledger, conversation, seq, message);

	if (status == STORE_OK && (message->flags & RECORD_TOMBSTONE) != 0)
		return STORE_NO_MESSAGE;
	return status;
}

/* Whether it says what who asks has seen. */
static bool
is_as_seen(const struct store_write *write, const struct record *message)
{
	return !write->compare ||
	    message->edited_us / 1000 == write->edited_us / 1000;
}

static bool
is_late(const struct ledger *ledger, const struct store_write *write,
    const struct record *message)
{
	return write->window_us != 0 && !write->forced &&
	    ledger->now_us - message->at_us > write->window_us;
}

static enum store_status
put_message(struct ledger *ledger, const struct record *message)
{
	size_t len = record_encode(message, ledger->room, RECORD_ENCODED_MAX);
	struct key key;

	key_record(&key, message->conv, message->seq);
	return ledger_put(ledger, KV_CONV, &key, len);
}

/* What an edit said is stored in its message alone, where it can go. */
static enum store_status
log_event(struct ledger *ledger, struct conversation_row *conversation,
    struct store_write *write, enum record_kind kind)
{
	struct record *record = &write->record;
	uint32_t text_len = record->text_len;
	enum store_status status;

	record->kind = (uint8_t)kind;
	record->client_msg_id_len = 0; /* those are messages' */
	if (kind != RECORD_REACTED)
		record->text_len = 0;
	status = ledger_log(ledger, conversation, record, 0);
	record->text_len = text_len;
	write->conversation = conversation->info;
	return status;
}

/* --------------------------------------------------------- earlier versions */

/* What message says, until event. */
static enum store_status
keep_version(struct ledger *ledger, const struct record *message,
    const struct record *event)
{
	const struct record version = {.kind = RECORD_MESSAGE,
	    .id = event->id,
	    .at_us = event->at_us,
	    .sender = event->sender,
	    .transport = event->transport,
	    .flags = message->flags & (RECORD_ACTION | RECORD_REWRITTEN),
	    .text = message->text,
	    .text_len = message->text_len};
	size_t len = record_encode(&version, ledger->room, RECORD_ENCODED_MAX);
	struct key key;

	key_old(&key, message->conv, message->seq, event->id);
	return ledger_put(ledger, KV_OLD, &key, len);
}

/* All at once, however many: none may outlive what is deleted. */
static enum store_status
drop_versions(struct ledger *ledger, const struct record *message)
{
	uint32_t room = UINT32_MAX;
	struct key prefix;

	key_pair(&prefix, message->conv, message->seq);
	return ledger_del_rows(ledger, KV_OLD, &prefix, &room);
}

/* --------------------------------------------------------------------- edit */

static enum store_status
may_edit(const struct ledger *ledger, const struct store_write *write,
    const struct record *message)
{
	const struct record *record = &write->record;

	if (message->sender != record->sender)
		return STORE_FORBIDDEN;
	if (!is_as_seen(write, message))
		return STORE_CONFLICT;
	if (message->text_len == record->text_len &&
	    memcmp(message->text, record->text, record->text_len) == 0)
		return STORE_DUPLICATE;
	if (is_late(ledger, write, message))
		return STORE_TOO_LATE;
	return ledger->disk_is_full ? STORE_NO_SPACE : STORE_OK;
}

static enum store_status
edit(struct ledger *ledger, struct conversation_row *conversation,
    struct store_write *write, struct record *message)
{
	struct record *record = &write->record;
	enum store_status status;

	status = ledger_keep_trail(ledger, write);
	if (status == STORE_OK)
		status = log_event(ledger, conversation, write, RECORD_EDITED);
	if (status == STORE_OK && write->keep_versions)
		status = keep_version(ledger, message, record);
	if (status != STORE_OK)
		return status;
	message->text = record->text;
	message->text_len = record->text_len;
	message->edited_us = record->at_us;
	message->flags &= (uint8_t)~RECORD_REWRITTEN;
	message->flags |= record->flags & RECORD_REWRITTEN;
	return put_message(ledger, message);
}

enum store_status
ledger_edit(struct ledger *ledger, struct store_write *write)
{
	struct conversation_row *conversation;
	struct record *record = &write->record;
	enum store_status status;
	struct record message;

	if (record->text_len == 0 || record->text_len > TEXT_MAX)
		return STORE_LIMIT;
	status = find_conversation(ledger, write, &conversation);
	if (status == STORE_OK)
		status = ledger_may_post(ledger, conversation, write, false);
	if (status == STORE_OK)
		status = find_text(ledger, conversation, record->target,
		    &message);
	if (status == STORE_OK)
		status = may_edit(ledger, write, &message);
	if (status != STORE_OK)
		return status;
	return edit(ledger, conversation, write, &message);
}

/* ------------------------------------------------------------------- delete */

/* ROLE_NONE for who is not in it; everyone is in the public room. */
static enum store_status
find_role(struct ledger *ledger, const struct conversation_info *info,
    uint64_t uid, uint8_t *role)
{
	enum store_status status;
	struct member_row *row;

	*role = ROLE_NONE;
	if (info->kind == CONVERSATION_PUBLIC)
		return STORE_OK;
	status = ledger_member(ledger, info->id, uid, &row);
	if (status == STORE_OK)
		*role = row->role;
	return status;
}

/* Before it is said whether there is such a message. */
static enum store_status
may_look(struct ledger *ledger, const struct conversation_info *info,
    struct store_write *write)
{
	enum store_status status;

	if (write->forced)
		return STORE_OK;
	status = find_role(ledger, info, write->record.sender, &write->role);
	return status == STORE_NOT_FOUND ? STORE_NOT_MEMBER : status;
}

static enum store_status
may_delete(struct ledger *ledger, const struct conversation_info *info,
    struct store_write *write, const struct record *message)
{
	bool own = message->sender == write->record.sender;
	enum store_status status;

	if (write->forced || (own && !is_late(ledger, write, message)))
		return STORE_OK;
	if (!permission_has((enum role)write->role, PERMISSION_DELETE)) {
		if (own)
			return STORE_TOO_LATE;
		write->missing = PERMISSION_DELETE;
		return STORE_FORBIDDEN;
	}
	status = find_role(ledger, info, message->sender,
	    &write->subject_role);
	if (status != STORE_OK && status != STORE_NOT_FOUND)
		return status;
	if (own || permission_outranks((enum role)write->role,
	    (enum role)write->subject_role))
		return STORE_OK;
	return STORE_OUTRANKED;
}

/* Whose message it is, if another deletes it; by name, for the feed. */
static enum store_status
set_subject(struct ledger *ledger, struct store_write *write, uint64_t author)
{
	struct record *record = &write->record;
	enum store_status status;
	struct user_row user;

	record->subject = author != record->sender ? author : 0;
	if (record->subject == 0)
		return STORE_OK;
	status = row_get_user(ledger->txn, author, &user);
	if (status != STORE_OK)
		return status;
	memcpy(write->name, user.name, sizeof(user.name));
	record->subject_name = write->name;
	return STORE_OK;
}

static enum store_status
delete(struct ledger *ledger, struct conversation_row *conversation,
    struct store_write *write, struct record *message)
{
	struct record *record = &write->record;
	enum store_status status;

	status = set_subject(ledger, write, message->sender);
	if (status != STORE_OK)
		return status;
	if (write->forced)
		record->flags |= RECORD_FORCED;
	status = log_event(ledger, conversation, write, RECORD_DELETED);
	if (status == STORE_OK && write->keep_versions)
		status = keep_version(ledger, message, record);
	else if (status == STORE_OK)
		status = drop_versions(ledger, message);
	if (status != STORE_OK)
		return status;
	message->flags |= RECORD_TOMBSTONE;
	message->text_len = 0;
	return put_message(ledger, message);
}

enum store_status
ledger_delete(struct ledger *ledger, struct store_write *write)
{
	struct conversation_row *conversation;
	enum store_status status;
	struct record message;

	status = find_conversation(ledger, write, &conversation);
	if (status == STORE_OK)
		status = may_look(ledger, &conversation->info, write);
	if (status == STORE_OK)
		status = find_message(ledger, conversation,
		    write->record.target, &message);
	if (status != STORE_OK)
		return status;
	if ((message.flags & RECORD_TOMBSTONE) != 0)
		return STORE_DUPLICATE;
	status = may_delete(ledger, &conversation->info, write, &message);
	if (status == STORE_OK && !is_as_seen(write, &message))
		status = STORE_CONFLICT;
	if (status != STORE_OK)
		return status;
	return delete(ledger, conversation, write, &message);
}

/* -------------------------------------------------------------------- react */

/* Whether sender, who is in it, sees the message at all. */
static enum store_status
may_see(struct ledger *ledger, const struct conversation_info *info,
    const struct record *record)
{
	enum store_status status;
	struct member_row *row;

	if (info->kind != CONVERSATION_GROUP ||
	    (info->flags & CONVERSATION_SINCE_JOIN) == 0)
		return STORE_OK;
	status = ledger_member(ledger, info->id, record->sender, &row);
	if (status == STORE_OK && record->target <= row->joined_seq)
		return STORE_NO_MESSAGE;
	return status;
}

/* Whether there is room for one more of this person. */
static enum store_status
count_reactions(struct ledger *ledger, const struct key *reaction)
{
	struct kv_cursor *cursor = kv_cursor_new(ledger->txn, KV_REACT);
	struct kv_bytes from = {reaction->bytes, 24}, key, value;
	enum kv_result result;
	unsigned n = 0;

	if (cursor == NULL)
		return STORE_NOMEM;
	result = kv_seek(cursor, from, &key, &value);
	while (result == KV_OK && key.len >= from.len &&
	    memcmp(key.data, from.data, from.len) == 0 &&
	    ++n < REACTIONS_MAX)
		result = kv_next(cursor, &key, &value);
	kv_cursor_free(cursor);
	if (n == REACTIONS_MAX)
		return STORE_LIMIT;
	return result == KV_OK || result == KV_NONE ? STORE_OK
						    : row_status(result);
}

static enum store_status
may_react(struct ledger *ledger, const struct record *record,
    const struct key *reaction)
{
	bool off = (record->flags & RECORD_OFF) != 0;
	struct kv_bytes value;
	enum kv_result result;

	result = kv_get(ledger->txn, KV_REACT, key_bytes(reaction), &value);
	if (result != KV_OK && result != KV_NONE)
		return row_status(result);
	if ((result == KV_NONE) == off)
		return STORE_DUPLICATE;
	if (off)
		return STORE_OK;
	if (ledger->disk_is_full)
		return STORE_NO_SPACE;
	return count_reactions(ledger, reaction);
}

static enum store_status
react(struct ledger *ledger, struct conversation_row *conversation,
    struct store_write *write, struct record *message,
    const struct key *reaction)
{
	enum store_status status;

	status = log_event(ledger, conversation, write, RECORD_REACTED);
	if (status != STORE_OK)
		return status;
	if ((write->record.flags & RECORD_OFF) != 0)
		return ledger_del(ledger, KV_REACT, reaction);
	status = ledger_put_u64(ledger, KV_REACT, reaction,
	    (uint64_t)write->record.at_us);
	if (status != STORE_OK ||
	    (message->flags & RECORD_HAS_REACTIONS) != 0)
		return status;
	message->flags |= RECORD_HAS_REACTIONS;
	return put_message(ledger, message);
}

enum store_status
ledger_react(struct ledger *ledger, struct store_write *write)
{
	struct conversation_row *conversation;
	struct record *record = &write->record;
	enum store_status status;
	struct record message;
	struct key reaction;

	if (record->text_len == 0 || record->text_len > EMOJI_MAX)
		return STORE_LIMIT;
	status = find_conversation(ledger, write, &conversation);
	if (status == STORE_OK)
		status = ledger_may_post(ledger, conversation, write, false);
	if (status == STORE_OK)
		status = may_see(ledger, &conversation->info, record);
	if (status == STORE_OK)
		status = find_text(ledger, conversation, record->target,
		    &message);
	if (status != STORE_OK)
		return status;
	key_reaction(&reaction, record->conv, record->target, record->sender,
	    record->text, record->text_len);
	status = may_react(ledger, record, &reaction);
	if (status != STORE_OK)
		return status;
	return react(ledger, conversation, write, &message, &reaction);
}
