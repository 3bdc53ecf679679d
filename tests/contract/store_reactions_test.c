/* SPDX-License-Identifier: MIT */
#include "tests/contract/store_harness.h"

#include <stdio.h>
#include <string.h>

#include "tests/contract/group_stage.h"
#include "tests/contract/message_stage.h"

static void
reactions_come_and_go(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t conv = say_to(h, ann, bob, "hi");
	const struct record_reaction *reactions;
	struct store_write *write;
	struct store_read *read;

	say(h, ann, conv, "another");
	write = harness_done(h, make_react(bob, conv, 1, "b", true));
	assert_int_equal(write->status, STORE_OK);
	check_record(&write->record, RECORD_REACTED, 1, "b");
	assert_int_equal(write->record.seq, 3);
	assert_int_equal(write->record.count, 2);
	store_write_unref(write);
	assert_int_equal(react(h, bob, conv, 1, "b", true), STORE_DUPLICATE);
	assert_int_equal(react(h, bob, conv, 1, "a", true), STORE_OK);
	assert_int_equal(react(h, ann, conv, 1, "b", true), STORE_OK);
	assert_int_equal(react(h, ann, conv, 1, "c", false), STORE_DUPLICATE);
	read = history(h, conv);
	assert_int_equal(read->records_n, 5);
	check_record(&read->records[0], RECORD_MESSAGE, 0, "hi");
	assert_int_equal(read->records[0].reactions_n, 3);
	reactions = read->records[0].reactions;
	assert_string_equal(reactions[0].emoji, "a");
	assert_string_equal(reactions[0].user, "bob");
	assert_string_equal(reactions[1].emoji, "b");
	assert_string_equal(reactions[2].emoji, "b");
	assert_int_not_equal(reactions[1].uid, reactions[2].uid);
	assert_int_equal(read->records[1].reactions_n, 0);
	check_record(&read->records[4], RECORD_REACTED, 1, "b");
	store_read_free(read);
	assert_int_equal(react(h, bob, conv, 1, "a", false), STORE_OK);
	assert_int_equal(react(h, bob, conv, 1, "b", false), STORE_OK);
	assert_int_equal(react(h, ann, conv, 1, "b", false), STORE_OK);
	read = history(h, conv);
	assert_int_equal(read->records[0].reactions_n, 0);
	assert_int_equal(read->records[7].flags, RECORD_OFF);
	store_read_free(read);
}

static void
reactions_are_refused(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t eve = add_user(h, "eve"), conv = say_to(h, ann, bob, "hi");
	char emoji[EMOJI_MAX + 2] = {0};
	int i;

	assert_int_equal(react(h, eve, conv, 1, "+", true), STORE_NOT_MEMBER);
	assert_int_equal(react(h, bob, conv, 0, "+", true), STORE_NO_MESSAGE);
	assert_int_equal(react(h, bob, conv, 2, "+", true), STORE_NO_MESSAGE);
	assert_int_equal(react(h, bob, 999, 1, "+", true), STORE_NOT_FOUND);
	assert_int_equal(react(h, bob, conv, 1, "", true), STORE_LIMIT);
	memset(emoji, 'x', EMOJI_MAX + 1);
	assert_int_equal(react(h, bob, conv, 1, emoji, true), STORE_LIMIT);
	emoji[EMOJI_MAX] = '\0';
	assert_int_equal(react(h, bob, conv, 1, emoji, true), STORE_OK);
	assert_int_equal(react(h, bob, conv, 1, emoji, false), STORE_OK);
	for (i = 0; i < REACTIONS_MAX; i++) {
		snprintf(emoji, sizeof(emoji), "%d", i);
		assert_int_equal(react(h, bob, conv, 1, emoji, true),
		    STORE_OK);
	}
	assert_int_equal(react(h, bob, conv, 1, "one more", true),
	    STORE_LIMIT);
	assert_int_equal(react(h, bob, conv, 1, "3", true), STORE_DUPLICATE);
	assert_int_equal(react(h, ann, conv, 1, "one more", true), STORE_OK);
	assert_int_equal(react(h, bob, conv, 1, "3", false), STORE_OK);
	assert_int_equal(react(h, bob, conv, 1, "one more", true), STORE_OK);
	assert_int_equal(harness_do(h, make_block(ann, bob, true)), STORE_OK);
	assert_int_equal(react(h, bob, conv, 1, "3", true), STORE_BLOCKED);
	assert_int_equal(delete(h, ann, conv, 1), STORE_OK);
	assert_int_equal(react(h, ann, conv, 1, "3", true), STORE_NO_MESSAGE);
}

/* They are not even told whether there is one. */
static void
newcomers_do_not_touch_what_was_before(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t tea = join(h, ann, "#tea"), seq = say(h, ann, tea, "early");
	const struct store_settings settings = {
	    .has = SETTING_SINCE_JOIN, .since_join = true};
	struct store_read *read;

	assert_int_equal(update(h, ann, tea, &settings), STORE_OK);
	join(h, bob, "#tea");
	assert_int_equal(react(h, bob, tea, seq, "+", true),
	    STORE_NO_MESSAGE);
	read = make_read(STORE_READ_RECEIPTS, bob, tea);
	read->after = seq;
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_NO_MESSAGE);
	assert_int_equal(read->records_n, 0);
	store_read_free(read);
	assert_int_equal(edit(h, ann, tea, seq, "not for bob"), STORE_OK);
	read = harness_ask(h, make_read(STORE_READ_HISTORY, bob, tea));
	assert_int_equal(read->records_n, 2);
	assert_int_equal(read->records[0].kind, RECORD_JOINED);
	check_record(&read->records[1], RECORD_EDITED, seq, "");
	assert_int_equal(read->records[1].flags, RECORD_TOMBSTONE);
	store_read_free(read);
	read = harness_ask(h, make_read(STORE_READ_HISTORY, ann, tea));
	check_record(&read->records[read->records_n - 1], RECORD_EDITED, seq,
	    "not for bob");
	store_read_free(read);
	seq = say(h, ann, tea, "late");
	assert_int_equal(react(h, bob, tea, seq, "+", true), STORE_OK);
	assert_int_equal(react(h, ann, tea, seq, "+", true), STORE_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH(reactions_come_and_go),
	    BOTH(reactions_are_refused),
	    BOTH(newcomers_do_not_touch_what_was_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
