/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "script/shared.h"

static int
set_up(void **state)
{
	*state = script_shared_new(1 << 20, NULL);
	return *state != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	script_shared_free(*state);
	return 0;
}

static struct shared_key
key(const char *text)
{
	return (struct shared_key){text, strlen(text), 1000000};
}

static bool
has(struct script_shared *shared, const char *text)
{
	static char room[SHARED_VALUE_MAX];
	struct shared_key k = key(text);
	struct shared_value value;

	return shared_get(shared, &k, &value, room);
}

static void
put(struct script_shared *shared, const char *text, size_t len)
{
	static const char filler[SHARED_VALUE_MAX];
	const struct shared_value value = {.type = SHARED_TEXT,
	    .text = filler, .len = len};
	struct shared_key k = key(text);

	assert_int_equal(shared_set(shared, &k, &value, 0), 0);
}

/* It never holds more than it may, and what is used stays longest. */
static void
test_oldest_goes(void **state)
{
	struct script_shared *shared = *state;
	char name[32];
	int i, left = 0;

	put(shared, "dear", 100);
	for (i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		put(shared, name, 200);
		if (i % 10 == 0)
			assert_true(has(shared, "dear"));
	}
	assert_false(has(shared, "k0"));
	assert_true(has(shared, "k19999"));
	for (i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		left += has(shared, name);
	}
	assert_in_range(left, 1000, (1 << 20) / 200);
}

static void
test_many_keys(void **state)
{
	struct script_shared *shared = script_shared_new(0, NULL);
	char name[32];
	int i;

	(void)state;
	assert_non_null(shared);
	for (i = 0; i < 50000; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		put(shared, name, 0);
	}
	for (i = 0; i < 50000; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		assert_true(has(shared, name));
	}
	script_shared_free(shared);
}

static void
test_types(void **state)
{
	struct script_shared *shared = *state;
	struct shared_key k = key("k");
	const struct shared_value none = {.type = SHARED_NONE};
	int64_t n;

	put(shared, "k", 5);
	assert_int_equal(shared_incr(shared, &k, 1, 0, &n), -1);
	/* A bucket takes the place of what was there. */
	assert_int_equal(shared_rate(shared, &k, 1, 1), 0);
	assert_int_equal(shared_rate(shared, &k, 1, 1), 1000000);
	assert_false(has(shared, "k"));
	assert_int_equal(shared_set(shared, &k, &none, 0), 0);
	assert_int_equal(shared_incr(shared, &k, INT64_MAX, 0, &n), 0);
	assert_int_equal(shared_incr(shared, &k, 1, 0, &n), 0);
	assert_true(n == INT64_MIN);
}

static void *
count(void *arg)
{
	struct shared_key k = key("n");
	int64_t n;
	int i;

	for (i = 0; i < 10000; i++)
		shared_incr(arg, &k, 1, 0, &n);
	return NULL;
}

static void
test_threads(void **state)
{
	struct shared_key k = key("n");
	pthread_t threads[4];
	int64_t n;
	int i;

	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count,
		    *state), 0);
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(shared_incr(*state, &k, 0, 0, &n), 0);
	assert_int_equal(n, 40000);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {TEST(test_oldest_goes),
	    TEST(test_many_keys), TEST(test_types), TEST(test_threads)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
