/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/email.h"

static void
addresses(void **state)
{
	static const struct {
		const char *text;
		const char *folded; /* NULL: none */
	} rows[] = {
	    {"alice@example.com", "alice@example.com"},
	    {"Al.Ice+Tag@EXAMPLE.Com", "al.ice+tag@example.com"},
	    {"a@b", "a@b"},
	    {"o'brien@example.com", "o'brien@example.com"},
	    {"\xc3\xa4@\xc3\xb6.example", "\xc3\xa4@\xc3\xb6.example"},
	    {"", NULL},
	    {"alice", NULL},
	    {"@example.com", NULL},
	    {"alice@", NULL},
	    {"a@b@c", NULL},
	    {"a b@example.com", NULL},
	    {"a@exa mple.com", NULL},
	    {".a@example.com", NULL},
	    {"a.@example.com", NULL},
	    {"a..b@example.com", NULL},
	    {"a@.example.com", NULL},
	    {"a@example.com.", NULL},
	    {"a@example..com", NULL},
	    {"a@-example.com", NULL},
	    {"a@example-.com", NULL},
	    {"a@exa_mple.com", NULL},
	    {"<a@example.com>", NULL},
	    {"a,b@example.com", NULL},
	    {"\"a\"@example.com", NULL},
	    {"a@[192.0.2.1]", NULL},
	    {"a\r\nBcc: b@example.com", NULL},
	    {"a\x7f@example.com", NULL},
	    {"a\xe2\x80\xae@example.com", NULL}, /* U+202E */
	    {"a\xff@example.com", NULL},
	};
	char out[EMAIL_BYTES_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (email_fold(rows[i].text, strlen(rows[i].text), out) !=
		    (rows[i].folded != NULL))
			fail_msg("%s", rows[i].text);
		if (rows[i].folded != NULL)
			assert_string_equal(out, rows[i].folded);
	}
	assert_false(email_fold("a@b\0c", 5, out));
}

static void
lengths(void **state)
{
	char out[EMAIL_BYTES_MAX + 1], text[EMAIL_BYTES_MAX + 2];
	size_t i;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[64] = '@';
	for (i = 65 + 60; i < sizeof(text); i += 61)
		text[i] = '.';
	assert_true(email_fold(text, EMAIL_BYTES_MAX, out));
	assert_false(email_fold(text, EMAIL_BYTES_MAX + 1, out));
	text[64] = 'a';
	text[65] = '@';
	assert_false(email_fold(text, 100, out)); /* before the "@" */
	memset(text, 'a', sizeof(text));
	text[1] = '@';
	assert_true(email_fold(text, 2 + 63, out));
	assert_false(email_fold(text, 2 + 64, out)); /* of a label */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses),
	    cmocka_unit_test(lengths),
	};

	return cmocka_run_group_tests_name("email", tests, NULL, NULL);
}
