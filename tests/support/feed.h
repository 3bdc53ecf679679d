/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_FEED_H
#define TESTS_SUPPORT_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/*
 * Bytes for a parser under test, in pieces.  Every piece moves the input to a
 * new allocation of exactly its size, so that the sanitizers see a byte read
 * too far and a slice kept too long.
 */
static inline void
feed(struct buf *in, const void *bytes, size_t n)
{
	size_t had = buf_readable(in);
	char *data = malloc(had + n + (had + n == 0));

	if (data == NULL)
		abort();
	if (had > 0)
		memcpy(data, buf_start(in), had);
	if (n > 0)
		memcpy(data + had, bytes, n);
	free(in->data);
	in->data = data;
	in->off = 0;
	in->len = in->cap = had + n;
}

/*
 * How to cut an input: whole, in two at each place, in single bytes.  Begins
 * at 0; false when all ways are through.
 */
struct cuts {
	size_t len;
	size_t way; /* 0: whole; 1 … len-1: cut there; len: single bytes */
};

static inline bool
cuts_next(struct cuts *cuts)
{
	return ++cuts->way <= cuts->len;
}

/* How much of the input has come after the piece that begins at `from`. */
static inline size_t
cuts_end(const struct cuts *cuts, size_t from)
{
	if (cuts->way == cuts->len)
		return from < cuts->len ? from + 1 : cuts->len;
	return from < cuts->way ? cuts->way : cuts->len;
}

#endif
