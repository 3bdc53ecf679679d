/* SPDX-License-Identifier: MIT */
#include "client/tty_view.h"

#include <string.h>

#include "client/render_put.h"

#define REF_ROOMS TTY_REF "rooms"
#define REF_OPEN TTY_REF "open"	      /* what is unread there */
#define REF_CONTEXT TTY_REF "context" /* or else the last ones */
#define REF_COUNTS TTY_REF "counts"
#define REF_READ TTY_REF "read"
#define REF_FLAG TTY_REF "flag"
#define PAGE_UNREAD 50
#define PAGE_CONTEXT 10
#define PAGE_ROOMS 200
#define TELL_EVERY_MS 500
#define AWAY_MS (5 * 60 * 1000) /* without a key: nobody looks */

static bool
is_front(const struct tty *tty, const char *room)
{
	return strcmp(tty->room, room) == 0;
}

static bool
is_here(const struct tty *tty)
{
	return clock_monotonic_ms(&tty->clock) < tty->active_ms + AWAY_MS;
}

static bool
keeps_marks(const char *room)
{
	return strcmp(room, "#lobby") != 0;
}

static struct room *
room_of(const struct tty *tty, const json_t *event)
{
	char name[CONVERSATION_NAME_MAX + 1];

	if (!room_name(render_member(event, "conversation"),
	    talk_user(tty->talk), name))
		return NULL;
	return rooms_get(talk_rooms(tty->talk), name);
}

static void
raise(uint64_t *seq, uint64_t to)
{
	if (*seq < to)
		*seq = to;
}

static void
all_read(struct room *room)
{
	raise(&room->looked_seq, room->seen_seq);
	room->unread = room->mentions = 0;
}

/* -------------------------------------------------------- how rooms stand */

static void
ask(struct tty *tty, json_t *request)
{
	if (tty->up)
		talk_hint(tty->talk, request);
	else
		json_decref(request);
}

void
tty_ask_rooms(struct tty *tty, const char *room)
{
	json_t *request = json_pack("{s:s, s:s, s:i}", "type",
	    "conversations", "ref", REF_ROOMS, "limit", PAGE_ROOMS);

	if (request != NULL && room != NULL)
		json_object_set_new(request, "conversation",
		    json_string(room));
	ask(tty, request);
}

void
tty_restart_marks(struct tty *tty)
{
	struct rooms *rooms = talk_rooms(tty->talk);
	size_t i;

	for (i = 0; i < rooms->n; i++)
		rooms->items[i].told_seq = 0;
	tty_ask_rooms(tty, NULL);
}

/* What came after the list was made is counted here. */
static void
count_unread(struct tty *tty, struct room *room, const json_t *item,
    uint64_t upto)
{
	const json_t *unread = json_object_get(item, "unread");
	uint64_t n = json_is_string(unread) ? UNREAD_EXACT :
	    render_number(item, "unread");
	uint32_t later, mentions;

	later = shown_count(&tty->shown, room->name, upto,
	    talk_user(tty->talk), &mentions);
	n += later;
	room->unread = n < UNREAD_EXACT ? (uint32_t)n : UNREAD_EXACT;
	n = render_number(item, "mentions") + mentions;
	room->mentions = n < UNREAD_EXACT ? (uint32_t)n : UNREAD_EXACT;
	if (is_front(tty, room->name) && tty->opened && tty->more_after == 0 &&
	    is_here(tty))
		all_read(room);
}

static void
take_room(struct tty *tty, const json_t *item, uint64_t upto)
{
	const json_t *other = json_object_get(item, "other");
	struct room *room = room_of(tty, item);

	if (room == NULL || !keeps_marks(room->name))
		return;
	room->listed = true;
	room->flagged = render_is_true(item, "marked_unread");
	raise(&room->read_seq, render_number(item, "read_seq"));
	raise(&room->other_delivered_seq,
	    render_number(other, "delivered_seq"));
	raise(&room->other_read_seq, render_number(other, "read_seq"));
	count_unread(tty, room, item, upto);
	tty_redraw(tty, room->name, UINT64_MAX);
}

/* The numbers of one's last message in the group in front. */
static void
ask_counts(struct tty *tty)
{
	struct shown *shown = shown_find(&tty->shown, tty->room, 0);

	if (shown != NULL && tty->room[0] == '#' && keeps_marks(tty->room))
		ask(tty, json_pack("{s:s, s:s, s:s, s:I, s:i}", "type",
		    "receipts", "ref", REF_COUNTS, "conversation", tty->room,
		    "seq", (json_int_t)shown->seq, "limit", 1));
}

void
tty_take_rooms(struct tty *tty, const json_t *list)
{
	const json_t *items = json_object_get(list, "items"), *item;
	uint64_t upto = render_number(list, "upto");
	uint64_t next = render_number(list, "next");
	size_t i;

	json_array_foreach(items, i, item)
		take_room(tty, item, upto);
	if (next != 0)
		ask(tty, json_pack("{s:s, s:s, s:i, s:I}", "type",
		    "conversations", "ref", REF_ROOMS, "limit", PAGE_ROOMS,
		    "before", (json_int_t)next));
	ask_counts(tty);
	if (!tty->opened)
		tty_open(tty);
}

/* ------------------------------------------------------------------- marks */

static void
take_counts(struct tty *tty, const json_t *event)
{
	uint64_t seq = render_number(event, "seq");
	struct room *room = room_of(tty, event);
	struct shown *shown;
	size_t i;

	/* Who has read this one has read those before it too. */
	for (i = 0; room != NULL &&
	    (shown = shown_at(&tty->shown, i)) != NULL; i++) {
		if (!shown->own || shown->seq == 0 || shown->seq > seq ||
		    strcmp(shown->room, room->name) != 0)
			continue;
		raise(&shown->delivered_n,
		    render_number(event, "delivered_n"));
		raise(&shown->read_n, render_number(event, "read_n"));
		if (shown->of_n == 0 || shown->seq == seq)
			shown->of_n = render_number(event, "of_n");
	}
	if (room != NULL)
		tty_redraw(tty, room->name, seq);
}

/* Another of one's devices has read, or this one has and it is stored. */
static void
take_own_mark(struct tty *tty, struct room *room, uint64_t seq)
{
	if (seq <= room->read_seq)
		return;
	room->read_seq = seq;
	if (seq >= room->seen_seq)
		room->unread = room->mentions = 0;
	else if (room->unread > 0)
		tty_ask_rooms(tty, room->name);
}

void
tty_take_mark(struct tty *tty, const json_t *event)
{
	const char *type = render_member(event, "type");
	uint64_t seq = render_number(event, "seq");
	struct room *room = room_of(tty, event);

	if (room == NULL)
		return;
	if (strcmp(type, "unread") == 0) {
		room->flagged = render_is_true(event, "on");
	} else if (json_object_get(event, "of_n") != NULL) {
		take_counts(tty, event);
	} else if (strcmp(render_member(event, "user"),
	    talk_user(tty->talk)) == 0) {
		if (strcmp(type, "read") == 0)
			take_own_mark(tty, room, seq);
	} else if (room->name[0] == '@') {
		raise(&room->other_delivered_seq, seq);
		if (strcmp(type, "read") == 0)
			raise(&room->other_read_seq, seq);
		tty_redraw(tty, room->name, seq);
	}
}

/* ----------------------------------------------------------------- looking */

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
	struct room *room = room_of(tty, message);
	bool front;

	if (room == NULL)
		return;
	front = is_front(tty, room->name);
	if (front && is_here(tty) && tty->more_after == 0) {
		raise(&room->looked_seq, render_number(message, "seq"));
		return;
	}
	if (front && room->unread == 0)
		print_separator(tty, "unread from here", 0, 0);
	if (!room->listed && keeps_marks(room->name))
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
	bool was_here = is_here(tty);

	tty->active_ms = clock_monotonic_ms(&tty->clock);
	if (!was_here && room != NULL && tty->more_after == 0)
		all_read(room);
}

void
tty_note_answered(struct tty *tty, const char *name)
{
	struct room *room = rooms_find(talk_rooms(tty->talk), name);

	if (room != NULL && room->unread > 0 &&
	    !(is_front(tty, name) && tty->more_after != 0))
		all_read(room);
}

static void
ask_history(struct tty *tty, const char *ref, uint64_t after, int limit)
{
	json_t *request = json_pack("{s:s, s:s, s:s, s:i}", "type", "history",
	    "ref", ref, "conversation", tty->room, "limit", limit);

	if (request != NULL && strcmp(ref, REF_OPEN) == 0)
		json_object_set_new(request, "after",
		    json_integer((json_int_t)after));
	ask(tty, request);
}

void
tty_open(struct tty *tty)
{
	struct room *room = tty_front(tty);

	tty->more_after = 0;
	tty->opened = false;
	if (room == NULL || !tty->up)
		return;
	if (!keeps_marks(room->name)) {
		tty->opened = true;
		room->unread = room->mentions = 0;
		return;
	}
	if (!room->listed) {
		room->listed = true; /* or there is nothing to know */
		tty_ask_rooms(tty, room->name);
		return;
	}
	tty->opened = true;
	if (room->flagged)
		ask(tty, json_pack("{s:s, s:s, s:s, s:b}", "type", "unread",
		    "ref", REF_FLAG, "conversation", room->name, "on", false));
	if (room->unread > 0)
		ask_history(tty, REF_OPEN, room->read_seq, PAGE_UNREAD);
	else if (!shown_has(&tty->shown, room->name))
		ask_history(tty, REF_CONTEXT, 0, PAGE_CONTEXT);
}

bool
tty_open_more(struct tty *tty)
{
	if (tty->more_after == 0 || !tty->up)
		return false;
	ask_history(tty, REF_OPEN, tty->more_after, PAGE_UNREAD);
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
	raise(&room->looked_seq, last);
	tty->more_after = 0;
	if (json_object_get(page, "next") != NULL && last != 0) {
		tty->more_after = last;
		tty_say(tty, "more is unread: Enter shows it");
	} else {
		all_read(room);
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

/* Told too fast: once more, later.  Any other error would come again. */
static void
take_refusal(struct tty *tty, const json_t *error)
{
	const char *code = render_member(error, "code");
	struct rooms *rooms = talk_rooms(tty->talk);
	size_t i;

	if (strcmp(render_member(error, "ref"), REF_READ) != 0 ||
	    (strcmp(code, "rate_limited") != 0 &&
	    strcmp(code, "unavailable") != 0))
		return;
	for (i = 0; i < rooms->n; i++)
		rooms->items[i].told_seq = 0;
	tty->told_ms = clock_monotonic_ms(&tty->clock) +
	    (int64_t)render_number(error, "retry_after_ms");
}

bool
tty_take_answer(struct tty *tty, const json_t *answer)
{
	const char *ref = render_member(answer, "ref");
	const char *type = render_member(answer, "type");
	struct room *room = room_of(tty, answer);

	if (strncmp(ref, TTY_REF, strlen(TTY_REF)) != 0)
		return false;
	if (strcmp(type, "error") == 0) {
		take_refusal(tty, answer);
	} else if (strcmp(type, "conversations") == 0) {
		tty_take_rooms(tty, answer);
	} else if (strcmp(type, "receipts") == 0) {
		take_counts(tty, answer);
	} else if (strcmp(type, "history") == 0 && room != NULL &&
	    is_front(tty, room->name)) {
		if (strcmp(ref, REF_OPEN) == 0)
			take_unread(tty, room, answer);
		else
			take_context(tty, room, answer);
		ask_counts(tty);
	}
	return true;
}

/* ----------------------------------------------------------------- telling */

static bool
has_news(const struct room *room)
{
	return room->looked_seq > room->read_seq &&
	    room->looked_seq > room->told_seq && keeps_marks(room->name);
}

void
tty_tell_marks(struct tty *tty, int64_t now_ms)
{
	struct rooms *rooms = talk_rooms(tty->talk);
	struct room *room;
	size_t i;

	if (!tty->up || now_ms < tty->told_ms + TELL_EVERY_MS)
		return;
	for (i = 0; i < rooms->n; i++) {
		room = &rooms->items[i];
		if (!has_news(room))
			continue;
		tty->told_ms = now_ms;
		room->told_seq = room->looked_seq;
		ask(tty, json_pack("{s:s, s:s, s:s, s:I}", "type", "read",
		    "ref", REF_READ, "conversation", room->name, "seq",
		    (json_int_t)room->looked_seq));
	}
}

int64_t
tty_marks_deadline(const struct tty *tty)
{
	const struct rooms *rooms = talk_rooms(tty->talk);
	size_t i;

	for (i = 0; tty->up && i < rooms->n; i++) {
		if (has_news(&rooms->items[i]))
			return tty->told_ms + TELL_EVERY_MS;
	}
	return INT64_MAX;
}
