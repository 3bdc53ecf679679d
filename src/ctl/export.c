/* SPDX-License-Identifier: MIT */
#include "ctl/export.h"

#include <string.h>

#include "ctl/export_state.h"
#include "ctl/lines.h"

void
export_fail(struct export *export, const char *what)
{
	if (!export->failed)
		error_set(export->err, ERROR_CORRUPT, "%s cannot be read: "
		    "`synctalkctl check` says more", what);
	export->failed = true;
}

static uint64_t
number_at(struct kv_bytes key, size_t at)
{
	return get_be64((const unsigned char *)key.data + at);
}

/* ------------------------------------------------------------------- a line */

json_t *
export_new_line(const char *type)
{
	return json_pack("{s:s}", "type", type);
}

void
export_set(json_t *line, const char *key, json_t *value)
{
	/* What there is no memory for is missed when the line is written. */
	if (json_object_set_new(line, key, value) != 0)
		json_object_clear(line);
}

void
export_set_text(json_t *line, const char *key, const char *text, size_t len)
{
	export_set(line, key, json_stringn(text, len));
}

void
export_set_number(json_t *line, const char *key, uint64_t number)
{
	if (number != 0)
		export_set(line, key, json_integer((json_int_t)number));
}

/* All 64 bits, as hexadecimal digits. */
static void
set_hash(json_t *line, const char *key, uint64_t hash)
{
	char text[17];

	if (hash == 0)
		return;
	snprintf(text, sizeof(text), "%016llx", (unsigned long long)hash);
	export_set(line, key, json_string(text));
}

void
export_set_time(json_t *line, const char *key, int64_t us)
{
	char text[LINES_TIME_SIZE];

	if (us == 0)
		return;
	lines_format_time(us, text);
	export_set(line, key, json_string(text));
}

void
export_set_flag(json_t *line, const char *key, bool flag)
{
	if (flag)
		export_set(line, key, json_true());
}

static void
set_name(json_t *line, const char *key, const struct lines_names *names,
    unsigned number)
{
	const char *name = lines_name(names, number);

	if (name != NULL)
		export_set(line, key, json_string(name));
}

void
export_write_line(struct export *export, json_t *line)
{
	if (!export->failed && (json_object_size(line) == 0 ||
	    json_dumpf(line, export->out, JSON_COMPACT) != 0 ||
	    putc('\n', export->out) == EOF)) {
		error_set_errno(export->err, "cannot write the export");
		export->failed = true;
	}
	export->lines++;
	json_decref(line);
}

void
export_set_person(struct export *export, json_t *line, const char *key,
    uint64_t uid)
{
	struct user_row user;
	struct key at;

	if (uid == 0)
		return;
	key_u64(&at, uid);
	if (row_get_user(export->txn, uid, &user) != STORE_OK)
		export_fail(export, "a person");
	else
		export_set(line, key, json_string(user.name));
}

static void
set_conversation(struct export *export, json_t *line, uint64_t conv)
{
	struct conversation_row row;

	if (row_get_conversation(export->txn, conv, &row) != STORE_OK)
		export_fail(export, "a conversation");
	else
		export_set(line, "conversation", json_string(row.info.name));
}

/* ------------------------------------------------------------------ a table */

void
export_walk(struct export *export, enum kv_table table, uint64_t first,
    size_t key_min, export_see *see)
{
	struct kv_cursor *cursor = kv_cursor_new(export->txn, table);
	struct kv_bytes key, value;
	enum kv_result result;
	struct key from;

	if (cursor == NULL) {
		export_fail(export, "a table");
		return;
	}
	key_u64(&from, first);
	if (first == 0)
		from.len = 1;
	result = kv_seek(cursor, key_bytes(&from), &key, &value);
	while (result == KV_OK && !export->failed) {
		if (key.len < key_min)
			export_fail(export, "a key");
		else if (first != 0 && number_at(key, 0) != first)
			break;
		else
			see(export, key, value);
		result = kv_next(cursor, &key, &value);
	}
	kv_cursor_free(cursor);
	if (result != KV_OK && result != KV_NONE)
		export_fail(export, "a table");
}

/* A value that is one number. */
static uint64_t
read_number(struct export *export, struct kv_bytes value, const char *what)
{
	uint64_t number = 0;
	struct unpack in;

	if (unpack_begin(&in, value.data, value.len, NULL) == 0)
		number = unpack_u64(&in);
	else
		export_fail(export, what);
	return number;
}

/* ------------------------------------------------------------------- people */

static void
see_person(struct export *export, struct kv_bytes key, struct kv_bytes value)
{
	uint64_t uid = number_at(key, 0), seen = 0, since;
	json_t *line = export_new_line("person");
	struct user_row user;
	struct key at;

	(void)value;
	if (row_get_user(export->txn, uid, &user) != STORE_OK)
		export_fail(export, "a person");
	key_u64(&at, uid);
	row_get_u64(export->txn, KV_SEEN, &at, &seen);
	export_set_number(line, "id", uid);
	export_set(line, "name", json_string(user.name));
	export_set_time(line, "created_at", user.created_us);
	export_set_time(line, "last_seen", (int64_t)seen);
	export_set_flag(line, "hides_read", user.flags & USER_HIDES_READ);
	export_set_flag(line, "erased", user.flags & USER_ERASED);
	key_erasing(&at, uid);
	if (row_get_u64(export->txn, KV_META, &at, &since) == STORE_OK)
		export_set_time(line, "erasing_since", (int64_t)since);
	export_write_line(export, line);
}

static void
see_block(struct export *export, struct kv_bytes key, struct kv_bytes value)
{
	json_t *line = export_new_line("block");

	export_set_person(export, line, "user", number_at(key, 0));
	export_set_person(export, line, "blocked", number_at(key, 8));
	export_set_time(line, "at",
	    (int64_t)read_number(export, value, "a block"));
	export_write_line(export, line);
}

static json_t *
cursors_of(struct export *export, struct device_row *row)
{
	json_t *cursors = json_array(), *cursor;
	struct store_cursor at;

	while (row_next_cursor(row, &at)) {
		cursor = json_object();
		set_conversation(export, cursor, at.conv);
		export_set(cursor, "seq", json_integer((json_int_t)at.seq));
		json_array_append_new(cursors, cursor);
	}
	return cursors;
}

static void
see_device(struct export *export, struct kv_bytes key, struct kv_bytes value)
{
	json_t *line = export_new_line("device");
	struct device_row row;

	if (row_open_device(value, &row) != STORE_OK) {
		export_fail(export, "a device");
		memset(&row, 0, sizeof(row));
	}
	export_set_person(export, line, "user", number_at(key, 0));
	export_set_text(line, "device", (const char *)key.data + 8,
	    key.len - 8);
	export_set_time(line, "used_at", row.used_us);
	export_set(line, "cursors", cursors_of(export, &row));
	export_write_line(export, line);
}

/* ------------------------------------------------------------ a log's event */

static json_t *
flag_names(uint8_t flags)
{
	json_t *names = json_array();
	unsigned bit;

	for (bit = 0; bit < lines_flags.n; bit++) {
		if (flags & 1 << bit)
			json_array_append_new(names,
			    json_string(lines_flags.names[bit]));
	}
	return names;
}

static void
set_record(struct export *export, json_t *line, const struct record *record)
{
	export_set_number(line, "id", record->id);
	export_set_time(line, "at", record->at_us);
	set_name(line, "kind", &lines_kinds, record->kind);
	export_set_person(export, line, "user", record->sender);
	export_set_person(export, line, "subject", record->subject);
	export_set_number(line, "target", record->target);
	export_set_number(line, "reply_to", record->reply_to);
	set_name(line, "transport", &lines_transports, record->transport);
	set_name(line, "role", &lines_roles, record->role);
	if (record->flags != 0)
		export_set(line, "flags", flag_names(record->flags));
	export_set_time(line, "edited_at", record->edited_us);
	export_set_time(line, "until", record->until_us);
	set_hash(line, "trail", record->trail);
	export_set_number(line, "generation", record->generation);
	if (record->client_msg_id_len != 0) {
		export_set_text(line, "client_msg_id", record->client_msg_id,
		    record->client_msg_id_len);
		set_hash(line, "fingerprint", record->fingerprint);
	}
	if (record->text_len != 0)
		export_set_text(line, "text", record->text, record->text_len);
}

static void
see_event(struct export *export, struct kv_bytes key, struct kv_bytes value)
{
	uint64_t seq = number_at(key, 8);
	struct record record;
	json_t *line;

	if (seq == UINT64_MAX)
		return; /* what is behind the log */
	if (record_decode(value.data, value.len, &record, NULL) != 0) {
		export_fail(export, "an event");
		return;
	}
	if (export->uid != 0 && record.sender != export->uid)
		return;
	line = export_new_line("event");
	export_set(line, "conversation",
	    json_string(export->conversation.info.name));
	export_set_number(line, "seq", seq);
	set_record(export, line, &record);
	export_write_line(export, line);
}

/* ------------------------------------------------------------ conversations */

static void
write_conversation(struct export *export)
{
	const struct conversation_row *row = &export->conversation;
	const struct conversation_info *info = &row->info;
	json_t *line = export_new_line("conversation");
	struct kv_bytes title, description;

	if (row_get_texts(export->txn, info->id, &title, &description) !=
	    STORE_OK) {
		export_fail(export, "a title");
		title = description = (struct kv_bytes){"", 0};
	}
	export_set_number(line, "id", info->id);
	set_name(line, "kind", &lines_places, info->kind);
	export_set(line, "name", json_string(info->name));
	export_set_time(line, "created_at", info->created_us);
	export_set_number(line, "limit", row->limit);
	export_set_flag(line, "private", info->flags & CONVERSATION_PRIVATE);
	export_set_flag(line, "since_join",
	    info->flags & CONVERSATION_SINCE_JOIN);
	export_set_number(line, "slow_s", info->slow_s);
	if (title.len != 0)
		export_set_text(line, "title", title.data, title.len);
	if (description.len != 0)
		export_set_text(line, "description", description.data,
		    description.len);
	export_set_number(line, "first_seq", info->first_seq);
	export_set_number(line, "first_count", row->first_count);
	export_write_line(export, line);
}

/* Of one person: those that they are in, and the public room. */
static bool
is_wanted(struct export *export, uint64_t conv)
{
	const struct conversation_info *info = &export->conversation.info;
	struct member_row member;

	return export->uid == 0 || info->kind != CONVERSATION_DIRECT ||
	    row_get_member(export->txn, conv, export->uid, &member) ==
		STORE_OK;
}

/* Numbers of conversations have no gaps. */
static void
write_conversations(struct export *export)
{
	enum store_status status;
	uint64_t conv;

	for (conv = 1; !export->failed; conv++) {
		status = row_get_conversation(export->txn, conv,
		    &export->conversation);
		if (status == STORE_NOT_FOUND)
			return;
		if (status != STORE_OK) {
			export_fail(export, "a conversation");
			return;
		}
		if (!is_wanted(export, conv))
			continue;
		write_conversation(export);
		export_walk(export, KV_CONV, conv, 16, see_event);
	}
}

static void
see_member(struct export *export, struct kv_bytes key, struct kv_bytes value)
{
	uint64_t uid = number_at(key, 8);
	struct member_row row;
	json_t *line;

	if (export->uid != 0 && uid != export->uid)
		return;
	if (row_unpack_member(value, &row) != STORE_OK) {
		export_fail(export, "a member");
		return;
	}
	line = export_new_line("member");
	set_conversation(export, line, number_at(key, 0));
	export_set_person(export, line, "user", uid);
	set_name(line, "role", &lines_roles, row.role);
	export_set_number(line, "joined_seq", row.joined_seq);
	export_set_time(line, "joined_at", row.joined_us);
	export_set_number(line, "delivered_seq", row.delivered_seq);
	export_set_time(line, "delivered_at", row.delivered_us);
	export_set_number(line, "read_seq", row.read_seq);
	export_set_time(line, "read_at", row.read_us);
	export_set_time(line, "muted_until", row.muted_until_us);
	export_set_time(line, "posted_at", row.posted_us);
	export_set_flag(line, "unread", row.flags & MEMBER_UNREAD);
	export_write_line(export, line);
}

static void
see_mark(struct export *export, struct kv_bytes key, struct kv_bytes value)
{
	uint64_t uid = number_at(key, 8);
	struct move_row move = {0};
	json_t *line;

	if (export->uid != 0 && uid != export->uid)
		return;
	if (row_unpack_move(value, &move) != STORE_OK)
		export_fail(export, "a mark");
	line = export_new_line("mark");
	set_conversation(export, line, number_at(key, 0));
	export_set_person(export, line, "user", uid);
	export_set(line, "mark", json_string(((const char *)key.data)[16] == 'r'
	    ? "read" : "delivered"));
	export_set_number(line, "seq", number_at(key, 17));
	export_set_number(line, "from", move.from);
	export_set_time(line, "at", move.at_us);
	export_write_line(export, line);
}

static void
see_reaction(struct export *export, struct kv_bytes key, struct kv_bytes value)
{
	uint64_t uid = number_at(key, 16);
	json_t *line;

	if (export->uid != 0 && uid != export->uid)
		return;
	line = export_new_line("reaction");
	set_conversation(export, line, number_at(key, 0));
	export_set_number(line, "seq", number_at(key, 8));
	export_set_person(export, line, "user", uid);
	export_set_text(line, "emoji", (const char *)key.data + 24,
	    key.len - 24);
	export_set_time(line, "at",
	    (int64_t)read_number(export, value, "a reaction"));
	export_write_line(export, line);
}

static void
see_version(struct export *export, struct kv_bytes key, struct kv_bytes value)
{
	uint64_t conv = number_at(key, 0), seq = number_at(key, 8);
	struct record version, message;
	json_t *line;

	if (record_decode(value.data, value.len, &version, NULL) != 0 ||
	    row_get_record(export->txn, conv, seq, &message) != STORE_OK) {
		export_fail(export, "an earlier version");
		return;
	}
	if (export->uid != 0 && message.sender != export->uid)
		return;
	line = export_new_line("version");
	set_conversation(export, line, conv);
	export_set_number(line, "seq", seq);
	set_record(export, line, &version);
	export_write_line(export, line);
}

/* A ban, or a mute of somebody who is out. */
static void
see_ban(struct export *export, struct kv_bytes key, struct kv_bytes value)
{
	struct grant_row row = {0};
	bool muted = key.len > 16;
	json_t *line = export_new_line(muted ? "muted" : "ban");
	struct key at;

	key_pair(&at, number_at(key, 0), number_at(key, 8));
	if (muted)
		row.until_us = (int64_t)read_number(export, value, "a mute");
	else if (row_get_grant(export->txn, KV_BAN, &at, &row) != STORE_OK)
		export_fail(export, "a ban");
	set_conversation(export, line, number_at(key, 0));
	export_set_person(export, line, "user", number_at(key, 8));
	export_set_person(export, line, "by", row.by);
	export_set_time(line, "at", row.at_us);
	export_set_time(line, "until", row.until_us);
	export_write_line(export, line);
}

static void
write_invitation(struct export *export, uint64_t conv, uint64_t uid)
{
	json_t *line = export_new_line("invitation");
	struct grant_row row = {0};
	struct key key;

	key_pair(&key, conv, uid);
	if (row_get_grant(export->txn, KV_INVITE, &key, &row) != STORE_OK)
		export_fail(export, "an invitation");
	set_conversation(export, line, conv);
	export_set_person(export, line, "user", uid);
	export_set_person(export, line, "by", row.by);
	export_set_time(line, "at", row.at_us);
	export_write_line(export, line);
}

static void
see_invited(struct export *export, struct kv_bytes key, struct kv_bytes value)
{
	(void)value;
	write_invitation(export, number_at(key, 8), number_at(key, 0));
}

static void
see_trail(struct export *export, struct kv_bytes key, struct kv_bytes value)
{
	json_t *line = export_new_line("trail");
	struct kv_bytes text;

	(void)value;
	if (row_get_trail(export->txn, number_at(key, 0), &text) != STORE_OK) {
		export_fail(export, "what rules said");
		text = (struct kv_bytes){"", 0};
	}
	set_hash(line, "hash", number_at(key, 0));
	export_set_text(line, "text", text.data, text.len);
	export_write_line(export, line);
}

/* ---------------------------------------------------------------- the whole */

static int
find_user(struct export *export, const char *user)
{
	struct key key;

	key_string(&key, user);
	if (row_get_u64(export->txn, KV_UNAME, &key, &export->uid) == STORE_OK)
		return 0;
	error_set(export->err, ERROR_STATE, "there is nobody called %s", user);
	return -1;
}

static void
write_all(struct export *export)
{
	uint64_t uid = export->uid;

	export_walk(export, KV_USER, uid, 8, see_person);
	export_accounts(export);
	write_conversations(export);
	export_walk(export, KV_MEMB, 0, 16, see_member);
	export_walk(export, KV_MARK, 0, 25, see_mark);
	export_walk(export, KV_REACT, 0, 24, see_reaction);
	export_walk(export, KV_OLD, 0, 24, see_version);
	export_walk(export, KV_CUR, uid, 9, see_device);
	export_walk(export, KV_BLOCK, uid, 16, see_block);
	export_walk(export, KV_UINVITE, uid, 16, see_invited);
	if (uid != 0)
		return;
	export_walk(export, KV_BAN, 0, 16, see_ban);
	export_walk(export, KV_TRAIL, 0, 8, see_trail);
}

int
export_write(struct kv_txn *txn, const char *user, FILE *out,
    struct error *err)
{
	struct export export = {.txn = txn, .out = out, .err = err};
	json_t *line;

	if (user != NULL && find_user(&export, user) != 0)
		return -1;
	line = export_new_line("synctalk-export");
	export_set_number(line, "version", LINES_VERSION);
	if (user != NULL)
		export_set(line, "user", json_string(user));
	export_write_line(&export, line);
	write_all(&export);
	line = export_new_line("end");
	export_set_number(line, "lines", export.lines + 1);
	export_write_line(&export, line);
	return export.failed ? -1 : 0;
}
