/* SPDX-License-Identifier: MIT */
#include "store/check_state.h"

void
check_say_row(struct check *check, const char *what, uint64_t first,
    uint64_t second, const char *advice, const char *why)
{
	check_say(check, advice, "%s %llu/%llu: %s", what,
	    (unsigned long long)first, (unsigned long long)second, why);
}

/* Where the log of conv ends; false: there is no such conversation. */
static bool
find_end(struct check *check, uint64_t conv, uint64_t *last)
{
	return check_is(check, row_get_last_seq(check->txn, conv, last));
}

/* ------------------------------------------------------------------- people */

static void
see_person(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	uint64_t uid = check_number(key, 0), named = 0;
	struct user_row row;
	struct key name;

	(void)arg;
	(void)value;
	check->totals->people++;
	key_u64(&name, uid);
	if (!check_is(check, row_get_user(check->txn, uid, &row))) {
		check_say_row(check, "person", uid, 0, CHECK_RESTORE,
		    "the row is damaged");
		return;
	}
	key_string(&name, row.name);
	if (!check_is(check, row_get_u64(check->txn, KV_UNAME, &name,
	    &named)) || named != uid)
		check_say(check, CHECK_REBUILD, "person %llu (%s): the name "
		    "leads elsewhere", (unsigned long long)uid, row.name);
}

static void
see_name(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	struct unpack in;
	uint64_t uid;

	(void)arg;
	unpack_begin(&in, value.data, value.len, NULL);
	uid = unpack_u64(&in);
	if (!check_has_person(check, uid))
		check_say(check, CHECK_RESTORE, "the name %.*s leads to nobody",
		    (int)key.len, (const char *)key.data);
}

static void
see_conversation_name(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	uint64_t conv, last;
	struct unpack in;

	(void)arg;
	(void)key;
	unpack_begin(&in, value.data, value.len, NULL);
	conv = unpack_u64(&in);
	if (!find_end(check, conv, &last))
		check_say_row(check, "name of conversation", conv, 0,
		    CHECK_RESTORE, "there is no such conversation");
}

static void
see_block(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	uint64_t who = check_number(key, 0), whom = check_number(key, 8);

	(void)arg;
	(void)value;
	if (!check_has_person(check, who) || !check_has_person(check, whom))
		check_say_row(check, "block", who, whom, CHECK_REBUILD,
		    "one of them is nobody");
}

static void
see_seen(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	(void)arg;
	(void)value;
	if (!check_has_person(check, check_number(key, 0)))
		check_say_row(check, "last seen", check_number(key, 0), 0,
		    CHECK_REBUILD, "it is nobody");
}

static void
see_device(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	uint64_t uid = check_number(key, 0), last;
	struct store_cursor cursor;
	struct device_row row;

	(void)arg;
	if (!check_has_person(check, uid))
		check_say_row(check, "device of", uid, 0, CHECK_REBUILD,
		    "it is nobody");
	if (!check_is(check, row_open_device(value, &row)))
		return;
	while (row_next_cursor(&row, &cursor)) {
		if (!find_end(check, cursor.conv, &last) || cursor.seq > last)
			check_say_row(check, "device of", uid, cursor.conv,
			    CHECK_RESTORE, "a cursor is past the end");
	}
	if (row_close_device(&row) != STORE_OK)
		check_say_row(check, "device of", uid, 0, CHECK_RESTORE,
		    "the row is damaged");
}

/* -------------------------------------------------- people and their groups */

static void
see_membership(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	uint64_t uid = check_number(key, 0), conv = check_number(key, 8);
	struct key other;

	(void)arg;
	(void)value;
	key_pair(&other, conv, uid);
	if (!check_has(check, KV_MEMB, &other))
		check_say_row(check, "membership", uid, conv, CHECK_REBUILD,
		    "the conversation does not know of it");
}

static void
see_member(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	uint64_t conv = check_number(key, 0), last;

	(void)arg;
	(void)value;
	if (!find_end(check, conv, &last))
		check_say_row(check, "member", conv, check_number(key, 8),
		    CHECK_RESTORE, "there is no such conversation");
}

static void
check_grant(struct check *check, const char *what, struct kv_bytes key)
{
	uint64_t conv = check_number(key, 0), uid = check_number(key, 8), last;

	if (!find_end(check, conv, &last) || !check_has_person(check, uid))
		check_say_row(check, what, conv, uid, CHECK_REBUILD,
		    "there is no such conversation or person");
}

static void
see_ban(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	(void)arg;
	(void)value;
	check_grant(check, "ban", key);
}

static void
see_invitation(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	uint64_t conv = check_number(key, 0), uid = check_number(key, 8);
	struct key other;

	(void)arg;
	(void)value;
	check_grant(check, "invitation", key);
	key_pair(&other, uid, conv);
	if (!check_has(check, KV_UINVITE, &other))
		check_say_row(check, "invitation", conv, uid, CHECK_REBUILD,
		    "the person does not know of it");
}

static void
see_invited(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	uint64_t uid = check_number(key, 0), conv = check_number(key, 8);
	struct key other;

	(void)arg;
	(void)value;
	key_pair(&other, conv, uid);
	if (!check_has(check, KV_INVITE, &other))
		check_say_row(check, "invitation of a person", uid, conv,
		    CHECK_REBUILD, "the conversation does not know of it");
}

/* ----------------------------------------------------- what hangs on events */

static void
see_change(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	uint64_t id = check_number(key, 0), conv, seq;
	struct record record;
	struct unpack in;

	(void)arg;
	unpack_begin(&in, value.data, value.len, NULL);
	conv = unpack_u64(&in);
	seq = unpack_u64(&in);
	if (!check_is(check, row_get_record(check->txn, conv, seq, &record)) ||
	    record.id != id)
		check_say_row(check, "order of events", conv, seq,
		    CHECK_REBUILD, "it names an event that is not there");
}

static void
see_block_of_ids(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	uint64_t conv = check_number(key, 0), first = check_number(key, 8);
	uint64_t begin, last;

	(void)arg;
	(void)value;
	if (!check_is(check, row_get_ends(check->txn, conv, &begin, &last)) ||
	    first != ROW_BLOCK_FIRST(first) || first + ROW_BLOCK - 1 > last ||
	    first + ROW_BLOCK <= begin)
		check_say_row(check, "client ids", conv, first, CHECK_REBUILD,
		    "the log has no such events");
}

static void
see_mark(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	uint64_t conv = check_number(key, 0), last;

	(void)arg;
	(void)value;
	if (!find_end(check, conv, &last) ||
	    check_number(key, 17) > last)
		check_say_row(check, "time of a mark", conv,
		    check_number(key, 8), CHECK_REBUILD,
		    "the log has no such event");
}

/* Of a reaction or an earlier version: the message is there. */
static void
check_hanging(struct check *check, const char *what, struct kv_bytes key)
{
	uint64_t conv = check_number(key, 0), seq = check_number(key, 8);
	struct record record;

	if (!check_is(check, row_get_record(check->txn, conv, seq, &record)) ||
	    record.kind != RECORD_MESSAGE)
		check_say_row(check, what, conv, seq, CHECK_REBUILD,
		    "there is no such message");
}

static void
see_reaction(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	(void)arg;
	(void)value;
	check_hanging(check, "reaction", key);
}

static void
see_version(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	(void)arg;
	(void)value;
	check_hanging(check, "earlier version", key);
}

/* ----------------------------------------------------------------- the walk */

static const struct check_table tables[] = {
    {KV_META, 1, NULL},
    {KV_USER, 8, see_person},
    {KV_UNAME, 1, see_name},
    {KV_CNAME, 1, see_conversation_name},
    {KV_BLOCK, 16, see_block},
    {KV_SEEN, 8, see_seen},
    {KV_CUR, 9, see_device},
    {KV_MEMB, 16, see_member},
    {KV_UMEMB, 16, see_membership},
    {KV_BAN, 16, see_ban},
    {KV_INVITE, 16, see_invitation},
    {KV_UINVITE, 16, see_invited},
    {KV_CHG, 8, see_change},
    {KV_IDS, 16, see_block_of_ids},
    {KV_MARK, 25, see_mark},
    {KV_REACT, 24, see_reaction},
    {KV_OLD, 24, see_version},
    {KV_TRAIL, 8, NULL}};

static void
see_row(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value)
{
	const struct check_table *table = arg;

	if (key.len < table->key_min)
		check_say(check, CHECK_RESTORE, "table %d has a key of %zu "
		    "bytes", (int)table->table, key.len);
	else if (table->see != NULL)
		table->see(check, NULL, key, value);
}

void
check_each(struct check *check, const struct check_table *list, size_t n)
{
	struct check_table table;
	size_t i;

	for (i = 0; i < n; i++) {
		table = list[i];
		check_walk(check, table.table, NULL, see_row, &table);
	}
}

void
check_tables(struct check *check)
{
	check_each(check, tables, sizeof(tables) / sizeof(tables[0]));
}
