/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/opaque.h"

/* 32 bytes of zero; their SHA-256. */
#define ZEROS "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void
a_token_has_one_text(void **state)
{
	static const unsigned char zeros_hash[] = {0x66, 0x68, 0x7a, 0xad,
	    0xf8, 0x62, 0xbd, 0x77};
	static const char *const bad[] = {"", "x", ZEROS "A", ZEROS "=",
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB", /* unused bits */
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA ",
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+A"};
	unsigned char hash[OPAQUE_HASH], again[OPAQUE_HASH];
	char text[OPAQUE_TEXT], other[OPAQUE_TEXT];
	size_t i;

	(void)state;
	assert_int_equal(opaque_hash(ZEROS, hash), 0);
	assert_memory_equal(hash, zeros_hash, sizeof(zeros_hash));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(opaque_hash(bad[i], hash), -1);
	assert_int_equal(opaque_new(text, NULL), 0);
	assert_int_equal(opaque_new(other, NULL), 0);
	assert_int_equal(strlen(text), OPAQUE_TEXT - 1);
	assert_string_not_equal(text, other);
	assert_int_equal(opaque_hash(text, hash), 0);
	assert_int_equal(opaque_hash(other, again), 0);
	assert_memory_not_equal(hash, again, sizeof(hash));
}

static void
a_successor_is_the_same_each_time(void **state)
{
	unsigned char key[OPAQUE_KEY] = {1}, other[OPAQUE_KEY] = {2};
	char one[OPAQUE_TEXT], two[OPAQUE_TEXT], third[OPAQUE_TEXT];

	(void)state;
	assert_int_equal(opaque_successor(key, ZEROS, one, NULL), 0);
	assert_int_equal(opaque_successor(key, ZEROS, two, NULL), 0);
	assert_string_equal(one, two);
	assert_string_not_equal(one, ZEROS);
	assert_int_equal(opaque_successor(other, ZEROS, two, NULL), 0);
	assert_string_not_equal(one, two);
	assert_int_equal(opaque_successor(key, one, third, NULL), 0);
	assert_string_not_equal(one, third);
	assert_int_equal(opaque_successor(key, "x", third, NULL), -1);
}

static void
a_code_is_typed_as_people_type(void **state)
{
	static const char *const same[] = {"01AB-CDEF-GHJK",
	    "01ab-cdef-ghjk", "01abcdefghjk", "O1AB CDEF GHJK",
	    "oiab-cdef-ghjk", " 0LAB--CDEFGHJK "};
	static const char *const bad[] = {"", "01AB-CDEF-GHJ",
	    "01AB-CDEF-GHJKM", "01AB-CDEF-GHJU", "01AB_CDEF_GHJK",
	    "01AB-CDEF-GHJ\n"};
	unsigned char hash[OPAQUE_HASH], again[OPAQUE_HASH];
	char text[CODE_TEXT];
	size_t i;

	(void)state;
	assert_int_equal(code_hash(same[0], hash), 0);
	for (i = 1; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_int_equal(code_hash(same[i], again), 0);
		assert_memory_equal(hash, again, sizeof(hash));
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(code_hash(bad[i], again), -1);
	for (i = 0; i < 100; i++) {
		assert_int_equal(code_new(text, NULL), 0);
		assert_int_equal(strlen(text), CODE_TEXT - 1);
		assert_int_equal(text[4], '-');
		assert_int_equal(text[9], '-');
		assert_int_equal(code_hash(text, again), 0);
		assert_memory_not_equal(hash, again, sizeof(hash));
	}
}

static void
the_key_is_made_once_and_kept_from_others(void **state)
{
	unsigned char key[OPAQUE_KEY], again[OPAQUE_KEY];
	char folder[] = "/tmp/opaque_test.XXXXXX", path[64];
	struct error err = {0};
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/key", folder);
	assert_int_equal(opaque_key_load(path, key, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(opaque_key_load(path, again, &err), 0);
	assert_memory_equal(key, again, sizeof(key));
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(opaque_key_load(path, again, &err), -1);
	assert_int_equal(err.code, ERROR_CONFIG);
	assert_non_null(strstr(err.text, "chmod 600"));
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(truncate(path, 31), 0);
	assert_int_equal(opaque_key_load(path, again, &err), -1);
	unlink(path);
	rmdir(folder);
	assert_int_equal(opaque_key_load(path, again, &err), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_token_has_one_text),
	    cmocka_unit_test(a_successor_is_the_same_each_time),
	    cmocka_unit_test(a_code_is_typed_as_people_type),
	    cmocka_unit_test(the_key_is_made_once_and_kept_from_others),
	};

	return cmocka_run_group_tests_name("opaque", tests, NULL, NULL);
}
