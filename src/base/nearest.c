/* SPDX-License-Identifier: MIT */
#include "base/nearest.h"

#include <ctype.h>
#include <string.h>

#define WORD_MAX 32

static unsigned
least(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

static int
fold(char c)
{
	return tolower((unsigned char)c);
}

/* Restricted edit distance, keeping three rows of the matrix. */
unsigned
nearest_distance(const char *a, const char *b)
{
	unsigned rows[3][WORD_MAX + 1], cost, *before, *last, *row;
	size_t la = strlen(a), lb = strlen(b), i, j;

	if (la > WORD_MAX || lb > WORD_MAX)
		return (unsigned)-1;
	for (j = 0; j <= lb; j++)
		rows[0][j] = (unsigned)j;
	for (i = 1; i <= la; i++) {
		row = rows[i % 3];
		last = rows[(i - 1) % 3];
		before = rows[(i + 1) % 3];
		row[0] = (unsigned)i;
		for (j = 1; j <= lb; j++) {
			cost = fold(a[i - 1]) != fold(b[j - 1]);
			row[j] = least(row[j - 1] + 1, last[j] + 1,
			    last[j - 1] + cost);
			if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2])
			    && fold(a[i - 2]) == fold(b[j - 1]) &&
			    before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
	}
	return rows[la % 3][lb];
}

unsigned
nearest_limit(const char *word)
{
	size_t len = strlen(word);

	return len <= 3 ? 1 : len <= 6 ? 2 : 3;
}

const char *
nearest(const char *word, const char *const *choices)
{
	unsigned best = nearest_limit(word) + 1, distance;
	const char *found = NULL;

	for (; *choices != NULL; choices++) {
		distance = nearest_distance(word, *choices);
		if (distance < best) {
			best = distance;
			found = *choices;
		}
	}
	return found;
}
