/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/nearest.h"

static void
test_error(void **state)
{
	struct error err;
	char text[1000];

	(void)state;
	error_set(&err, ERROR_INPUT, "%s is %d", "x", 7);
	assert_int_equal(err.code, ERROR_INPUT);
	assert_string_equal(err.text, "x is 7");
	errno = ENOENT;
	error_set_errno(&err, "open %s", "x");
	assert_int_equal(err.code, ERROR_SYSTEM);
	assert_string_equal(err.text, "open x: No such file or directory");
	assert_int_equal(errno, ENOENT);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	error_set(&err, ERROR_INPUT, "%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	error_set(NULL, ERROR_INPUT, "nobody listens");
	error_set_errno(NULL, "nobody listens");
}

/* It is stored on disk: these values are never to change. */
static void
test_hash(void **state)
{
	(void)state;
	assert_true(hash_bytes("", 0) == UINT64_C(0xe7a41bbdfdb1ed26));
	assert_true(hash_bytes("alice", 5) == UINT64_C(0xe2ae5486255e97f5));
	assert_true(hash_bytes("a longer text than a word", 25) ==
	    UINT64_C(0x568e34868d24fad6));
	assert_true(hash_bytes("a\0", 2) != hash_bytes("a", 1));
}

static void
test_nearest(void **state)
{
	static const char *const words[] = {
		"join", "leave", "block", "unblock", NULL,
	};

	(void)state;
	assert_int_equal(nearest_distance("join", "join"), 0);
	assert_int_equal(nearest_distance("JOIN", "join"), 0);
	assert_int_equal(nearest_distance("jion", "join"), 1);
	assert_int_equal(nearest_distance("joi", "join"), 1);
	assert_int_equal(nearest_distance("jjoin", "join"), 1);
	assert_int_equal(nearest_distance("jain", "join"), 1);
	assert_string_equal(nearest("jion", words), "join");
	assert_string_equal(nearest("unblok", words), "unblock");
	assert_null(nearest("xyzzy", words));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
