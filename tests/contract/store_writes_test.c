/* SPDX-License-Identifier: MIT */
#include "tests/contract/store_harness.h"

#include <stdio.h>
#include <string.h>

#include "base/owner.h"

static struct store_write *
write_of(const struct harness *harness, size_t index)
{
	assert_true(index < harness->events_n);
	return harness->events[index].write;
}

/* ----------------------------------------------------------------- accounts */

static void
names_are_given_once(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	struct store_write *again = harness_done(h, make_user("ann"));

	assert_int_not_equal(ann, bob);
	assert_int_equal(again->status, STORE_EXISTS);
	assert_int_equal(again->record.sender, ann);
	store_write_unref(again);
}

/* ------------------------------------------------------------------- append */

static void
the_lobby_takes_messages_of_everyone(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");
	struct store_write *write;

	write = harness_done(h, make_append(ann, LOBBY_ID, 0, "x", "hello"));
	assert_int_equal(write->status, STORE_OK);
	assert_int_equal(write->record.seq, 1);
	assert_int_equal(write->record.id, 1);
	assert_int_equal(write->record.count, 1);
	assert_int_equal(write->record.kind, RECORD_MESSAGE);
	assert_true(write->record.at_us > 0);
	assert_string_equal(write->conversation.name, "#lobby");
	assert_int_equal(write->conversation.kind, CONVERSATION_PUBLIC);
	assert_int_equal(write->conversation.last_seq, 1);
	assert_false(write->created);
	store_write_unref(write);
}

static void
the_first_message_makes_the_direct_conversation(void **state)
{
	struct harness *h = *state;
	uint64_t bob = add_user(h, "bob"), ann = add_user(h, "ann");
	struct store_write *first, *second;

	first = harness_done(h, make_append(bob, 0, ann, NULL, "hi"));
	assert_int_equal(first->status, STORE_OK);
	assert_true(first->created);
	assert_int_equal(first->record.seq, 1);
	assert_string_equal(first->conversation.name, "@ann:bob");
	assert_int_equal(first->conversation.a, ann);
	assert_int_equal(first->conversation.b, bob);
	assert_int_equal(first->conversation.members, 2);
	second = harness_done(h, make_append(ann, 0, bob, NULL, "oh"));
	assert_int_equal(second->status, STORE_OK);
	assert_false(second->created);
	assert_int_equal(second->record.conv, first->record.conv);
	assert_int_equal(second->record.seq, 2);
	assert_int_equal(second->record.id, first->record.id + 1);
	store_write_unref(first);
	store_write_unref(second);
}

static void
notes_to_oneself(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");
	struct store_write *write;

	write = harness_done(h, make_append(ann, 0, ann, NULL, "buy tea"));
	assert_int_equal(write->status, STORE_OK);
	assert_string_equal(write->conversation.name, "@ann:ann");
	assert_int_equal(write->conversation.members, 1);
	store_write_unref(write);
	say_to(h, ann, ann, "and milk");
}

static void
appends_are_refused(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t eve = add_user(h, "eve");
	uint64_t direct = say_to(h, ann, bob, "1"), tea = join(h, ann, "#tea");

	assert_int_equal(harness_do(h, make_append(ann, 0, 999, NULL, "x")),
	    STORE_NOT_FOUND);
	assert_int_equal(harness_do(h, make_append(999, 0, ann, NULL, "x")),
	    STORE_NOT_FOUND);
	assert_int_equal(harness_do(h, make_append(ann, 999, 0, NULL, "x")),
	    STORE_NOT_FOUND);
	assert_int_equal(harness_do(h, make_append(eve, direct, 0, NULL,
	    "x")), STORE_NOT_MEMBER);
	assert_int_equal(harness_do(h, make_append(eve, tea, 0, NULL, "x")),
	    STORE_NOT_MEMBER);
	assert_int_equal(say(h, ann, direct, "2"), 2);
}

static void
the_blocked_cannot_write(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t direct = say_to(h, ann, bob, "1");

	assert_int_equal(harness_do(h, make_block(bob, ann, true)), STORE_OK);
	assert_int_equal(harness_do(h, make_block(bob, ann, true)),
	    STORE_DUPLICATE);
	assert_int_equal(harness_do(h, make_append(ann, direct, 0, NULL,
	    "2")), STORE_BLOCKED);
	assert_int_equal(harness_do(h, make_append(ann, 0, bob, NULL, "2")),
	    STORE_BLOCKED);
	assert_int_equal(say(h, bob, direct, "the blocker can"), 2);
	assert_int_equal(harness_do(h, make_block(bob, ann, false)), STORE_OK);
	assert_int_equal(harness_do(h, make_block(bob, ann, false)),
	    STORE_DUPLICATE);
	assert_int_equal(say(h, ann, direct, "3"), 3);
	assert_int_equal(harness_do(h, make_block(ann, ann, true)),
	    STORE_FORBIDDEN);
	assert_int_equal(harness_do(h, make_block(ann, 999, true)),
	    STORE_NOT_FOUND);
}

static void
the_blocked_cannot_begin(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	struct store_write *write;

	assert_int_equal(harness_do(h, make_block(bob, ann, true)), STORE_OK);
	assert_int_equal(harness_do(h, make_append(ann, 0, bob, "1", "x")),
	    STORE_BLOCKED);
	write = harness_done(h, make_append(bob, 0, ann, "1", "y"));
	assert_true(write->created);
	assert_int_equal(write->record.seq, 1);
	store_write_unref(write);
}

/* A write sees those before it in the same transaction. */
static void
preconditions_within_a_batch(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	struct store_write *writes[6];
	size_t i;

	harness_forget(h);
	writes[0] = make_append(ann, 0, bob, NULL, "before");
	writes[1] = make_block(bob, ann, true);
	writes[2] = make_append(ann, 0, bob, NULL, "blocked");
	writes[3] = make_block(bob, ann, false);
	writes[4] = make_append(ann, 0, bob, NULL, "after");
	writes[5] = make_append(ann, 777, 0, NULL, "nowhere");
	for (i = 0; i < 6; i++)
		harness_submit(h, writes[i]);
	harness_settle(h);
	assert_int_equal(writes[0]->status, STORE_OK);
	assert_int_equal(writes[1]->status, STORE_OK);
	assert_int_equal(writes[2]->status, STORE_BLOCKED);
	assert_int_equal(writes[3]->status, STORE_OK);
	assert_int_equal(writes[4]->status, STORE_OK);
	assert_int_equal(writes[5]->status, STORE_NOT_FOUND);
	assert_int_equal(writes[4]->record.seq, 2);
	assert_int_equal(writes[4]->record.id, writes[0]->record.id + 1);
	for (i = 0; i < 6; i++)
		store_write_unref(writes[i]);
}

/* -------------------------------------------------------------- idempotency */

static void
a_repeat_gets_the_first_answer(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	struct store_write *first, *again, *other;

	first = harness_done(h, make_append(ann, 0, bob, "id-1", "hello"));
	say_to(h, bob, ann, "between");
	again = harness_done(h, make_append(ann, 0, bob, "id-1", "hello"));
	assert_int_equal(again->status, STORE_DUPLICATE);
	assert_int_equal(again->record.conv, first->record.conv);
	assert_int_equal(again->record.seq, first->record.seq);
	assert_int_equal(again->record.id, first->record.id);
	assert_int_equal(again->record.at_us, first->record.at_us);
	assert_string_equal(again->conversation.name, "@ann:bob");
	other = harness_done(h, make_append(ann, 0, bob, "id-1", "bye"));
	assert_int_equal(other->status, STORE_CONFLICT);
	store_write_unref(first);
	store_write_unref(again);
	store_write_unref(other);
	/* Another sender's, and in another conversation: not the same. */
	assert_int_equal(harness_do(h, make_append(bob, 0, ann, "id-1",
	    "hello")), STORE_OK);
	assert_int_equal(harness_do(h, make_append(ann, LOBBY_ID, 0, "id-1",
	    "hello")), STORE_OK);
}

static void
a_repeat_in_the_same_batch(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");
	struct store_write *writes[3];
	size_t i;

	writes[0] = make_append(ann, LOBBY_ID, 0, "a", "one");
	writes[1] = make_append(ann, LOBBY_ID, 0, "a", "one");
	writes[2] = make_append(ann, LOBBY_ID, 0, "a", "two");
	for (i = 0; i < 3; i++)
		harness_submit(h, writes[i]);
	harness_settle(h);
	assert_int_equal(writes[0]->status, STORE_OK);
	assert_int_equal(writes[1]->status, STORE_DUPLICATE);
	assert_int_equal(writes[1]->record.seq, writes[0]->record.seq);
	assert_int_equal(writes[2]->status, STORE_CONFLICT);
	for (i = 0; i < 3; i++)
		store_write_unref(writes[i]);
}

/* What refuses it now does not unsay what was stored. */
static void
a_repeat_of_the_blocked(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t tea = join(h, ann, "#tea");

	assert_int_equal(harness_do(h, make_append(ann, 0, bob, "1", "x")),
	    STORE_OK);
	assert_int_equal(harness_do(h, make_append(ann, tea, 0, "1", "x")),
	    STORE_OK);
	assert_int_equal(harness_do(h, make_block(bob, ann, true)), STORE_OK);
	assert_int_equal(harness_do(h, make_leave(ann, tea)), STORE_OK);
	assert_int_equal(harness_do(h, make_append(ann, 0, bob, "1", "x")),
	    STORE_DUPLICATE);
	assert_int_equal(harness_do(h, make_append(ann, 0, bob, "1", "y")),
	    STORE_CONFLICT);
	assert_int_equal(harness_do(h, make_append(ann, 0, bob, "2", "x")),
	    STORE_BLOCKED);
	assert_int_equal(harness_do(h, make_append(ann, tea, 0, "1", "x")),
	    STORE_DUPLICATE);
	assert_int_equal(harness_do(h, make_append(ann, tea, 0, "2", "x")),
	    STORE_NOT_MEMBER);
}

#define LONG 200 /* more than some blocks of marks */

static struct store_write *
numbered(uint64_t sender, uint64_t conv, int number)
{
	char id[16], text[16];

	snprintf(id, sizeof(id), "id-%d", number);
	snprintf(text, sizeof(text), "text-%d", number);
	return make_append(sender, conv, 0, number % 3 == 0 ? NULL : id, text);
}

/* What was answered is found again, however long ago, by whatever way. */
static void
check_repeats(struct harness *h, uint64_t sender, uint64_t conv, int n)
{
	struct store_write *again;
	struct store_read *read;
	int i;

	for (i = n; i > 0; i -= 7) {
		if (i % 3 == 0)
			continue;
		again = harness_done(h, numbered(sender, conv, i));
		assert_int_equal(again->status, STORE_DUPLICATE);
		assert_int_equal(again->record.seq, i);
		read = make_read(STORE_READ_CLIENT_MSG_ID, sender, conv);
		memcpy(read->client_msg_id, again->record.client_msg_id,
		    again->record.client_msg_id_len);
		read->fingerprint = again->fingerprint;
		harness_ask(h, read);
		assert_int_equal(read->status, STORE_DUPLICATE);
		assert_int_equal(read->records[0].seq, i);
		store_read_free(read);
		store_write_unref(again);
	}
}

static void
repeats_in_a_long_log(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	int i;

	for (i = 1; i <= LONG; i++)
		store_write_unref(harness_submit(h,
		    numbered(ann, LOBBY_ID, i)));
	harness_settle(h);
	check_repeats(h, ann, LOBBY_ID, LONG);
	assert_int_equal(harness_do(h, numbered(bob, LOBBY_ID, 1)), STORE_OK);
	if (strcmp(h->kind, "memory") == 0)
		return;
	harness_close(h);
	harness_open(h);
	check_repeats(h, ann, LOBBY_ID, LONG);
	/* The first since the opening has no id: its block is read. */
	harness_close(h);
	harness_open(h);
	for (i = 0; i < 40; i++)
		say(h, ann, LOBBY_ID, "without an id");
	check_repeats(h, ann, LOBBY_ID, LONG);
	assert_int_equal(harness_do(h, numbered(ann, LOBBY_ID, LONG + 2)),
	    STORE_OK);
}

/* ------------------------------------------------------------------- groups */

static void
the_first_to_join_makes_the_group(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	struct store_write *made, *joined;

	made = harness_done(h, make_join(ann, "#tea"));
	assert_int_equal(made->status, STORE_OK);
	assert_true(made->created);
	assert_int_equal(made->record.kind, RECORD_JOINED);
	assert_int_equal(made->record.seq, 2);
	assert_int_equal(made->record.role, ROLE_OWNER);
	assert_int_equal(made->record.count, 0);
	assert_int_equal(made->conversation.members, 1);
	assert_int_equal(made->conversation.kind, CONVERSATION_GROUP);
	assert_string_equal(made->conversation.name, "#tea");
	joined = harness_done(h, make_join(bob, "#tea"));
	assert_false(joined->created);
	assert_int_equal(joined->record.conv, made->record.conv);
	assert_int_equal(joined->record.seq, 3);
	assert_int_equal(joined->record.role, ROLE_MEMBER);
	assert_int_equal(joined->conversation.members, 2);
	store_write_unref(made);
	store_write_unref(joined);
}

static void
joining_twice_is_once(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = join(h, ann, "#tea");
	struct store_write *again = harness_done(h, make_join(ann, "#tea"));

	assert_int_equal(again->status, STORE_DUPLICATE);
	assert_int_equal(again->record.conv, tea);
	assert_int_equal(again->conversation.members, 1);
	store_write_unref(again);
	assert_int_equal(say(h, ann, tea, "x"), 3);
	assert_int_equal(harness_do(h, make_join(ann, "#lobby")),
	    STORE_DUPLICATE);
	assert_int_equal(harness_do(h, make_join(ann, "@ann:ann")),
	    STORE_FORBIDDEN);
}

static void
leaving_and_coming_back(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t tea = join(h, ann, "#tea"), direct;
	struct store_write *left, *back;

	direct = say_to(h, ann, bob, "x");
	assert_int_equal(harness_do(h, make_leave(bob, tea)),
	    STORE_NOT_MEMBER);
	assert_int_equal(harness_do(h, make_leave(bob, direct)),
	    STORE_FORBIDDEN);
	assert_int_equal(harness_do(h, make_leave(bob, LOBBY_ID)),
	    STORE_FORBIDDEN);
	assert_int_equal(harness_do(h, make_leave(bob, 999)),
	    STORE_NOT_FOUND);
	left = harness_done(h, make_leave(ann, tea));
	assert_int_equal(left->status, STORE_OK);
	assert_int_equal(left->record.kind, RECORD_LEFT);
	assert_int_equal(left->record.seq, 3);
	assert_int_equal(left->conversation.members, 0);
	assert_int_equal(harness_do(h, make_append(ann, tea, 0, NULL, "x")),
	    STORE_NOT_MEMBER);
	back = harness_done(h, make_join(ann, "#tea"));
	assert_int_equal(back->status, STORE_OK);
	assert_false(back->created);
	assert_int_equal(back->record.conv, tea);
	assert_int_equal(back->record.seq, 4);
	assert_int_equal(back->record.role, ROLE_OWNER);
	store_write_unref(left);
	store_write_unref(back);
}

static void
a_full_group_takes_nobody(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t eve = add_user(h, "eve");
	struct store_write *write = make_join(ann, "#two");

	write->limit = 2;
	assert_int_equal(harness_do(h, write), STORE_OK);
	assert_int_equal(harness_do(h, make_join(bob, "#two")), STORE_OK);
	assert_int_equal(harness_do(h, make_join(eve, "#two")), STORE_LIMIT);
	assert_int_equal(harness_do(h, make_join(bob, "#two")),
	    STORE_DUPLICATE);
}

/* --------------------------------------------------------------------- time */

static void
time_never_decreases(void **state)
{
	struct harness *h = *state;
	struct store_write *early, *late;
	uint64_t ann = add_user(h, "ann");

	h->clock.fixed = 1;
	h->clock.now_us = 2000000;
	late = harness_done(h, make_append(ann, LOBBY_ID, 0, NULL, "x"));
	h->clock.now_us = 1000000;
	early = harness_done(h, make_append(ann, LOBBY_ID, 0, NULL, "y"));
	assert_int_equal(late->record.at_us, 2000000);
	assert_int_equal(early->record.at_us, 2000000);
	store_write_unref(late);
	store_write_unref(early);
}

/* -------------------------------------------------------------- publication */

/* Who is told of event `index`, as a bit for each worker's feed. */
static unsigned
fed(const struct harness *h, const struct store_write *write)
{
	unsigned workers = 0;
	size_t i;

	for (i = 0; i < h->events_n; i++) {
		if (h->events[i].feed && h->events[i].write == write)
			workers |= 1u << h->events[i].worker;
	}
	return workers;
}

static void
whom_it_concerns_is_fed(void **state)
{
	struct harness *h = *state;
	uint64_t one = add_user(h, "ann"), two = add_user(h, "bob");
	struct store_write *direct, *lobby, *group, *block, *user, *refused;
	unsigned all = (1u << WORKERS) - 1;

	harness_forget(h);
	direct = harness_done(h, make_append(one, 0, two, "1", "x"));
	lobby = harness_done(h, make_append(one, LOBBY_ID, 0, NULL, "x"));
	group = harness_done(h, make_join(one, "#tea"));
	block = harness_done(h, make_block(two, one, true));
	user = harness_done(h, make_user("eve"));
	refused = harness_done(h, make_append(one, 0, two, "2", "x"));
	harness_settle_feeds(h);
	assert_int_equal(fed(h, direct), 1u << owner_of(one, WORKERS) |
	    1u << owner_of(two, WORKERS));
	assert_int_equal(fed(h, lobby), all);
	assert_int_equal(fed(h, group), all);
	assert_int_equal(fed(h, block), 1u << owner_of(two, WORKERS));
	assert_int_equal(fed(h, user), 0);
	assert_int_equal(refused->status, STORE_BLOCKED);
	assert_int_equal(fed(h, refused), 0);
	store_write_unref(direct);
	store_write_unref(lobby);
	store_write_unref(group);
	store_write_unref(block);
	store_write_unref(user);
	store_write_unref(refused);
}

#define MANY 2000

/*
 * Each worker sees all of the lobby in the order of commit, and its own
 * writes' done() right before their feed().
 */
static void
everyone_sees_the_same_order(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), last[WORKERS] = {0}, base;
	size_t feeds[WORKERS] = {0}, dones = 0, i;
	const struct harness_event *event, *before[WORKERS] = {NULL};
	struct store_write *write;

	harness_forget(h);
	for (i = 0; i < MANY; i++) {
		write = make_append(ann, LOBBY_ID, 0, NULL, "x");
		write->worker = (unsigned)(i % WORKERS);
		store_write_unref(harness_submit(h, write));
	}
	harness_settle(h);
	harness_settle_feeds(h);
	base = write_of(h, 0)->record.seq - 1;
	for (i = 0; i < h->events_n; i++) {
		event = &h->events[i];
		if (event->write->kind != STORE_WRITE_APPEND)
			continue;
		if (!event->feed) {
			assert_int_equal(event->worker, event->write->worker);
			dones++;
		} else {
			assert_int_equal(event->write->record.seq,
			    base + ++last[event->worker]);
			feeds[event->worker]++;
			if (event->write->worker == event->worker)
				assert_true(before[event->worker]->write ==
				    event->write &&
				    !before[event->worker]->feed);
		}
		before[event->worker] = event;
	}
	assert_int_equal(dones, MANY);
	for (i = 0; i < WORKERS; i++)
		assert_int_equal(feeds[i], MANY);
}

static struct store_write *
make_seen(uint64_t uid, int64_t seen_us)
{
	struct store_write *write = store_write_new(0);

	assert_non_null(write);
	write->kind = STORE_WRITE_SEEN;
	write->record.sender = uid;
	write->seen_us = seen_us;
	return write;
}

/* What is lazy goes along with what is not, in the order of submission. */
static void
lazy_writes_go_along(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");
	struct store_write *seen;

	harness_forget(h);
	seen = harness_submit(h, make_seen(ann, 77));
	assert_int_equal(harness_do(h, make_user("bob")), STORE_OK);
	assert_int_equal(seen->status, STORE_OK);
	assert_int_equal(h->events_n, 2);
	assert_ptr_equal(write_of(h, 0), seen);
	store_write_unref(seen);
}

static void
lazy_writes_are_committed_at_the_end(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");
	struct store_read *read;
	unsigned i;

	store_submit(h->store, make_seen(ann, 77));
	harness_forget(h);
	store_close(h->store);
	for (i = 0; i < WORKERS; i++)
		mailbox_free(h->workers[i].mailbox);
	harness_open(h);
	read = harness_ask(h, make_read(STORE_READ_USER, ann, 0));
	assert_int_equal(read->person.last_seen_us, 77);
	store_read_free(read);
}

/* Mail that nobody reads any more is freed by its mailbox. */
static void
close_commits_what_was_submitted(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");
	struct store_write *write;
	struct store_read *read;
	unsigned i;

	for (i = 0; i < 100; i++) {
		write = make_append(ann, LOBBY_ID, 0, NULL, "x");
		store_submit(h->store, write);
	}
	store_query(h->store, make_read(STORE_READ_USER, ann, 0));
	harness_forget(h);
	store_close(h->store);
	for (i = 0; i < WORKERS; i++)
		mailbox_free(h->workers[i].mailbox);
	harness_open(h);
	if (strcmp(h->kind, "memory") == 0)
		return;
	read = make_read(STORE_READ_CONVERSATION, 0, LOBBY_ID);
	harness_ask(h, read);
	assert_int_equal(read->conversation.last_seq, 100);
	store_read_free(read);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH(names_are_given_once),
	    BOTH(the_lobby_takes_messages_of_everyone),
	    BOTH(the_first_message_makes_the_direct_conversation),
	    BOTH(notes_to_oneself),
	    BOTH(appends_are_refused),
	    BOTH(the_blocked_cannot_write),
	    BOTH(the_blocked_cannot_begin),
	    BOTH(preconditions_within_a_batch),
	    BOTH(a_repeat_gets_the_first_answer),
	    BOTH(a_repeat_in_the_same_batch),
	    BOTH(a_repeat_of_the_blocked),
	    BOTH(repeats_in_a_long_log),
	    BOTH(the_first_to_join_makes_the_group),
	    BOTH(joining_twice_is_once),
	    BOTH(leaving_and_coming_back),
	    BOTH(a_full_group_takes_nobody),
	    BOTH(time_never_decreases),
	    BOTH(whom_it_concerns_is_fed),
	    BOTH(everyone_sees_the_same_order),
	    BOTH(lazy_writes_go_along),
	    LMDB(lazy_writes_are_committed_at_the_end),
	    BOTH(close_commits_what_was_submitted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
