/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "chat/search_query.h"

/* A time that is read is the one that it is written as, to the millisecond. */
static void
check_time(const char *text, size_t len)
{
	char written[CLOCK_TEXT_SIZE];
	int64_t us, again;

	if (!clock_parse(text, len, &us))
		return;
	assert(us >= 0);
	clock_format(us, written);
	/* An offset may lead out of what four digits can write. */
	if (us >= INT64_C(253402300800000000))
		return;
	assert(clock_parse(written, strlen(written), &again));
	assert(again == us / 1000 * 1000);
}

/* Words have one space between them; what is refused has a sentence. */
static void
check_query(const char *text, size_t len)
{
	struct search_query query;
	struct error err = {0};
	const char *words = query.search.words;
	size_t n, i;

	if (search_query_parse(text, len, &query, &err) != 0) {
		assert(err.code == ERROR_INPUT && err.text[0] != '\0');
		assert(utf8_valid(err.text, strlen(err.text)));
		return;
	}
	n = strlen(words);
	assert(n <= SEARCH_WORDS_MAX);
	assert(n != 0 || query.search.from[0] != '\0');
	for (i = 0; i < n; i++)
		assert(words[i] != ' ' ||
		    (i != 0 && i + 1 < n && words[i + 1] != ' '));
	if (query.in != NULL)
		assert(query.in > text && query.in_len > 0 &&
		    query.in + query.in_len <= text + len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = size > 0 ? (const char *)data : "";

	check_time(text, size);
	/* JSON brings nothing else. */
	if (utf8_valid(text, size) && memchr(text, '\0', size) == NULL)
		check_query(text, size);
	return 0;
}
