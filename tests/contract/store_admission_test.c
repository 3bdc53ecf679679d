/* SPDX-License-Identifier: MIT */
#include "tests/contract/group_stage.h"

#include <stdio.h>
#include <string.h>

#include "store/keys.h"

/* Who comes in, who is kept out, who may speak, and for how long. */

#define SECOND INT64_C(1000000)
#define NOON (INT64_C(1700000000) * SECOND)

static void
set_clock(struct harness *h, int64_t us)
{
	h->clock.fixed = 1;
	h->clock.now_us = us;
}

/* The status, and until when. */
static enum store_status
submit_until(struct harness *h, struct store_write *write, int64_t *until_us)
{
	enum store_status status;

	harness_done(h, write);
	status = write->status;
	*until_us = write->record.until_us;
	store_write_unref(write);
	return status;
}

static enum store_status
try_to_say(struct harness *h, uint64_t uid, uint64_t conv,
    int64_t *until_us)
{
	return submit_until(h, make_append(uid, conv, 0, NULL, "x"),
	    until_us);
}

/* --------------------------------------------------------------------- bans */

static void
a_ban_ends_with_its_time(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = join(h, ann, "#tea");
	uint64_t bob = add_member(h, tea, "bob", ROLE_MODERATOR);
	int64_t until, over = NOON + 60 * SECOND;

	set_clock(h, NOON);
	assert_int_equal(act_until(h, STORE_WRITE_BAN, ann, tea, bob, over),
	    STORE_OK);
	assert_int_equal(act_until(h, STORE_WRITE_BAN, ann, tea, bob, over),
	    STORE_DUPLICATE);
	assert_int_equal(try_to_say(h, bob, tea, &until), STORE_NOT_MEMBER);
	set_clock(h, over - 1);
	assert_int_equal(submit_until(h, make_join(bob, "#tea"), &until),
	    STORE_BANNED);
	assert_int_equal(until, over);
	assert_int_equal(submit_until(h, make_act(STORE_WRITE_ADD, ann, tea,
	    bob), &until), STORE_BANNED);
	assert_int_equal(until, over);
	assert_int_equal(act(h, STORE_WRITE_INVITE, ann, tea, bob),
	    STORE_BANNED);
	set_clock(h, over);
	assert_int_equal(act(h, STORE_WRITE_UNBAN, ann, tea, bob),
	    STORE_DUPLICATE);
	join(h, bob, "#tea");
	assert_int_equal(role_of(h, tea, bob), ROLE_MEMBER); /* not as was */
	/* The end of the first does not end the next. */
	assert_int_equal(act_until(h, STORE_WRITE_BAN, ann, tea, bob,
	    over + SECOND), STORE_OK);
	assert_int_equal(harness_do(h, make_join(bob, "#tea")),
	    STORE_BANNED);
}

static void
a_ban_for_good_ends_by_hand(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = join(h, ann, "#tea");
	uint64_t bob = add_user(h, "bob");
	struct store_write *write;
	int64_t until = 1;

	set_clock(h, NOON);
	assert_int_equal(act_until(h, STORE_WRITE_BAN, ann, tea, bob,
	    NOON + SECOND), STORE_OK);
	/* Longer than at first: an event of its own. */
	write = harness_done(h, make_act(STORE_WRITE_BAN, ann, tea, bob));
	assert_int_equal(write->status, STORE_OK);
	assert_int_equal(write->record.until_us, 0);
	store_write_unref(write);
	set_clock(h, NOON + 1000000000 * SECOND);
	assert_int_equal(submit_until(h, make_join(bob, "#tea"), &until),
	    STORE_BANNED);
	assert_int_equal(until, 0);
	assert_int_equal(act(h, STORE_WRITE_UNBAN, ann, tea, bob), STORE_OK);
	assert_int_equal(act(h, STORE_WRITE_UNBAN, ann, tea, bob),
	    STORE_DUPLICATE);
	join(h, bob, "#tea");
}

/* Each sees those before it in the same transaction. */
static void
bans_within_a_batch(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = join(h, ann, "#tea");
	uint64_t bob = add_member(h, tea, "bob", ROLE_MEMBER);
	struct store_write *writes[7];
	size_t i;

	writes[0] = make_append(bob, tea, 0, NULL, "before");
	writes[1] = make_act(STORE_WRITE_BAN, ann, tea, bob);
	writes[2] = make_append(bob, tea, 0, NULL, "banned");
	writes[3] = make_join(bob, "#tea");
	writes[4] = make_act(STORE_WRITE_UNBAN, ann, tea, bob);
	writes[5] = make_join(bob, "#tea");
	writes[6] = make_append(bob, tea, 0, NULL, "after");
	for (i = 0; i < 7; i++)
		harness_submit(h, writes[i]);
	harness_settle(h);
	assert_int_equal(writes[0]->status, STORE_OK);
	assert_int_equal(writes[1]->status, STORE_OK);
	assert_int_equal(writes[2]->status, STORE_NOT_MEMBER);
	assert_int_equal(writes[3]->status, STORE_BANNED);
	assert_int_equal(writes[4]->status, STORE_OK);
	assert_int_equal(writes[5]->status, STORE_OK);
	assert_int_equal(writes[6]->status, STORE_OK);
	for (i = 0; i < 7; i++)
		store_write_unref(writes[i]);
	assert_int_equal(role_of(h, tea, bob), ROLE_MEMBER);
}

/* -------------------------------------------------------------- invitations */

/* To how many groups; the last is conv, by this person. */
static size_t
invitations_of(struct harness *h, uint64_t uid, uint64_t conv, uint64_t by)
{
	struct store_read *read = harness_ask(h,
	    make_read(STORE_READ_PERSON, uid, 0));
	size_t n = read->invitations_n;

	assert_int_equal(read->status, STORE_OK);
	if (n != 0) {
		assert_int_equal(read->invitations[n - 1].conversation.id,
		    conv);
		assert_int_equal(read->invitations[n - 1].by, by);
	}
	store_read_free(read);
	return n;
}

static void
a_private_group_takes_in_the_invited(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), den = make_private(h, ann, "#den");
	uint64_t eve = add_user(h, "eve"), bob = add_user(h, "bob");

	assert_int_not_equal(den, bob); /* keys of both cannot be mixed up */
	assert_int_equal(harness_do(h, make_join(bob, "#den")),
	    STORE_UNINVITED);
	assert_int_equal(act(h, STORE_WRITE_INVITE, ann, den, bob), STORE_OK);
	assert_int_equal(act(h, STORE_WRITE_INVITE, ann, den, bob),
	    STORE_DUPLICATE);
	assert_int_equal(invitations_of(h, bob, den, ann), 1);
	join(h, bob, "#den");
	assert_int_equal(invitations_of(h, bob, den, ann), 0);
	assert_int_equal(harness_do(h, make_join(eve, "#den")),
	    STORE_UNINVITED);
	/* It is good for once. */
	assert_int_equal(harness_do(h, make_leave(bob, den)), STORE_OK);
	assert_int_equal(harness_do(h, make_join(bob, "#den")),
	    STORE_UNINVITED);
}

static void
an_invitation_is_declined(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), den = make_private(h, ann, "#den");
	uint64_t bob = add_user(h, "bob");
	struct group before, after;

	assert_int_equal(act(h, STORE_WRITE_INVITE, ann, den, bob), STORE_OK);
	look(h, den, &before);
	assert_int_equal(harness_do(h, make_leave(bob, den)),
	    STORE_DUPLICATE);
	assert_int_equal(invitations_of(h, bob, den, ann), 0);
	look(h, den, &after);
	assert_true(is_same_group(&before, &after));
	assert_int_equal(harness_do(h, make_leave(bob, den)),
	    STORE_NOT_MEMBER);
	assert_int_equal(harness_do(h, make_join(bob, "#den")),
	    STORE_UNINVITED);
	assert_int_equal(act(h, STORE_WRITE_INVITE, ann, den, bob), STORE_OK);
}

/* All that somebody has to be told when they sign in is bounded. */
static void
invitations_are_limited(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t eve = add_user(h, "eve"), group = 0;
	char name[16];
	int i;

	for (i = 0; i <= INVITATIONS_MAX; i++) {
		snprintf(name, sizeof(name), "#g%d", i);
		group = join(h, ann, name);
		assert_int_equal(act(h, STORE_WRITE_INVITE, ann, group, bob),
		    i < INVITATIONS_MAX ? STORE_OK : STORE_LIMIT);
	}
	assert_int_equal(act(h, STORE_WRITE_INVITE, ann, group, eve),
	    STORE_OK);
	join(h, bob, "#g7");
	assert_int_equal(act(h, STORE_WRITE_INVITE, ann, group, bob),
	    STORE_OK);
}

static void
a_ban_takes_the_invitation(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), den = make_private(h, ann, "#den");
	uint64_t bob = add_user(h, "bob");

	assert_int_equal(act(h, STORE_WRITE_INVITE, ann, den, bob), STORE_OK);
	assert_int_equal(act(h, STORE_WRITE_BAN, ann, den, bob), STORE_OK);
	assert_int_equal(invitations_of(h, bob, den, ann), 0);
	assert_int_equal(act(h, STORE_WRITE_UNBAN, ann, den, bob), STORE_OK);
	assert_int_equal(harness_do(h, make_join(bob, "#den")),
	    STORE_UNINVITED);
}

static void
who_is_blocked_brings_nobody_in(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = join(h, ann, "#tea");
	uint64_t bob = add_user(h, "bob");

	assert_int_equal(harness_do(h, make_block(bob, ann, true)), STORE_OK);
	assert_int_equal(act(h, STORE_WRITE_INVITE, ann, tea, bob),
	    STORE_BLOCKED);
	assert_int_equal(act(h, STORE_WRITE_ADD, ann, tea, bob),
	    STORE_BLOCKED);
	assert_int_equal(harness_do(h, make_block(bob, ann, false)),
	    STORE_OK);
	assert_int_equal(act(h, STORE_WRITE_ADD, ann, tea, bob), STORE_OK);
}

static size_t
count_rows(struct kv_txn *reader, enum kv_table table)
{
	struct kv_cursor *cursor = kv_cursor_new(reader, table);
	const struct key first = {.len = 1};
	struct kv_bytes key, value;
	enum kv_result result;
	size_t n = 0;

	assert_non_null(cursor);
	result = kv_seek(cursor, key_bytes(&first), &key, &value);
	for (; result == KV_OK; n++)
		result = kv_next(cursor, &key, &value);
	kv_cursor_free(cursor);
	return n;
}

/* Both tables of invitations, and nothing left of what is over. */
static void
nothing_is_left_behind(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), den = make_private(h, ann, "#den");
	uint64_t people[4] = {add_user(h, "bob"), add_user(h, "eve"),
	    add_user(h, "ida"), add_user(h, "max")};
	struct error err = {0};
	struct kv_txn *reader;
	struct kv *kv;
	size_t i;

	for (i = 0; i < 4; i++)
		assert_int_equal(act(h, STORE_WRITE_INVITE, ann, den,
		    people[i]), STORE_OK);
	join(h, people[0], "#den");
	assert_int_equal(harness_do(h, make_leave(people[1], den)),
	    STORE_DUPLICATE);
	assert_int_equal(act(h, STORE_WRITE_ADD, ann, den, people[2]),
	    STORE_OK);
	set_clock(h, NOON);
	act_until(h, STORE_WRITE_MUTE, ann, den, people[0], NOON + SECOND);
	act_until(h, STORE_WRITE_BAN, ann, den, people[0], NOON + SECOND);
	set_clock(h, NOON + SECOND);
	assert_int_equal(act(h, STORE_WRITE_ADD, ann, den, people[0]),
	    STORE_OK);
	harness_close(h);
	kv = harness_kv(h);
	reader = kv_reader_new(kv, &err);
	assert_non_null(reader);
	assert_int_equal(kv_renew(reader), KV_OK);
	assert_int_equal(count_rows(reader, KV_INVITE), 1);
	assert_int_equal(count_rows(reader, KV_UINVITE), 1);
	assert_int_equal(count_rows(reader, KV_BAN), 0);
	kv_reset(reader);
	kv_reader_free(reader);
	kv_close(kv);
	harness_open(h);
	join(h, people[3], "#den");
	reopen(h);
}

/* -------------------------------------------------------------------- mutes */

static void
a_mute_ends_with_its_time(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = join(h, ann, "#tea");
	uint64_t bob = add_member(h, tea, "bob", ROLE_MEMBER);
	int64_t until, over = NOON + 60 * SECOND;
	struct group group;

	set_clock(h, NOON);
	assert_int_equal(act_until(h, STORE_WRITE_MUTE, ann, tea, bob, over),
	    STORE_OK);
	assert_int_equal(act_until(h, STORE_WRITE_MUTE, ann, tea, bob, over),
	    STORE_DUPLICATE);
	assert_int_equal(try_to_say(h, bob, tea, &until), STORE_MUTED);
	assert_int_equal(until, over);
	look(h, tea, &group);
	assert_int_equal(group.members[1].muted_until_us, over);
	assert_int_equal(event_of(h, tea, group.info.last_seq).until_us, over);
	set_clock(h, over);
	assert_int_equal(act(h, STORE_WRITE_UNMUTE, ann, tea, bob),
	    STORE_DUPLICATE);
	assert_int_equal(try_to_say(h, bob, tea, &until), STORE_OK);
	assert_int_equal(until, 0);
}

static void
a_mute_for_good_ends_by_hand(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = join(h, ann, "#tea");
	uint64_t bob = add_member(h, tea, "bob", ROLE_MEMBER);
	struct group group;
	int64_t until = 1;

	assert_int_equal(act(h, STORE_WRITE_MUTE, ann, tea, bob), STORE_OK);
	look(h, tea, &group);
	assert_int_equal(event_of(h, tea, group.info.last_seq).until_us, 0);
	assert_true(group.members[1].muted_until_us == INT64_MAX);
	assert_int_equal(try_to_say(h, bob, tea, &until), STORE_MUTED);
	assert_int_equal(until, 0);
	assert_int_equal(act(h, STORE_WRITE_UNMUTE, ann, tea, bob), STORE_OK);
	say(h, bob, tea, "x");
}

static void
leaving_does_not_end_a_mute(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = join(h, ann, "#tea");
	uint64_t bob = add_member(h, tea, "bob", ROLE_MEMBER);
	int64_t until, over = NOON + 60 * SECOND;

	set_clock(h, NOON);
	assert_int_equal(act_until(h, STORE_WRITE_MUTE, ann, tea, bob, over),
	    STORE_OK);
	assert_int_equal(harness_do(h, make_leave(bob, tea)), STORE_OK);
	join(h, bob, "#tea");
	assert_int_equal(try_to_say(h, bob, tea, &until), STORE_MUTED);
	assert_int_equal(until, over);
	assert_int_equal(act(h, STORE_WRITE_KICK, ann, tea, bob), STORE_OK);
	reopen(h); /* the memory store forgets, and begins anew */
	if (strcmp(h->kind, "memory") == 0)
		return;
	set_clock(h, over - 1);
	join(h, bob, "#tea");
	assert_int_equal(try_to_say(h, bob, tea, &until), STORE_MUTED);
	assert_int_equal(harness_do(h, make_leave(bob, tea)), STORE_OK);
	set_clock(h, over);
	join(h, bob, "#tea");
	say(h, bob, tea, "x");
}

/* ---------------------------------------------------------------- slow mode */

static uint64_t
slow_group(struct harness *h, uint64_t owner)
{
	const struct store_settings slow = {
	    .has = SETTING_SLOW, .slow_s = 10};
	uint64_t conv = join(h, owner, "#tea");

	assert_int_equal(update(h, owner, conv, &slow), STORE_OK);
	return conv;
}

static void
slow_mode_spaces_messages(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = slow_group(h, ann);
	uint64_t bob = add_member(h, tea, "bob", ROLE_MEMBER);
	uint64_t eve = add_member(h, tea, "eve", ROLE_MEMBER);
	const struct store_settings off = {.has = SETTING_SLOW};
	int64_t until;

	set_clock(h, NOON);
	say(h, bob, tea, "1");
	set_clock(h, NOON + 10 * SECOND - 1);
	assert_int_equal(try_to_say(h, bob, tea, &until), STORE_SLOW);
	assert_int_equal(until, NOON + 10 * SECOND);
	say(h, eve, tea, "another's time is another's");
	set_clock(h, NOON + 10 * SECOND);
	/* What was refused does not count. */
	say(h, bob, tea, "2");
	assert_int_equal(try_to_say(h, bob, tea, &until), STORE_SLOW);
	assert_int_equal(until, NOON + 20 * SECOND);
	assert_int_equal(update(h, ann, tea, &off), STORE_OK);
	say(h, bob, tea, "3");
}

/* Nobody waits for a time that was a mistake. */
static void
slow_mode_outlives_a_clock_put_back(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = slow_group(h, ann);
	uint64_t bob = add_member(h, tea, "bob", ROLE_MEMBER);
	int64_t until;

	set_clock(h, NOON);
	say(h, bob, tea, "1");
	set_clock(h, NOON - 3600 * SECOND);
	say(h, bob, tea, "2");
	assert_int_equal(try_to_say(h, bob, tea, &until), STORE_SLOW);
	assert_int_equal(until, NOON - 3590 * SECOND);
}

static void
slow_mode_is_not_evaded_by_leaving(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = slow_group(h, ann);
	uint64_t bob = add_member(h, tea, "bob", ROLE_MEMBER);
	int64_t until;

	set_clock(h, NOON);
	say(h, bob, tea, "1");
	assert_int_equal(harness_do(h, make_leave(bob, tea)), STORE_OK);
	join(h, bob, "#tea");
	assert_int_equal(try_to_say(h, bob, tea, &until), STORE_MUTED);
	assert_int_equal(until, NOON + 10 * SECOND);
	set_clock(h, NOON + 10 * SECOND);
	say(h, bob, tea, "2");
	set_clock(h, NOON + 20 * SECOND);
	assert_int_equal(harness_do(h, make_leave(bob, tea)), STORE_OK);
	join(h, bob, "#tea");
	say(h, bob, tea, "3");
}

static void
slow_mode_spares_moderators(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = slow_group(h, ann);
	uint64_t mod = add_member(h, tea, "mod", ROLE_MODERATOR);

	set_clock(h, NOON);
	say(h, ann, tea, "1");
	say(h, ann, tea, "2");
	say(h, mod, tea, "1");
	say(h, mod, tea, "2");
	assert_int_equal(give(h, ann, tea, mod, ROLE_MEMBER), STORE_OK);
	say(h, mod, tea, "the first as a member");
	assert_int_equal(harness_do(h, make_append(mod, tea, 0, NULL, "x")),
	    STORE_SLOW);
}

static void
slow_mode_knows_repeats(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = slow_group(h, ann);
	uint64_t bob = add_member(h, tea, "bob", ROLE_MEMBER);

	set_clock(h, NOON);
	assert_int_equal(harness_do(h, make_append(bob, tea, 0, "1", "x")),
	    STORE_OK);
	assert_int_equal(harness_do(h, make_append(bob, tea, 0, "1", "x")),
	    STORE_DUPLICATE);
	assert_int_equal(harness_do(h, make_append(bob, tea, 0, "2", "x")),
	    STORE_SLOW);
}

/* ------------------------------------------------------------------ replies */

static struct store_write *
make_reply(uint64_t sender, uint64_t conv, uint64_t peer, uint64_t seq)
{
	struct store_write *write =
	    make_append(sender, conv, peer, NULL, "reply");

	write->record.reply_to = seq;
	return write;
}

static void
replies_are_to_messages(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t tea = join(h, ann, "#tea"), first = say(h, ann, tea, "x");
	struct store_write *writes[3];
	size_t i;

	assert_int_equal(harness_do(h, make_reply(ann, tea, 0, first)),
	    STORE_OK);
	/* Its own seq, one that will be, and an event that is no message. */
	assert_int_equal(harness_do(h, make_reply(ann, tea, 0, first + 2)),
	    STORE_NO_MESSAGE);
	assert_int_equal(harness_do(h, make_reply(ann, tea, 0, 4711)),
	    STORE_NO_MESSAGE);
	assert_int_equal(harness_do(h, make_reply(ann, tea, 0, 1)),
	    STORE_NO_MESSAGE);
	/* The first of a conversation, which is then not made. */
	assert_int_equal(harness_do(h, make_reply(ann, 0, bob, 1)),
	    STORE_NO_MESSAGE);
	/* One that waits in the same transaction. */
	writes[0] = make_append(ann, 0, bob, NULL, "1");
	writes[1] = make_reply(bob, 0, ann, 1);
	writes[2] = make_reply(bob, 0, ann, 3);
	for (i = 0; i < 3; i++)
		harness_submit(h, writes[i]);
	harness_settle(h);
	assert_true(writes[0]->created);
	assert_int_equal(writes[1]->status, STORE_OK);
	assert_int_equal(writes[1]->record.seq, 2);
	assert_int_equal(writes[2]->status, STORE_NO_MESSAGE);
	for (i = 0; i < 3; i++)
		store_write_unref(writes[i]);
}

/* ------------------------------------------------------------- erased people */

static void
erase(struct harness *h, uint64_t uid)
{
	struct store_write *write = make_act(STORE_WRITE_ERASE, uid, 0, 0);

	write->limit = 0; /* begins */
	assert_int_equal(harness_do(h, write), STORE_OK);
}

static void
nobody_writes_to_the_erased(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), bob = add_user(h, "bob");
	uint64_t eve = add_user(h, "eve"), tea = join(h, ann, "#tea");
	uint64_t direct = say_to(h, ann, bob, "x");

	erase(h, bob);
	assert_int_equal(harness_do(h, make_append(ann, direct, 0, NULL,
	    "x")), STORE_NOT_FOUND);
	assert_int_equal(harness_do(h, make_append(eve, 0, bob, NULL, "x")),
	    STORE_NOT_FOUND);
	assert_int_equal(harness_do(h, make_append(bob, direct, 0, NULL,
	    "x")), STORE_NOT_FOUND);
	assert_int_equal(harness_do(h, make_append(bob, LOBBY_ID, 0, NULL,
	    "x")), STORE_NOT_FOUND);
	assert_int_equal(harness_do(h, make_append(bob, 0, eve, NULL, "x")),
	    STORE_NOT_FOUND);
	assert_int_equal(harness_do(h, make_join(bob, "#tea")),
	    STORE_NOT_FOUND);
	assert_int_equal(harness_do(h, make_join(bob, "#new")),
	    STORE_NOT_FOUND);
	assert_int_equal(act(h, STORE_WRITE_INVITE, ann, tea, bob),
	    STORE_NOT_FOUND);
	assert_int_equal(act(h, STORE_WRITE_ADD, ann, tea, bob),
	    STORE_NOT_FOUND);
}

/* An erasure that takes its time: they are still put out of groups. */
static void
the_erased_leave_groups(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), tea = join(h, ann, "#tea");
	uint64_t bob = add_member(h, tea, "bob", ROLE_MEMBER);
	uint64_t eve = add_member(h, tea, "eve", ROLE_MEMBER);

	erase(h, bob);
	erase(h, eve);
	assert_int_equal(act(h, STORE_WRITE_KICK, ann, tea, bob), STORE_OK);
	assert_int_equal(harness_do(h, make_leave(eve, tea)), STORE_OK);
	assert_int_equal(role_of(h, tea, bob), ROLE_NONE);
}

/* --------------------------------------------------------------- durability */

static void
a_restart_keeps_it_all(void **state)
{
	struct harness *h = *state;
	uint64_t ann = add_user(h, "ann"), den = make_private(h, ann, "#den");
	uint64_t adm = add_member(h, den, "adm", ROLE_ADMIN);
	uint64_t mod = add_member(h, den, "mod", ROLE_MODERATOR);
	uint64_t bob = add_user(h, "bob"), eve = add_user(h, "eve");
	const struct store_settings settings = {
	    .has = SETTING_TITLE | SETTING_SLOW, .slow_s = 10,
	    .title = "Den", .title_len = 3};
	struct group before, after;

	assert_int_equal(update(h, ann, den, &settings), STORE_OK);
	assert_int_equal(act(h, STORE_WRITE_BAN, mod, den, bob), STORE_OK);
	assert_int_equal(act(h, STORE_WRITE_INVITE, adm, den, eve), STORE_OK);
	assert_int_equal(act(h, STORE_WRITE_MUTE, ann, den, mod), STORE_OK);
	look(h, den, &before);
	reopen(h);
	look(h, den, &after);
	assert_true(is_same_group(&before, &after));
	assert_int_equal(after.info.owners, 1);
	assert_int_equal(update(h, adm, den, &settings), STORE_DUPLICATE);
	assert_int_equal(act(h, STORE_WRITE_BAN, adm, den, bob),
	    STORE_DUPLICATE);
	assert_int_equal(harness_do(h, make_join(bob, "#den")),
	    STORE_BANNED);
	assert_int_equal(harness_do(h, make_append(mod, den, 0, NULL, "x")),
	    STORE_MUTED);
	assert_int_equal(harness_do(h, make_leave(ann, den)),
	    STORE_LAST_OWNER);
	join(h, eve, "#den");
	set_clock(h, NOON);
	say(h, eve, den, "1");
	reopen(h);
	assert_int_equal(harness_do(h, make_append(eve, den, 0, NULL, "2")),
	    STORE_SLOW);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH(a_ban_ends_with_its_time),
	    BOTH(a_ban_for_good_ends_by_hand),
	    BOTH(bans_within_a_batch),
	    BOTH(a_private_group_takes_in_the_invited),
	    BOTH(an_invitation_is_declined),
	    BOTH(invitations_are_limited),
	    BOTH(a_ban_takes_the_invitation),
	    BOTH(who_is_blocked_brings_nobody_in),
	    LMDB(nothing_is_left_behind),
	    BOTH(a_mute_ends_with_its_time),
	    BOTH(a_mute_for_good_ends_by_hand),
	    BOTH(leaving_does_not_end_a_mute),
	    BOTH(slow_mode_spaces_messages),
	    BOTH(slow_mode_outlives_a_clock_put_back),
	    BOTH(slow_mode_is_not_evaded_by_leaving),
	    BOTH(slow_mode_spares_moderators),
	    BOTH(slow_mode_knows_repeats),
	    BOTH(replies_are_to_messages),
	    BOTH(nobody_writes_to_the_erased),
	    BOTH(the_erased_leave_groups),
	    LMDB(a_restart_keeps_it_all)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
