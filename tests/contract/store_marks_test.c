/* SPDX-License-Identifier: MIT */
#include "tests/contract/store_harness.h"

#include <stdio.h>
#include <string.h>

#include "tests/contract/kv_fail.h"

/* ------------------------------------------------------------------- making */

static struct store_write *
make_mark(uint64_t sender, uint64_t conv, uint64_t delivered, uint64_t read)
{
	struct store_write *write = make_leave(sender, conv);

	write->kind = STORE_WRITE_MARK;
	write->mark.delivered = delivered;
	write->mark.read = read;
	return write;
}

static struct store_write *
make_unread(uint64_t sender, uint64_t conv, bool on)
{
	struct store_write *write = make_leave(sender, conv);

	write->kind = STORE_WRITE_UNREAD;
	write->unread = on;
	return write;
}

static struct store_write *
make_hide_read(uint64_t sender, bool on)
{
	struct store_write *write = make_leave(sender, 0);

	write->kind = STORE_WRITE_HIDE_READ;
	write->hides_read = on;
	return write;
}

static enum store_status
mark(struct harness *h, uint64_t sender, uint64_t conv, uint64_t delivered,
    uint64_t read)
{
	return harness_do(h, make_mark(sender, conv, delivered, read));
}

/* Without a device, as a connection that acknowledges nothing by name. */
static void
deliver(struct harness *h, uint64_t uid, uint64_t conv, uint64_t seq)
{
	const struct store_cursor at = {.conv = conv, .seq = seq};

	assert_int_equal(harness_do(h, make_cursors(uid, "", &at, 1)),
	    STORE_OK);
}

static void
set_time(struct harness *h, int64_t now_us)
{
	h->clock.fixed = 1;
	h->clock.now_us = now_us;
}

static struct store_read *
receipts(struct harness *h, uint64_t uid, uint64_t conv, uint64_t seq)
{
	struct store_read *read = make_read(STORE_READ_RECEIPTS, uid, conv);

	read->after = seq;
	return harness_ask(h, read);
}

static enum store_status
ask_receipts(struct harness *h, uint64_t uid, uint64_t conv, uint64_t seq)
{
	struct store_read *read = receipts(h, uid, conv, seq);
	enum store_status status = read->status;

	store_read_free(read);
	return status;
}

static void
check_counts(const struct store_read *read, uint32_t delivered, uint32_t seen,
    uint32_t of)
{
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->delivered_n, delivered);
	assert_int_equal(read->read_n, seen);
	assert_int_equal(read->of_n, of);
}

static void
check_member(const struct store_member *member, const char *name,
    int64_t delivered_us, int64_t read_us, bool imprecise)
{
	assert_string_equal(member->name, name);
	assert_int_equal(member->delivered_us, delivered_us);
	assert_int_equal(member->read_us, read_us);
	assert_int_equal(member->imprecise, imprecise);
}

static void
check_mark(struct store_mark mark, uint64_t delivered, uint64_t read)
{
	assert_int_equal(mark.delivered, delivered);
	assert_int_equal(mark.read, read);
}

/* -------------------------------------------------------------------- marks */

static void
marks_only_advance(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t conv = say_to(h, ann, bob, "1");
	struct store_write *write;

	say(h, ann, conv, "2");
	say(h, ann, conv, "3");
	write = harness_done(h, make_mark(bob, conv, 2, 0));
	assert_int_equal(write->status, STORE_OK);
	check_mark(write->before, 0, 0);
	check_mark(write->now, 2, 0);
	assert_true(write->record.at_us > 0);
	assert_string_equal(write->conversation.name, "@ann:bob");
	assert_int_equal(write->conversation.last_seq, 3);
	store_write_unref(write);
	assert_int_equal(mark(h, bob, conv, 2, 0), STORE_DUPLICATE);
	assert_int_equal(mark(h, bob, conv, 1, 0), STORE_DUPLICATE);
	write = harness_done(h, make_mark(bob, conv, 1, 1));
	assert_int_equal(write->status, STORE_OK);
	check_mark(write->before, 2, 0);
	check_mark(write->now, 2, 1);
	store_write_unref(write);
	write = harness_done(h, make_mark(bob, conv, 0, 3));
	assert_int_equal(write->status, STORE_OK);
	check_mark(write->now, 3, 3);
	store_write_unref(write);
	write = harness_done(h, make_mark(bob, conv, 3, 3));
	assert_int_equal(write->status, STORE_DUPLICATE);
	check_mark(write->now, 3, 3);
	store_write_unref(write);
}

static void
marks_never_pass_the_end(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t conv = say_to(h, ann, bob, "1");
	struct store_write *write;

	write = harness_done(h, make_mark(bob, conv, UINT64_MAX, 0));
	check_mark(write->now, 1, 0);
	store_write_unref(write);
	write = harness_done(h, make_mark(bob, conv, 0, UINT64_MAX));
	check_mark(write->now, 1, 1);
	store_write_unref(write);
	assert_int_equal(mark(h, bob, conv, 77, 77), STORE_DUPLICATE);
	say(h, ann, conv, "2");
	write = harness_done(h, make_mark(bob, conv, 0, 2));
	assert_int_equal(write->status, STORE_OK);
	check_mark(write->now, 2, 2);
	store_write_unref(write);
}

static void
marks_of_strangers(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t eve = add_user(h, "eve"), conv = say_to(h, ann, bob, "1");

	say(h, ann, LOBBY_ID, "1");
	assert_int_equal(mark(h, eve, conv, 1, 1), STORE_NOT_MEMBER);
	assert_int_equal(mark(h, eve, 999, 1, 1), STORE_NOT_FOUND);
	assert_int_equal(mark(h, ann, LOBBY_ID, 1, 1), STORE_NOT_MEMBER);
	assert_int_equal(harness_do(h, make_unread(eve, conv, true)),
	    STORE_NOT_MEMBER);
	assert_int_equal(harness_do(h, make_hide_read(999, true)),
	    STORE_NOT_FOUND);
}

static unsigned
count_feeds(const struct harness *h, const struct store_write *write)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < h->events_n; i++)
		n += h->events[i].feed && h->events[i].write == write;
	return n;
}

static void
marks_are_fed_when_they_move(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t tea = join(h, ann, "#tea");
	struct store_write *moved, *again;

	join(h, bob, "#tea");
	harness_forget(h);
	moved = harness_done(h, make_mark(bob, tea, 0, 3));
	again = harness_done(h, make_mark(bob, tea, 0, 3));
	harness_settle_feeds(h);
	assert_int_equal(count_feeds(h, moved), WORKERS);
	assert_int_equal(count_feeds(h, again), 0);
	store_write_unref(moved);
	store_write_unref(again);
}

/* A message and its mark in one transaction, and another on top. */
static void
marks_within_a_batch(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t conv = say_to(h, ann, bob, "1");
	struct store_write *writes[4];
	size_t i;

	writes[0] = make_append(ann, conv, 0, NULL, "2");
	writes[1] = make_mark(bob, conv, 2, 0);
	writes[2] = make_append(ann, conv, 0, NULL, "3");
	writes[3] = make_mark(bob, conv, 0, 4);
	for (i = 0; i < 4; i++)
		harness_submit(h, writes[i]);
	harness_settle(h);
	check_mark(writes[1]->now, 2, 0);
	check_mark(writes[3]->before, 2, 0);
	check_mark(writes[3]->now, 3, 3);
	for (i = 0; i < 4; i++)
		store_write_unref(writes[i]);
}

/* ----------------------------------------------------------------- receipts */

static void
receipts_say_when(void **state)
{
	struct harness *h = *state;
	uint64_t ann, bob, cat, tea;
	struct store_read *read;

	set_time(h, 100);
	ann = add_user(h, "ann");
	bob = add_user(h, "bob");
	cat = add_user(h, "cat");
	tea = join(h, ann, "#tea");
	join(h, bob, "#tea");
	join(h, cat, "#tea");
	assert_int_equal(say(h, ann, tea, "5"), 5);
	assert_int_equal(say(h, ann, tea, "6"), 6);
	set_time(h, 200);
	assert_int_equal(mark(h, bob, tea, 5, 0), STORE_OK);
	set_time(h, 300);
	deliver(h, bob, tea, 6);
	set_time(h, 400);
	assert_int_equal(mark(h, bob, tea, 0, 6), STORE_OK);
	set_time(h, 500);
	say(h, ann, tea, "7");
	assert_int_equal(mark(h, bob, tea, 0, 7), STORE_OK);
	read = receipts(h, ann, tea, 5);
	check_counts(read, 1, 1, 2);
	assert_int_equal(read->members_n, 2);
	assert_false(read->more);
	check_member(&read->members[0], "bob", 200, 400, false);
	check_member(&read->members[1], "cat", 0, 0, false);
	assert_int_equal(read->records[0].seq, 5);
	assert_string_equal(read->records[0].text, "5");
	assert_int_equal(read->conversation.id, tea);
	store_read_free(read);
	read = receipts(h, cat, tea, 6);
	check_member(&read->members[0], "bob", 300, 400, false);
	store_read_free(read);
	read = receipts(h, 0, tea, 7);
	check_member(&read->members[0], "bob", 500, 500, false);
	store_read_free(read);
}

/* Who came later was not waited for. */
static void
receipts_are_of_those_who_were_there(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t tea = join(h, ann, "#tea"), seq = say(h, ann, tea, "alone");
	struct store_read *read;

	join(h, bob, "#tea");
	assert_int_equal(mark(h, bob, tea, 0, UINT64_MAX), STORE_OK);
	read = receipts(h, ann, tea, seq);
	check_counts(read, 0, 0, 0);
	store_read_free(read);
	read = receipts(h, ann, tea, say(h, ann, tea, "together"));
	check_counts(read, 0, 0, 1);
	store_read_free(read);
}

static void
receipts_are_refused(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t eve = add_user(h, "eve"), conv = say_to(h, ann, bob, "1");
	struct store_read *read;

	assert_int_equal(ask_receipts(h, eve, conv, 1), STORE_NOT_MEMBER);
	assert_int_equal(ask_receipts(h, ann, 999, 1), STORE_NOT_FOUND);
	assert_int_equal(ask_receipts(h, ann, conv, 0), STORE_NO_MESSAGE);
	assert_int_equal(ask_receipts(h, ann, conv, 2), STORE_NO_MESSAGE);
	assert_int_equal(ask_receipts(h, ann, conv, UINT64_MAX),
	    STORE_NO_MESSAGE);
	say(h, ann, LOBBY_ID, "1");
	read = receipts(h, eve, LOBBY_ID, 1);
	check_counts(read, 0, 0, 0);
	store_read_free(read);
}

#define MANY 200

/* Reads all pages: how many members there were. */
static size_t
read_pages(struct harness *h, uint64_t uid, uint64_t conv, uint64_t seq,
    uint32_t limit)
{
	uint64_t from = 0;
	struct store_read *read;
	size_t n = 0, i;
	bool more = true;

	while (more) {
		read = make_read(STORE_READ_RECEIPTS, uid, conv);
		read->after = seq;
		read->before = from;
		read->limit = limit;
		harness_ask(h, read);
		check_counts(read, MANY / 2, MANY / 4, MANY);
		assert_true(read->members_n <= limit);
		for (i = 0; i < read->members_n; i++) {
			assert_true(read->members[i].uid >= from);
			from = read->members[i].uid + 1;
		}
		n += read->members_n;
		more = read->more;
		store_read_free(read);
	}
	return n;
}

static void
receipts_of_a_large_group(void **state)
{
	struct harness *h = *state;
	uint64_t uids[MANY], ann, tea, seq;
	struct store_read *read;
	char name[16];
	int i;

	set_time(h, 100);
	ann = add_user(h, "ann");
	tea = join(h, ann, "#tea");
	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "u%03d", i);
		uids[i] = add_user(h, name);
		store_write_unref(harness_submit(h,
		    make_join(uids[i], "#tea")));
	}
	harness_settle(h);
	seq = say(h, ann, tea, "to all");
	set_time(h, 200);
	for (i = 0; i < MANY / 2; i++)
		store_write_unref(harness_submit(h, make_mark(uids[i], tea,
		    seq, i < MANY / 4 ? seq : 0)));
	harness_settle(h);
	assert_int_equal(read_pages(h, uids[0], tea, seq, 37), MANY);
	say(h, ann, tea, "more");
	set_time(h, 300);
	assert_int_equal(mark(h, uids[0], tea, 0, seq + 1), STORE_OK);
	read = receipts(h, ann, tea, seq);
	check_member(&read->members[0], "u000", 300, 300, true);
	check_member(&read->members[1], "u001", 200, 200, false);
	store_read_free(read);
}

/* What was not kept while it was large is not known when it is small. */
static void
receipts_of_a_group_that_shrinks(void **state)
{
	struct harness *h = *state;
	uint64_t uids[MANY], ann, tea, seq;
	struct store_read *read;
	char name[16];
	int i;

	ann = add_user(h, "ann");
	tea = join(h, ann, "#tea");
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "u%03d", i);
		uids[i] = add_user(h, name);
		join(h, uids[i], "#tea");
	}
	seq = say(h, ann, tea, "to all");
	set_time(h, INT64_C(4000000000000000));
	assert_int_equal(mark(h, uids[0], tea, 0, seq), STORE_OK);
	for (i = 20; i < 40; i++)
		assert_int_equal(harness_do(h, make_leave(uids[i], tea)),
		    STORE_OK);
	set_time(h, INT64_C(5000000000000000));
	assert_int_equal(mark(h, uids[0], tea, 0, seq + 2), STORE_OK);
	read = receipts(h, ann, tea, seq);
	check_member(&read->members[0], "u000", INT64_C(5000000000000000),
	    INT64_C(5000000000000000), true);
	store_read_free(read);
	read = receipts(h, ann, tea, seq + 1);
	check_member(&read->members[1], "u000", INT64_C(5000000000000000),
	    INT64_C(5000000000000000), false);
	store_read_free(read);
}

/* ------------------------------------------------------------ what is hidden */

static bool
hides_read(struct harness *h, uint64_t uid)
{
	struct store_read *read =
	    harness_ask(h, make_read(STORE_READ_PERSON, uid, 0));
	bool hides = read->person.hides_read;

	assert_int_equal(read->status, STORE_OK);
	store_read_free(read);
	return hides;
}

static void
who_hides_what_they_read(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t conv = say_to(h, ann, bob, "1");
	struct store_write *write;
	struct store_read *read;

	set_time(h, 100);
	write = harness_done(h, make_mark(bob, conv, 0, 1));
	assert_false(write->hides_read);
	store_write_unref(write);
	assert_int_equal(harness_do(h, make_hide_read(bob, true)), STORE_OK);
	assert_int_equal(harness_do(h, make_hide_read(bob, true)),
	    STORE_DUPLICATE);
	assert_true(hides_read(h, bob));
	assert_false(hides_read(h, ann));
	say(h, ann, conv, "2");
	write = harness_done(h, make_mark(bob, conv, 0, 2));
	assert_int_equal(write->status, STORE_OK);
	assert_true(write->hides_read);
	check_mark(write->now, 2, 2);
	store_write_unref(write);
	read = receipts(h, ann, conv, 1);
	check_counts(read, 1, 0, 1);
	assert_true(read->members[0].hides_read);
	assert_int_not_equal(read->members[0].delivered_us, 0);
	assert_int_equal(read->members[0].read_us, 0);
	assert_int_equal(read->members[0].read_seq, 0);
	store_read_free(read);
	assert_int_equal(harness_do(h, make_hide_read(bob, false)), STORE_OK);
	assert_false(hides_read(h, bob));
	read = receipts(h, ann, conv, 1);
	check_counts(read, 1, 1, 1);
	store_read_free(read);
}

/* ---------------------------------------------------------- the private flag */

static bool
is_marked_unread(struct harness *h, uint64_t uid, uint64_t conv)
{
	struct store_read *read =
	    harness_ask(h, make_read(STORE_READ_CONVERSATIONS, uid, conv));
	bool marked;

	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->memberships_n, 1);
	marked = read->memberships[0].marked_unread;
	store_read_free(read);
	return marked;
}

static void
a_conversation_is_kept_for_later(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t conv = say_to(h, ann, bob, "1");
	struct store_write *write;

	assert_int_equal(mark(h, bob, conv, 0, 1), STORE_OK);
	harness_forget(h);
	write = harness_done(h, make_unread(bob, conv, true));
	assert_int_equal(write->status, STORE_OK);
	harness_settle_feeds(h);
	assert_int_equal(count_feeds(h, write), 1);
	store_write_unref(write);
	assert_int_equal(harness_do(h, make_unread(bob, conv, true)),
	    STORE_DUPLICATE);
	assert_true(is_marked_unread(h, bob, conv));
	assert_false(is_marked_unread(h, ann, conv));
	assert_int_equal(mark(h, bob, conv, 1, 0), STORE_DUPLICATE);
	assert_true(is_marked_unread(h, bob, conv));
	/* No mark moves, the flag alone goes. */
	write = harness_done(h, make_mark(bob, conv, 0, 1));
	assert_int_equal(write->status, STORE_OK);
	assert_true(write->unread);
	check_mark(write->before, 1, 1);
	check_mark(write->now, 1, 1);
	store_write_unref(write);
	assert_false(is_marked_unread(h, bob, conv));
	assert_int_equal(mark(h, bob, conv, 0, 1), STORE_DUPLICATE);
	assert_int_equal(harness_do(h, make_unread(bob, conv, true)),
	    STORE_OK);
	assert_int_equal(harness_do(h, make_unread(bob, conv, false)),
	    STORE_OK);
	assert_int_equal(harness_do(h, make_unread(bob, conv, false)),
	    STORE_DUPLICATE);
	assert_false(is_marked_unread(h, bob, conv));
}

/* ------------------------------------------------------- restarts and faults */

static void
marks_survive_a_restart(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob"), conv;
	struct store_read *read;

	set_time(h, 100);
	conv = say_to(h, ann, bob, "1");
	assert_int_equal(mark(h, bob, conv, 0, 1), STORE_OK);
	assert_int_equal(harness_do(h, make_unread(bob, conv, true)),
	    STORE_OK);
	assert_int_equal(harness_do(h, make_hide_read(ann, true)), STORE_OK);
	harness_close(h);
	harness_open(h);
	set_time(h, 200);
	assert_int_equal(mark(h, bob, conv, 1, 0), STORE_DUPLICATE);
	assert_true(is_marked_unread(h, bob, conv));
	assert_true(hides_read(h, ann));
	say(h, ann, conv, "2");
	assert_int_equal(mark(h, bob, conv, 2, 0), STORE_OK);
	read = receipts(h, ann, conv, 1);
	check_counts(read, 1, 1, 1);
	check_member(&read->members[0], "bob", 100, 100, false);
	store_read_free(read);
}

static struct kv *
wrap(struct kv *kv, void *arg)
{
	return kv_fail_wrap(kv, arg);
}

/* Whichever change fails: the mark is where it was, or where it should be. */
static void
a_change_that_fails(void **state)
{
	struct harness *h = *state;
	struct kv_fail fail = {0};
	uint64_t ann, bob, conv, seq = 0;
	struct store_write *write;
	bool failed = true;
	int n;

	harness_close(h);
	h->wrap = wrap;
	h->wrap_arg = &fail;
	harness_open(h);
	ann = add_user(h, "ann");
	bob = add_user(h, "bob");
	conv = say_to(h, ann, bob, "1");
	for (n = 1; failed; n++) {
		seq = say(h, ann, conv, "x");
		atomic_store(&fail.result, KV_FAILED);
		atomic_store(&fail.changes, n);
		write = harness_done(h, make_mark(bob, conv, seq, seq));
		failed = atomic_exchange(&fail.changes, 0) == 0;
		assert_int_equal(write->status,
		    failed ? STORE_CORRUPT : STORE_OK);
		store_write_unref(write);
		write = harness_done(h, make_mark(bob, conv, seq, seq));
		assert_int_equal(write->status,
		    failed ? STORE_OK : STORE_DUPLICATE);
		if (failed)
			check_mark(write->before, n == 1 ? 0 : seq - 1,
			    n == 1 ? 0 : seq - 1);
		check_mark(write->now, seq, seq);
		store_write_unref(write);
	}
	assert_int_equal(n, 5); /* two moves, the row, and none */
	harness_close(h);
	h->wrap = NULL;
	harness_open(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH(marks_only_advance),
	    BOTH(marks_never_pass_the_end),
	    BOTH(marks_of_strangers),
	    BOTH(marks_are_fed_when_they_move),
	    BOTH(marks_within_a_batch),
	    BOTH(receipts_say_when),
	    BOTH(receipts_are_of_those_who_were_there),
	    BOTH(receipts_are_refused),
	    BOTH(receipts_of_a_large_group),
	    BOTH(receipts_of_a_group_that_shrinks),
	    BOTH(who_hides_what_they_read),
	    BOTH(a_conversation_is_kept_for_later),
	    LMDB(marks_survive_a_restart),
	    BOTH(a_change_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
