/* SPDX-License-Identifier: MIT */
#include "client/complete.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 100000

void
words_fini(struct words *words)
{
	while (words->n > 0)
		free(words->items[--words->n]);
	free(words->items);
	memset(words, 0, sizeof(*words));
}

/* Where word is, or belongs. */
static size_t
place(const struct words *words, const char *word)
{
	size_t low = 0, high = words->n, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (strcmp(words->items[middle], word) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
make_room(struct words *words)
{
	size_t larger = words->room > 0 ? 2 * words->room : 64;
	char **items;

	if (words->n < words->room)
		return true;
	if (words->n >= WORDS_MAX)
		return false;
	items = realloc(words->items, larger * sizeof(*items));
	if (items == NULL)
		return false;
	words->items = items;
	words->room = larger;
	return true;
}

void
words_add(struct words *words, char sign, const char *name)
{
	size_t len = strlen(name), at;
	char *word;

	if (len == 0 || strpbrk(name, " \t\r\n") != NULL)
		return;
	word = malloc(len + 2);
	if (word == NULL)
		return;
	word[0] = sign;
	memcpy(word + 1, name, len + 1);
	at = place(words, word);
	if ((at < words->n && strcmp(words->items[at], word) == 0) ||
	    !make_room(words)) {
		free(word);
		return;
	}
	memmove(words->items + at + 1, words->items + at,
	    (words->n - at) * sizeof(*words->items));
	words->items[at] = word;
	words->n++;
}

/* The part of word that typed is compared with; NULL: it is not offered. */
static const char *
offered(const char *word, const char *typed, size_t len, bool first)
{
	bool bare = len == 0 || strchr("/@#", typed[0]) == NULL;

	if (bare && first)
		return NULL; /* plain text begins here */
	if (word[0] == '/' && (!first || bare))
		return NULL;
	if (bare)
		word++;
	return strncmp(word, typed, len) == 0 ? word : NULL;
}

void
complete(const struct words *words, const char *line, size_t len,
    struct buf *insert, struct buf *choices)
{
	const char *typed = line + len, *word, *common = NULL;
	size_t typed_len, common_len = 0, n = 0, i, j;

	while (typed > line && typed[-1] != ' ')
		typed--;
	typed_len = (size_t)(line + len - typed);
	/* Bare names are arguments: only behind a command. */
	if (typed > line && line[0] != '/' &&
	    (typed_len == 0 || strchr("@#", typed[0]) == NULL))
		return;
	for (i = 0; i < words->n; i++) {
		word = offered(words->items[i], typed, typed_len,
		    typed == line);
		if (word == NULL)
			continue;
		if (n++ == 0) {
			common = word;
			common_len = strlen(word);
		}
		for (j = 0; j < common_len && word[j] == common[j]; j++)
			continue;
		common_len = j;
		buf_printf(choices, "%s%s", n > 1 ? "  " : "", word);
	}
	if (n > 0)
		buf_append(insert, common + typed_len, common_len - typed_len);
	if (n == 1)
		buf_putc(insert, ' ');
	if (n <= 1)
		buf_reset(choices);
}
