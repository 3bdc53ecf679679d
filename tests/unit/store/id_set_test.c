/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/id_set.h"
#include "store/memory.h"

/* Empty tables: every set that is loaded begins empty. */
struct fixture {
	struct kv *kv;
	struct kv_txn *txn;
	struct id_sets sets;
};

static int
setup(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){.sets = {.bytes_max = 4096}};
	fixture.kv = kv_memory_open(NULL);
	assert_non_null(fixture.kv);
	fixture.txn = kv_begin(fixture.kv, NULL);
	*state = &fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	id_sets_clear(&f->sets);
	kv_abort(f->txn);
	kv_close(f->kv);
	return 0;
}

static struct id_set *
get(struct fixture *f, uint64_t conv)
{
	struct id_set *set;

	assert_int_equal(id_sets_get(&f->sets, f->txn, conv, 0, &set),
	    STORE_OK);
	return set;
}

/* Odd numbers only, so that even ones are known to be absent. */
static uint32_t
mark_at(uint64_t seq)
{
	return (uint32_t)(seq * 2654435761u) | 1;
}

static void
what_was_added_is_there(void **state)
{
	struct fixture *f = *state;
	struct id_set *set = get(f, 7);
	uint64_t seq;

	for (seq = 1; seq <= 5000; seq++)
		assert_int_equal(id_sets_add(&f->sets, set, seq,
		    mark_at(seq)), 0);
	for (seq = 1; seq <= 5000; seq++) {
		assert_true(id_set_has(set, mark_at(seq)));
		assert_false(id_set_has(set, mark_at(seq) + 1));
	}
	assert_ptr_equal(get(f, 7), set); /* alone, it may exceed the bound */
}

static void
the_block_follows_the_log(void **state)
{
	struct fixture *f = *state;
	struct id_set *set = get(f, 7);
	const uint32_t *block = id_set_block(set);
	uint64_t seq, i;

	for (seq = 1; seq <= 3 * ROW_BLOCK; seq++) {
		id_sets_add(&f->sets, set, seq,
		    seq % 5 == 0 ? 0 : (uint32_t)seq);
		for (i = ROW_BLOCK_FIRST(seq); i <= seq; i++)
			assert_int_equal(block[i - ROW_BLOCK_FIRST(seq)],
			    i % 5 == 0 ? 0 : i);
		for (; i < ROW_BLOCK_FIRST(seq) + ROW_BLOCK; i++)
			assert_int_equal(block[i - ROW_BLOCK_FIRST(seq)], 0);
	}
}

static void
the_least_recently_used_goes(void **state)
{
	struct fixture *f = *state;
	uint64_t conv;

	get(f, 1);
	for (conv = 2; conv <= 100; conv++) {
		get(f, conv);
		get(f, 1);
		assert_true(f->sets.bytes <= f->sets.bytes_max);
	}
	assert_non_null(id_sets_find(&f->sets, 1));
	assert_non_null(id_sets_find(&f->sets, 100));
	assert_null(id_sets_find(&f->sets, 2));
	id_sets_clear(&f->sets);
	assert_null(id_sets_find(&f->sets, 1));
	assert_int_equal(f->sets.bytes, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(what_was_added_is_there, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(the_block_follows_the_log, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(the_least_recently_used_goes,
		setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
