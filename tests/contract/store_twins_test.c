/* SPDX-License-Identifier: MIT */
#include "tests/contract/store_harness.h"

#include <stdio.h>
#include <string.h>

#include "store/keys.h"
#include "tests/contract/account_stage.h"
#include "tests/contract/group_stage.h"
#include "tests/contract/kv_fail.h"
#include "tests/contract/message_stage.h"

/*
 * Two stores are asked for the same: one in batches, some of which are spoilt
 * by a change that fails, the other for what became of them, one by one, and
 * it is opened anew in between.  So they must answer alike, and have the same
 * tables: whatever a store remembers, or does a second time, is not seen.
 */
#define PEOPLE 5
#define PLACES 5 /* conversations that are asked for */
#define BATCH 12
#define ROUNDS 120

struct wish {
	enum store_write_kind kind;
	uint64_t sender, conv, peer, target;
	unsigned which; /* of texts, ids, roles, … */
};

struct twins {
	struct harness *a, *b;
	struct kv_fail fail;
	uint64_t random;
};

static unsigned
draw(struct twins *twins, unsigned n)
{
	twins->random = twins->random * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (unsigned)(twins->random >> 33) % n;
}

static void
set_time(struct twins *twins, int64_t now_us)
{
	twins->a->clock.fixed = twins->b->clock.fixed = 1;
	twins->a->clock.now_us = twins->b->clock.now_us = now_us;
}

static struct kv *
wrap(struct kv *kv, void *arg)
{
	return kv_fail_wrap(kv, arg);
}

/* --------------------------------------------------------------- the wishes */

static struct wish
draw_wish(struct twins *twins)
{
	static const enum store_write_kind kinds[] = {STORE_WRITE_APPEND,
	    STORE_WRITE_APPEND, STORE_WRITE_APPEND, STORE_WRITE_APPEND,
	    STORE_WRITE_EDIT, STORE_WRITE_DELETE, STORE_WRITE_REACT,
	    STORE_WRITE_REACT, STORE_WRITE_JOIN, STORE_WRITE_JOIN,
	    STORE_WRITE_LEAVE, STORE_WRITE_INVITE, STORE_WRITE_ADD,
	    STORE_WRITE_KICK, STORE_WRITE_BAN, STORE_WRITE_UNBAN,
	    STORE_WRITE_MUTE, STORE_WRITE_UNMUTE, STORE_WRITE_ROLE,
	    STORE_WRITE_ROLE, STORE_WRITE_UPDATE, STORE_WRITE_MARK,
	    STORE_WRITE_MARK, STORE_WRITE_UNREAD, STORE_WRITE_HIDE_READ,
	    STORE_WRITE_BLOCK, STORE_WRITE_UNBLOCK, STORE_WRITE_CURSORS,
	    STORE_WRITE_CURSORS, STORE_WRITE_DEVICE, STORE_WRITE_TRIM,
	    STORE_WRITE_CREATE, STORE_WRITE_REGISTER, STORE_WRITE_ACCOUNT,
	    STORE_WRITE_TOKEN, STORE_WRITE_REFRESH, STORE_WRITE_REFRESH,
	    STORE_WRITE_REFRESH, STORE_WRITE_SIGN_OUT, STORE_WRITE_CODE,
	    STORE_WRITE_RESET_CODE, STORE_WRITE_RESET,
	    STORE_WRITE_BAN_RANGE, STORE_WRITE_LOCKDOWN};

	return (struct wish){
	    .kind = kinds[draw(twins, sizeof(kinds) / sizeof(kinds[0]))],
	    .sender = 1 + draw(twins, PEOPLE),
	    .conv = draw(twins, PLACES + 1),
	    .peer = 1 + draw(twins, PEOPLE),
	    .target = draw(twins, 60),
	    .which = draw(twins, 64)};
}

static struct store_write *
make_settings(const struct wish *wish, const char *name)
{
	const struct store_settings settings = {
	    .has = SETTING_TITLE | SETTING_SLOW | SETTING_PRIVATE,
	    .private = wish->which % 2, .slow_s = wish->which % 3,
	    .title = "Title", .title_len = wish->which % 6};

	return name != NULL ? make_create(wish->sender, name, &settings, "{}")
			    : make_update(wish->sender, wish->conv, &settings,
				  "{}");
}

static struct store_write *
make_message(const struct wish *wish)
{
	static const char *const ids[] = {NULL, "1", "2", "3", NULL, NULL};
	struct store_write *write = make_append(wish->sender, wish->conv,
	    wish->peer, ids[wish->which % 6], "hello");

	if (wish->which % 4 == 0)
		write->record.reply_to = wish->target;
	if (wish->which % 5 == 0)
		give_trail(write, "rule rules/rule.lua:1 pass");
	return write;
}

static struct store_write *
make_other(const struct wish *wish)
{
	struct store_write *write = make_act(wish->kind, wish->sender,
	    wish->conv, wish->peer);

	if (wish->kind == STORE_WRITE_EDIT ||
	    wish->kind == STORE_WRITE_DELETE ||
	    wish->kind == STORE_WRITE_REACT)
		write->record.target = wish->target;
	write->record.text = wish->which % 2 ? "one" : "two";
	write->record.text_len = 3;
	write->record.role = (uint8_t)(1 + wish->which % 4);
	write->record.flags = wish->kind == STORE_WRITE_REACT &&
	    wish->which % 3 == 0 ? RECORD_OFF : 0;
	write->forced = wish->which % 4 == 0;
	write->keep_versions = wish->which % 2;
	write->until_us = wish->which % 3 * 400;
	write->mark.read = wish->which % 3 ? wish->target : 0;
	write->mark.delivered = wish->target;
	write->unread = write->hides_read = wish->which % 2;
	write->groups_max = 3;
	write->limit = 3;
	write->trim.keep = 10 + wish->which;
	return write;
}

/* NULL: it is not of an account. */
static struct store_write *
make_of_account(const struct wish *wish)
{
	static const char *const emails[] = {"", "a@example.org",
	    "b@example.org", "c@example.org"};
	const struct store_account account = {.has = wish->which % 64,
	    .email = emails[wish->which % 4], .password = "hash",
	    .flags = ACCOUNT_DISABLED * (wish->which % 5 == 0),
	    .flags_mask = ACCOUNT_DISABLED,
	    .sign_out = wish->which % 3 == 0, .claim = wish->which % 2};
	char name[8];

	snprintf(name, sizeof(name), "u%u", wish->which % 9);
	switch (wish->kind) {
	case STORE_WRITE_REGISTER:
		return make_register(name, &account);
	case STORE_WRITE_ACCOUNT:
		return make_account(wish->kind, wish->sender, &account);
	case STORE_WRITE_TOKEN:
		return make_token(wish->sender, wish->which, name);
	case STORE_WRITE_REFRESH:
		return make_refresh(wish->which + wish->conv * 1000,
		    wish->which + (wish->conv + 1) * 1000);
	case STORE_WRITE_SIGN_OUT:
		return make_sign_out(wish->sender, 0, wish->which % 2 ? name
								      : "");
	case STORE_WRITE_CODE:
	case STORE_WRITE_RESET_CODE:
		return make_code(wish->kind, wish->sender, wish->which % 3,
		    wish->which % 2, 0);
	case STORE_WRITE_RESET:
		return make_reset(wish->sender, wish->which % 3, "hash");
	case STORE_WRITE_BAN_RANGE:
		return make_ban_range(name, 1000 + wish->target * 100);
	case STORE_WRITE_LOCKDOWN:
		return make_lockdown(wish->which % 2);
	default:
		return NULL;
	}
}

static struct store_write *
make_wish(const struct wish *wish)
{
	struct store_write *write = make_of_account(wish);
	const struct store_cursor at = {wish->conv, wish->target};
	char name[8], device[8];

	if (write != NULL)
		return write;
	snprintf(name, sizeof(name), "#g%u", wish->which % 4);
	snprintf(device, sizeof(device), "d%u", wish->which % 5);
	switch (wish->kind) {
	case STORE_WRITE_APPEND:
		return make_message(wish);
	case STORE_WRITE_JOIN:
		return make_join(wish->sender, name);
	case STORE_WRITE_CREATE:
		return make_settings(wish, name);
	case STORE_WRITE_UPDATE:
		return make_settings(wish, NULL);
	case STORE_WRITE_CURSORS:
		return make_cursors(wish->sender, device, &at, 1);
	case STORE_WRITE_DEVICE:
		return make_device(wish->sender, device, &at, 1);
	default:
		return make_other(wish);
	}
}

/* ------------------------------------------------------------------- alike */

static void
check_info(const struct conversation_info *a,
    const struct conversation_info *b)
{
	assert_int_equal(a->id, b->id);
	assert_int_equal(a->first_seq, b->first_seq);
	assert_int_equal(a->last_seq, b->last_seq);
	assert_int_equal(a->last_id, b->last_id);
	assert_int_equal(a->members, b->members);
	assert_int_equal(a->owners, b->owners);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->slow_s, b->slow_s);
	assert_string_equal(a->name, b->name);
}

static void
check_alike(const struct store_write *a, const struct store_write *b)
{
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->missing, b->missing);
	assert_int_equal(a->role, b->role);
	assert_int_equal(a->subject_role, b->subject_role);
	assert_int_equal(a->created, b->created);
	assert_int_equal(a->unread, b->unread);
	assert_int_equal(a->hides_read, b->hides_read);
	assert_int_equal(a->joined_seq, b->joined_seq);
	assert_memory_equal(&a->before, &b->before, sizeof(a->before));
	assert_memory_equal(&a->now, &b->now, sizeof(a->now));
	assert_int_equal(a->record.until_us, b->record.until_us);
	assert_int_equal(a->record.subject, b->record.subject);
	assert_int_equal(a->trim.erased, b->trim.erased);
	assert_int_equal(a->trim.more, b->trim.more);
	check_info(&a->conversation, &b->conversation);
	if (a->status != STORE_OK && a->status != STORE_DUPLICATE)
		return;
	assert_int_equal(a->record.conv, b->record.conv);
	assert_int_equal(a->record.seq, b->record.seq);
	assert_int_equal(a->record.id, b->record.id);
	assert_int_equal(a->record.at_us, b->record.at_us);
	assert_int_equal(a->record.kind, b->record.kind);
	assert_int_equal(a->record.text_len, b->record.text_len);
}

/* The same, but for the hash of its trail, which differs between stores. */
static void
check_record_alike(struct kv_bytes a, struct kv_bytes b)
{
	char bytes[2][RECORD_ENCODED_MAX];
	struct record records[2];
	size_t len;

	assert_int_equal(record_decode(a.data, a.len, &records[0], NULL), 0);
	assert_int_equal(record_decode(b.data, b.len, &records[1], NULL), 0);
	assert_int_equal(records[0].trail == 0, records[1].trail == 0);
	records[0].trail = records[1].trail = 0;
	len = record_encode(&records[0], bytes[0], sizeof(bytes[0]));
	assert_int_equal(record_encode(&records[1], bytes[1],
	    sizeof(bytes[1])), len);
	assert_memory_equal(bytes[0], bytes[1], len);
}

/* The public room, which each store made when it was. */
static bool
is_made_apart(enum kv_table table, struct kv_bytes key)
{
	return table == KV_CONV && key.len == 17 &&
	    get_be64(key.data) == LOBBY_ID;
}

static bool
is_record(enum kv_table table, struct kv_bytes key)
{
	return table == KV_CONV && key.len == 16 &&
	    get_be64((const unsigned char *)key.data + 8) != UINT64_MAX;
}

static void
check_table(struct kv_txn *a, struct kv_txn *b, enum kv_table table)
{
	struct kv_cursor *at_a = kv_cursor_new(a, table);
	struct kv_cursor *at_b = kv_cursor_new(b, table);
	struct kv_bytes key, other, value, other_value;
	struct kv_bytes first = {"", 1};
	enum kv_result result;

	result = kv_seek(at_a, first, &key, &value);
	assert_int_equal(kv_seek(at_b, first, &other, &other_value), result);
	while (result == KV_OK) {
		assert_int_equal(key.len, other.len);
		assert_memory_equal(key.data, other.data, key.len);
		if (is_record(table, key)) {
			check_record_alike(value, other_value);
		} else if (!is_made_apart(table, key)) {
			assert_int_equal(value.len, other_value.len);
			assert_memory_equal(value.data, other_value.data,
			    value.len);
		}
		result = kv_next(at_a, &key, &value);
		assert_int_equal(kv_next(at_b, &other, &other_value), result);
	}
	kv_cursor_free(at_a);
	kv_cursor_free(at_b);
}

static void
check_tables(struct twins *twins)
{
	struct kv *a, *b;
	struct kv_txn *of_a, *of_b;
	int table;

	twins->a->wrap = NULL;
	reopen(twins->a); /* with a check of all tables */
	harness_close(twins->a);
	harness_close(twins->b);
	a = harness_kv(twins->a);
	b = harness_kv(twins->b);
	of_a = kv_reader_new(a, NULL);
	of_b = kv_reader_new(b, NULL);
	assert_int_equal(kv_renew(of_a), KV_OK);
	assert_int_equal(kv_renew(of_b), KV_OK);
	for (table = 0; table < KV_TERM; table++) {
		/* Each has keys of its own for hashes, and an epoch. */
		if (table != KV_META && table != KV_IDS && table != KV_TRAIL)
			check_table(of_a, of_b, (enum kv_table)table);
	}
	kv_reset(of_a);
	kv_reset(of_b);
	kv_reader_free(of_a);
	kv_reader_free(of_b);
	kv_close(a);
	kv_close(b);
	harness_open(twins->a);
	harness_open(twins->b);
}

/* ----------------------------------------------------------------- the test */

/* What one write's failure leaves out, the other store is not asked for. */
static bool
is_spoilt(enum store_status status)
{
	return status == STORE_CORRUPT || status == STORE_RETRY ||
	    status == STORE_NO_SPACE;
}

static void
do_batch(struct twins *twins)
{
	struct store_write *writes[BATCH], *other;
	struct wish wishes[BATCH];
	int i;

	for (i = 0; i < BATCH; i++) {
		wishes[i] = draw_wish(twins);
		writes[i] = make_wish(&wishes[i]);
		writes[i]->urgent = true;
	}
	atomic_store(&twins->fail.result, draw(twins, 4) == 0 ? KV_NOMEM
							      : KV_FAILED);
	atomic_store(&twins->fail.changes, (int)draw(twins, 60));
	for (i = 0; i < BATCH; i++)
		harness_submit(twins->a, writes[i]);
	harness_settle(twins->a);
	atomic_store(&twins->fail.changes, 0);
	for (i = 0; i < BATCH; i++) {
		if (!is_spoilt(writes[i]->status)) {
			if (draw(twins, 6) == 0) {
				harness_close(twins->b);
				harness_open(twins->b);
			}
			other = make_wish(&wishes[i]);
			other->urgent = true;
			harness_done(twins->b, other);
			if (writes[i]->status != other->status)
				print_message("kind %d: %d, alone %d\n",
				    (int)wishes[i].kind,
				    (int)writes[i]->status,
				    (int)other->status);
			check_alike(writes[i], other);
			store_write_unref(other);
		}
		store_write_unref(writes[i]);
	}
	harness_forget(twins->a);
	harness_forget(twins->b);
}

static void
stores_answer_alike(void **state)
{
	struct twins twins = {.a = *state, .random = 4711};
	void *other = (void *)(uintptr_t)"lmdb";
	char name[8];
	int i;

	assert_int_equal(harness_setup(&other), 0);
	twins.b = other;
	harness_close(twins.a);
	twins.a->wrap = wrap;
	twins.a->wrap_arg = &twins.fail;
	harness_open(twins.a);
	set_time(&twins, 1000);
	for (i = 0; i < PEOPLE; i++) {
		snprintf(name, sizeof(name), "u%d", i);
		add_user(twins.a, name);
		add_user(twins.b, name);
	}
	for (i = 0; i < ROUNDS; i++) {
		set_time(&twins, 1000 + i * 100);
		do_batch(&twins);
	}
	check_tables(&twins);
	assert_int_equal(harness_teardown(&other), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {LMDB(stores_answer_alike)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
