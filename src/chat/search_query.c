/* SPDX-License-Identifier: MIT */
#include "chat/search_query.h"

#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"

#define SHOWN_MAX 64 /* of what was written, in an error */

struct term {
	const char *key, *value;
	size_t key_len, value_len;
};

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "key:value", but not "12:30", "a:" or "http://…", which are words. */
static bool
read_term(const char *word, size_t len, struct term *term)
{
	size_t n = 0;

	while (n < len && is_letter(word[n]))
		n++;
	if (n == 0 || n + 1 >= len || word[n] != ':' ||
	    (len - n > 3 && word[n + 1] == '/' && word[n + 2] == '/'))
		return false;
	*term = (struct term){.key = word, .key_len = n,
	    .value = word + n + 1, .value_len = len - n - 1};
	return true;
}

static int
refuse(struct error *err, const struct term *term, const char *wrong)
{
	error_set(err, ERROR_INPUT, "`%.*s:%.*s` %s", (int)term->key_len,
	    term->key, (int)utf8_cut(term->value, term->value_len, SHOWN_MAX),
	    term->value, wrong);
	return -1;
}

static int
take_from(struct search_query *query, const struct term *term,
    struct error *err)
{
	bool at = term->value[0] == '@';

	if (query->search.from[0] != '\0')
		return refuse(err, term, "is one from: too many");
	if (!name_fold(term->value + at, term->value_len - at,
		query->search.from))
		return refuse(err, term, "must be the name of a person, as in "
		    "from:bob");
	return 0;
}

static int
take_in(struct search_query *query, const struct term *term,
    struct error *err)
{
	if (query->in != NULL)
		return refuse(err, term, "is one in: too many");
	query->in = term->value;
	query->in_len = term->value_len;
	return 0;
}

static int
take_date(int64_t *us, const struct term *term, struct error *err)
{
	if (*us != 0)
		return refuse(err, term, "says once more what was said");
	if (!clock_parse(term->value, term->value_len, us))
		return refuse(err, term, "must be a date, as in "
		    "after:2026-11-22");
	if (*us == 0)
		*us = 1; /* 0 would be no date at all */
	return 0;
}

static bool
is_called(const struct term *term, const char *key)
{
	return term->key_len == strlen(key) &&
	    memcmp(term->key, key, term->key_len) == 0;
}

static int
take_term(struct search_query *query, const struct term *term,
    struct error *err)
{
	if (is_called(term, "from"))
		return take_from(query, term, err);
	if (is_called(term, "in"))
		return take_in(query, term, err);
	if (is_called(term, "after"))
		return take_date(&query->search.after_us, term, err);
	if (is_called(term, "before"))
		return take_date(&query->search.before_us, term, err);
	return refuse(err, term, "is not known; there are from:, in:, "
	    "after: and before:");
}

static int
take_word(struct search_query *query, size_t *at, const char *word,
    size_t len, struct error *err)
{
	char *words = query->search.words;
	size_t space = *at != 0;

	if (*at + space + len > SEARCH_WORDS_MAX) {
		error_set(err, ERROR_INPUT, "a search may have at most %d "
		    "bytes of words", SEARCH_WORDS_MAX);
		return -1;
	}
	if (space)
		words[(*at)++] = ' ';
	memcpy(words + *at, word, len);
	*at += len;
	words[*at] = '\0';
	return 0;
}

int
search_query_parse(const char *text, size_t len, struct search_query *query,
    struct error *err)
{
	const char *end = text + len, *word;
	size_t words_len = 0;
	struct term term;
	int result = 0;

	memset(query, 0, sizeof(*query));
	while (result == 0) {
		while (text != end && is_space(*text))
			text++;
		if (text == end)
			break;
		for (word = text; text != end && !is_space(*text);)
			text++;
		if (read_term(word, (size_t)(text - word), &term))
			result = take_term(query, &term, err);
		else
			result = take_word(query, &words_len, word,
			    (size_t)(text - word), err);
	}
	if (result == 0 && words_len == 0 && query->search.from[0] == '\0') {
		error_set(err, ERROR_INPUT, "a search needs words, or from: "
		    "and a name");
		result = -1;
	}
	return result;
}
