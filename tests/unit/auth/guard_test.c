/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "auth/guard.h"
#include "base/hash.h"

#define NOW INT64_C(1000000)
#define MINUTE 60000

/* As SECURITY asks: 5 and 1 a minute; 20 and 1 in 3 s. */
static const struct guard_limits shipped = {1.0 / 60, 5, 1.0 / 3, 20};

static int
set_up(void **state)
{
	struct error err;

	*state = guard_new(&shipped, &err);
	return *state == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	guard_free(*state);
	return 0;
}

static void
an_account_has_a_burst_then_one_a_minute(void **state)
{
	struct guard *guard = *state;
	char address[32];
	int i;

	/* From ever other addresses, all of them together. */
	for (i = 0; i < 5; i++) {
		snprintf(address, sizeof(address), "192.0.2.%d", i);
		assert_int_equal(guard_try(guard, "ann", address, NOW), 0);
	}
	assert_int_equal(guard_try(guard, "ann", "192.0.2.9", NOW), MINUTE);
	assert_int_equal(guard_try(guard, "ann", "192.0.2.9", NOW + 59999), 1);
	assert_int_equal(guard_try(guard, "ann", "192.0.2.9", NOW + MINUTE),
	    0);
	assert_int_equal(guard_try(guard, "ann", "192.0.2.9", NOW + MINUTE),
	    MINUTE);
	assert_int_equal(guard_try(guard, "bob", "192.0.2.9", NOW + MINUTE),
	    0);
}

static void
an_address_has_a_burst_then_one_in_three_seconds(void **state)
{
	struct guard *guard = *state;
	char account[32];
	int i;

	for (i = 0; i < 20; i++) {
		snprintf(account, sizeof(account), "user%d", i);
		assert_int_equal(guard_try(guard, account, "2001:db8::", NOW),
		    0);
	}
	assert_int_equal(guard_try(guard, "ann", "2001:db8::", NOW), 3000);
	assert_int_equal(guard_try(guard, "ann", "2001:db8:1::", NOW), 0);
	assert_int_equal(guard_try(guard, "ann", "2001:db8::", NOW + 3000), 0);
	/* What was refused was not counted against the account. */
	assert_int_equal(guard_try(guard, "ann", "192.0.2.1", NOW + 3000), 0);
	assert_int_equal(guard_try(guard, "ann", "192.0.2.1", NOW + 3000), 0);
	assert_int_equal(guard_try(guard, "ann", "192.0.2.1", NOW + 3000), 0);
}

static void
a_bucket_never_holds_more_than_its_burst(void **state)
{
	struct guard *guard = *state;
	int64_t later = NOW + INT64_C(1000) * MINUTE;
	int i;

	assert_int_equal(guard_try(guard, "ann", "192.0.2.1", NOW), 0);
	for (i = 0; i < 5; i++)
		assert_int_equal(guard_try(guard, "ann", "192.0.2.1", later),
		    0);
	assert_true(guard_try(guard, "ann", "192.0.2.1", later) > 0);
}

static void
the_right_password_costs_nothing(void **state)
{
	struct guard *guard = *state;
	int i;

	for (i = 0; i < 100; i++) {
		assert_int_equal(guard_try(guard, "ann", "192.0.2.1", NOW), 0);
		guard_succeeded(guard, "ann", "192.0.2.1", NOW);
	}
}

/* Who owns an account of their own may not wash their address clean by it. */
static void
a_success_gives_back_one_try_only(void **state)
{
	struct guard *guard = *state;
	char account[32];
	int i;

	for (i = 0; i < 19; i++) {
		snprintf(account, sizeof(account), "user%d", i);
		assert_int_equal(guard_try(guard, account, "192.0.2.1", NOW),
		    0);
		assert_int_equal(guard_try(guard, "eve", "192.0.2.1", NOW), 0);
		guard_succeeded(guard, "eve", "192.0.2.1", NOW);
	}
	assert_int_equal(guard_try(guard, "x1", "192.0.2.1", NOW), 0);
	assert_int_equal(guard_try(guard, "x2", "192.0.2.1", NOW), 3000);
}

static void
nobody_is_locked_out_of_their_own_address(void **state)
{
	struct guard *guard = *state;
	char address[32];
	int i;

	assert_int_equal(guard_try(guard, "ann", "192.0.2.1", NOW), 0);
	guard_succeeded(guard, "ann", "192.0.2.1", NOW);
	for (i = 0; i < 100; i++) {
		snprintf(address, sizeof(address), "198.51.100.%d", i);
		(void)guard_try(guard, "ann", address, NOW);
	}
	assert_true(guard_try(guard, "ann", "203.0.113.1", NOW) > 0);
	/* There she has a bucket of her own, of the same size. */
	for (i = 0; i < 5; i++)
		assert_int_equal(guard_try(guard, "ann", "192.0.2.1", NOW), 0);
	assert_true(guard_try(guard, "ann", "192.0.2.1", NOW) > 0);
	/* It is hers alone. */
	assert_int_equal(guard_try(guard, "bob", "192.0.2.1", NOW), 0);
}

static void
zero_is_no_limit(void **state)
{
	static const struct guard_limits none = {0, 5, 0, 20};
	struct guard *guard = *state;
	int i;

	guard_set_limits(guard, &none);
	for (i = 0; i < 100; i++)
		assert_int_equal(guard_try(guard, "ann", "192.0.2.1", NOW), 0);
	guard_succeeded(guard, "ann", "192.0.2.1", NOW);
	guard_set_limits(guard, &shipped);
	for (i = 0; i < 5; i++)
		assert_int_equal(guard_try(guard, "bob", "192.0.2.2", NOW), 0);
	assert_true(guard_try(guard, "bob", "192.0.2.2", NOW) > 0);
}

/* A flood of new keys does not wash away the bucket of whom it guesses at. */
static void
of_too_many_keys_the_emptiest_stay(void **state)
{
	static const struct guard_limits limits = {1.0 / 60, 5, 0, 1};
	struct guard *guard = *state;
	char account[32];
	int i;

	guard_set_limits(guard, &limits);
	for (i = 0; i < 5; i++)
		assert_int_equal(guard_try(guard, "ann", "192.0.2.1", NOW), 0);
	for (i = 0; i < 200000; i++) {
		snprintf(account, sizeof(account), "user%d", i);
		assert_int_equal(guard_try(guard, account, "192.0.2.1", NOW),
		    0);
	}
	assert_int_equal(guard_try(guard, "ann", "192.0.2.1", NOW), MINUTE);
}

static void *
guess(void *arg)
{
	static const char *const accounts[] = {"ann", "bob", "cid"};
	uintptr_t allowed = 0;
	int i;

	for (i = 0; i < 3000; i++)
		allowed += guard_try(arg, accounts[i % 3], "192.0.2.1", NOW) ==
		    0;
	return (void *)allowed;
}

static void
threads_share_a_bucket(void **state)
{
	struct guard *guard = *state;
	pthread_t threads[4];
	uintptr_t allowed = 0;
	void *result;
	int i;

	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, guess,
		    guard), 0);
	for (i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], &result), 0);
		allowed += (uintptr_t)result;
	}
	assert_int_equal(allowed, 15);
}

/* The reference vectors: key 00 01 .. 0f, input 00 01 .. */
static void
the_hash_is_siphash(void **state)
{
	static const struct hash_key key = {
	    {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};
	unsigned char data[15];
	unsigned char i;

	(void)state;
	for (i = 0; i < sizeof(data); i++)
		data[i] = i;
	assert_true(hash_keyed(&key, data, 0) == UINT64_C(0x726fdb47dd0e0e31));
	assert_true(hash_keyed(&key, data, 15) ==
	    UINT64_C(0xa129ca6149be45e5));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(an_account_has_a_burst_then_one_a_minute),
	    TEST(an_address_has_a_burst_then_one_in_three_seconds),
	    TEST(a_bucket_never_holds_more_than_its_burst),
	    TEST(the_right_password_costs_nothing),
	    TEST(a_success_gives_back_one_try_only),
	    TEST(nobody_is_locked_out_of_their_own_address),
	    TEST(zero_is_no_limit),
	    TEST(of_too_many_keys_the_emptiest_stay),
	    TEST(threads_share_a_bucket),
	    cmocka_unit_test(the_hash_is_siphash),
	};

	return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
