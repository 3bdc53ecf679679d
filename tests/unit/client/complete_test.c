/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/complete.h"

struct complete_case {
	const char *line, *insert, *choices;
};

static const struct complete_case cases[] = {
    {"/jo", "in ", ""},
    {"/h", "", "/help  /history"},
    {"/hi", "story ", ""},
    {"/", "", "/dm  /help  /history  /join  /to"},
    {"/x", "", ""},
    {"@b", "", "@ben  @bob"},
    {"@bo", "b ", ""},
    {"#", "te", "#tea  #tee"},
    {"#tee", " ", ""},
    {"/dm be", "n ", ""},
    {"/dm @be", "n ", ""},
    {"/dm b", "", "ben  bob"},
    {"/to te", "", "tea  tee"},
    {"/to #te", "", "#tea  #tee"},
    {"/dm bob @al", "ice ", ""},
    {"/dm /j", "", ""},
    {"tell @al", "ice ", ""},
    {"tell al", "", ""},
    {"", "", ""},
    {"hel", "", ""},
};

static void
tab_offers_what_fits(void **state)
{
	const struct complete_case *c;
	struct words words = {0};
	size_t i;

	(void)state;
	words_add(&words, '@', "bob");
	words_add(&words, '@', "alice");
	words_add(&words, '@', "ben");
	words_add(&words, '@', "bob");
	words_add(&words, '#', "tee");
	words_add(&words, '#', "tea");
	words_add(&words, '/', "to");
	words_add(&words, '/', "join");
	words_add(&words, '/', "help");
	words_add(&words, '/', "history");
	words_add(&words, '/', "dm");
	words_add(&words, '/', "");
	words_add(&words, '/', "two words");
	assert_int_equal(words.n, 10);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf insert = {0}, choices = {0};

		c = &cases[i];
		complete(&words, c->line, strlen(c->line), &insert, &choices);
		buf_putc(&insert, '\0');
		buf_putc(&choices, '\0');
		if (strcmp(insert.data, c->insert) != 0 ||
		    strcmp(choices.data, c->choices) != 0)
			fail_msg("\"%s\": \"%s\", \"%s\"", c->line,
			    insert.data, choices.data);
		buf_fini(&insert);
		buf_fini(&choices);
	}
	words_fini(&words);
}

static void
many_words_stay_in_order(void **state)
{
	struct words words = {0};
	char name[3] = "";
	size_t i;

	(void)state;
	for (i = 0; i < 676; i++) {
		name[0] = (char)('a' + i * 7 % 26);
		name[1] = (char)('a' + i / 26);
		words_add(&words, '@', name);
	}
	assert_int_equal(words.n, 676);
	for (i = 1; i < words.n; i++)
		assert_true(strcmp(words.items[i - 1], words.items[i]) < 0);
	words_fini(&words);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tab_offers_what_fits),
	    cmocka_unit_test(many_words_stay_in_order),
	};

	return cmocka_run_group_tests_name("complete", tests, NULL, NULL);
}
