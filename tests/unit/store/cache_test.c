/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/cache.h"

static void
what_is_found_is_what_was_added(void **state)
{
	struct cache cache;
	uint64_t i, *value;
	size_t kept = 0;

	(void)state;
	assert_int_equal(cache_init(&cache, 256, sizeof(*value), NULL), 0);
	assert_null(cache_find(&cache, 0, 0));
	for (i = 0; i < 10000; i++) {
		value = cache_add(&cache, i, i * 7);
		*value = i * 13;
		value = cache_find(&cache, i, i * 7);
		assert_non_null(value);
		assert_true(*value == i * 13);
	}
	for (i = 0; i < 10000; i++) {
		value = cache_find(&cache, i, i * 7);
		assert_null(cache_find(&cache, i, i * 7 + 1));
		if (value == NULL)
			continue;
		assert_true(*value == i * 13);
		kept++;
	}
	assert_true(kept > 128 && kept <= 256);
	cache_fini(&cache);
}

static void
what_is_dropped_is_gone(void **state)
{
	struct cache cache;
	uint64_t *value;

	(void)state;
	assert_int_equal(cache_init(&cache, 64, sizeof(*value), NULL), 0);
	cache_add(&cache, 1, 2);
	cache_add(&cache, 2, 1);
	cache_drop(&cache, 1, 2);
	cache_drop(&cache, 9, 9);
	assert_null(cache_find(&cache, 1, 2));
	assert_non_null(cache_find(&cache, 2, 1));
	cache_add(&cache, 1, 2);
	cache_clear(&cache);
	assert_null(cache_find(&cache, 1, 2));
	assert_null(cache_find(&cache, 2, 1));
	cache_add(&cache, 1, 2);
	assert_non_null(cache_find(&cache, 1, 2));
	cache_fini(&cache);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_found_is_what_was_added),
	    cmocka_unit_test(what_is_dropped_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
