/* SPDX-License-Identifier: MIT */
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/owner.h"
#include "tests/contract/account_stage.h"
#include "tests/contract/kv_fail.h"
#include "tests/contract/table_stage.h"

/* Sign-ins: refresh tokens, their families, and how they end. */

static size_t
count_families(struct harness *h, uint64_t uid)
{
	struct store_read *read = ask_devices(h, uid);
	size_t n = read->families_n;

	store_read_free(read);
	return n;
}

static size_t
count_rows(struct kv *kv, enum kv_table table)
{
	struct kv_bytes kept;
	struct key key;
	size_t n = 0;

	while (find_row(kv, table, n, &key, &kept)) {
		free((void *)(uintptr_t)kept.data);
		n++;
	}
	return n;
}

/* ------------------------------------------------------------------ sign-in */

static void
a_sign_in_is_told(void **state)
{
	struct harness *h = *state;
	struct store_family *family;
	struct store_read *read;
	uint64_t ann, id;

	stand(h, START);
	ann = enrol(h, "ann", "ann@example.org", "hash");
	id = sign_in(h, ann, 1, "phone");
	assert_in_range(id, 1, (UINT64_C(1) << 53) - 1);
	assert_true(is_alive(h, ann, id));
	assert_false(is_alive(h, ann, id + 1));
	restart(h);
	read = ask_devices(h, ann);
	assert_int_equal(read->families_n, 1);
	family = &read->families[0];
	assert_int_equal(family->id, id);
	assert_int_equal(family->uid, ann);
	assert_string_equal(family->device, "phone");
	assert_string_equal(family->address, "192.0.2.1");
	assert_int_equal(family->created_us, START);
	assert_int_equal(family->used_us, START);
	assert_int_equal(family->expires_us, START + 14 * DAY);
	store_read_free(read);
}

static void
a_family_is_of_one_person(void **state)
{
	struct harness *h = *state;
	uint64_t ann, bob, id;

	ann = enrol(h, "ann", "", "hash");
	bob = enrol(h, "bob", "", "hash");
	id = sign_in(h, ann, 1, "");
	assert_false(is_alive(h, bob, id));
	assert_int_equal(harness_do(h, make_sign_out(bob, id, "")),
	    STORE_NOT_FOUND);
	assert_true(is_alive(h, ann, id));
}

/* Of who may not be signed in, and with a password that was changed. */
static void
a_sign_in_is_refused(void **state)
{
	const struct store_account disabled = {.has = ACCOUNT_FLAGS,
	    .flags = ACCOUNT_DISABLED, .flags_mask = ACCOUNT_DISABLED};
	const struct store_account banned = {.has = ACCOUNT_BANNED,
	    .banned_until_us = START + DAY, .reason = "spam"};
	struct harness *h = *state;
	struct store_write *write;
	uint64_t ann, bob, cat;

	stand(h, START);
	ann = enrol(h, "ann", "", "hash");
	bob = enrol(h, "bob", "", "hash");
	cat = enrol(h, "cat", "", "hash");
	assert_int_equal(harness_do(h, make_token(4711, 1, "")),
	    STORE_NOT_FOUND);
	assert_int_equal(change(h, ann, &disabled), STORE_OK);
	assert_int_equal(harness_do(h, make_token(ann, 1, "")),
	    STORE_NOT_FOUND);
	assert_int_equal(change(h, bob, &banned), STORE_OK);
	assert_int_equal(harness_do(h, make_token(bob, 2, "")),
	    STORE_NOT_FOUND);
	write = make_token(cat, 3, "");
	write->token->expected = "other";
	assert_int_equal(harness_do(h, write), STORE_CONFLICT);
	write = make_token(cat, 3, "");
	write->token->expected = "hash";
	assert_int_equal(harness_do(h, write), STORE_OK);
	stand(h, START + DAY); /* the ban has ended */
	sign_in(h, bob, 4, "");
}

static void
signing_in_ends_deactivation(void **state)
{
	const struct store_account deactivated = {.has = ACCOUNT_FLAGS,
	    .flags = ACCOUNT_DEACTIVATED, .flags_mask = ACCOUNT_DEACTIVATED};
	struct harness *h = *state;
	struct store_read *read;
	uint64_t ann, id;

	ann = enrol(h, "ann", "", "hash");
	id = sign_in(h, ann, 1, "");
	assert_int_equal(change(h, ann, &deactivated), STORE_OK);
	assert_false(is_alive(h, ann, id));
	read = ask_account(h, ann);
	assert_int_equal(read->access.flags, ACCOUNT_DEACTIVATED);
	store_read_free(read);
	sign_in(h, ann, 2, "");
	read = ask_account(h, ann);
	assert_int_equal(read->access.flags, 0);
	store_read_free(read);
}

static void
the_idlest_makes_room(void **state)
{
	struct harness *h = *state;
	uint64_t ann, ids[FAMILIES_MAX];
	unsigned i;

	stand(h, START);
	ann = enrol(h, "ann", "", "hash");
	for (i = 0; i < FAMILIES_MAX; i++) {
		stand(h, START + i * SECOND);
		ids[i] = sign_in(h, ann, i, "");
	}
	stand(h, START + 1000 * SECOND);
	assert_int_equal(refresh(h, 0, 1000), STORE_OK); /* not idle */
	sign_in(h, ann, 2000, "");
	assert_int_equal(count_families(h, ann), FAMILIES_MAX);
	assert_true(is_alive(h, ann, ids[0]));
	assert_false(is_alive(h, ann, ids[1]));
	assert_true(is_alive(h, ann, ids[2]));
	assert_int_equal(refresh(h, 1, 1001), STORE_NOT_FOUND);
}

/* ----------------------------------------------------------------- rotation */

static void
a_token_is_used_once(void **state)
{
	struct harness *h = *state;
	struct store_write *write;
	uint64_t ann, id;

	stand(h, START);
	ann = enrol(h, "ann", "", "hash");
	id = sign_in(h, ann, 1, "phone");
	stand(h, START + DAY);
	write = harness_done(h, make_refresh(1, 2));
	assert_int_equal(write->status, STORE_OK);
	assert_int_equal(write->record.sender, ann);
	assert_int_equal(write->token->family.id, id);
	assert_int_equal(write->token->family.uid, ann);
	assert_string_equal(write->token->family.device, "phone");
	assert_int_equal(write->token->family.created_us, START);
	assert_int_equal(write->token->family.used_us, START + DAY);
	assert_int_equal(write->token->family.expires_us, START + 15 * DAY);
	store_write_unref(write);
	assert_int_equal(refresh(h, 2, 3), STORE_OK);
	restart(h);
	assert_int_equal(refresh(h, 3, 4), STORE_OK);
	assert_true(is_alive(h, ann, id));
	assert_int_equal(refresh(h, 5, 6), STORE_NOT_FOUND);
}

static void
the_grace_gives_the_same(void **state)
{
	struct harness *h = *state;
	struct store_write *write;
	uint64_t ann, id;

	stand(h, START);
	ann = enrol(h, "ann", "", "hash");
	id = sign_in(h, ann, 1, "");
	assert_int_equal(refresh(h, 1, 2), STORE_OK);
	stand(h, START + 30 * SECOND - 1);
	restart(h);
	write = harness_done(h, make_refresh(1, 2));
	assert_int_equal(write->status, STORE_DUPLICATE);
	assert_int_equal(write->record.sender, ann);
	assert_int_equal(write->token->family.id, id);
	store_write_unref(write);
	assert_int_equal(refresh(h, 2, 3), STORE_OK);
}

/* What is shown, how late, and whether its successor was used meanwhile. */
static void
reuse_ends_the_family(void **state)
{
	static const struct {
		unsigned shown, next;
		int64_t after_us;
		bool used;
	} cases[] = {
	    {1, 2, 30 * SECOND, false}, /* the grace is over */
	    {1, 2, 0, true},		/* its successor was used */
	    {1, 9, 0, false},		/* it would have another successor */
	    {1, 2, 13 * DAY, false}};
	struct harness *h = *state;
	struct store_write *write;
	uint64_t ann, id, other;
	unsigned base, worker;
	size_t i;

	ann = enrol(h, "ann", "", "hash");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		base = (unsigned)i * 100;
		stand(h, START);
		id = sign_in(h, ann, base + 1, "");
		other = sign_in(h, ann, base + 50, "");
		assert_int_equal(refresh(h, base + 1, base + 2), STORE_OK);
		if (cases[i].used)
			assert_int_equal(refresh(h, base + 2, base + 3),
			    STORE_OK);
		stand(h, START + cases[i].after_us);
		harness_settle_feeds(h);
		harness_forget(h);
		write = harness_done(h, make_refresh(base + cases[i].shown,
		    base + cases[i].next));
		assert_int_equal(write->status, STORE_CONFLICT);
		assert_int_equal(write->record.sender, ann);
		assert_int_equal(write->token->family.id, id);
		store_write_unref(write);
		harness_settle_feeds(h);
		assert_int_equal(count_feeds(h, &worker), 1);
		assert_int_equal(worker, owner_of(ann, WORKERS));
		restart(h);
		assert_false(is_alive(h, ann, id));
		assert_true(is_alive(h, ann, other));
		assert_int_equal(refresh(h, base + 1, base + 2),
		    STORE_NOT_FOUND);
		assert_int_equal(refresh(h, base + 2, base + 3),
		    STORE_NOT_FOUND);
		assert_int_equal(refresh(h, base + 3, base + 4),
		    STORE_NOT_FOUND);
		assert_int_equal(harness_do(h, make_sign_out(ann, 0, "")),
		    STORE_OK);
	}
}

/* However many came after it, and whatever went on meanwhile. */
static void
an_old_token_is_recognised(void **state)
{
	struct harness *h = *state;
	uint64_t ann, id;

	stand(h, START);
	ann = enrol(h, "ann", "", "hash");
	id = sign_in(h, ann, 0, "");
	refresh_many(h, 0, 500);
	stand(h, START + 14 * DAY - 1);
	assert_true(is_alive(h, ann, id));
	assert_int_equal(refresh(h, 7, 8), STORE_CONFLICT);
	assert_false(is_alive(h, ann, id));
}

/* Two tabs of one browser. */
static void
two_at_once_get_the_same(void **state)
{
	struct harness *h = *state;
	struct store_write *one, *other;
	uint64_t ann;

	ann = enrol(h, "ann", "", "hash");
	sign_in(h, ann, 1, "");
	one = harness_submit(h, make_refresh(1, 2));
	other = harness_submit(h, make_refresh(1, 2));
	harness_settle(h);
	assert_int_equal(one->status, STORE_OK);
	assert_int_equal(other->status, STORE_DUPLICATE);
	assert_int_equal(one->token->family.id, other->token->family.id);
	store_write_unref(one);
	store_write_unref(other);
	assert_int_equal(refresh(h, 2, 3), STORE_OK);
}

static void
refreshes_are_counted(void **state)
{
	struct harness *h = *state;
	const unsigned i = REFRESHES_MAX;
	struct store_write *write;

	stand(h, START);
	sign_in(h, enrol(h, "ann", "", "hash"), 0, "");
	refresh_many(h, 0, REFRESHES_MAX);
	write = harness_done(h, make_refresh(i, i + 1));
	assert_int_equal(write->status, STORE_LIMIT);
	assert_int_equal(write->record.until_us, START + DAY);
	store_write_unref(write);
	stand(h, START + DAY);
	assert_int_equal(refresh(h, i, i + 1), STORE_OK);
}

/* ------------------------------------------------------------------- expiry */

static void
an_idle_family_expires(void **state)
{
	struct harness *h = *state;
	struct kv *kv = open_with_kv(h);
	uint64_t ann, id;
	unsigned i;

	stand(h, START);
	ann = enrol(h, "ann", "", "hash");
	id = sign_in(h, ann, 1, "");
	for (i = 10; i < 20; i++)
		sign_in(h, ann, i, "");
	stand(h, START + 14 * DAY - 1);
	assert_true(is_alive(h, ann, id));
	stand(h, START + 14 * DAY);
	assert_false(is_alive(h, ann, id));
	assert_int_equal(count_families(h, ann), 0);
	assert_int_equal(refresh(h, 1, 2), STORE_NOT_FOUND);
	sign_in(h, ann, 3, "");
	assert_int_equal(count_rows(kv, KV_FAMILY), 1);
}

static void
a_family_expires_in_the_end(void **state)
{
	struct harness *h = *state;
	struct store_read *read;
	unsigned i;

	stand(h, START);
	sign_in(h, enrol(h, "ann", "", "hash"), 0, "");
	for (i = 0; i < 8; i++) {
		stand(h, START + (i + 1) * 10 * DAY);
		assert_int_equal(refresh(h, i, i + 1), STORE_OK);
	}
	read = ask_devices(h, 1);
	assert_int_equal(read->families[0].expires_us, START + 90 * DAY);
	store_read_free(read);
	stand(h, START + 90 * DAY);
	assert_int_equal(refresh(h, 8, 9), STORE_NOT_FOUND);
}

/* A year of sign-ins and refreshes leaves about what can still be used. */
static void
the_ended_do_not_pile_up(void **state)
{
	struct harness *h = *state;
	struct kv *kv = open_with_kv(h);
	unsigned n = 0, day, i;
	uint64_t ann, people[10];
	char name[8];

	stand(h, START);
	for (i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "u%u", i);
		people[i] = enrol(h, name, "", "hash");
	}
	ann = people[0];
	for (day = 0; day < 366; day++) {
		stand(h, START + day * DAY);
		if (day % 30 == 0)
			sign_in(h, people[day / 30 % 10], 100000 + day, "");
		if (day % 80 == 0)
			sign_in(h, ann, n, "");
		refresh_many(h, n, 4);
		n += 4;
		if (day % 80 == 79)
			n++;
	}
	/* 4 refreshes a day, 14 days: 56, and as much again at the most. */
	assert_in_range(count_rows(kv, KV_TOKEN), 56, 150);
	/* Who signed in once and never came again. */
	assert_in_range(count_rows(kv, KV_FAMILY), 1, 8);
	assert_sound(kv);
}

/* ----------------------------------------------------------------- sign-out */

static void
one_sign_in_ends(void **state)
{
	struct harness *h = *state;
	struct kv *kv = open_with_kv(h);
	uint64_t ann, id, other;
	unsigned worker;

	ann = enrol(h, "ann", "", "hash");
	id = sign_in(h, ann, 1, "");
	other = sign_in(h, ann, 10, "");
	harness_settle_feeds(h);
	harness_forget(h);
	assert_int_equal(harness_do(h, make_sign_out(ann, id, "")), STORE_OK);
	harness_settle_feeds(h);
	assert_int_equal(count_feeds(h, &worker), 1);
	assert_int_equal(worker, owner_of(ann, WORKERS));
	assert_false(is_alive(h, ann, id));
	assert_true(is_alive(h, ann, other));
	assert_int_equal(refresh(h, 1, 2), STORE_NOT_FOUND);
	assert_int_equal(refresh(h, 10, 11), STORE_OK);
	harness_forget(h);
	assert_int_equal(harness_do(h, make_sign_out(ann, id, "")),
	    STORE_NOT_FOUND);
	harness_settle_feeds(h);
	assert_int_equal(count_feeds(h, &worker), 0);
	assert_sound(kv);
}

static void
all_sign_ins_end(void **state)
{
	struct harness *h = *state;
	struct store_read *read;
	uint64_t ann, bob, of_bob;

	stand(h, START);
	ann = enrol(h, "ann", "", "hash");
	bob = enrol(h, "bob", "", "hash");
	sign_in(h, ann, 1, "");
	sign_in(h, ann, 10, "phone");
	of_bob = sign_in(h, bob, 20, "phone");
	stand(h, START + SECOND);
	assert_int_equal(harness_do(h, make_sign_out(ann, 0, "")), STORE_OK);
	read = ask_devices(h, ann);
	assert_int_equal(read->families_n, 0);
	assert_int_equal(read->access.tokens_from_us, START + SECOND);
	store_read_free(read);
	assert_int_equal(refresh(h, 1, 2), STORE_NOT_FOUND);
	assert_int_equal(refresh(h, 10, 11), STORE_NOT_FOUND);
	assert_true(is_alive(h, bob, of_bob));
	assert_int_equal(harness_do(h, make_sign_out(4711, 0, "")),
	    STORE_NOT_FOUND);
}

static void
a_device_is_signed_out(void **state)
{
	struct harness *h = *state;
	struct store_read *read;
	uint64_t ann, one, two, other;

	ann = enrol(h, "ann", "", "hash");
	one = sign_in(h, ann, 1, "phone");
	two = sign_in(h, ann, 2, "phone");
	other = sign_in(h, ann, 3, "phon");
	assert_int_equal(harness_do(h, make_device(ann, "phone", NULL, 0)),
	    STORE_OK);
	assert_int_equal(harness_do(h, make_device(ann, "tablet", NULL, 0)),
	    STORE_OK);
	assert_int_equal(harness_do(h, make_sign_out(ann, 0, "phone")),
	    STORE_OK);
	assert_false(is_alive(h, ann, one));
	assert_false(is_alive(h, ann, two));
	assert_true(is_alive(h, ann, other));
	read = ask_devices(h, ann);
	assert_int_equal(read->devices_n, 1);
	assert_string_equal(read->devices[0].device, "tablet");
	assert_true(read->devices[0].used_us > 0);
	assert_int_equal(read->access.tokens_from_us, 0);
	store_read_free(read);
	/* Known only as a device, only as a sign-in, and not at all. */
	assert_int_equal(harness_do(h, make_sign_out(ann, 0, "tablet")),
	    STORE_OK);
	assert_int_equal(harness_do(h, make_sign_out(ann, 0, "phon")),
	    STORE_OK);
	assert_int_equal(harness_do(h, make_sign_out(ann, 0, "phone")),
	    STORE_NOT_FOUND);
}

/* Nobody is left signed in whom the operator or they themselves shut out. */
static void
shutting_out_ends_all(void **state)
{
	static const struct store_account accounts[] = {
	    {.has = ACCOUNT_FLAGS, .flags = ACCOUNT_DISABLED,
		.flags_mask = ACCOUNT_DISABLED},
	    {.has = ACCOUNT_FLAGS, .flags = ACCOUNT_DEACTIVATED,
		.flags_mask = ACCOUNT_DEACTIVATED},
	    {.has = ACCOUNT_BANNED, .banned_until_us = START + DAY},
	    {.sign_out = true}};
	struct harness *h = *state;
	struct store_account account;
	struct store_write *write;
	struct store_read *read;
	unsigned worker;
	uint64_t uid, id;
	char name[8];
	size_t i;

	stand(h, START);
	for (i = 0; i < sizeof(accounts) / sizeof(accounts[0]); i++) {
		snprintf(name, sizeof(name), "u%zu", i);
		uid = enrol(h, name, "", "hash");
		id = sign_in(h, uid, (unsigned)i * 10, "");
		harness_settle_feeds(h);
		harness_forget(h);
		account = accounts[i];
		account.keep_family = account.sign_out ? 0 : id;
		write = harness_done(h, make_account(STORE_WRITE_ACCOUNT, uid,
		    &account));
		assert_int_equal(write->status, STORE_OK);
		assert_true(write->account->signed_out);
		store_write_unref(write);
		harness_settle_feeds(h);
		assert_int_equal(count_feeds(h, &worker), 1);
		assert_int_equal(worker, owner_of(uid, WORKERS));
		assert_false(is_alive(h, uid, id));
		assert_int_equal(refresh(h, (unsigned)i * 10, 999),
		    STORE_NOT_FOUND);
		read = ask_account(h, uid);
		assert_int_equal(read->access.tokens_from_us, START);
		store_read_free(read);
	}
}

static void
one_sign_in_is_kept(void **state)
{
	struct store_account account = {.has = ACCOUNT_PASSWORD,
	    .password = "other", .sign_out = true};
	struct harness *h = *state;
	uint64_t ann, other;

	ann = enrol(h, "ann", "", "hash");
	account.keep_family = sign_in(h, ann, 1, "");
	other = sign_in(h, ann, 2, "");
	assert_int_equal(change(h, ann, &account), STORE_OK);
	assert_true(is_alive(h, ann, account.keep_family));
	assert_false(is_alive(h, ann, other));
	assert_int_equal(refresh(h, 1, 3), STORE_OK);
}

/* ------------------------------------------------------------------- faults */

static struct kv *
wrap(struct kv *kv, void *arg)
{
	return kv_fail_wrap(kv, arg);
}

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
open_whole(struct harness *h)
{
	harness_close(h);
	h->wrap = NULL;
	harness_open(h);
}

/*
 * Each change of a refresh fails once, and of a reuse: nothing of it is done,
 * what is in the batch beside it is, and asked again it goes as if nothing
 * had been.
 */
static void
a_change_that_fails(void **state)
{
	struct harness *h = *state;
	struct store_write *one, *other;
	struct kv_fail fail;
	uint64_t ann, bob;
	unsigned n, base;

	open_failing(h, &fail);
	ann = enrol(h, "ann", "", "hash");
	bob = enrol(h, "bob", "", "hash");
	for (n = 1; n < 8; n++) {
		base = n * 100;
		sign_in(h, ann, base + 1, "");
		sign_in(h, bob, base + 50, "");
		atomic_store(&fail.result, KV_FAILED);
		atomic_store(&fail.changes, (int)n);
		one = harness_submit(h, make_refresh(base + 1, base + 2));
		other = harness_submit(h, make_refresh(base + 50, base + 51));
		harness_settle(h);
		atomic_store(&fail.changes, 0);
		assert_true(one->status == STORE_OK ||
		    other->status == STORE_OK);
		if (one->status != STORE_OK)
			assert_int_equal(refresh(h, base + 1, base + 2),
			    STORE_OK);
		if (other->status != STORE_OK)
			assert_int_equal(refresh(h, base + 50, base + 51),
			    STORE_OK);
		store_write_unref(one);
		store_write_unref(other);
		assert_int_equal(refresh(h, base + 2, base + 3), STORE_OK);
		atomic_store(&fail.changes, (int)n);
		one = harness_done(h, make_refresh(base + 1, base + 2));
		atomic_store(&fail.changes, 0);
		if (one->status != STORE_CONFLICT) {
			assert_int_equal(one->status, STORE_CORRUPT);
			assert_int_equal(refresh(h, base + 1, base + 2),
			    STORE_CONFLICT);
		}
		store_write_unref(one);
		assert_int_equal(refresh(h, base + 3, base + 4),
		    STORE_NOT_FOUND);
		assert_int_equal(refresh(h, base + 51, base + 52), STORE_OK);
	}
	open_whole(h);
}

/* In a child: the commit of a refresh fails, which ends it. */
static void
fail_commit(struct harness *h)
{
	struct kv_fail fail;

	ev_loop_fork(h->loop);
	memset(&fail, 0, sizeof(fail));
	h->wrap = wrap;
	h->wrap_arg = &fail;
	harness_open(h);
	atomic_store(&fail.result, KV_FAILED);
	atomic_store(&fail.commits, 1);
	harness_submit(h, make_refresh(1, 2));
	harness_settle(h);
	_exit(1);
}

static void
a_failed_commit_changes_nothing(void **state)
{
	struct harness *h = *state;
	uint64_t ann, id;
	pid_t child;
	int code;

	ann = enrol(h, "ann", "", "hash");
	id = sign_in(h, ann, 1, "");
	harness_close(h);
	child = fork();
	assert_int_not_equal(child, -1);
	if (child == 0)
		fail_commit(h);
	assert_int_equal(waitpid(child, &code, 0), child);
	assert_true(WIFEXITED(code));
	assert_int_equal(WEXITSTATUS(code), 70);
	harness_open(h);
	assert_true(is_alive(h, ann, id));
	assert_int_equal(refresh(h, 2, 3), STORE_NOT_FOUND);
	assert_int_equal(refresh(h, 1, 2), STORE_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH(a_sign_in_is_told),
	    BOTH(a_family_is_of_one_person),
	    BOTH(a_sign_in_is_refused),
	    BOTH(signing_in_ends_deactivation),
	    BOTH(the_idlest_makes_room),
	    BOTH(a_token_is_used_once),
	    BOTH(the_grace_gives_the_same),
	    BOTH(reuse_ends_the_family),
	    BOTH(an_old_token_is_recognised),
	    BOTH(two_at_once_get_the_same),
	    BOTH(refreshes_are_counted),
	    BOTH(an_idle_family_expires),
	    BOTH(a_family_expires_in_the_end),
	    BOTH(the_ended_do_not_pile_up),
	    BOTH(one_sign_in_ends),
	    BOTH(all_sign_ins_end),
	    BOTH(a_device_is_signed_out),
	    BOTH(shutting_out_ends_all),
	    BOTH(one_sign_in_is_kept),
	    LMDB(a_change_that_fails),
	    LMDB(a_failed_commit_changes_nothing)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
