/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/search_block.h"

static void
add_every(struct search_block *block, unsigned step)
{
	unsigned place;

	for (place = step - 1; place < SEARCH_BLOCK_SEQS; place += step)
		search_block_add(block, place);
}

static void
packed_and_unpacked(void **state)
{
	unsigned char room[SEARCH_BLOCK_BYTES];
	struct search_block block, again;
	unsigned step;
	size_t len;

	(void)state;
	for (step = 1; step <= 2 * SEARCH_BLOCK_SEQS; step++) {
		memset(&block, 0, sizeof(block));
		memset(&again, 0, sizeof(again));
		add_every(&block, step);
		len = search_block_pack(&block, room);
		if (step <= 16)
			assert_int_equal(len, SEARCH_BLOCK_BYTES);
		else
			assert_int_equal(len, SEARCH_BLOCK_SEQS / step * 2);
		search_block_unpack(&again, (struct kv_bytes){room, len});
		assert_memory_equal(&block, &again, sizeof(block));
	}
}

static void
damage_stays_within(void **state)
{
	static const unsigned char bytes[] = {0xff, 0xff, 0x12};
	struct search_block block = {{0}};

	(void)state;
	search_block_unpack(&block, (struct kv_bytes){bytes, 3});
	assert_int_equal(search_block_last(&block, SEARCH_BLOCK_SEQS - 1),
	    SEARCH_BLOCK_SEQS - 1);
	search_block_unpack(&block, (struct kv_bytes){bytes, 0});
}

static void
last_and_common_places(void **state)
{
	struct search_block thirds = {{0}}, fifths = {{0}}, none = {{0}};
	unsigned from;

	(void)state;
	add_every(&thirds, 3);
	add_every(&fifths, 5);
	search_block_and(&thirds, &fifths);
	for (from = 0; from < SEARCH_BLOCK_SEQS; from++) {
		assert_int_equal(search_block_last(&thirds, from),
		    from < 14 ? -1 : (int)((from + 1) / 15 * 15 - 1));
		assert_int_equal(search_block_last(&none, from), -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(packed_and_unpacked),
	    cmocka_unit_test(damage_stays_within),
	    cmocka_unit_test(last_and_common_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
