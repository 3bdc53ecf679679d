/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_TTY_VIEW_H
#define CLIENT_TTY_VIEW_H

#include "base/clock.h"
#include "client/complete.h"
#include "client/render.h"
#include "client/screen.h"
#include "client/shown.h"
#include "client/talk.h"

/*
 * What the terminal shows, and what it has to remember for that.  All
 * conversations appear above the prompt; the one in front, which the prompt
 * names, is the one that the person is looking at.
 */
enum tty_opening {
	OPENING_NOT,   /* what is unread there is not asked for yet */
	OPENING_ASKED, /* on this connection */
	OPENING_DONE
};

struct tty {
	struct talk *talk;
	struct screen *screen;
	struct words words;
	struct clock clock;
	struct shown_ring shown;
	char room[CONVERSATION_NAME_MAX + 1]; /* in front */
	uint64_t more_after; /* unread ones there from this on are not shown */
	enum tty_opening opening;
	char epoch[40];
	char typist[NAME_BYTES_MAX + 1];      /* who is typing there */
	int64_t typist_ms;		      /* until when it is shown */
	int64_t typing_ms;		      /* when we last said that we are */
	int64_t active_ms;		      /* when a key was pressed last */
	int64_t told_ms;		      /* when the server was told of marks */
	bool color, ids, up, started, greeted, leaving, quit;
};

/* ---------------------------------------------------- tty_view.c: the whole */

/* A line of the program's own. */
void tty_say(struct tty *tty, const char *text);
void tty_print(struct tty *tty, const struct buf *line);
struct render tty_render(const struct tty *tty);

/* The room in front, and the one that an event is about: NULL: no memory. */
struct room *tty_front(const struct tty *tty);
struct room *tty_room_of(const struct tty *tty, const json_t *event);
bool tty_is_front(const struct tty *tty, const char *room);

/* Asks the server now or never, and takes over the reference. */
void tty_ask(struct tty *tty, json_t *request);

void tty_set_prompt(struct tty *tty);

/* From now on plain text goes to this room, and what is unread there shows. */
void tty_go_to(struct tty *tty, const char *room);

/* As struct talk_view asks; arg is the tty. */
bool tty_event(void *arg, const json_t *event, const json_t *request,
    bool fresh);
void tty_status(void *arg, bool up, const char *text);

/* ------------------------------------- tty_message.c: lines that may change */

/* False: no memory. */
bool tty_show(struct tty *tty, const json_t *event);
bool tty_show_message(struct tty *tty, const json_t *message);
bool tty_show_page(struct tty *tty, const json_t *page);

/* An `edited`, `deleted` or `reacted`, in its place or as a line. */
bool tty_show_change(struct tty *tty, const json_t *event);

/* What was typed; the answer to it has the id returned as its ref. */
uint64_t tty_show_typed(struct tty *tty, const char *text);
bool tty_show_sent(struct tty *tty, const json_t *sent);
void tty_show_refused(struct tty *tty, const json_t *error);

/* Draws one's own messages of room up to seq anew; room NULL: all messages. */
void tty_redraw(struct tty *tty, const char *room, uint64_t seq);

/* One of them; false: it is not on the screen. */
bool tty_redraw_one(struct tty *tty, const struct shown *shown);

/* -------------------------------------- tty_marks.c: unread, read, receipts */

/* Answers to what nobody typed have a ref that begins so. */
#define TTY_REF "synctalk."

/* Signed in, perhaps anew: what happened meanwhile is asked for. */
void tty_restart_marks(struct tty *tty);

/* Asks how one room stands, or (NULL) all of them. */
void tty_ask_rooms(struct tty *tty, const char *room);
void tty_take_rooms(struct tty *tty, const json_t *conversations);

/* Who has one's last message in the group in front? */
void tty_ask_counts(struct tty *tty);

/* `delivered`, `read`, `unread`, and the numbers of `receipts`. */
void tty_take_mark(struct tty *tty, const json_t *event);

/* Tells the server what was read, not too often; it may refuse. */
void tty_tell_marks(struct tty *tty, int64_t now_ms);
int64_t tty_marks_deadline(const struct tty *tty);
void tty_take_refusal(struct tty *tty, const json_t *error);

/* ------------------------------------- tty_open.c: what the person looks at */

/* A message of somebody else is about to be shown. */
void tty_note_message(struct tty *tty, const json_t *message);

/* A key was pressed: whoever was away is back. */
void tty_note_key(struct tty *tty);
bool tty_is_here(const struct tty *tty);

/* One's own message went to room: who answers has read. */
void tty_note_answered(struct tty *tty, const char *room);

/* The room in front: shows what is unread there, or the next page of it. */
void tty_open(struct tty *tty);
bool tty_open_more(struct tty *tty);

/* An answer to what nobody typed; false: it is something else. */
bool tty_take_answer(struct tty *tty, const json_t *answer);

/* ---------------------------------- tty_command.c: what needs no server */

/* False: it is the server's to know. */
bool tty_command(struct tty *tty, const char *line);
void tty_leave(struct tty *tty);

#endif
