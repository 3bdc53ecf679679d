/* SPDX-License-Identifier: MIT */
#include "tests/contract/store_harness.h"

#include <stdio.h>
#include <string.h>

#include "store/rows.h"
#include "tests/contract/group_stage.h"
#include "tests/contract/message_stage.h"

static struct store_write *
within(struct store_write *write, int64_t window_us)
{
	write->window_us = window_us;
	return write;
}

static struct store_read *
catch_up(struct harness *h, uint64_t conv, uint64_t seq)
{
	struct store_position at = {.conv = conv, .seq = seq};
	struct store_read *read = store_read_new(sizeof(at));

	assert_non_null(read);
	read->kind = STORE_READ_CATCH_UP;
	read->positions = (struct store_position *)(void *)read->extra;
	memcpy(read->positions, &at, sizeof(at));
	read->positions_n = 1;
	harness_ask(h, read);
	assert_int_equal(read->status, STORE_OK);
	return read;
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

/* --------------------------------------------------------------------- edit */

static void
an_edit_changes_the_message(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t conv = say_to(h, ann, bob, "helo");
	struct store_write *write;
	struct store_read *read;

	harness_forget(h);
	write = harness_done(h, make_edit(ann, conv, 1, "hello"));
	assert_int_equal(write->status, STORE_OK);
	assert_int_equal(write->record.kind, RECORD_EDITED);
	assert_int_equal(write->record.seq, 2);
	assert_int_equal(write->record.id, 2);
	assert_int_equal(write->record.count, 1);
	assert_string_equal(write->conversation.name, "@ann:bob");
	assert_int_equal(write->conversation.last_seq, 2);
	check_record(&write->record, RECORD_EDITED, 1, "hello");
	harness_settle_feeds(h);
	assert_true(count_feeds(h, write) >= 1);
	read = history(h, conv);
	assert_int_equal(read->records_n, 2);
	check_record(&read->records[0], RECORD_MESSAGE, 0, "hello");
	assert_int_equal(read->records[0].edited_us, write->record.at_us);
	assert_int_equal(read->records[0].id, 1);
	check_record(&read->records[1], RECORD_EDITED, 1, "hello");
	assert_string_equal(read->records[1].sender_name, "ann");
	store_read_free(read);
	store_write_unref(write);
}

static void
edits_are_refused(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t eve = add_user(h, "eve"), conv = say_to(h, ann, bob, "1");
	uint64_t tea = join(h, ann, "#tea"), joined = 2;

	assert_int_equal(edit(h, bob, conv, 1, "x"), STORE_FORBIDDEN);
	assert_int_equal(edit(h, eve, conv, 1, "x"), STORE_NOT_MEMBER);
	assert_int_equal(edit(h, ann, 999, 1, "x"), STORE_NOT_FOUND);
	assert_int_equal(edit(h, ann, conv, 0, "x"), STORE_NO_MESSAGE);
	assert_int_equal(edit(h, ann, conv, 2, "x"), STORE_NO_MESSAGE);
	assert_int_equal(edit(h, ann, conv, UINT64_MAX, "x"),
	    STORE_NO_MESSAGE);
	assert_int_equal(edit(h, ann, tea, joined, "x"), STORE_NO_MESSAGE);
	assert_int_equal(edit(h, ann, conv, 1, ""), STORE_LIMIT);
	assert_int_equal(edit(h, ann, conv, 1, "1"), STORE_DUPLICATE);
	assert_int_equal(harness_do(h, make_block(bob, ann, true)), STORE_OK);
	assert_int_equal(edit(h, ann, conv, 1, "x"), STORE_BLOCKED);
	assert_int_equal(harness_do(h, make_block(bob, ann, false)),
	    STORE_OK);
	assert_int_equal(delete(h, ann, conv, 1), STORE_OK);
	assert_int_equal(edit(h, ann, conv, 1, "x"), STORE_NO_MESSAGE);
	assert_int_equal(edit(h, ann, conv, 2, "x"), STORE_NO_MESSAGE);
	assert_int_equal(say(h, ann, conv, "next"), 3);
}

static void
time_to_change_ones_mind(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");

	h->clock.fixed = 1;
	h->clock.now_us = 1000000;
	say(h, ann, LOBBY_ID, "1");
	h->clock.now_us = 1000500;
	assert_int_equal(harness_do(h, within(make_edit(ann, LOBBY_ID, 1, "2"),
	    500)), STORE_OK);
	h->clock.now_us = 1000501;
	assert_int_equal(harness_do(h, within(make_edit(ann, LOBBY_ID, 1, "3"),
	    500)), STORE_TOO_LATE);
	/* It was done in time: the answer was lost, or so. */
	assert_int_equal(harness_do(h, within(make_edit(ann, LOBBY_ID, 1, "2"),
	    500)), STORE_DUPLICATE);
	assert_int_equal(harness_do(h, within(make_delete(ann, LOBBY_ID, 1),
	    500)), STORE_TOO_LATE);
	assert_int_equal(edit(h, ann, LOBBY_ID, 1, "3"), STORE_OK);
	assert_int_equal(harness_do(h, within(make_delete(ann, LOBBY_ID, 1),
	    501)), STORE_OK);
}

/* Each sees what those before it did, though it waits to be put. */
static void
changes_within_a_batch(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	struct store_write *writes[8];
	struct store_read *read;
	size_t i;

	writes[0] = make_append(ann, LOBBY_ID, 0, "id", "one");
	writes[1] = make_edit(ann, LOBBY_ID, 1, "two");
	writes[2] = make_react(bob, LOBBY_ID, 1, "+", true);
	writes[3] = make_edit(ann, LOBBY_ID, 1, "three");
	writes[4] = make_append(ann, LOBBY_ID, 0, "id", "one");
	writes[5] = make_delete(ann, LOBBY_ID, 1);
	writes[6] = make_edit(ann, LOBBY_ID, 1, "four");
	writes[7] = make_append(ann, LOBBY_ID, 0, "id", "one");
	for (i = 0; i < 8; i++)
		harness_submit(h, writes[i]);
	harness_settle(h);
	assert_int_equal(writes[0]->status, STORE_OK);
	assert_int_equal(writes[1]->status, STORE_OK);
	assert_int_equal(writes[2]->status, STORE_OK);
	assert_int_equal(writes[3]->status, STORE_OK);
	assert_int_equal(writes[4]->status, STORE_DUPLICATE);
	assert_int_equal(writes[4]->record.seq, 1);
	assert_int_equal(writes[5]->status, STORE_OK);
	assert_int_equal(writes[5]->record.seq, 5);
	assert_int_equal(writes[6]->status, STORE_NO_MESSAGE);
	assert_int_equal(writes[7]->status, STORE_DUPLICATE);
	for (i = 0; i < 8; i++)
		store_write_unref(writes[i]);
	read = history(h, LOBBY_ID);
	assert_int_equal(read->records_n, 5);
	assert_int_equal(read->records[0].flags & RECORD_TOMBSTONE,
	    RECORD_TOMBSTONE);
	check_record(&read->records[0], RECORD_MESSAGE, 0, "");
	assert_int_equal(read->records[0].reactions_n, 0);
	store_read_free(read);
}
/* ------------------------------------------------------------------- delete */

static void
a_deletion_leaves_a_tombstone(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t conv;
	struct store_write *write;
	struct store_read *read;

	write = harness_done(h, make_append(ann, 0, bob, "id", "oops"));
	conv = write->record.conv;
	store_write_unref(write);
	write = harness_done(h, make_delete(ann, conv, 1));
	assert_int_equal(write->status, STORE_OK);
	check_record(&write->record, RECORD_DELETED, 1, "");
	assert_int_equal(write->record.seq, 2);
	assert_int_equal(write->record.subject, 0);
	store_write_unref(write);
	assert_int_equal(delete(h, ann, conv, 1), STORE_DUPLICATE);
	assert_int_equal(harness_do(h, make_append(ann, conv, 0, "id",
	    "oops")), STORE_DUPLICATE);
	assert_int_equal(harness_do(h, make_append(ann, conv, 0, "id",
	    "other")), STORE_CONFLICT);
	read = history(h, conv);
	assert_int_equal(read->records_n, 2);
	check_record(&read->records[0], RECORD_MESSAGE, 0, "");
	assert_int_equal(read->records[0].flags, RECORD_TOMBSTONE);
	assert_int_equal(read->records[0].client_msg_id_len, 2);
	check_record(&read->records[1], RECORD_DELETED, 1, "");
	assert_int_equal(read->total, 1);
	store_read_free(read);
}

static void
deletions_are_refused(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t eve = add_user(h, "eve"), conv = say_to(h, ann, bob, "1");
	struct store_write *write;

	write = harness_done(h, make_delete(bob, conv, 1));
	assert_int_equal(write->status, STORE_FORBIDDEN);
	assert_int_equal(write->missing, PERMISSION_DELETE);
	assert_int_equal(write->role, ROLE_MEMBER);
	store_write_unref(write);
	assert_int_equal(delete(h, eve, conv, 1), STORE_NOT_MEMBER);
	assert_int_equal(delete(h, eve, conv, 7), STORE_NOT_MEMBER);
	assert_int_equal(delete(h, ann, 999, 1), STORE_NOT_FOUND);
	assert_int_equal(delete(h, ann, conv, 0), STORE_NO_MESSAGE);
	assert_int_equal(delete(h, ann, conv, 2), STORE_NO_MESSAGE);
	assert_int_equal(delete(h, ann, conv, UINT64_MAX), STORE_NO_MESSAGE);
	say(h, ann, LOBBY_ID, "of nobody's power");
	assert_int_equal(delete(h, bob, LOBBY_ID, 1), STORE_FORBIDDEN);
	/* One's own can go even where one may not post. */
	assert_int_equal(harness_do(h, make_block(bob, ann, true)), STORE_OK);
	assert_int_equal(delete(h, ann, conv, 1), STORE_OK);
	assert_int_equal(delete(h, ann, conv, 2), STORE_NO_MESSAGE);
}

/* In #tea ann is the owner, max an admin, mod a moderator; bob and eve. */
struct tea {
	uint64_t ann, max, mod, bob, eve, conv;
};

static void
make_tea(struct harness *h, struct tea *tea)
{
	tea->ann = add_user(h, "ann");
	tea->conv = join(h, tea->ann, "#tea");
	tea->max = add_member(h, tea->conv, "max", ROLE_ADMIN);
	tea->mod = add_member(h, tea->conv, "mod", ROLE_MODERATOR);
	tea->bob = add_member(h, tea->conv, "bob", ROLE_MEMBER);
	tea->eve = add_member(h, tea->conv, "eve", ROLE_MEMBER);
}

static void
roles_delete_what_they_outrank(void **state)
{
	struct harness *h = *state;
	struct store_write *write;
	struct tea g;
	uint64_t bobs, maxs, mods, anns, late;

	make_tea(h, &g);
	bobs = say(h, g.bob, g.conv, "bob's");
	maxs = say(h, g.max, g.conv, "max's");
	mods = say(h, g.mod, g.conv, "mod's");
	anns = say(h, g.ann, g.conv, "ann's");
	assert_int_equal(delete(h, g.eve, g.conv, bobs), STORE_FORBIDDEN);
	write = harness_done(h, make_delete(g.mod, g.conv, maxs));
	assert_int_equal(write->status, STORE_OUTRANKED);
	assert_int_equal(write->role, ROLE_MODERATOR);
	assert_int_equal(write->subject_role, ROLE_ADMIN);
	store_write_unref(write);
	write = harness_done(h, make_delete(g.mod, g.conv, bobs));
	assert_int_equal(write->status, STORE_OK);
	assert_int_equal(write->record.subject, g.bob);
	store_write_unref(write);
	assert_int_equal(delete(h, g.max, g.conv, anns), STORE_OUTRANKED);
	assert_int_equal(delete(h, g.ann, g.conv, maxs), STORE_OK);
	/* Whoever has left is below everyone. */
	late = say(h, g.eve, g.conv, "eve's");
	assert_int_equal(harness_do(h, make_leave(g.eve, g.conv)), STORE_OK);
	assert_int_equal(delete(h, g.eve, g.conv, late), STORE_NOT_MEMBER);
	assert_int_equal(delete(h, g.mod, g.conv, late), STORE_OK);
	/* Time does not bind who could delete anybody's. */
	h->clock.fixed = 1;
	h->clock.now_us = INT64_C(4000000000000000);
	assert_int_equal(harness_do(h, within(make_delete(g.mod, g.conv,
	    mods), 1)), STORE_OK);
}

static void
the_operator_deletes_anything(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t conv = say_to(h, ann, bob, "1");
	struct store_write *write = make_delete(0, conv, 1);

	write->forced = true;
	write->window_us = 1;
	harness_done(h, write);
	assert_int_equal(write->status, STORE_OK);
	assert_int_equal(write->record.subject, ann);
	assert_int_equal(write->record.flags, RECORD_FORCED);
	store_write_unref(write);
}
static void
the_muted_change_nothing_but_take_back(void **state)
{
	struct harness *h = *state;
	struct tea g;
	uint64_t seq;

	make_tea(h, &g);
	seq = say(h, g.bob, g.conv, "one");
	assert_int_equal(act(h, STORE_WRITE_MUTE, g.mod, g.conv, g.bob),
	    STORE_OK);
	assert_int_equal(edit(h, g.bob, g.conv, seq, "two"), STORE_MUTED);
	assert_int_equal(react(h, g.bob, g.conv, seq, "+", true),
	    STORE_MUTED);
	assert_int_equal(delete(h, g.bob, g.conv, seq), STORE_OK);
}
/* ----------------------------------------------------------------- no trace */

static void
what_is_deleted_is_nowhere(void **state)
{
	struct harness *h = *state;
	struct kv *kv;
	uint64_t ann;

	open_held(h, &kv);
	ann = add_user(h, "ann");
	say(h, ann, LOBBY_ID, "around it");
	say(h, ann, LOBBY_ID, "first secret");
	assert_int_equal(count_places(kv, "first secret"), 1);
	assert_int_equal(edit(h, ann, LOBBY_ID, 2, "second secret"), STORE_OK);
	assert_int_equal(count_places(kv, "first secret"), 0);
	assert_int_equal(count_places(kv, "second secret"), 1);
	assert_int_equal(harness_do(h, keeping(make_edit(ann, LOBBY_ID, 2,
	    "third secret"))), STORE_OK);
	assert_int_equal(harness_do(h, keeping(make_edit(ann, LOBBY_ID, 2,
	    "fourth secret"))), STORE_OK);
	assert_int_equal(count_places(kv, " secret"), 3);
	assert_int_equal(delete(h, ann, LOBBY_ID, 2), STORE_OK);
	assert_int_equal(count_places(kv, " secret"), 0);
	assert_int_equal(count_places(kv, "around it"), 1);
}

static struct store_read *
versions(struct harness *h, uint64_t uid, uint64_t conv, uint64_t seq)
{
	struct store_read *read = make_read(STORE_READ_VERSIONS, uid, conv);

	read->after = seq;
	return harness_ask(h, read);
}

static enum store_status
ask_versions(struct harness *h, uint64_t uid, uint64_t conv, uint64_t seq)
{
	struct store_read *read = versions(h, uid, conv, seq);
	enum store_status status = read->status;

	if (status == STORE_FORBIDDEN)
		assert_int_equal(read->missing, PERMISSION_VERSIONS);
	store_read_free(read);
	return status;
}

static void
versions_are_kept_for_moderators(void **state)
{
	struct harness *h = *state;
	struct store_write *writes[2], *last;
	struct store_read *read;
	struct tea g;
	uint64_t seq;

	make_tea(h, &g);
	seq = say(h, g.bob, g.conv, "one");
	writes[0] = harness_done(h, keeping(make_edit(g.bob, g.conv, seq,
	    "two")));
	writes[1] = harness_done(h, keeping(make_edit(g.bob, g.conv, seq,
	    "three")));
	last = harness_done(h, keeping(make_delete(g.mod, g.conv, seq)));
	read = versions(h, g.mod, g.conv, seq);
	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->records_n, 3);
	assert_false(read->more);
	check_record(&read->records[0], RECORD_MESSAGE, 0, "one");
	assert_int_equal(read->records[0].seq, seq);
	assert_int_equal(read->records[0].at_us, writes[0]->record.at_us);
	assert_string_equal(read->records[0].sender_name, "bob");
	check_record(&read->records[1], RECORD_MESSAGE, 0, "two");
	assert_int_equal(read->records[1].id, writes[1]->record.id);
	check_record(&read->records[2], RECORD_MESSAGE, 0, "three");
	assert_string_equal(read->records[2].sender_name, "mod");
	store_read_free(read);
	store_write_unref(writes[0]);
	store_write_unref(writes[1]);
	store_write_unref(last);
	assert_int_equal(ask_versions(h, g.bob, g.conv, seq),
	    STORE_FORBIDDEN);
	assert_int_equal(ask_versions(h, g.bob, g.conv, 999),
	    STORE_FORBIDDEN);
	assert_int_equal(ask_versions(h, add_user(h, "zoe"), g.conv, seq),
	    STORE_NOT_MEMBER);
	assert_int_equal(ask_versions(h, g.mod, g.conv, seq + 1),
	    STORE_NO_MESSAGE);
	assert_int_equal(ask_versions(h, g.mod, g.conv, 0), STORE_NO_MESSAGE);
	assert_int_equal(ask_versions(h, g.mod, 999, 1), STORE_NOT_FOUND);
	assert_int_equal(ask_versions(h, 0, g.conv, seq), STORE_OK);
}
/* ----------------------------------------------------------------- catch-up */

static void
who_was_away_replays_it(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t conv = say_to(h, ann, bob, "one");
	struct store_read *read;
	size_t i;

	say(h, ann, conv, "two");
	edit(h, ann, conv, 1, "ONE");
	react(h, bob, conv, 2, "+", true);
	edit(h, ann, conv, 2, "TWO");
	edit(h, ann, conv, 2, "Two");
	delete(h, ann, conv, 1);
	read = catch_up(h, conv, 1);
	assert_int_equal(read->records_n, 6);
	for (i = 0; i < read->records_n; i++) {
		assert_int_equal(read->records[i].seq, i + 2);
		assert_true(i == 0 ||
		    read->records[i].id > read->records[i - 1].id);
	}
	check_record(&read->records[0], RECORD_MESSAGE, 0, "Two");
	assert_int_equal(read->records[0].reactions_n, 0);
	check_record(&read->records[1], RECORD_EDITED, 1, "");
	assert_int_equal(read->records[1].flags, RECORD_TOMBSTONE);
	check_record(&read->records[2], RECORD_REACTED, 2, "+");
	check_record(&read->records[3], RECORD_EDITED, 2, "Two");
	assert_int_equal(read->records[3].flags, 0);
	check_record(&read->records[4], RECORD_EDITED, 2, "Two");
	check_record(&read->records[5], RECORD_DELETED, 1, "");
	store_read_free(read);
}

/* Later than any cache and any block of marks. */
static void
changes_to_what_is_old(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann");
	struct store_read *read;
	char id[16];
	int i;

	for (i = 1; i <= 3 * ROW_BLOCK; i++) {
		snprintf(id, sizeof(id), "%d", i);
		store_write_unref(harness_submit(h,
		    make_append(ann, LOBBY_ID, 0, id, id)));
	}
	harness_settle(h);
	harness_close(h);
	harness_open(h);
	assert_int_equal(edit(h, ann, LOBBY_ID, 5, "five"), STORE_OK);
	assert_int_equal(delete(h, ann, LOBBY_ID, 6), STORE_OK);
	assert_int_equal(react(h, ann, LOBBY_ID, 7, "+", true), STORE_OK);
	for (i = 0; i < ROW_BLOCK; i++)
		say(h, ann, LOBBY_ID, "on");
	harness_close(h);
	harness_open(h);
	for (i = 1; i <= 3 * ROW_BLOCK; i++) {
		snprintf(id, sizeof(id), "%d", i);
		assert_int_equal(harness_do(h, make_append(ann, LOBBY_ID, 0,
		    id, id)), STORE_DUPLICATE);
	}
	read = make_read(STORE_READ_HISTORY, 0, LOBBY_ID);
	read->after = 4;
	read->limit = 3;
	harness_ask(h, read);
	assert_int_equal(read->records_n, 3);
	check_record(&read->records[0], RECORD_MESSAGE, 0, "five");
	assert_int_equal(read->records[1].flags, RECORD_TOMBSTONE);
	assert_int_equal(read->records[2].reactions_n, 1);
	store_read_free(read);
}
/* ------------------------------------------------------------------- trails */

static void
check_trail(struct kv *kv, uint64_t hash, const char *trail)
{
	struct kv_txn *txn = kv_reader_new(kv, NULL);
	struct kv_bytes found;

	assert_non_null(txn);
	assert_int_equal(kv_renew(txn), KV_OK);
	assert_int_equal(row_get_trail(txn, hash, &found), STORE_OK);
	assert_int_equal(found.len, strlen(trail));
	assert_memory_equal(found.data, trail, found.len);
	kv_reset(txn);
	kv_reader_free(txn);
}

static void
what_rules_said_is_kept_once(void **state)
{
	struct harness *h = *state;
	struct store_write *writes[4];
	char long_trail[TRAIL_MAX + 2];
	struct kv *kv;
	uint64_t ann;
	size_t i;

	open_held(h, &kv);
	ann = add_user(h, "ann");
	writes[0] = make_append(ann, LOBBY_ID, 0, NULL, "a");
	give_trail(writes[0], "flood.lua:12 allow");
	writes[1] = make_append(ann, LOBBY_ID, 0, NULL, "b");
	give_trail(writes[1], "flood.lua:12 allow");
	writes[2] = make_append(ann, LOBBY_ID, 0, NULL, "c");
	writes[3] = make_edit(ann, LOBBY_ID, 1, "d");
	give_trail(writes[3], "words.lua:3 rewrite");
	for (i = 0; i < 4; i++) {
		harness_done(h, writes[i]);
		assert_int_equal(writes[i]->status, STORE_OK);
	}
	assert_int_not_equal(writes[0]->record.trail, 0);
	assert_int_equal(writes[1]->record.trail, writes[0]->record.trail);
	assert_int_equal(writes[2]->record.trail, 0);
	assert_int_not_equal(writes[3]->record.trail,
	    writes[0]->record.trail);
	assert_int_equal(count_places(kv, "flood.lua"), 1);
	check_trail(kv, writes[0]->record.trail, "flood.lua:12 allow");
	check_trail(kv, writes[3]->record.trail, "words.lua:3 rewrite");
	check_trail(kv, 4711, "");
	for (i = 0; i < 4; i++)
		store_write_unref(writes[i]);
	memset(long_trail, 'x', sizeof(long_trail));
	long_trail[TRAIL_MAX + 1] = '\0';
	writes[0] = make_append(ann, LOBBY_ID, 0, NULL, "e");
	give_trail(writes[0], long_trail);
	harness_done(h, writes[0]);
	assert_int_equal(writes[0]->status, STORE_OK);
	long_trail[TRAIL_MAX] = '\0';
	check_trail(kv, writes[0]->record.trail, long_trail);
	store_write_unref(writes[0]);
}
int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH(an_edit_changes_the_message),
	    BOTH(edits_are_refused),
	    BOTH(time_to_change_ones_mind),
	    BOTH(changes_within_a_batch),
	    BOTH(a_deletion_leaves_a_tombstone),
	    BOTH(deletions_are_refused),
	    BOTH(roles_delete_what_they_outrank),
	    BOTH(the_operator_deletes_anything),
	    BOTH(the_muted_change_nothing_but_take_back),
	    BOTH(what_is_deleted_is_nowhere),
	    BOTH(versions_are_kept_for_moderators),
	    BOTH(who_was_away_replays_it),
	    LMDB(changes_to_what_is_old),
	    BOTH(what_rules_said_is_kept_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
