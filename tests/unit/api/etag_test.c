/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/etag.h"

static void
tags_are_of_the_bytes(void **state)
{
	char one[ETAG_SIZE], same[ETAG_SIZE], other[ETAG_SIZE];

	(void)state;
	etag_of("abc", 3, false, one);
	etag_of("abc", 3, false, same);
	etag_of("abd", 3, false, other);
	/* SHA-256 of "abc" (FIPS 180-4), its first half. */
	assert_string_equal(one, "\"ba7816bf8f01cfea414140de5dae2223\"");
	assert_string_equal(one, same);
	assert_string_not_equal(one, other);
	etag_of("abc", 3, true, other);
	assert_string_equal(other,
	    "\"ba7816bf8f01cfea414140de5dae2223-gzip\"");
}

/* The tag of "abc" between these. */
static bool
listed(const char *before, const char *after, bool gzip, bool weak)
{
	char tag[ETAG_SIZE], list[256];

	etag_of("abc", 3, gzip, tag);
	snprintf(list, sizeof(list), "%s%s%s", before, tag, after);
	return etag_listed(list, "abc", 3, weak);
}

static void
conditions(void **state)
{
	(void)state;
	assert_true(listed("", "", false, false));
	assert_true(listed("", "", true, false));
	assert_true(listed("\"x\", ", "", false, false));
	assert_true(listed("  ", "  ,\"x\"", false, false));
	assert_true(listed("W/", "", false, true));
	/* If-Match compares strongly (RFC 9110 section 13.1.1). */
	assert_false(listed("W/", "", false, false));
	assert_true(etag_listed("*", "abc", 3, false));
	assert_false(etag_listed("\"*\"", "abc", 3, false));
	assert_false(etag_listed("", "abc", 3, true));
	assert_false(etag_listed("\"x\"", "abc", 3, true));
	assert_false(etag_listed("ba7816bf8f01cfea414140de5dae2223", "abc", 3,
	    true));
	assert_false(listed("", "x", false, true));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tags_are_of_the_bytes),
	    cmocka_unit_test(conditions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
