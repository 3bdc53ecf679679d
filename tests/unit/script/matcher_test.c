/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "script/matcher.h"

#define WORDS_MAX 16

struct set {
	struct matcher_word words[WORDS_MAX];
	struct matcher_options options;
	struct matcher *matcher;
};

static void
set_init(struct set *set, const char *const *words, bool whole, bool keep_case)
{
	size_t i;

	memset(set, 0, sizeof(*set));
	for (i = 0; words[i] != NULL; i++)
		set->words[i] = (struct matcher_word){words[i],
		    strlen(words[i])};
	set->options = (struct matcher_options){set->words, i, whole,
	    keep_case};
	set->matcher = malloc(matcher_size(&set->options));
	assert_non_null(set->matcher);
	assert_ptr_equal(matcher_init(set->matcher, &set->options),
	    set->matcher);
}

/* "word@from", or "" */
static void
expect(const struct set *set, const char *text, const char *word, int from)
{
	struct matcher_found found = {0};

	if (!matcher_find(set->matcher, text, strlen(text), &found)) {
		assert_null(word);
		return;
	}
	if (word == NULL)
		fail_msg("\"%s\" was found in \"%s\"",
		    set->words[found.word].text, text);
	assert_string_equal(set->words[found.word].text, word);
	assert_int_equal(found.from, from);
	assert_int_equal(found.to - found.from, strlen(word));
}

static void
test_find(void **state)
{
	static const char *const words[] = {"he", "she", "hers", "his", "i",
	    NULL};
	struct set set;

	(void)state;
	set_init(&set, words, false, false);
	expect(&set, "ushers", "she", 1);
	expect(&set, "xxHErs", "he", 2);
	expect(&set, "hs", NULL, 0);
	expect(&set, "", NULL, 0);
	expect(&set, "sshi", "i", 3);
	expect(&set, "\xc3\xa4he", "he", 2);
	free(set.matcher);
}

static void
test_whole(void **state)
{
	static const char *const words[] = {"ass", "class act", "ct", NULL};
	struct set set;

	(void)state;
	set_init(&set, words, true, false);
	expect(&set, "class", NULL, 0);
	expect(&set, "an ass.", "ass", 3);
	expect(&set, "ASS", "ass", 0);
	expect(&set, "ass_x", NULL, 0);
	expect(&set, "ass\xc3\xa4", NULL, 0);
	expect(&set, "class act", "class act", 0);
	expect(&set, "class acts, ct", "ct", 12);
	free(set.matcher);
}

static void
test_case(void **state)
{
	static const char *const words[] = {"Ab", "\xc3\x84", NULL};
	struct set set;

	(void)state;
	set_init(&set, words, false, true);
	expect(&set, "ab", NULL, 0);
	expect(&set, "xAb", "Ab", 1);
	expect(&set, "\xc3\xa4", NULL, 0);
	expect(&set, "\xc3\x84", "\xc3\x84", 0);
	free(set.matcher);
}

/* The first end of any word at or after each place, the simple way. */
static bool
find_simply(const struct set *set, const char *text, size_t len, size_t *to)
{
	size_t end, i;

	for (end = 1; end <= len; end++) {
		for (i = 0; i < set->options.count; i++) {
			size_t n = set->words[i].len;

			if (n <= end && memcmp(text + end - n,
			    set->words[i].text, n) == 0) {
				*to = end;
				return true;
			}
		}
	}
	return false;
}

static void
test_random(void **state)
{
	unsigned seed = 1;
	int round, i, j;

	(void)state;
	for (round = 0; round < 500; round++) {
		char texts[8][8] = {{0}}, text[40];
		const char *words[9] = {NULL};
		struct matcher_found found;
		struct set set;
		size_t len, to;
		bool expected;

		for (i = 0; i < 8; i++) {
			len = 1 + (seed = seed * 1103515245 + 12345) / 65536 %
			    5;
			for (j = 0; j < (int)len; j++)
				texts[i][j] = (char)('a' + (seed = seed *
				    1103515245 + 12345) / 65536 % 3);
			words[i] = texts[i];
		}
		set_init(&set, words + (round % 7), false, true);
		len = (seed = seed * 1103515245 + 12345) / 65536 % 40;
		for (j = 0; j < (int)len; j++)
			text[j] = (char)('a' + (seed = seed * 1103515245 +
			    12345) / 65536 % 4);
		expected = find_simply(&set, text, len, &to);
		assert_int_equal(matcher_find(set.matcher, text, len, &found),
		    expected);
		if (expected)
			assert_int_equal(found.to, to);
		free(set.matcher);
	}
}

/* 16 MiB of words are refused, before any memory is asked for. */
static void
test_too_large(void **state)
{
	size_t len = (size_t)1 << 23;
	char *text = malloc(len);
	const struct matcher_word word = {text, len};
	const struct matcher_options options = {&word, 1, false, false};

	(void)state;
	assert_non_null(text);
	memset(text, 'x', len);
	assert_int_equal(matcher_size(&options), 0);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_find),
	    cmocka_unit_test(test_whole), cmocka_unit_test(test_case),
	    cmocka_unit_test(test_random),
	    cmocka_unit_test(test_too_large)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
