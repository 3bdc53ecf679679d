/* SPDX-License-Identifier: MIT */
#include "store/check_state.h"

#include <string.h>

/* A log on the way from its first event to its head. */
struct log_walk {
	const struct conversation_row *row;
	uint64_t seq;	/* of the last event seen */
	uint64_t count, message_seq, id;
	int64_t at_us;
	uint32_t marks[ROW_BLOCK]; /* of its block's client ids so far */
};

static void
say_event(struct check *check, const struct log_walk *walk,
    const char *advice, const char *what)
{
	check_say(check, advice, "%s seq %llu: %s", walk->row->info.name,
	    (unsigned long long)walk->seq, what);
}

static void
check_change(struct check *check, const struct log_walk *walk,
    const struct record *record)
{
	struct kv_bytes value;
	struct unpack in;
	struct key key;

	key_u64(&key, record->id);
	if (!check_is(check, row_status(kv_get(check->txn, KV_CHG,
	    key_bytes(&key), &value)))) {
		say_event(check, walk, CHECK_REBUILD,
		    "the order of all events does not know it");
		return;
	}
	if (unpack_begin(&in, value.data, value.len, NULL) != 0)
		return; /* found by the walk over that table */
	if (unpack_u64(&in) != record->conv ||
	    unpack_u64(&in) != record->seq)
		say_event(check, walk, CHECK_REBUILD,
		    "its id leads to another event");
}

/* A full block with client ids is in KV_IDS, as the events have them. */
static void
check_block(struct check *check, const struct log_walk *walk)
{
	uint64_t first = ROW_BLOCK_FIRST(walk->seq);
	struct kv_bytes value;
	struct unpack in;
	struct key key;
	bool any = false;
	uint32_t mark;
	size_t i;

	for (i = 0; i < ROW_BLOCK; i++)
		any |= walk->marks[i] != 0;
	key_pair(&key, walk->row->info.id, first);
	if (!check_is(check, row_status(kv_get(check->txn, KV_IDS,
	    key_bytes(&key), &value)))) {
		if (any)
			say_event(check, walk, CHECK_REBUILD,
			    "the client ids up to it are not kept: a message "
			    "that is sent again may come twice");
		return;
	}
	if (unpack_begin(&in, value.data, value.len, NULL) != 0)
		return;
	for (i = 0; i < ROW_BLOCK; i++) {
		mark = unpack_u32(&in);
		if (mark != walk->marks[i] &&
		    first + i >= walk->row->info.first_seq)
			break;
	}
	if (i < ROW_BLOCK)
		say_event(check, walk, CHECK_REBUILD,
		    "the client ids up to it are kept wrongly");
}

static void
note_mark(struct check *check, struct log_walk *walk, uint32_t mark)
{
	if (walk->seq == ROW_BLOCK_FIRST(walk->seq))
		memset(walk->marks, 0, sizeof(walk->marks));
	walk->marks[walk->seq - ROW_BLOCK_FIRST(walk->seq)] = mark;
	if (walk->seq % ROW_BLOCK == 0)
		check_block(check, walk);
}

static void
check_record(struct check *check, struct log_walk *walk,
    const struct record *record)
{
	if (record->kind == RECORD_MESSAGE) {
		walk->count++;
		walk->message_seq = record->seq;
		check->totals->messages++;
	}
	if (record->count != walk->count)
		say_event(check, walk, CHECK_REBUILD,
		    "its running count is wrong");
	if (record->at_us < walk->at_us)
		say_event(check, walk, CHECK_RESTORE, "its time goes back");
	if (record->id <= walk->id)
		say_event(check, walk, CHECK_RESTORE, "its id goes back");
	if (record->target >= record->seq || record->reply_to >= record->seq)
		say_event(check, walk, CHECK_RESTORE,
		    "it is about what comes after it");
	if (!check_has_person(check, record->sender))
		say_event(check, walk, CHECK_RESTORE, "nobody sent it");
	if (record->flags & RECORD_TOMBSTONE && record->text_len != 0)
		say_event(check, walk, CHECK_RESTORE,
		    "it is deleted but has a text");
	walk->count = record->count;
	walk->at_us = record->at_us;
	walk->id = record->id;
	check_change(check, walk, record);
	note_mark(check, walk, mark_of(&check->mark_key, record));
}

/* Before seq. */
static void
say_missing(struct check *check, const struct log_walk *walk, uint64_t seq)
{
	check_say(check, CHECK_RESTORE, "%s: the events %llu to %llu are "
	    "missing", walk->row->info.name,
	    (unsigned long long)(walk->seq + 1), (unsigned long long)(seq - 1));
}

/* One key of a conversation's stretch: an event, or what is behind them. */
static void
see_event(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	struct log_walk *walk = arg;
	struct record record;
	uint64_t seq;

	if (key.len < 16) {
		check_say(check, CHECK_RESTORE, "%s: a key of %zu bytes",
		    walk->row->info.name, key.len);
		return;
	}
	seq = check_number(key, 8);
	if (seq == UINT64_MAX)
		return; /* head, info, texts: read as such */
	if (seq <= walk->seq || seq > walk->row->info.last_seq) {
		check_say(check, CHECK_REBUILD, "%s seq %llu: it is outside "
		    "of the log, which ends at %llu", walk->row->info.name,
		    (unsigned long long)seq,
		    (unsigned long long)walk->row->info.last_seq);
		return;
	}
	if (seq != walk->seq + 1)
		say_missing(check, walk, seq);
	walk->seq = seq;
	check->totals->events++;
	if (record_decode(value.data, value.len, &record, NULL) != 0) {
		say_event(check, walk, CHECK_RESTORE, "it is damaged");
		return;
	}
	record.conv = walk->row->info.id;
	record.seq = seq;
	check_record(check, walk, &record);
}

static void
check_end(struct check *check, const struct log_walk *walk)
{
	const struct conversation_row *row = walk->row;

	if (walk->seq != row->info.last_seq)
		check_say(check, CHECK_RESTORE, "%s: its log ends at %llu, not "
		    "at %llu", row->info.name, (unsigned long long)walk->seq,
		    (unsigned long long)row->info.last_seq);
	else if (walk->id != row->info.last_id || walk->count != row->count ||
	    walk->message_seq != row->message_seq ||
	    (walk->id != 0 && walk->at_us != row->at_us))
		check_say(check, CHECK_REBUILD, "%s: what it says of its last "
		    "event is wrong", row->info.name);
}

/* ------------------------------------------------------------------ members */

struct member_walk {
	const struct conversation_row *row;
	uint32_t members, owners;
};

static void
say_member(struct check *check, const struct member_walk *walk, uint64_t uid,
    const char *advice, const char *what)
{
	check_say(check, advice, "%s, member %llu: %s", walk->row->info.name,
	    (unsigned long long)uid, what);
}

static bool
is_place(const struct conversation_info *info, const struct member_row *row,
    uint64_t uid)
{
	if (row->role < ROLE_MEMBER || row->role > ROLE_OWNER)
		return false;
	return info->kind == CONVERSATION_GROUP ||
	    (info->kind == CONVERSATION_DIRECT &&
	    (uid == info->a || uid == info->b));
}

static void
see_member(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	struct member_walk *walk = arg;
	const struct conversation_info *info = &walk->row->info;
	uint64_t uid = check_number(key, 8);
	struct member_row row;
	struct key other;

	walk->members++;
	if (!check_is(check, row_unpack_member(value, &row))) {
		say_member(check, walk, uid, CHECK_RESTORE, "it is damaged");
		return;
	}
	walk->owners += row.role == ROLE_OWNER;
	key_pair(&other, uid, info->id);
	if (!check_has(check, KV_UMEMB, &other))
		say_member(check, walk, uid, CHECK_REBUILD,
		    "the person does not know of it");
	if (!check_has_person(check, uid))
		say_member(check, walk, uid, CHECK_RESTORE, "it is nobody");
	if (!is_place(info, &row, uid))
		say_member(check, walk, uid, CHECK_RESTORE,
		    "nobody can have this place here");
	if (row.read_seq > row.delivered_seq ||
	    row.delivered_seq > info->last_seq ||
	    row.joined_seq > info->last_seq)
		say_member(check, walk, uid, CHECK_RESTORE,
		    "the marks are past the end, or not in their order");
}

static void
check_members(struct check *check, const struct conversation_row *row)
{
	struct member_walk walk = {.row = row};
	struct key prefix;

	key_u64(&prefix, row->info.id);
	check_walk(check, KV_MEMB, &prefix, see_member, &walk);
	if (walk.members != row->info.members)
		check_say(check, CHECK_REBUILD, "%s: it has %u members, not %u",
		    row->info.name, walk.members, row->info.members);
	if (row->info.kind == CONVERSATION_GROUP &&
	    walk.owners != row->info.owners)
		check_say(check, CHECK_REBUILD, "%s: it has %u owners, not %u",
		    row->info.name, walk.owners, row->info.owners);
	else if (row->info.kind == CONVERSATION_GROUP && walk.members != 0 &&
	    walk.owners == 0)
		check_say(check, CHECK_RESTORE, "%s: it has members but no "
		    "owner", row->info.name);
}

/* ------------------------------------------------------------ conversations */

static void
check_name(struct check *check, const struct conversation_info *info)
{
	uint64_t conv = 0;
	struct key key;

	if (info->kind == CONVERSATION_DIRECT)
		key_direct(&key, info->a, info->b);
	else
		key_string(&key, info->name);
	if (!check_is(check, row_get_u64(check->txn, KV_CNAME, &key, &conv)) ||
	    conv != info->id)
		check_say(check, CHECK_REBUILD, "%s: its name leads elsewhere",
		    info->name);
}

static void
check_conversation(struct check *check, uint64_t conv)
{
	struct log_walk walk = {0};
	struct kv_bytes title, description;
	struct conversation_row row;
	struct key prefix;

	if (!check_is(check, row_get_conversation(check->txn, conv, &row))) {
		check_say(check, CHECK_RESTORE, "conversation %llu: its head "
		    "is missing or damaged", (unsigned long long)conv);
		return;
	}
	check->totals->conversations++;
	walk.row = &row;
	walk.seq = row.info.first_seq - 1;
	walk.count = row.first_count;
	key_u64(&prefix, conv);
	check_walk(check, KV_CONV, &prefix, see_event, &walk);
	if (check->status != STORE_OK)
		return;
	check_end(check, &walk);
	if (!check_is(check, row_get_texts(check->txn, conv, &title,
	    &description)))
		check_say(check, CHECK_RESTORE, "%s: title and description "
		    "are damaged", row.info.name);
	check_name(check, &row.info);
	check_members(check, &row);
}

/* Which conversation has the first key at or after this one; 0: none. */
static uint64_t
find_conversation(struct check *check, uint64_t from)
{
	struct kv_cursor *cursor = kv_cursor_new(check->txn, KV_CONV);
	struct kv_bytes key, value;
	enum kv_result result;
	uint64_t conv = 0;
	struct key at;

	if (cursor == NULL) {
		check->status = STORE_NOMEM;
		return 0;
	}
	key_pair(&at, from, 0);
	result = kv_seek(cursor, key_bytes(&at), &key, &value);
	if (result == KV_OK && key.len >= 16)
		conv = check_number(key, 0);
	else if (result != KV_NONE)
		check->status = result == KV_OK ? STORE_CORRUPT
						: row_status(result);
	kv_cursor_free(cursor);
	return conv;
}

void
check_conversations(struct check *check)
{
	uint64_t conv = 0, expected = 1;

	while (check->status == STORE_OK) {
		conv = find_conversation(check, conv + 1);
		if (conv == 0)
			return;
		if (expected < conv)
			check_say(check, CHECK_RESTORE, "conversations %llu to "
			    "%llu are missing", (unsigned long long)expected,
			    (unsigned long long)(conv - 1));
		expected = conv + 1;
		check_conversation(check, conv);
	}
}
