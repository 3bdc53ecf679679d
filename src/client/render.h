/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_RENDER_H
#define CLIENT_RENDER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Events as lines for people.  Nothing that others wrote reaches the terminal
 * as a control character.
 */
struct render {
	const char *self; /* who reads this */
	int64_t now_s;	  /* for "today" */
	bool color;
};

/*
 * Appends the line, or the lines, without a line end behind the last.
 * Nothing is appended for what has nothing to say.
 */
void render_event(const struct render *render, const json_t *event,
    struct buf *out);

/* Appends text without its control characters; line ends are indented. */
void render_text(const char *text, struct buf *out);

#endif
