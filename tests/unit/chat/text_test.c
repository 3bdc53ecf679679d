/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "chat/text.h"

static void
trims(void **state)
{
	const char *text = " \t\r\n two  words \v\f ";
	size_t len = strlen(text);

	(void)state;
	text_trim(&text, &len);
	assert_int_equal(10, len);
	assert_memory_equal("two  words", text, len);
	text = "   ";
	len = 3;
	text_trim(&text, &len);
	assert_int_equal(0, len);
}

static void
plain_is_what_harms_no_line(void **state)
{
	static const struct {
		const char *text;
		bool plain, word; /* with spaces, without */
	} rows[] = {
	    {"", true, true}, {"tea", true, true}, {"two words", true, false},
	    {"\360\237\221\215", true, true}, /* thumbs up */
	    {"\360\237\221\250\342\200\215\360\237\221\251", true, true},
	    {"\303\244", true, true}, {"\302\240", true, false}, /* no-break */
	    {"\343\200\200", true, false}, /* ideographic space */
	    {"a\nb", false, false}, {"a\tb", false, false},
	    {"\033[2J", false, false}, {"\177", false, false},
	    {"\302\205", false, false}, /* NEL */
	    {"\342\200\250", false, false}, /* line separator */
	    {"\342\200\256", false, false}, /* right-to-left override */
	    {"\342\201\251", false, false}, /* pop isolate */
	    {"\342\200\257", true, false}}; /* narrow no-break space */
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		len = strlen(rows[i].text);
		assert_int_equal(rows[i].plain,
		    text_is_plain(rows[i].text, len, true));
		assert_int_equal(rows[i].word,
		    text_is_plain(rows[i].text, len, false));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(trims),
	    cmocka_unit_test(plain_is_what_harms_no_line)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
