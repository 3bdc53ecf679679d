/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "store/keys.h"
#include "tests/contract/group_stage.h"
#include "tests/contract/table_stage.h"

/* Events by their ids: one of them, and what came after it. */

static uint64_t
id_of(struct harness *h, uint64_t conv, uint64_t seq)
{
	struct store_read *read = make_read(STORE_READ_HISTORY, 0, conv);
	uint64_t id;

	read->after = seq - 1;
	read->limit = 1;
	harness_ask(h, read);
	assert_int_equal(read->records_n, 1);
	id = read->records[0].id;
	store_read_free(read);
	return id;
}

/* The caller frees it. */
static struct store_read *
ask_event(struct harness *h, uint64_t uid, uint64_t id)
{
	struct store_read *read = make_read(STORE_READ_EVENT, uid, 0);

	read->before = id;
	return harness_ask(h, read);
}

static enum store_status
find_event(struct harness *h, uint64_t uid, uint64_t id)
{
	struct store_read *read = ask_event(h, uid, id);
	enum store_status status = read->status;

	assert_int_equal(read->records_n, status == STORE_OK);
	store_read_free(read);
	return status;
}

static void
an_event_is_found(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t conv = say_to(h, ann, bob, "hello"), id;
	struct store_read *read;

	say(h, bob, LOBBY_ID, "all");
	id = id_of(h, conv, 1);
	read = ask_event(h, bob, id);
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->records[0].conv, conv);
	assert_int_equal(read->records[0].seq, 1);
	assert_int_equal(read->records[0].id, id);
	assert_string_equal(read->records[0].text, "hello");
	assert_string_equal(read->records[0].sender_name, "ann");
	assert_string_equal(read->conversation.name, "@ann:bob");
	store_read_free(read);
	assert_int_equal(find_event(h, 0, id), STORE_OK);
	assert_int_equal(find_event(h, 0, id + 100), STORE_NO_MESSAGE);
	assert_int_equal(find_event(h, 0, 0), STORE_NO_MESSAGE);
	assert_int_equal(find_event(h, ann, id_of(h, LOBBY_ID, 1)), STORE_OK);
}

static void
an_event_is_for_members(void **state)
{
	const struct store_settings settings = {.has = SETTING_SINCE_JOIN,
	    .since_join = true};
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t cat = add_user(h, "cat"), conv, tea, before, after;

	conv = say_to(h, ann, bob, "hello");
	assert_int_equal(find_event(h, cat, id_of(h, conv, 1)),
	    STORE_NO_MESSAGE);
	tea = join(h, ann, "#tea");
	assert_int_equal(harness_do(h, make_update(ann, tea, &settings,
	    "{}")), STORE_OK);
	before = id_of(h, tea, say(h, ann, tea, "before"));
	join(h, bob, "#tea");
	after = id_of(h, tea, say(h, ann, tea, "after"));
	assert_int_equal(find_event(h, bob, before), STORE_NO_MESSAGE);
	assert_int_equal(find_event(h, bob, after), STORE_OK);
	assert_int_equal(find_event(h, cat, after), STORE_NO_MESSAGE);
	assert_int_equal(harness_do(h, make_leave(bob, tea)), STORE_OK);
	assert_int_equal(find_event(h, bob, after), STORE_NO_MESSAGE);
	assert_int_equal(find_event(h, ann, before), STORE_OK);
}

/* since_seq of uid's only conversation. */
static uint64_t
ask_since(struct harness *h, uint64_t uid, uint64_t since)
{
	struct store_read *read = make_read(STORE_READ_PERSON, uid, 0);
	uint64_t seq;

	read->since = since;
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->memberships_n, 1);
	seq = read->memberships[0].since_seq;
	store_read_free(read);
	return seq;
}

static void
what_came_since_is_found(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t conv = say_to(h, ann, bob, "1"), ids[21];
	unsigned i;

	for (i = 1; i <= 20; i++) {
		ids[i] = id_of(h, conv, i);
		if (i % 3 == 0)
			say(h, ann, LOBBY_ID, "between");
		if (i < 20)
			say(h, bob, conv, "more");
	}
	for (i = 1; i <= 20; i++) {
		assert_int_equal(ask_since(h, ann, ids[i]), i);
		if (i < 20)
			assert_int_equal(ask_since(h, ann, ids[i] + 1), i +
			    (ids[i + 1] == ids[i] + 1));
	}
	/* No event had that: it is of other data. */
	assert_int_equal(ask_since(h, ann, ids[20] + 1), 0);
	assert_int_equal(ask_since(h, ann, ids[20] + 1000), 0);
	assert_int_equal(ask_since(h, ann, 0), 0);
}

static void
nothing_before_the_join_came_since(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob"), tea, i;
	uint64_t joined;

	tea = join(h, ann, "#tea");
	for (i = 0; i < 5; i++)
		say(h, ann, tea, "earlier");
	join(h, bob, "#tea");
	joined = say(h, ann, tea, "later") - 2;
	assert_int_equal(ask_since(h, bob, id_of(h, tea, 3)), joined);
	assert_int_equal(ask_since(h, bob, id_of(h, tea, joined + 2)),
	    joined + 2);
}

/* Damage is stepped over, to either side. */
static void
since_is_found_in_spite_of_damage(void **state)
{
	struct harness *h = *state;
	struct kv *kv = open_with_kv(h);
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t conv = say_to(h, ann, bob, "1"), ids[11];
	struct key key;
	unsigned i, seq;

	for (i = 1; i <= 10; i++) {
		ids[i] = id_of(h, conv, i);
		say(h, bob, conv, "more");
	}
	for (seq = 4; seq <= 7; seq++) {
		key_record(&key, conv, seq);
		table_put(kv, KV_CONV, &key, (struct kv_bytes){"damage", 6});
	}
	assert_int_equal(ask_since(h, ann, ids[2]), 2);
	assert_in_range(ask_since(h, ann, ids[5]), 3, 7);
	assert_int_equal(ask_since(h, ann, ids[8]), 8);
	assert_int_equal(ask_since(h, ann, ids[9]), 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH(an_event_is_found),
	    BOTH(an_event_is_for_members),
	    BOTH(what_came_since_is_found),
	    BOTH(nothing_before_the_join_came_since),
	    BOTH(since_is_found_in_spite_of_damage)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
