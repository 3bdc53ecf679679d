/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/blob.h"

static void
test_payload(void **state)
{
	struct blob *blob = blob_new("hello", 5);

	(void)state;
	assert_non_null(blob);
	assert_int_equal(blob->refs, 1);
	assert_int_equal(blob_wire_len(blob), 5);
	assert_memory_equal(blob_payload(blob), "hello", 5);
	assert_ptr_equal(blob_wire(blob), blob_payload(blob));
	blob_unref(blob);
}

/* A header goes right before the payload. */
static void
test_head(void **state)
{
	struct blob *blob = blob_new("hello", 5);

	(void)state;
	blob->head = 2;
	memcpy(blob_wire(blob), "\x81\x05", 2);
	assert_int_equal(blob_wire_len(blob), 7);
	assert_memory_equal(blob_wire(blob), "\x81\x05hello", 7);
	blob_unref(blob);
}

static void
test_count(void **state)
{
	struct blob *blob = blob_new(NULL, 0);

	(void)state;
	assert_ptr_equal(blob_ref(blob), blob);
	assert_int_equal(blob->refs, 2);
	blob_unref(blob);
	assert_int_equal(blob->refs, 1);
	blob_unref(blob);
	blob_unref(NULL);
}

static void
test_too_long(void **state)
{
	(void)state;
	assert_null(blob_new("x", (size_t)UINT32_MAX));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_payload),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
