/* SPDX-License-Identifier: MIT */
#include "tests/contract/store_harness.h"

#include <string.h>

#include "tests/contract/message_stage.h"

/* What clients without a connection page through, and change as seen. */

#define MESSAGES 12

/* A reaction or two behind each message; the last is followed by none. */
static uint64_t
make_log(struct harness *h, uint64_t ann, uint64_t bob,
    uint64_t seqs[MESSAGES])
{
	uint64_t conv = say_to(h, ann, bob, "0");
	unsigned i;

	seqs[0] = 1;
	for (i = 1; i < MESSAGES; i++) {
		react(h, ann, conv, seqs[i - 1], "a", true);
		if (i % 3 == 0)
			react(h, bob, conv, seqs[i - 1], "b", true);
		seqs[i] = say(h, i % 2 != 0 ? ann : bob, conv, "x");
	}
	return conv;
}

static struct store_read *
page(struct harness *h, uint64_t uid, uint64_t conv, uint64_t after,
    uint64_t before, bool newest, uint32_t limit)
{
	struct store_read *read = make_read(STORE_READ_HISTORY, uid, conv);

	read->messages = true;
	read->after = after;
	read->before = before;
	read->newest = newest;
	read->limit = limit;
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->total, MESSAGES);
	return read;
}

/* The messages first to last of seqs, by their numbers. */
static void
check_page(struct store_read *read, const uint64_t *seqs, unsigned first,
    unsigned n, bool more)
{
	unsigned i;

	assert_int_equal(read->records_n, n);
	assert_int_equal(read->more, more);
	for (i = 0; i < n; i++) {
		assert_int_equal(read->records[i].kind, RECORD_MESSAGE);
		assert_int_equal(read->records[i].seq, seqs[first + i]);
	}
	store_read_free(read);
}

static void
pages_of_messages_alone(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t seqs[MESSAGES], conv = make_log(h, ann, bob, seqs);
	unsigned i, n;

	check_page(page(h, ann, conv, 0, UINT64_MAX, true, 50), seqs, 0,
	    MESSAGES, false);
	check_page(page(h, ann, conv, 0, UINT64_MAX, true, 5), seqs,
	    MESSAGES - 5, 5, true);
	for (i = 0; i < MESSAGES; i++) {
		n = i < 5 ? i : 5;
		check_page(page(h, ann, conv, 0, seqs[i], true, 5), seqs,
		    i - n, n, i > 5);
		n = MESSAGES - i - 1 < 5 ? MESSAGES - i - 1 : 5;
		check_page(page(h, bob, conv, seqs[i], UINT64_MAX, false, 5),
		    seqs, i + 1, n, MESSAGES - i - 1 > 5);
	}
	check_page(page(h, ann, conv, 1000, UINT64_MAX, false, 5), seqs, 0, 0,
	    false);
	check_page(page(h, ann, conv, 0, UINT64_MAX, true, 0), seqs, 0, 0,
	    true);
}

static enum store_status
as_seen(struct harness *h, struct store_write *write, int64_t edited_us)
{
	write->compare = true;
	write->edited_us = edited_us;
	return harness_do(h, write);
}

static void
changes_of_what_was_seen(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t conv = say_to(h, ann, bob, "one");
	struct store_read *read;
	int64_t edited_us;

	assert_int_equal(as_seen(h, make_edit(ann, conv, 1, "x"), 1000000),
	    STORE_CONFLICT);
	assert_int_equal(as_seen(h, make_edit(ann, conv, 1, "two"), 0),
	    STORE_OK);
	read = history(h, conv);
	edited_us = read->records[0].edited_us;
	store_read_free(read);
	assert_int_equal(as_seen(h, make_edit(ann, conv, 1, "two"), 0),
	    STORE_CONFLICT);
	assert_int_equal(as_seen(h, make_delete(ann, conv, 1), 0),
	    STORE_CONFLICT);
	/* Who may not is told that, and nothing of the message. */
	assert_int_equal(as_seen(h, make_edit(bob, conv, 1, "x"), 0),
	    STORE_FORBIDDEN);
	assert_int_equal(as_seen(h, make_delete(bob, conv, 1), 0),
	    STORE_FORBIDDEN);
	/* Clients know it to the millisecond. */
	edited_us -= edited_us % 1000;
	assert_int_equal(as_seen(h, make_delete(ann, conv, 1), edited_us),
	    STORE_OK);
}

static struct store_read *
blocked(struct harness *h, uint64_t uid, uint64_t after, uint32_t limit)
{
	struct store_read *read = make_read(STORE_READ_BLOCKS, uid, 0);

	read->after = after;
	read->limit = limit;
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_OK);
	return read;
}

static void
who_is_blocked(void **state)
{
	static const char *const names[] = {"bob", "carol", "dave"};
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), uids[3];
	struct store_read *read;
	size_t i;

	read = blocked(h, ann, 0, 10);
	assert_int_equal(read->people_n, 0);
	assert_false(read->more);
	store_read_free(read);
	for (i = 0; i < 3; i++) {
		uids[i] = add_user(h, names[i]);
		assert_int_equal(harness_do(h,
		    make_block(ann, uids[i], true)), STORE_OK);
	}
	harness_do(h, make_block(uids[0], ann, true));
	read = blocked(h, ann, 0, 2);
	assert_int_equal(read->people_n, 2);
	assert_true(read->more);
	assert_string_equal(read->people[0].name, "bob");
	assert_string_equal(read->people[1].name, "carol");
	store_read_free(read);
	read = blocked(h, ann, uids[1], 2);
	assert_int_equal(read->people_n, 1);
	assert_false(read->more);
	assert_int_equal(read->people[0].uid, uids[2]);
	store_read_free(read);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH(pages_of_messages_alone),
	    BOTH(changes_of_what_was_seen),
	    BOTH(who_is_blocked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
