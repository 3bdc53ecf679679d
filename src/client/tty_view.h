/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_TTY_VIEW_H
#define CLIENT_TTY_VIEW_H

#include "base/clock.h"
#include "client/complete.h"
#include "client/screen.h"
#include "client/talk.h"

/* What the terminal shows, and what it has to remember for that. */
struct tty {
	struct talk *talk;
	struct screen *screen;
	struct words words;
	struct clock clock;
	char room[CONVERSATION_NAME_MAX + 1]; /* where plain text goes */
	char typist[NAME_BYTES_MAX + 1];	      /* who is typing there */
	int64_t typist_ms;		      /* until when it is shown */
	int64_t typing_ms;		      /* when we last said that we are */
	bool color, up, started, leaving, quit;
};

/* A line of the program's own. */
void tty_say(struct tty *tty, const char *text);

void tty_set_prompt(struct tty *tty);

/* From now on plain text goes to this room. */
void tty_go_to(struct tty *tty, const char *room);

/* As struct talk_view asks; arg is the tty. */
bool tty_event(void *arg, const json_t *event, const json_t *request,
    bool fresh);
void tty_status(void *arg, bool up, const char *text);

#endif
