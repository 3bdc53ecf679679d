/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/owner.h"
#include "tests/contract/account_stage.h"
#include "tests/contract/table_stage.h"

/* What lets somebody in, and what keeps out: codes, ranges, lockdown. */

/* -------------------------------------------------------------------- codes */

static struct store_write *
make_invited(const char *name, const struct store_account *account,
    struct store_code *code, unsigned n)
{
	struct store_write *write = make_register(name, account);

	write->account->code_needed = true;
	give_code(write, code, n);
	return write;
}

static void
a_code_lets_in(void **state)
{
	const struct store_account none = {0};
	const struct store_account taken = {.has = ACCOUNT_EMAIL,
	    .email = "ann@example.org"};
	struct harness *h = *state;
	struct store_write *write;
	struct store_code code;

	stand(h, START);
	enrol(h, "ann", "ann@example.org", "hash");
	write = make_register("bob", &none);
	write->account->code_needed = true;
	assert_int_equal(harness_do(h, write), STORE_FORBIDDEN);
	assert_int_equal(harness_do(h, make_invited("bob", &none, &code, 1)),
	    STORE_FORBIDDEN);
	/* Nor is who guesses told who is here. */
	assert_int_equal(harness_do(h, make_invited("ann", &none, &code, 1)),
	    STORE_FORBIDDEN);
	assert_int_equal(harness_do(h, make_invited("cat", &taken, &code, 1)),
	    STORE_FORBIDDEN);
	assert_int_equal(harness_do(h, make_code(STORE_WRITE_CODE, 0, 1, 2,
	    START + DAY)), STORE_OK);
	assert_int_equal(harness_do(h, make_invited("bob", &none, &code, 1)),
	    STORE_OK);
	/* What is refused for another reason does not count. */
	assert_int_equal(harness_do(h, make_invited("ann", &none, &code, 1)),
	    STORE_EXISTS);
	assert_int_equal(harness_do(h, make_invited("cat", &taken, &code, 1)),
	    STORE_EXISTS);
	restart(h);
	assert_int_equal(harness_do(h, make_invited("cat", &none, &code, 1)),
	    STORE_OK);
	assert_int_equal(harness_do(h, make_invited("dan", &none, &code, 1)),
	    STORE_FORBIDDEN);
	assert_int_equal(harness_do(h, make_register("dan", &none)), STORE_OK);
}

static void
a_code_for_one_is_used_once(void **state)
{
	const struct store_account none = {0};
	struct harness *h = *state;
	struct store_write *writes[2];
	struct store_code codes[2];

	assert_int_equal(harness_do(h, make_code(STORE_WRITE_CODE, 0, 1, 1,
	    0)), STORE_OK);
	writes[0] = harness_submit(h, make_invited("ann", &none, &codes[0],
	    1));
	writes[1] = harness_submit(h, make_invited("bob", &none, &codes[1],
	    1));
	harness_settle(h);
	assert_int_equal(writes[0]->status, STORE_OK);
	assert_int_equal(writes[1]->status, STORE_FORBIDDEN);
	store_write_unref(writes[0]);
	store_write_unref(writes[1]);
}

static void
codes_end(void **state)
{
	const struct store_account none = {0};
	struct harness *h = *state;
	struct kv *kv = open_with_kv(h);
	struct store_code code;
	struct kv_bytes kept;
	struct key key;
	unsigned i, n;

	stand(h, START);
	for (i = 0; i < 3; i++)
		assert_int_equal(harness_do(h, make_code(STORE_WRITE_CODE, 0,
		    i, 5, START + DAY)), STORE_OK);
	assert_int_equal(harness_do(h, make_code(STORE_WRITE_CODE, 0, 0, 0,
	    0)), STORE_OK);
	assert_int_equal(harness_do(h, make_code(STORE_WRITE_CODE, 0, 0, 0,
	    0)), STORE_NOT_FOUND);
	assert_int_equal(harness_do(h, make_invited("ann", &none, &code, 0)),
	    STORE_FORBIDDEN);
	stand(h, START + DAY);
	assert_int_equal(harness_do(h, make_invited("ann", &none, &code, 1)),
	    STORE_FORBIDDEN);
	/* Those that ended go as others come. */
	for (i = 0; i < 20; i++) {
		stand(h, START + (i + 2) * DAY);
		assert_int_equal(harness_do(h, make_code(STORE_WRITE_CODE, 0,
		    10 + i, 5, h->clock.now_us + DAY)), STORE_OK);
	}
	for (n = 0; find_row(kv, KV_CODE, n, &key, &kept); n++)
		free((void *)(uintptr_t)kept.data);
	assert_in_range(n, 1, 10);
	assert_sound(kv);
}

static void
a_password_is_reset(void **state)
{
	struct harness *h = *state;
	struct store_write *write;
	struct store_read *read;
	unsigned worker;
	uint64_t ann, id;

	stand(h, START);
	ann = enrol(h, "ann", "", "old");
	id = sign_in(h, ann, 1, "");
	assert_int_equal(harness_do(h, make_reset(ann, 7, "new")),
	    STORE_FORBIDDEN);
	assert_int_equal(harness_do(h, make_code(STORE_WRITE_RESET_CODE, ann,
	    6, 0, START + DAY)), STORE_OK);
	assert_int_equal(harness_do(h, make_code(STORE_WRITE_RESET_CODE, ann,
	    7, 0, START + DAY)), STORE_OK);
	restart(h);
	assert_int_equal(harness_do(h, make_reset(ann, 6, "new")),
	    STORE_FORBIDDEN);
	assert_true(is_alive(h, ann, id));
	harness_settle_feeds(h);
	harness_forget(h);
	write = harness_done(h, make_reset(ann, 7, "new"));
	assert_int_equal(write->status, STORE_OK);
	assert_true(write->account->signed_out);
	store_write_unref(write);
	harness_settle_feeds(h);
	assert_int_equal(count_feeds(h, &worker), 1);
	assert_int_equal(worker, owner_of(ann, WORKERS));
	assert_false(is_alive(h, ann, id));
	read = ask_account(h, ann);
	assert_string_equal(read->account.password, "new");
	assert_int_equal(read->account.tokens_from_us, START);
	store_read_free(read);
	assert_int_equal(harness_do(h, make_reset(ann, 7, "newer")),
	    STORE_FORBIDDEN);
	assert_int_equal(harness_do(h, make_code(STORE_WRITE_RESET_CODE, 4711,
	    7, 0, 0)), STORE_NOT_FOUND);
	assert_int_equal(harness_do(h, make_reset(4711, 7, "new")),
	    STORE_NOT_FOUND);
}

/* Nobody guesses it: after so many it is void. */
static void
wrong_codes_are_counted(void **state)
{
	struct harness *h = *state;
	struct store_write *right, *wrong;
	uint64_t ann = enrol(h, "ann", "", "old");
	unsigned i;

	assert_int_equal(harness_do(h, make_code(STORE_WRITE_RESET_CODE, ann,
	    1, 0, 0)), STORE_OK);
	for (i = 0; i < RESET_TRIES - 1; i++) {
		assert_int_equal(harness_do(h, make_reset(ann, 2, "new")),
		    STORE_FORBIDDEN);
		restart(h);
	}
	/* In one batch, so that one must not take the other back. */
	wrong = harness_submit(h, make_reset(ann, 2, "new"));
	right = harness_submit(h, make_reset(ann, 1, "new"));
	harness_settle(h);
	assert_int_equal(wrong->status, STORE_FORBIDDEN);
	assert_int_equal(right->status, STORE_FORBIDDEN);
	store_write_unref(wrong);
	store_write_unref(right);
}

static void
a_reset_code_expires(void **state)
{
	struct harness *h = *state;
	uint64_t ann;

	stand(h, START);
	ann = enrol(h, "ann", "", "old");
	assert_int_equal(harness_do(h, make_code(STORE_WRITE_RESET_CODE, ann,
	    1, 0, START + SECOND)), STORE_OK);
	stand(h, START + SECOND);
	assert_int_equal(harness_do(h, make_reset(ann, 1, "new")),
	    STORE_FORBIDDEN);
}

/* Who had it sent may be another by then. */
static void
a_reset_code_ends_with_what_it_was_sent_for(void **state)
{
	const struct {
		struct store_account change;
		enum store_status then;
	} ways[] = {
	    {{.has = ACCOUNT_EMAIL, .email = "new@example.org"},
		STORE_FORBIDDEN},
	    {{.has = ACCOUNT_PASSWORD, .password = "own"}, STORE_FORBIDDEN},
	    {{.has = ACCOUNT_ABOUT, .about = "x"}, STORE_OK}};
	struct harness *h = *state;
	uint64_t ann = enrol(h, "ann", "ann@example.org", "old");
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		assert_int_equal(harness_do(h, make_code(
		    STORE_WRITE_RESET_CODE, ann, 1, 0, 0)), STORE_OK);
		assert_int_equal(change(h, ann, &ways[i].change), STORE_OK);
		assert_int_equal(harness_do(h, make_reset(ann, 1, "new")),
		    ways[i].then);
	}
}

/* --------------------------------------------------------------------- bans */

static struct store_read *
ask_bans(struct harness *h)
{
	struct store_read *read = harness_ask(h, make_read(STORE_READ_BANS, 0,
	    0));

	assert_int_equal(read->status, STORE_OK);
	return read;
}

static void
ranges_are_banned(void **state)
{
	struct harness *h = *state;
	struct kv *kv = open_with_kv(h);
	struct store_read *read;
	unsigned worker;

	stand(h, START);
	assert_int_equal(harness_do(h, make_ban_range("192.0.2.0/24",
	    INT64_MAX)), STORE_OK);
	assert_int_equal(harness_do(h, make_ban_range("2001:db8::/64",
	    START + DAY)), STORE_OK);
	harness_settle_feeds(h);
	assert_int_equal(count_feeds(h, &worker), 2 * WORKERS);
	read = ask_bans(h);
	assert_int_equal(read->bans_n, 2);
	assert_string_equal(read->bans[0].range, "192.0.2.0/24");
	assert_string_equal(read->bans[0].reason, "spam");
	assert_int_equal(read->bans[0].at_us, START);
	assert_int_equal(read->bans[0].until_us, INT64_MAX);
	assert_false(read->lockdown);
	store_read_free(read);
	stand(h, START + DAY);
	read = ask_bans(h);
	assert_int_equal(read->bans_n, 1);
	store_read_free(read);
	assert_int_equal(harness_do(h, make_ban_range("192.0.2.0/24",
	    START + 2 * DAY)), STORE_OK);
	assert_int_equal(count_rows_with(kv, "2001:db8"), 0);
	assert_int_equal(harness_do(h, make_unban_range("192.0.2.0/24")),
	    STORE_OK);
	assert_int_equal(harness_do(h, make_unban_range("192.0.2.0/24")),
	    STORE_NOT_FOUND);
	read = ask_bans(h);
	assert_int_equal(read->bans_n, 0);
	store_read_free(read);
	assert_sound(kv);
}

static void
ranges_are_bounded(void **state)
{
	struct harness *h = *state;
	char range[RANGE_MAX];
	unsigned i;

	for (i = 0; i < RANGES_MAX; i++) {
		snprintf(range, sizeof(range), "10.%u.%u.0/24", i / 256,
		    i % 256);
		store_write_unref(harness_submit(h, make_ban_range(range,
		    INT64_MAX)));
	}
	harness_settle(h);
	assert_int_equal(harness_do(h, make_ban_range("192.0.2.0/24",
	    INT64_MAX)), STORE_LIMIT);
	assert_int_equal(harness_do(h, make_ban_range(range, INT64_MAX)),
	    STORE_OK);
}

static void
the_emergency_mode_lasts(void **state)
{
	struct harness *h = *state;
	struct store_read *read;
	unsigned worker;

	assert_int_equal(harness_do(h, make_lockdown(false)),
	    STORE_DUPLICATE);
	assert_int_equal(harness_do(h, make_lockdown(true)), STORE_OK);
	harness_settle_feeds(h);
	assert_int_equal(count_feeds(h, &worker), WORKERS);
	assert_int_equal(harness_do(h, make_lockdown(true)), STORE_DUPLICATE);
	restart(h);
	read = ask_bans(h);
	assert_true(read->lockdown);
	store_read_free(read);
	assert_int_equal(harness_do(h, make_lockdown(false)), STORE_OK);
	read = ask_bans(h);
	assert_false(read->lockdown);
	store_read_free(read);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH(a_code_lets_in),
	    BOTH(a_code_for_one_is_used_once),
	    BOTH(codes_end),
	    BOTH(a_password_is_reset),
	    BOTH(wrong_codes_are_counted),
	    BOTH(a_reset_code_expires),
	    BOTH(a_reset_code_ends_with_what_it_was_sent_for),
	    BOTH(ranges_are_banned),
	    BOTH(ranges_are_bounded),
	    BOTH(the_emergency_mode_lasts)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
