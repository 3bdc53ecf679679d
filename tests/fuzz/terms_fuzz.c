/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "store/mention.h"
#include "store/terms.h"

/* A word is a text, and when it is read again, the same word. */
static void
check_term(const struct term *term)
{
	struct terms again = terms_of(term->text, term->len);
	struct term same;

	assert(term->len > 0 && term->len <= TERM_MAX);
	assert(utf8_valid(term->text, term->len));
	assert(terms_next(&again, &same) && term_equal(term, &same));
	assert(!terms_next(&again, &same));
}

/* Behind a separator the words of the rest are the same. */
static void
check_rest(struct terms rest, const char *end)
{
	struct terms whole = terms_of(rest.at, (size_t)(end - rest.at));
	struct term one, other;
	bool more;

	do {
		more = terms_next(&rest, &one);
		assert(more == terms_next(&whole, &other));
		assert(!more || term_equal(&one, &other));
	} while (more);
}

static void
check_mention(const char *text, size_t len)
{
	char *folded = malloc(len + 1), *longer = malloc(len + 8);
	bool has = mention_in(text, len, "ab");
	size_t i;

	assert(folded != NULL && longer != NULL);
	for (i = 0; i < len; i++)
		folded[i] = (char)(text[i] >= 'A' && text[i] <= 'Z'
		    ? text[i] + ('a' - 'A') : text[i]);
	assert(mention_in(folded, len, "ab") == has);
	if (len != 0)
		memcpy(longer, text, len);
	memcpy(longer + len, " @ab", 4);
	assert(mention_in(longer, len + 4, "ab"));
	free(folded);
	free(longer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = size > 0 ? (const char *)data : "";
	struct terms terms = terms_of(text, size);
	struct term term;

	while (terms_next(&terms, &term)) {
		check_term(&term);
		if (size < 256)
			check_rest(terms, text + size);
	}
	assert(terms.at == text + size);
	check_mention(text, size);
	return 0;
}
