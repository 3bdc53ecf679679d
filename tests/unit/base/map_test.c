/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/map.h"

enum { KEYS = 512 };

static uint32_t
random_next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void
compare(const struct map *map, char *const model[KEYS], const uint64_t *keys,
    const char *values)
{
	size_t i, at = 0, count = 0, seen = 0;
	const char *value;

	for (i = 0; i < KEYS; i++) {
		assert_ptr_equal(map_get(map, keys[i]), model[i]);
		count += model[i] != NULL;
	}
	assert_int_equal(map->count, count);
	while ((value = map_next(map, &at)) != NULL) {
		assert_ptr_equal(value, model[value - values]);
		seen++;
	}
	assert_int_equal(seen, count);
}

/* Random steps against a plain array; the keys are chosen to collide. */
static void
run_model(uint64_t stride)
{
	struct map map = { 0 };
	char values[KEYS], *model[KEYS] = { 0 };
	uint64_t keys[KEYS];
	uint32_t seed = 1, i;
	int round;

	memset(values, 'a', sizeof(values));
	for (i = 0; i < KEYS; i++)
		keys[i] = (i + 1) * stride;
	for (round = 0; round < 20000; round++) {
		i = random_next(&seed) % KEYS;
		if (random_next(&seed) % 3 != 0) {
			assert_int_equal(map_put(&map, keys[i], &values[i]),
			    0);
			model[i] = &values[i];
		} else {
			assert_ptr_equal(map_remove(&map, keys[i]), model[i]);
			model[i] = NULL;
		}
		if (round % 500 == 0)
			compare(&map, model, keys, values);
	}
	for (i = 0; i < KEYS; i++)
		assert_ptr_equal(map_remove(&map, keys[i]), model[i]);
	assert_int_equal(map.count, 0);
	map_fini(&map);
}

static void
test_model(void **state)
{
	static const uint64_t strides[] = {
		1, 2, 64, 4096, UINT64_C(1) << 32, UINT64_C(1) << 54,
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(strides) / sizeof(strides[0]); i++)
		run_model(strides[i]);
}

static void
test_empty(void **state)
{
	struct map map = { 0 };
	size_t at = 0;

	(void)state;
	assert_null(map_get(&map, 1));
	assert_null(map_remove(&map, 1));
	assert_null(map_next(&map, &at));
	map_fini(&map);
}

static void
test_replace(void **state)
{
	struct map map = { 0 };
	char a, b;

	(void)state;
	assert_int_equal(map_put(&map, UINT64_MAX, &a), 0);
	assert_int_equal(map_put(&map, UINT64_MAX, &b), 0);
	assert_int_equal(map.count, 1);
	assert_ptr_equal(map_get(&map, UINT64_MAX), &b);
	assert_ptr_equal(map_remove(&map, UINT64_MAX), &b);
	assert_null(map_remove(&map, UINT64_MAX));
	map_fini(&map);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_replace),
		cmocka_unit_test(test_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
