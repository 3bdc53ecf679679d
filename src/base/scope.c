/* SPDX-License-Identifier: MIT */
#include "base/scope.h"

#include <string.h>

static const char *const words[] = {"read", "send", "groups", "account"};
#define WORDS_N (sizeof(words) / sizeof(words[0]))

static uint32_t
find(const char *word, size_t len)
{
	size_t i;

	for (i = 0; i < WORDS_N; i++) {
		if (strlen(words[i]) == len && memcmp(words[i], word, len) == 0)
			return 1U << i;
	}
	return 0;
}

int
scopes_parse(const char *text, size_t len, uint32_t *scopes)
{
	const char *end = text + len, *space;
	uint32_t scope;

	*scopes = 0;
	while (text <= end) {
		space = memchr(text, ' ', (size_t)(end - text));
		if (space == NULL)
			space = end;
		scope = find(text, (size_t)(space - text));
		if (scope == 0)
			return -1;
		*scopes |= scope;
		text = space + 1;
	}
	return 0;
}

void
scopes_put(uint32_t scopes, struct buf *out)
{
	const char *space = "";
	size_t i;

	for (i = 0; i < WORDS_N; i++) {
		if ((scopes & 1U << i) == 0)
			continue;
		buf_puts(out, space);
		buf_puts(out, words[i]);
		space = " ";
	}
}

const char *
scope_name(enum scope scope)
{
	size_t i;

	for (i = 0; i < WORDS_N - 1 && scope != 1U << i; i++)
		;
	return words[i];
}
