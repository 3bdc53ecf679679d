/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/mark.h"

/* The vector of the paper's appendix A, and some of the reference code. */
static void
siphash_of_the_paper(void **state)
{
	const struct mark_key key = {UINT64_C(0x0706050403020100),
	    UINT64_C(0x0f0e0d0c0b0a0908)};
	unsigned char data[16];
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)i;
	assert_true(mark_siphash(&key, data, 15) ==
	    UINT64_C(0xa129ca6149be45e5));
	assert_true(mark_siphash(&key, data, 0) ==
	    UINT64_C(0x726fdb47dd0e0e31));
	assert_true(mark_siphash(&key, data, 1) ==
	    UINT64_C(0x74f839c593dc67fd));
	assert_true(mark_siphash(&key, data, 8) ==
	    UINT64_C(0x93f5f5799a932462));
}

static void
a_mark_is_of_sender_and_id(void **state)
{
	const struct mark_key key = {1, 2}, other = {1, 3};
	struct record record = {.sender = 7, .client_msg_id = "abc",
	    .client_msg_id_len = 3};
	uint32_t mark = mark_of(&key, &record);

	(void)state;
	assert_int_not_equal(mark, 0);
	assert_int_equal(mark_of(&key, &record), mark);
	assert_int_not_equal(mark_of(&other, &record), mark);
	record.sender = 8;
	assert_int_not_equal(mark_of(&key, &record), mark);
	record.sender = 7;
	record.client_msg_id_len = 2;
	assert_int_not_equal(mark_of(&key, &record), mark);
	record.client_msg_id_len = 0;
	assert_int_equal(mark_of(&key, &record), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(siphash_of_the_paper),
	    cmocka_unit_test(a_mark_is_of_sender_and_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
