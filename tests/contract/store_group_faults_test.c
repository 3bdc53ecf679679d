/* SPDX-License-Identifier: MIT */
#include "tests/contract/group_stage.h"

#include <stdio.h>
#include <string.h>

#include "tests/contract/kv_fail.h"

/*
 * Operations on groups of which a change fails: in each place, one after the
 * other.
 */

static struct kv *
wrap(struct kv *kv, void *arg)
{
	return kv_fail_wrap(kv, arg);
}

/* Opened anew, over tables that fail on demand. */
static void
open_failing(struct harness *h, struct kv_fail *fail)
{
	memset(fail, 0, sizeof(*fail));
	harness_close(h);
	h->wrap = wrap;
	h->wrap_arg = fail;
	harness_open(h);
}

static void
open_sound(struct harness *h)
{
	h->wrap = NULL;
	reopen(h);
}

enum { CREATE, INVITE, JOIN, BAN, MUTE, ROLE, UPDATE, ADD, KICK, LEAVE, ALL };

struct stage {
	uint64_t ann, bob, eve, ida, mod;
	uint64_t group;
	char name[16], other[16];
};

#define TEXT "{\"title\":\"Tea\"}"

static void
submit_all(struct harness *h, const struct stage *s,
    struct store_write *writes[ALL])
{
	const struct store_settings settings = {
	    .has = SETTING_TITLE | SETTING_SLOW | SETTING_PRIVATE,
	    .private = true, .slow_s = 5, .title = "Tea", .title_len = 3};
	size_t i;

	writes[CREATE] = make_create(s->ann, s->other, &settings, TEXT);
	writes[INVITE] = make_act(STORE_WRITE_INVITE, s->ann, s->group,
	    s->eve);
	writes[JOIN] = make_join(s->eve, s->name);
	writes[BAN] = make_act(STORE_WRITE_BAN, s->ann, s->group, s->bob);
	writes[MUTE] = make_act(STORE_WRITE_MUTE, s->ann, s->group, s->mod);
	writes[ROLE] = make_role(s->ann, s->group, s->mod, ROLE_ADMIN);
	writes[UPDATE] = make_update(s->ann, s->group, &settings, TEXT);
	writes[ADD] = make_act(STORE_WRITE_ADD, s->ann, s->group, s->ida);
	writes[KICK] = make_act(STORE_WRITE_KICK, s->ann, s->group, s->ida);
	writes[LEAVE] = make_leave(s->mod, s->group);
	for (i = 0; i < ALL; i++)
		harness_submit(h, writes[i]);
	harness_settle(h);
}

static struct stage
add_people(struct harness *h)
{
	return (struct stage){.ann = add_user(h, "ann"),
	    .bob = add_user(h, "bob"), .eve = add_user(h, "eve"),
	    .ida = add_user(h, "ida"), .mod = add_user(h, "mod")};
}

static void
set_up(struct harness *h, struct stage *s, int round)
{
	snprintf(s->name, sizeof(s->name), "#g%d", round);
	snprintf(s->other, sizeof(s->other), "#h%d", round);
	s->group = join(h, s->ann, s->name);
	put_in(h, s->group, s->bob, ROLE_MEMBER);
	put_in(h, s->group, s->mod, ROLE_MODERATOR);
}

/* The making of the other group kept its text, through all attempts. */
static void
check_other(struct harness *h, uint64_t conv)
{
	struct store_read *read = harness_ask(h,
	    make_read(STORE_READ_HISTORY, 0, conv));
	struct group group;

	assert_int_equal(read->records_n, 2);
	assert_int_equal(read->records[0].kind, RECORD_CREATED);
	assert_int_equal(read->records[0].text_len, strlen(TEXT));
	assert_memory_equal(read->records[0].text, TEXT, strlen(TEXT));
	assert_int_equal(read->records[1].kind, RECORD_JOINED);
	assert_int_equal(read->records[1].text_len, 0);
	store_read_free(read);
	look(h, conv, &group);
	assert_int_equal(group.info.owners, 1);
	assert_int_equal(group.info.flags, CONVERSATION_PRIVATE);
}

static void
check_group(struct harness *h, const struct stage *s)
{
	struct group group;

	look(h, s->group, &group);
	assert_int_equal(group.members_n, 2); /* ann and eve */
	assert_int_equal(group.members[0].uid, s->ann);
	assert_int_equal(group.members[0].role, ROLE_OWNER);
	assert_int_equal(group.members[1].uid, s->eve);
	assert_int_equal(group.info.slow_s, 5);
	assert_int_equal(harness_do(h, make_join(s->bob, s->name)),
	    STORE_BANNED);
}

/* What was refused is done when it is asked again, what was done is not. */
static void
check_again(const struct store_write *write, const struct store_write *again,
    int kind)
{
	assert_int_not_equal(again->status, STORE_RETRY);
	assert_int_not_equal(again->status, STORE_CORRUPT);
	assert_int_not_equal(again->status, STORE_NO_SPACE);
	if (write->status == STORE_OK && kind != ADD && kind != KICK)
		assert_int_not_equal(again->status, STORE_OK);
}

static void
fail_each_change(struct harness *h, enum kv_result result)
{
	struct stage s = add_people(h);
	struct store_write *writes[ALL], *again[ALL], *other;
	struct kv_fail *fail = h->wrap_arg;
	bool failed = true;
	int n, i;

	for (n = 1; failed; n++) {
		set_up(h, &s, n);
		atomic_store(&fail->result, result);
		atomic_store(&fail->changes, n);
		submit_all(h, &s, writes);
		failed = atomic_exchange(&fail->changes, 0) == 0;
		submit_all(h, &s, again);
		other = writes[CREATE]->status == STORE_OK ? writes[CREATE]
							   : again[CREATE];
		check_other(h, other->record.conv);
		for (i = 0; i < ALL; i++) {
			check_again(writes[i], again[i], i);
			store_write_unref(writes[i]);
			store_write_unref(again[i]);
		}
		check_group(h, &s);
	}
	assert_true(n > 2 * ALL);
}

static void
run(struct harness *h, enum kv_result result)
{
	struct kv_fail fail;

	open_failing(h, &fail);
	fail_each_change(h, result);
	open_sound(h);
}

static void
a_change_that_fails(void **state)
{
	run(*state, KV_FAILED);
}

static void
a_change_without_memory(void **state)
{
	run(*state, KV_NOMEM);
}

static void
a_change_without_room(void **state)
{
	run(*state, KV_FULL);
}

static void
a_full_disk_refuses_all_but_leaving(void **state)
{
	struct harness *h = *state;
	struct store_write *writes[ALL];
	struct group before, after;
	struct kv_fail fail;
	struct stage s;
	int i;

	h->min_free = 1000;
	open_failing(h, &fail);
	s = add_people(h);
	set_up(h, &s, 0);
	look(h, s.group, &before);
	atomic_store(&fail.room, 999);
	submit_all(h, &s, writes);
	for (i = 0; i < ALL; i++) {
		if (i == KICK) /* ida was never in it */
			assert_int_equal(writes[i]->status, STORE_NOT_FOUND);
		else
			assert_int_equal(writes[i]->status,
			    i == LEAVE ? STORE_OK : STORE_NO_SPACE);
		store_write_unref(writes[i]);
	}
	look(h, s.group, &after);
	assert_int_equal(after.info.last_seq, before.info.last_seq + 1);
	assert_int_equal(after.info.members, 2);
	open_sound(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH(a_change_that_fails),
	    BOTH(a_change_without_memory),
	    BOTH(a_change_without_room),
	    BOTH(a_full_disk_refuses_all_but_leaving)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
