/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "store/terms.h"

/* The words of a text, each followed by '|'. */
static const char *
words_of(const char *text, size_t len)
{
	static char words[4096];
	struct terms terms = terms_of(text, len);
	struct term term;
	size_t at = 0;

	words[0] = '\0';
	while (terms_next(&terms, &term)) {
		assert_true(term.len > 0 && term.len <= TERM_MAX);
		at += (size_t)snprintf(words + at, sizeof(words) - at,
		    "%.*s|", term.len, term.text);
	}
	assert_false(terms_next(&terms, &term));
	return words;
}

struct row {
	const char *text, *words;
};

static void
check(const struct row *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		assert_string_equal(words_of(rows[i].text,
		    strlen(rows[i].text)), rows[i].words);
}
#define CHECK(rows) check(rows, sizeof(rows) / sizeof((rows)[0]))

static void
letters_and_digits_are_words(void **state)
{
	static const struct row rows[] = {
	    {"", ""}, {" ", ""}, {"?!...", ""}, {"tea", "tea|"},
	    {"Tea for 2", "tea|for|2|"}, {"  a,b;c  ", "a|b|c|"},
	    {"don't", "don|t|"}, {"x2y", "x2y|"}, {"@bob #tea", "bob|tea|"},
	    {"a_b-c.d", "a|b|c|d|"}, {"https://a.example/b?c=1",
	    "https|a|example|b|c|1|"}};

	(void)state;
	CHECK(rows);
}

static void
words_are_folded(void **state)
{
	static const struct row rows[] = {
	    {"TEA", "tea|"}, {"Café ÀÉÎÕÜ ÿ", "cafe|aeiou|y|"},
	    {"Straße ÆØÞ", "straße|æoþ|"}, {"ŽŠČ ž İI Ÿ", "žšč|ž|ii|y|"},
	    {"ΑΒΓ Σίσυφος ΆΈΉ", "αβγ|σισυφοσ|αεη|"},
	    {"ЧАЙ Ёлка Ѓ", "чай|елка|ѓ|"}, {"ＡＢｃ１", "abc1|"},
	    {"e\xcc\x81t\xc2\xad""e", "ete|"}};

	(void)state;
	CHECK(rows);
}

static void
characters_alone(void **state)
{
	static const struct row rows[] = {
	    {"東京tea", "東|京|tea|"}, {"tea東京", "tea|東|京|"},
	    {"お茶。", "お|茶|"}, {"차 한잔", "차|한|잔|"},
	    {"\xf0\x9f\x8d\xb5tea\xf0\x9f\x8d\xb5",
	    "\xf0\x9f\x8d\xb5|tea|\xf0\x9f\x8d\xb5|"},
	    {"\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd", "\xf0\x9f\x91\x8d|"}};

	(void)state;
	CHECK(rows);
}

static void
what_is_no_text_separates(void **state)
{
	static const struct row rows[] = {
	    {"a\x80""b", "a|b|"}, {"a\xff""b", "a|b|"}, {"a\xc3", "a|"},
	    {"a\xc3""b", "a|b|"}, {"\xe6\x9d", ""}, {"\xed\xa0\x80z", "z|"},
	    {"\xc0\xaf""a", "a|"}, {"\xf4\x90\x80\x80""a", "a|"},
	    {"\xe0\x80\x80""a", "a|"}};

	(void)state;
	CHECK(rows);
}

static void
long_words_are_cut(void **state)
{
	char text[3 * TERM_MAX], wanted[TERM_MAX + 3];
	size_t i;

	(void)state;
	memset(text, 'x', sizeof(text));
	memset(wanted, 'x', TERM_MAX);
	strcpy(wanted + TERM_MAX, "|");
	assert_string_equal(words_of(text, sizeof(text)), wanted);
	text[0] = ' ';
	for (i = 1; i + 2 <= sizeof(text); i += 2)
		memcpy(text + i, "\xd0\xb6", 2);
	assert_int_equal(strlen(words_of(text, i)), TERM_MAX + 1);
}

static void
terms_are_equal_as_texts(void **state)
{
	struct terms terms = terms_of("Tea tea teas", 12);
	struct term one, two, three;

	(void)state;
	assert_true(terms_next(&terms, &one) && terms_next(&terms, &two) &&
	    terms_next(&terms, &three));
	assert_true(term_equal(&one, &two));
	assert_false(term_equal(&one, &three));
	three.hash = one.hash; /* as if they collided */
	assert_false(term_equal(&one, &three));
	assert_true(term_of_sender(1) != term_of_sender(2));
}

/* The UTF-8 of a character above ASCII; its size. */
static size_t
encode(uint32_t c, char text[4])
{
	if (c < 0x800) {
		text[0] = (char)(0xc0 | c >> 6);
		text[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		text[0] = (char)(0xe0 | c >> 12);
		text[1] = (char)(0x80 | (c >> 6 & 0x3f));
		text[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	text[0] = (char)(0xf0 | c >> 18);
	text[1] = (char)(0x80 | (c >> 12 & 0x3f));
	text[2] = (char)(0x80 | (c >> 6 & 0x3f));
	text[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* What is folded stays as it is, whichever character. */
static void
folding_ends(void **state)
{
	struct term term, again;
	struct terms terms;
	char text[4];
	uint32_t c;

	(void)state;
	for (c = 0x80; c <= 0x10ffff; c++) {
		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		terms = terms_of(text, encode(c, text));
		if (!terms_next(&terms, &term))
			continue;
		terms = terms_of(term.text, term.len);
		if (!terms_next(&terms, &again) || !term_equal(&term, &again))
			fail_msg("U+%04X", (unsigned)c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(letters_and_digits_are_words),
	    cmocka_unit_test(words_are_folded),
	    cmocka_unit_test(folding_ends),
	    cmocka_unit_test(characters_alone),
	    cmocka_unit_test(what_is_no_text_separates),
	    cmocka_unit_test(long_words_are_cut),
	    cmocka_unit_test(terms_are_equal_as_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
