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
	bool utf8; /* signs beyond ASCII may be used */
	bool ids;  /* messages with their seq */
};

/*
 * Appends the line, or the lines, without a line end behind the last.
 * Nothing is appended for what has nothing to say.
 */
void render_event(const struct render *render, const json_t *event,
    struct buf *out);

/* Appends text without its control characters; line ends are indented. */
void render_text(const char *text, struct buf *out);

/* What became of a message of one's own. */
enum tick {
	TICK_NONE, /* not known */
	TICK_SENT,
	TICK_DELIVERED,
	TICK_READ,
	TICK_REFUSED
};

/* of_n: in a group, of how many; 0: one person is meant. */
struct ticks {
	enum tick tick;
	uint64_t delivered_n, read_n, of_n;
};

/* " ✓", " ✓✓ read 3/7", behind a message; in ASCII " (sent)" and so on. */
void render_ticks(const struct render *render, const struct ticks *ticks,
    struct buf *out);

/* "── #tea: 3 unread, 1 for you ──"; unread 0: "── #tea ──". */
void render_separator(const struct render *render, const char *what,
    uint32_t unread, uint32_t mentions, struct buf *out);

/* Does text name this person, as "@bob"?  Case does not matter. */
bool render_mentions(const char *text, const char *user);

/* Unread counts are exact below this; then "1000+". */
#define UNREAD_EXACT 1000
void render_unread(uint32_t unread, struct buf *out);

#endif
