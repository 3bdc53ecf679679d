/* SPDX-License-Identifier: MIT */
#include "client/tty_view.h"

#include <string.h>

#include "client/render_put.h"

/* What the person looks at, and what a room shows that comes to the front. */
#define REF_OPEN TTY_REF "open"	      /* what is unread there */
#define REF_CONTEXT TTY_REF "context" /* or else the last ones */
#define REF_FLAG TTY_REF "flag"
#define PAGE_MIN 10
#define PAGE_MAX 100
#define PAGE_CONTEXT 10
#define AWAY_MS (5 * 60 * 1000) /* without a key: nobody looks */

bool
tty_is_here(const struct tty *tty)
{
	return clock_monotonic_ms(&tty->clock) < tty->active_ms + AWAY_MS;
}

static void
print_separator(struct tty *tty, const char *what, uint32_t unread,
    uint32_t mentions)
{
	const struct render render = tty_render(tty);
	struct buf line = {0};

	render_separator(&render, what, unread, mentions, &line);
	tty_print(tty, &line);
	buf_fini(&line);
}

void
tty_note_message(struct tty *tty, const json_t *message)
{
	struct room *room = tty_room_of(tty, message);
	bool front;

	if (room == NULL)
		return;
	front = tty_is_front(tty, room->name);
	if (front && tty_is_here(tty) && room->unread == 0) {
		seq_raise(&room->looked_seq, render_number(message, "seq"));
		return;
	}
	if (front && room->unread == 0)
		print_separator(tty, "unread from here", 0, 0);
	if (!room->listed && room_keeps_marks(room->name))
		tty_ask_rooms(tty, room->name);
	if (room->unread < UNREAD_EXACT)
		room->unread++;
	if (render_mentions(render_member(message, "text"),
	    talk_user(tty->talk)) && room->mentions < UNREAD_EXACT)
		room->mentions++;
}

void
tty_note_key(struct tty *tty)
{
	struct room *room = tty_front(tty);
	bool was_here = tty_is_here(tty);

	tty->active_ms = clock_monotonic_ms(&tty->clock);
	if (!was_here && room != NULL && tty->more_after == 0)
		room_read_all(room);
}

void
tty_note_answered(struct tty *tty, const char *name)
{
	struct room *room = rooms_find(talk_rooms(tty->talk), name);

	if (room != NULL && room->unread > 0 &&
	    !(tty_is_front(tty, name) && tty->more_after != 0))
		room_read_all(room);
}

/* A screenful, so that one reads from the line at its top. */
static int
page_size(void)
{
	unsigned int rows = screen_rows() - 3;

	return screen_rows() < PAGE_MIN + 3 ? PAGE_MIN : rows > PAGE_MAX ?
	    PAGE_MAX : (int)rows;
}

static void
ask_history(struct tty *tty, const char *ref, uint64_t after, int limit)
{
	json_t *request = json_pack("{s:s, s:s, s:s, s:i}", "type", "history",
	    "ref", ref, "conversation", tty->room, "limit", limit);

	if (request != NULL && strcmp(ref, REF_OPEN) == 0)
		json_object_set_new(request, "after",
		    json_integer((json_int_t)after));
	tty_ask(tty, request);
}

/* Where all that is unread is on the screen, only the line is missing. */
static bool
mark_unread(struct tty *tty, struct room *room)
{
	struct shown *shown, *first = NULL;
	uint32_t n = 0;
	size_t i;

	for (i = 0; (shown = shown_at(&tty->shown, i)) != NULL; i++) {
		if (shown->own || shown->seq <= room->read_seq ||
		    strcmp(shown->room, room->name) != 0)
			continue;
		first = shown;
		n++;
	}
	if (first == NULL || n != room->unread)
		return false;
	first->unread = room->unread;
	first->mentions = room->mentions;
	if (!tty_redraw_one(tty, first)) {
		first->unread = 0;
		return false;
	}
	room_read_all(room);
	return true;
}

void
tty_open(struct tty *tty)
{
	struct room *room = tty_front(tty);

	tty->more_after = 0;
	tty->opening = OPENING_NOT;
	if (room == NULL || !tty->up)
		return;
	if (!room_keeps_marks(room->name)) {
		tty->opening = OPENING_DONE;
		room->unread = room->mentions = 0;
		return;
	}
	if (!room->listed) {
		room->listed = true; /* or there is nothing to know */
		tty_ask_rooms(tty, room->name);
		return;
	}
	tty->opening = OPENING_ASKED;
	if (room->flagged)
		tty_ask(tty, json_pack("{s:s, s:s, s:s, s:b}", "type", "unread",
		    "ref", REF_FLAG, "conversation", room->name, "on", false));
	if (room->unread > 0 && !mark_unread(tty, room))
		ask_history(tty, REF_OPEN, room->read_seq, page_size());
	else if (!shown_has(&tty->shown, room->name))
		ask_history(tty, REF_CONTEXT, 0, PAGE_CONTEXT);
	else
		tty->opening = OPENING_DONE;
}

bool
tty_open_more(struct tty *tty)
{
	if (tty->more_after == 0 || !tty->up)
		return false;
	ask_history(tty, REF_OPEN, tty->more_after, page_size());
	return true;
}

static void
take_unread(struct tty *tty, struct room *room, const json_t *page)
{
	const json_t *items = json_object_get(page, "items");
	uint64_t last = render_number(json_array_get(items,
	    json_array_size(items) - 1), "seq");

	if (tty->more_after == 0)
		print_separator(tty, room->name, room->unread,
		    room->mentions);
	tty_show_page(tty, page);
	seq_raise(&room->looked_seq, last);
	tty->more_after = 0;
	if (json_object_get(page, "next") != NULL && last != 0) {
		tty->more_after = last;
		tty_say(tty, "more is unread: Enter shows it");
	} else {
		room_read_all(room);
	}
}

/* Where there was nothing unread, the last that was said. */
static void
take_context(struct tty *tty, struct room *room, const json_t *page)
{
	const json_t *items = json_object_get(page, "items"), *item;
	json_t *message;
	size_t i, n = 0;

	json_array_foreach(items, i, item) {
		if (strcmp(render_member(item, "type"), "message") != 0)
			continue;
		if (n++ == 0)
			print_separator(tty, room->name, 0, 0);
		message = render_item(page, item);
		if (message != NULL)
			tty_show_message(tty, message);
		json_decref(message);
	}
}

bool
tty_take_answer(struct tty *tty, const json_t *answer)
{
	const char *ref = render_member(answer, "ref");
	const char *type = render_member(answer, "type");
	struct room *room = tty_room_of(tty, answer);

	if (strncmp(ref, TTY_REF, strlen(TTY_REF)) != 0)
		return false;
	if (strcmp(type, "error") == 0) {
		tty_take_refusal(tty, answer);
	} else if (strcmp(type, "conversations") == 0) {
		tty_take_rooms(tty, answer);
	} else if (strcmp(type, "receipts") == 0) {
		tty_take_mark(tty, answer);
	} else if (strcmp(type, "history") == 0 && room != NULL &&
	    tty_is_front(tty, room->name)) {
		tty->opening = OPENING_DONE;
		if (strcmp(ref, REF_OPEN) == 0)
			take_unread(tty, room, answer);
		else
			take_context(tty, room, answer);
		tty_ask_counts(tty);
	}
	return true;
}
