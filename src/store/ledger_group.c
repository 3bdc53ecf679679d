/* SPDX-License-Identifier: MIT */
#include "store/ledger_group.h"

#include <string.h>

/* ------------------------------------------------------ what all begin with */

enum store_status
ledger_group_open(struct ledger *ledger, struct store_write *write,
    enum permission permission, struct conversation_row **conversation)
{
	enum store_status status;
	struct member_row *row;

	status = ledger_conversation(ledger, write->record.conv, conversation);
	if (status != STORE_OK)
		return status;
	write->conversation = (*conversation)->info;
	if ((*conversation)->info.kind != CONVERSATION_GROUP)
		return STORE_FORBIDDEN;
	if (write->forced) {
		write->record.flags |= RECORD_FORCED;
		write->role = ROLE_OWNER;
		return STORE_OK;
	}
	status = ledger_member(ledger, write->record.conv,
	    write->record.sender, &row);
	if (status != STORE_OK)
		return status == STORE_NOT_FOUND ? STORE_NOT_MEMBER : status;
	write->role = row->role;
	if (permission == PERMISSION_NONE ||
	    permission_has((enum role)row->role, permission))
		return STORE_OK;
	write->missing = (uint8_t)permission;
	return STORE_FORBIDDEN;
}

enum store_status
ledger_group_log(struct ledger *ledger, struct conversation_row *conversation,
    struct store_write *write, enum record_kind kind, enum role role)
{
	enum store_status status;

	if (ledger->disk_is_full && kind != RECORD_LEFT)
		return STORE_NO_SPACE;
	write->record.kind = (uint8_t)kind;
	write->record.role = (uint8_t)role;
	status = ledger_log(ledger, conversation, &write->record, 0);
	write->conversation = conversation->info;
	return status;
}

/* ----------------------------------------------------------- coming in, out */

/* Whether uid is in `max` groups; 0: any number. */
static enum store_status
check_groups(struct ledger *ledger, uint64_t uid, uint32_t max)
{
	struct kv_cursor *cursor;
	enum store_status status = STORE_OK;
	struct kv_bytes key, value;
	enum kv_result result;
	uint32_t groups = 0;
	struct key from;
	uint8_t kind;

	if (max == 0)
		return STORE_OK;
	cursor = kv_cursor_new(ledger->txn, KV_UMEMB);
	if (cursor == NULL)
		return STORE_NOMEM;
	key_u64(&from, uid);
	result = kv_seek(cursor, key_bytes(&from), &key, &value);
	while (status == STORE_OK && result == KV_OK && key.len == 16 &&
	    get_be64(key.data) == uid) {
		/* One that is damaged does not count. */
		if (row_get_kind(ledger->txn,
			get_be64((const unsigned char *)key.data + 8),
			&kind) == STORE_OK && kind == CONVERSATION_GROUP &&
		    ++groups == max)
			status = STORE_LIMIT;
		result = kv_next(cursor, &key, &value);
	}
	kv_cursor_free(cursor);
	return result == KV_OK || result == KV_NONE ? status
						    : row_status(result);
}

/* One more group for uid: `missing` says that it has too many. */
static enum store_status
may_have_another(struct ledger *ledger, struct store_write *write,
    uint64_t uid)
{
	enum store_status status;

	status = check_groups(ledger, uid, write->groups_max);
	if (status == STORE_LIMIT)
		write->missing = PERMISSION_ADD;
	return status;
}

enum store_status
ledger_group_check_ban(struct ledger *ledger, struct store_write *write,
    uint64_t uid)
{
	enum store_status status;
	struct grant_row ban;

	status = ledger_get_ban(ledger, write->record.conv, uid, &ban);
	if (status != STORE_OK)
		return status == STORE_NOT_FOUND ? STORE_OK : status;
	write->record.until_us = ban.until_us;
	return STORE_BANNED;
}

enum store_status
ledger_group_check_room(struct ledger *ledger,
    const struct conversation_row *conversation, struct store_write *write,
    uint64_t uid)
{
	if (conversation->limit != 0 &&
	    conversation->info.members >= conversation->limit)
		return STORE_LIMIT;
	return may_have_another(ledger, write, uid);
}

/* What JOIN and CREATE set is the text of the group's making alone. */
static enum store_status
log_joined(struct ledger *ledger, struct conversation_row *conversation,
    struct store_write *write, enum role role)
{
	uint32_t text_len = write->record.text_len;
	enum store_status status = STORE_OK;

	if (write->created)
		status = ledger_group_log(ledger, conversation, write,
		    RECORD_CREATED, ROLE_NONE);
	write->record.text_len = 0;
	if (status == STORE_OK)
		status = ledger_group_log(ledger, conversation, write,
		    RECORD_JOINED, role);
	write->record.text_len = text_len;
	return status;
}

enum store_status
ledger_group_enter(struct ledger *ledger,
    struct conversation_row *conversation, struct store_write *write,
    uint64_t uid)
{
	struct conversation_info *info = &conversation->info;
	struct member_row row = {
	    .role = info->members == 0 ? ROLE_OWNER : ROLE_MEMBER,
	    .joined_seq = info->last_seq, /* one's joining is seen */
	    .delivered_seq = info->last_seq,
	    .read_seq = info->last_seq,
	    .joined_us = ledger->now_us};
	enum store_status status;

	write->joined_seq = row.joined_seq;
	status = log_joined(ledger, conversation, write, (enum role)row.role);
	if (status != STORE_OK)
		return status;
	info->members++;
	info->owners += row.role == ROLE_OWNER;
	status = ledger_take_mute(ledger, info->id, uid, &row.muted_until_us);
	if (row.role == ROLE_OWNER)
		row.muted_until_us = 0; /* nobody could end it */
	if (status == STORE_OK)
		status = ledger_put_info(ledger, conversation);
	if (status == STORE_OK)
		status = ledger_add_member(ledger, info->id, uid, &row);
	if (status == STORE_OK)
		status = ledger_drop_invitation(ledger, info->id, uid);
	if (status == STORE_OK)
		status = ledger_drop_ban(ledger, info->id, uid); /* over */
	write->conversation = *info;
	return status;
}

/* Slow mode waits out as a mute, or to leave and come back would evade it. */
static int64_t
silent_until(const struct ledger *ledger, const struct conversation_info *info,
    const struct member_row *was)
{
	int64_t again_us = was->posted_us + (int64_t)info->slow_s * 1000000;

	if (info->slow_s == 0 || was->role >= ROLE_MODERATOR ||
	    was->posted_us > ledger->now_us || again_us < was->muted_until_us)
		return was->muted_until_us;
	return again_us;
}

enum store_status
ledger_group_expel(struct ledger *ledger,
    struct conversation_row *conversation, struct store_write *write,
    enum record_kind kind, uint64_t uid, const struct member_row *row)
{
	const struct member_row was = *row; /* in the cache */
	struct conversation_info *info = &conversation->info;
	enum store_status status;
	uint8_t flags;

	status = ledger_user_flags(ledger, uid, &flags);
	if (status != STORE_OK)
		return status;
	write->before = (struct store_mark){was.delivered_seq, was.read_seq};
	write->joined_seq = was.joined_seq;
	write->hides_read = (flags & USER_HIDES_READ) != 0;
	status = ledger_group_log(ledger, conversation, write, kind,
	    ROLE_NONE);
	if (status != STORE_OK)
		return status;
	info->members--;
	info->owners -= was.role == ROLE_OWNER;
	write->conversation = *info;
	status = ledger_put_info(ledger, conversation);
	if (status == STORE_OK)
		status = ledger_remove_member(ledger, info->id, uid);
	if (status == STORE_OK)
		status = ledger_keep_mute(ledger, info->id, uid,
		    silent_until(ledger, info, &was));
	return status;
}

/* ------------------------------------------------------- making and joining */

static enum store_status
make_group(struct ledger *ledger, struct store_write *write)
{
	struct conversation_info info = {.kind = CONVERSATION_GROUP};
	struct conversation_row *conversation;
	enum store_status status;
	struct key key;
	size_t len;

	if (!ledger_settings_fit(&write->settings))
		return STORE_LIMIT;
	status = may_have_another(ledger, write, write->record.sender);
	if (status == STORE_OK && ledger->disk_is_full)
		status = STORE_NO_SPACE;
	if (status != STORE_OK)
		return status;
	memcpy(info.name, write->name, sizeof(info.name));
	ledger_settings_apply(&write->settings, &info);
	write->created = true;
	status = ledger_add_conversation(ledger, &info, write->limit,
	    &conversation);
	if (status == STORE_OK)
		status = ledger_settings_pack(ledger,
		    conversation->info.id, &write->settings, &len);
	if (status == STORE_OK && len != 0) {
		key_texts(&key, conversation->info.id);
		status = ledger_put(ledger, KV_CONV, &key, len);
	}
	if (status != STORE_OK)
		return status;
	return ledger_group_enter(ledger, conversation, write,
	    write->record.sender);
}

static enum store_status
check_invitation(struct ledger *ledger, const struct conversation_info *info,
    uint64_t uid)
{
	enum store_status status;
	bool invited;

	if ((info->flags & CONVERSATION_PRIVATE) == 0)
		return STORE_OK;
	status = ledger_is_invited(ledger, info->id, uid, &invited);
	return status == STORE_OK && !invited ? STORE_UNINVITED : status;
}

/* Whether the group that exists takes the sender in. */
static enum store_status
may_join(struct ledger *ledger, const struct conversation_row *conversation,
    struct store_write *write)
{
	const struct conversation_info *info = &conversation->info;
	uint64_t uid = write->record.sender;
	enum store_status status;
	struct member_row *row;

	if (info->kind == CONVERSATION_PUBLIC)
		return STORE_DUPLICATE;
	status = ledger_member(ledger, info->id, uid, &row);
	if (status == STORE_OK) {
		write->role = row->role;
		return STORE_DUPLICATE;
	}
	if (status == STORE_NOT_FOUND)
		status = ledger_group_check_ban(ledger, write, uid);
	if (status == STORE_OK)
		status = check_invitation(ledger, info, uid);
	if (status == STORE_OK)
		status = ledger_group_check_room(ledger, conversation, write,
		    uid);
	return status;
}

/* The conversation of write->name, or _NOT_FOUND. */
static enum store_status
find_name(struct ledger *ledger, const struct store_write *write,
    uint64_t *conv)
{
	struct key key;

	key_string(&key, write->name);
	return row_get_u64(ledger->txn, KV_CNAME, &key, conv);
}

enum store_status
ledger_join(struct ledger *ledger, struct store_write *write)
{
	struct conversation_row *conversation;
	enum store_status status;
	uint64_t conv;

	if (write->name[0] != '#')
		return STORE_FORBIDDEN;
	status = ledger_check_person(ledger, write->record.sender);
	if (status != STORE_OK)
		return status;
	status = find_name(ledger, write, &conv);
	if (status == STORE_NOT_FOUND)
		return make_group(ledger, write);
	if (status == STORE_OK)
		status = ledger_conversation(ledger, conv, &conversation);
	if (status != STORE_OK)
		return status;
	write->record.conv = conv;
	write->conversation = conversation->info;
	status = may_join(ledger, conversation, write);
	if (status != STORE_OK)
		return status;
	return ledger_group_enter(ledger, conversation, write,
	    write->record.sender);
}

enum store_status
ledger_create(struct ledger *ledger, struct store_write *write)
{
	enum store_status status;
	uint64_t conv;

	if (write->name[0] != '#')
		return STORE_FORBIDDEN;
	status = ledger_check_person(ledger, write->record.sender);
	if (status != STORE_OK)
		return status;
	status = find_name(ledger, write, &conv);
	if (status != STORE_NOT_FOUND)
		return status == STORE_OK ? STORE_EXISTS : status;
	return make_group(ledger, write);
}

/* ------------------------------------------------------------------ leaving */

/* Who is not in it may be invited, and declines. */
static enum store_status
decline(struct ledger *ledger, const struct store_write *write)
{
	uint64_t conv = write->record.conv, uid = write->record.sender;
	enum store_status status;
	bool invited;

	status = ledger_is_invited(ledger, conv, uid, &invited);
	if (status != STORE_OK)
		return status;
	if (!invited)
		return STORE_NOT_MEMBER;
	status = ledger_drop_invitation(ledger, conv, uid);
	return status == STORE_OK ? STORE_DUPLICATE : status;
}

enum store_status
ledger_leave(struct ledger *ledger, struct store_write *write)
{
	struct conversation_row *conversation;
	struct conversation_info *info;
	enum store_status status;
	struct member_row *row;
	uint64_t conv = write->record.conv, uid = write->record.sender;

	status = ledger_conversation(ledger, conv, &conversation);
	if (status != STORE_OK)
		return status;
	info = &conversation->info;
	write->conversation = *info;
	if (info->kind != CONVERSATION_GROUP)
		return STORE_FORBIDDEN;
	status = ledger_member(ledger, conv, uid, &row);
	if (status != STORE_OK)
		return status == STORE_NOT_FOUND ? decline(ledger, write)
						 : status;
	write->role = row->role;
	if (row->role == ROLE_OWNER && info->owners == 1 && info->members > 1)
		return STORE_LAST_OWNER;
	return ledger_group_expel(ledger, conversation, write, RECORD_LEFT,
	    uid, row);
}
