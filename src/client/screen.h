/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_SCREEN_H
#define CLIENT_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/*
 * A terminal with a line to type in at its bottom (libedit), above which
 * other lines appear without disturbing what is being typed.
 */
struct screen;

struct screen_keys {
	/* Tab: as complete(), for the line up to the cursor. */
	void (*complete)(void *arg, const char *line, size_t len,
	    struct buf *insert, struct buf *choices);
	/* Ctrl-N. */
	void (*next)(void *arg);
	void *arg;
};

enum screen_input {
	SCREEN_TYPING, /* nothing whole yet */
	SCREEN_LINE,
	SCREEN_END /* Ctrl-D in an empty line */
};

/* Takes over standard input and output.  keys stays the caller's. */
struct screen *screen_open(const struct screen_keys *keys, struct error *err);
void screen_close(struct screen *screen); /* NULL is allowed */

/*
 * When standard input is readable.  *line may be changed, and is good until
 * the next call; in SCREEN_TYPING it is what is typed so far, or NULL.  A
 * whole line is taken off the screen.
 */
enum screen_input screen_read(struct screen *screen, char **line);

/*
 * Prints lines above the one that is being typed: as in lines.h.  Returns
 * their id for screen_replace(); 0: they cannot be replaced.
 */
uint64_t screen_print(struct screen *screen, const char *text, size_t len);

/*
 * Prints other lines where those with this id are.  False: they are not on
 * the screen any more (or there is no memory); nothing is printed then.
 */
bool screen_replace(struct screen *screen, uint64_t id, const char *text,
    size_t len);

void screen_bell(struct screen *screen);

/* What stands in front of it, from now on. */
void screen_prompt(struct screen *screen, const char *prompt);

/* Ctrl-C: false when there was nothing to clear. */
bool screen_clear_line(struct screen *screen);

/* The window has another size: what is known of it is drawn anew. */
void screen_resize(struct screen *screen);

/* Does the locale have more than ASCII to show? */
bool screen_is_utf8(const struct screen *screen);
unsigned int screen_columns(void);
unsigned int screen_rows(void);

#endif
