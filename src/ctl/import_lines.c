/* SPDX-License-Identifier: MIT */
#include "ctl/import_state.h"

#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX ((UINT64_C(1) << 53) - 1)

/* ------------------------------------------------------------------- people */

static void
take_person(struct import *import)
{
	uint64_t uid = import_number(import, "id", NUMBER_MAX, true);
	const char *name = import_text(import, "name", NAME_BYTES_MAX, true);
	int64_t seen = import_time(import, "last_seen");
	int64_t erasing = import_time(import, "erasing_since");
	struct user_row user = {
	    .created_us = import_time(import, "created_at")};
	char folded[NAME_BYTES_MAX + 1];
	struct key key;

	if (!name_fold(name, strlen(name), folded) ||
	    strcmp(name, folded) != 0) {
		import_fail(import, "name", "is no name of a person");
		return;
	}
	strcpy(user.name, name);
	user.flags |= import_flag(import, "hides_read") ? USER_HIDES_READ : 0;
	user.flags |= import_flag(import, "erased") ? USER_ERASED : 0;
	key_u64(&key, uid);
	import_put(import, KV_USER, &key, import->room,
	    row_pack_user(&user, import->room));
	if (seen != 0)
		import_put_u64(import, KV_SEEN, &key, (uint64_t)seen);
	key_string(&key, name);
	import_put_u64(import, KV_UNAME, &key, uid);
	key_erasing(&key, uid);
	if (erasing != 0)
		import_put_u64(import, KV_META, &key, (uint64_t)erasing);
}

static void
take_block(struct import *import)
{
	struct key key;

	key_pair(&key, import_person(import, "user", true),
	    import_person(import, "blocked", true));
	import_put_u64(import, KV_BLOCK, &key,
	    (uint64_t)import_time(import, "at"));
}

static int
by_conv(const void *one, const void *other)
{
	const struct store_cursor *a = one, *b = other;

	return (a->conv > b->conv) - (a->conv < b->conv);
}

/* As many as fit into a row here: a person is in fewer conversations. */
static size_t
take_cursors(struct import *import, struct store_cursor *cursors, size_t max)
{
	const json_t *list = json_object_get(import->object, "cursors");
	const struct conversation_row *row;
	const char *name;
	json_t *cursor;
	size_t i, n = 0;

	if (!json_is_array(list) || json_array_size(list) > max) {
		import_fail(import, "cursors", "is no list, or too long");
		return 0;
	}
	json_array_foreach(list, i, cursor) {
		name = json_string_value(json_object_get(cursor,
		    "conversation"));
		row = import_find(import, "cursors", name != NULL &&
		    strlen(name) <= CONVERSATION_NAME_MAX ? name : "");
		if (row == NULL)
			return 0;
		cursors[n++] = (struct store_cursor){row->info.id,
		    (uint64_t)json_integer_value(json_object_get(cursor,
			"seq"))};
	}
	if (n != 0)
		qsort(cursors, n, sizeof(*cursors), by_conv);
	return n;
}

static void
take_device(struct import *import)
{
	const char *device = import_text(import, "device", DEVICE_MAX, true);
	size_t max = json_array_size(json_object_get(import->object,
	    "cursors"));
	struct store_cursor *cursors = malloc((max + 1) * sizeof(*cursors));
	void *room = malloc(ROW_DEVICE_SIZE(max));
	struct key key;
	size_t n;

	if (cursors == NULL || room == NULL) {
		import_fail(import, "cursors", "needs too much memory");
	} else if (!device_valid(device, strlen(device))) {
		import_fail(import, "device", "is no name of a device");
	} else {
		n = take_cursors(import, cursors, max);
		key_device(&key, import_person(import, "user", true), device);
		import_put(import, KV_CUR, &key, room, row_pack_device(
		    import_time(import, "used_at"), cursors, n, room));
	}
	free(cursors);
	free(room);
}

/* ------------------------------------------------------------ conversations */

static void
put_name(struct import *import, const struct conversation_info *info)
{
	struct key key;

	if (info->kind == CONVERSATION_DIRECT)
		key_direct(&key, info->a, info->b);
	else
		key_string(&key, info->name);
	import_put_u64(import, KV_CNAME, &key, info->id);
}

static void
put_texts(struct import *import, uint64_t conv)
{
	const char *title, *description;
	struct key key;

	title = import_text(import, "title", TITLE_MAX, false);
	description = import_text(import, "description", DESCRIPTION_MAX,
	    false);
	if (title[0] == '\0' && description[0] == '\0')
		return;
	key_texts(&key, conv);
	import_put(import, KV_CONV, &key, import->room, row_pack_texts(
	    (struct kv_bytes){title, strlen(title)},
	    (struct kv_bytes){description, strlen(description)},
	    import->room));
}

/* The next of the rows, or NULL. */
static struct conversation_row *
add_row(struct import *import)
{
	struct conversation_row *rows = import->rows;

	if (import->rows_n == import->rows_size) {
		import->rows_size = import->rows_size * 2 + 64;
		rows = realloc(rows, import->rows_size * sizeof(*rows));
		if (rows == NULL) {
			import_fail(import, "type", "needs too much memory");
			return NULL;
		}
		import->rows = rows;
	}
	rows += import->rows_n++;
	memset(rows, 0, sizeof(*rows));
	return rows;
}

/* As the server makes them: #lobby, "#tea", "@alice:bob" in their order. */
static bool
is_name(const struct conversation_info *info)
{
	const char *name = info->name, *other = strchr(name, ':');
	char folded[NAME_BYTES_MAX + 1];

	if ((info->id == LOBBY_ID) != (info->kind == CONVERSATION_PUBLIC))
		return false;
	if (info->kind == CONVERSATION_PUBLIC)
		return strcmp(name, "#lobby") == 0;
	if (info->kind == CONVERSATION_GROUP)
		return name[0] == '#' && name_fold(name + 1, strlen(name + 1),
		    folded) && strcmp(name + 1, folded) == 0;
	return info->kind == CONVERSATION_DIRECT && other != NULL &&
	    strncmp(name + 1, other + 1, (size_t)(other - name - 1)) <= 0;
}

static void
take_conversation(struct import *import)
{
	struct conversation_row *row = add_row(import);
	struct conversation_info *info;

	if (row == NULL)
		return;
	info = &row->info;
	info->id = import_number(import, "id", NUMBER_MAX, true);
	if (info->id != import->rows_n)
		import_fail(import, "id", "is not the next: conversations are "
		    "in their order");
	info->kind = import_named(import, "kind", &lines_places);
	strcpy(info->name, import_text(import, "name", CONVERSATION_NAME_MAX,
	    true));
	if (!is_name(info))
		import_fail(import, "name", "is none of a conversation of "
		    "this kind, at this place");
	else if (info->kind == CONVERSATION_DIRECT)
		import_pair(import, "name", info->name, &info->a, &info->b);
	info->created_us = import_time(import, "created_at");
	row->limit = (uint32_t)import_number(import, "limit", UINT32_MAX,
	    false);
	info->flags |= import_flag(import, "private") ? CONVERSATION_PRIVATE
						      : 0;
	info->flags |= import_flag(import, "since_join")
	    ? CONVERSATION_SINCE_JOIN : 0;
	info->slow_s = (uint32_t)import_number(import, "slow_s", UINT32_MAX,
	    false);
	info->first_seq = import_number(import, "first_seq", NUMBER_MAX, true);
	info->last_seq = info->first_seq - 1;
	row->count = row->first_count = import_number(import, "first_count",
	    NUMBER_MAX, false);
	put_name(import, info);
	put_texts(import, info->id);
	memset(import->marks, 0, sizeof(import->marks));
}

/* ------------------------------------------------------------------- events */

static uint8_t
take_flags(struct import *import)
{
	const json_t *list = json_object_get(import->object, "flags");
	json_t *name;
	uint8_t flags = 0;
	size_t i;
	int bit;

	if (list != NULL && !json_is_array(list))
		import_fail(import, "flags", "is no list");
	json_array_foreach(list, i, name) {
		bit = json_is_string(name) ? lines_number(&lines_flags,
		    json_string_value(name)) : -1;
		if (bit < 0)
			import_fail(import, "flags", "has one that is not "
			    "known");
		else
			flags |= (uint8_t)(1 << bit);
	}
	return flags;
}

/* Its strings are the line's. */
static void
take_record(struct import *import, struct record *record)
{
	memset(record, 0, sizeof(*record));
	record->id = import_number(import, "id", NUMBER_MAX, true);
	record->at_us = import_time(import, "at");
	record->kind = import_named(import, "kind", &lines_kinds);
	if (record->kind == 0)
		import_fail(import, "kind", "is missing");
	record->sender = import_person(import, "user", true);
	record->subject = import_person(import, "subject", false);
	record->target = import_number(import, "target", NUMBER_MAX, false);
	record->reply_to = import_number(import, "reply_to", NUMBER_MAX,
	    false);
	record->transport = import_named(import, "transport",
	    &lines_transports);
	record->role = import_named(import, "role", &lines_roles);
	record->flags = take_flags(import);
	record->edited_us = import_time(import, "edited_at");
	record->until_us = import_time(import, "until");
	record->trail = import_hash(import, "trail");
	record->generation = (uint32_t)import_number(import, "generation",
	    UINT32_MAX, false);
	record->client_msg_id = import_text(import, "client_msg_id",
	    CLIENT_MSG_ID_MAX, false);
	record->client_msg_id_len = (uint8_t)strlen(record->client_msg_id);
	record->fingerprint = import_hash(import, "fingerprint");
	record->text = import_text(import, "text", TEXT_MAX, false);
	record->text_len = (uint32_t)strlen(record->text);
}

/* As the ledger does when a block is full. */
static void
note_mark(struct import *import, const struct record *record)
{
	uint64_t first = ROW_BLOCK_FIRST(record->seq);
	uint32_t any = 0;
	struct key key;
	size_t i;

	if (record->seq == first)
		memset(import->marks, 0, sizeof(import->marks));
	import->marks[record->seq - first] =
	    mark_of(&import->mark_key, record);
	if (record->seq % ROW_BLOCK != 0)
		return;
	for (i = 0; i < ROW_BLOCK; i++)
		any |= import->marks[i];
	if (any == 0)
		return;
	key_pair(&key, record->conv, first);
	import_put(import, KV_IDS, &key, import->room,
	    row_pack_block(import->marks, import->room));
}

static void
take_event(struct import *import)
{
	struct conversation_row *row = import_conversation(import);
	uint64_t seq = import_number(import, "seq", NUMBER_MAX, true);
	struct record record;
	struct key key;

	take_record(import, &record);
	if (row == NULL || import->failed)
		return;
	if (row->info.id != import->rows_n || seq != row->info.last_seq + 1) {
		import_fail(import, "seq", "is not the next of the "
		    "conversation before it");
		return;
	}
	record.conv = row->info.id;
	record.seq = row->info.last_seq = seq;
	row->info.last_id = record.id;
	row->at_us = record.at_us;
	if (record.kind == RECORD_MESSAGE) {
		row->count++;
		row->message_seq = seq;
	}
	record.count = row->count;
	key_record(&key, record.conv, seq);
	import_put(import, KV_CONV, &key, import->room, record_encode(&record,
	    import->room, sizeof(import->room)));
	key_u64(&key, record.id);
	import_put(import, KV_CHG, &key, import->room,
	    row_pack_change(record.conv, seq, import->room));
	note_mark(import, &record);
}

static void
take_version(struct import *import)
{
	const struct conversation_row *row = import_conversation(import);
	uint64_t seq = import_number(import, "seq", NUMBER_MAX, true);
	struct record record;
	struct key key;

	take_record(import, &record);
	if (row == NULL)
		return;
	key_old(&key, row->info.id, seq, record.id);
	import_put(import, KV_OLD, &key, import->room, record_encode(&record,
	    import->room, sizeof(import->room)));
}

static void
take_trail(struct import *import)
{
	const char *text = import_text(import, "text", TRAIL_MAX, false);
	struct key key;

	key_u64(&key, import_hash(import, "hash"));
	import_put(import, KV_TRAIL, &key, import->room, row_pack_trail(
	    (struct kv_bytes){text, strlen(text)}, import->room));
}

/* ------------------------------------------------------------------ members */

static void
take_member(struct import *import)
{
	struct conversation_row *row = import_conversation(import);
	uint64_t uid = import_person(import, "user", true);
	struct member_row member = {
	    .role = import_named(import, "role", &lines_roles),
	    .flags = import_flag(import, "unread") ? MEMBER_UNREAD : 0,
	    .joined_seq = import_number(import, "joined_seq", NUMBER_MAX,
		false),
	    .joined_us = import_time(import, "joined_at"),
	    .delivered_seq = import_number(import, "delivered_seq",
		NUMBER_MAX, false),
	    .delivered_us = import_time(import, "delivered_at"),
	    .read_seq = import_number(import, "read_seq", NUMBER_MAX, false),
	    .read_us = import_time(import, "read_at"),
	    .muted_until_us = import_time(import, "muted_until"),
	    .posted_us = import_time(import, "posted_at")};
	struct key key;

	if (row == NULL)
		return;
	row->info.members++;
	row->info.owners += row->info.kind == CONVERSATION_GROUP &&
	    member.role == ROLE_OWNER;
	key_pair(&key, row->info.id, uid);
	import_put(import, KV_MEMB, &key, import->room,
	    row_pack_member(&member, import->room));
	key_pair(&key, uid, row->info.id);
	import_put(import, KV_UMEMB, &key, NULL, 0);
}

static void
take_mark(struct import *import)
{
	const struct conversation_row *row = import_conversation(import);
	const char *which = import_text(import, "mark", 16, true);
	uint64_t uid = import_person(import, "user", true);
	struct move_row move;
	struct key key;

	if (strcmp(which, "read") != 0 && strcmp(which, "delivered") != 0)
		import_fail(import, "mark", "is neither read nor delivered");
	if (row == NULL)
		return;
	key_mark(&key, row->info.id, uid, which[0],
	    import_number(import, "seq", NUMBER_MAX, true));
	move.from = import_number(import, "from", NUMBER_MAX, false);
	move.at_us = import_time(import, "at");
	import_put(import, KV_MARK, &key, import->room,
	    row_pack_move(&move, import->room));
}

static void
take_reaction(struct import *import)
{
	const struct conversation_row *row = import_conversation(import);
	const char *emoji = import_text(import, "emoji", EMOJI_MAX, true);
	uint64_t uid = import_person(import, "user", true);
	struct key key;

	if (row == NULL)
		return;
	key_reaction(&key, row->info.id, import_number(import, "seq",
	    NUMBER_MAX, true), uid, emoji, strlen(emoji));
	import_put_u64(import, KV_REACT, &key,
	    (uint64_t)import_time(import, "at"));
}

static void
take_grant(struct import *import, enum kv_table table)
{
	const struct conversation_row *row = import_conversation(import);
	uint64_t uid = import_person(import, "user", true);
	const struct grant_row grant = {
	    .by = import_person(import, "by", false),
	    .at_us = import_time(import, "at"),
	    .until_us = import_time(import, "until")};
	struct key key;

	if (row == NULL)
		return;
	key_pair(&key, row->info.id, uid);
	import_put(import, table, &key, import->room,
	    row_pack_grant(&grant, import->room));
	key_pair(&key, uid, row->info.id);
	if (table == KV_INVITE)
		import_put(import, KV_UINVITE, &key, NULL, 0);
}

static void
take_ban(struct import *import)
{
	take_grant(import, KV_BAN);
}

static void
take_invitation(struct import *import)
{
	take_grant(import, KV_INVITE);
}

static void
take_muted(struct import *import)
{
	const struct conversation_row *row = import_conversation(import);
	uint64_t uid = import_person(import, "user", true);
	struct key key;

	if (row == NULL)
		return;
	key_mute(&key, row->info.id, uid);
	import_put_u64(import, KV_BAN, &key,
	    (uint64_t)import_time(import, "until"));
}

/* ---------------------------------------------------------------- the table */

void
import_take(struct import *import, const char *type)
{
	static const struct {
		const char *type;
		void (*take)(struct import *import);
	} takes[] = {
	    {"person", take_person}, {"conversation", take_conversation},
	    {"event", take_event}, {"member", take_member},
	    {"mark", take_mark}, {"reaction", take_reaction},
	    {"version", take_version}, {"device", take_device},
	    {"block", take_block}, {"invitation", take_invitation},
	    {"ban", take_ban}, {"muted", take_muted}, {"trail", take_trail},
	    {"account", import_account}, {"range", import_range},
	    {"lockdown", import_lockdown}};
	size_t i;

	for (i = 0; i < sizeof(takes) / sizeof(takes[0]); i++) {
		if (strcmp(takes[i].type, type) == 0) {
			takes[i].take(import);
			return;
		}
	}
	import_fail(import, "type", "is none that this program knows");
}

void
import_end(struct import *import)
{
	struct conversation_row *row;
	struct key key;
	size_t i;

	if (import->rows_n == 0)
		import_fail(import, "type", "ends an export without #lobby");
	for (i = 0; i < import->rows_n; i++) {
		row = &import->rows[i];
		key_head(&key, row->info.id);
		import_put(import, KV_CONV, &key, import->room,
		    row_pack_head(row, import->room));
		key_info(&key, row->info.id);
		import_put(import, KV_CONV, &key, import->room,
		    row_pack_info(row, import->room));
	}
}
