/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_COMPLETE_H
#define CLIENT_COMPLETE_H

#include <stddef.h>

#include "base/buf.h"

/*
 * What Tab offers: commands behind "/" at the start of a line, people behind
 * "@", groups behind "#", and both, without their sign, as arguments.
 */
struct words {
	char **items; /* "/join", "@bob", "#tea", in the order of bytes */
	size_t n, room;
};

void words_fini(struct words *words);

/* Added once; a word too many, or without memory, is forgotten. */
void words_add(struct words *words, char sign, const char *name);

/*
 * Looks at the line up to the cursor.  insert gets what all that fits has in
 * common beyond what is typed, with a space if it is the only one; choices,
 * if there are several, all of them, with spaces between.
 */
void complete(const struct words *words, const char *line, size_t len,
    struct buf *insert, struct buf *choices);

#endif
