/* SPDX-License-Identifier: MIT */
#include "client/tty_view.h"

#include <string.h>

#include "client/render_put.h"

#define REF_ROOMS TTY_REF "rooms"
#define REF_COUNTS TTY_REF "counts"
#define REF_READ TTY_REF "read"
#define PAGE_ROOMS 200
#define TELL_EVERY_MS 500

/* -------------------------------------------------------- how rooms stand */

void
tty_ask_rooms(struct tty *tty, const char *room)
{
	json_t *request = json_pack("{s:s, s:s, s:i}", "type",
	    "conversations", "ref", REF_ROOMS, "limit", PAGE_ROOMS);

	if (request != NULL && room != NULL)
		json_object_set_new(request, "conversation",
		    json_string(room));
	tty_ask(tty, request);
}

void
tty_restart_marks(struct tty *tty)
{
	struct rooms *rooms = talk_rooms(tty->talk);
	size_t i;

	for (i = 0; i < rooms->n; i++)
		rooms->items[i].told_seq = 0;
	if (tty->opening == OPENING_ASKED)
		tty->opening = OPENING_NOT;
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
	if (tty_is_front(tty, room->name) &&
	    tty->opening == OPENING_DONE && tty->more_after == 0 &&
	    tty_is_here(tty))
		room_read_all(room);
}

static void
take_room(struct tty *tty, const json_t *item, uint64_t upto)
{
	const json_t *other = json_object_get(item, "other");
	struct room *room = tty_room_of(tty, item);

	if (room == NULL || !room_keeps_marks(room->name))
		return;
	room->listed = true;
	room->flagged = render_is_true(item, "marked_unread");
	seq_raise(&room->read_seq, render_number(item, "read_seq"));
	seq_raise(&room->other_delivered_seq,
	    render_number(other, "delivered_seq"));
	seq_raise(&room->other_read_seq, render_number(other, "read_seq"));
	count_unread(tty, room, item, upto);
	tty_redraw(tty, room->name, UINT64_MAX);
}

/* The numbers of one's last message in the group in front. */
void
tty_ask_counts(struct tty *tty)
{
	struct shown *shown = shown_find(&tty->shown, tty->room, 0);

	if (shown != NULL && tty->room[0] == '#' && room_keeps_marks(tty->room))
		tty_ask(tty, json_pack("{s:s, s:s, s:s, s:I, s:i}", "type",
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
		tty_ask(tty, json_pack("{s:s, s:s, s:i, s:I}", "type",
		    "conversations", "ref", REF_ROOMS, "limit", PAGE_ROOMS,
		    "before", (json_int_t)next));
	tty_ask_counts(tty);
	if (tty->opening == OPENING_NOT)
		tty_open(tty);
}

/* ------------------------------------------------------------------- marks */

static void
take_counts(struct tty *tty, const json_t *event)
{
	uint64_t seq = render_number(event, "seq");
	struct room *room = tty_room_of(tty, event);
	struct shown *shown;
	size_t i;

	/* Who has read this one has read those before it too. */
	for (i = 0; room != NULL &&
	    (shown = shown_at(&tty->shown, i)) != NULL; i++) {
		if (!shown->own || shown->seq == 0 || shown->seq > seq ||
		    strcmp(shown->room, room->name) != 0)
			continue;
		seq_raise(&shown->delivered_n,
		    render_number(event, "delivered_n"));
		seq_raise(&shown->read_n, render_number(event, "read_n"));
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
	struct room *room = tty_room_of(tty, event);

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
		seq_raise(&room->other_delivered_seq, seq);
		if (strcmp(type, "read") == 0)
			seq_raise(&room->other_read_seq, seq);
		tty_redraw(tty, room->name, seq);
	}
}

/* ----------------------------------------------------------------- telling */

static bool
has_news(const struct room *room)
{
	return room->looked_seq > room->read_seq &&
	    room->looked_seq > room->told_seq && room_keeps_marks(room->name);
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
		tty_ask(tty, json_pack("{s:s, s:s, s:s, s:I}", "type", "read",
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

void
tty_take_refusal(struct tty *tty, const json_t *error)
{
	const char *code = render_member(error, "code");
	const char *ref = render_member(error, "ref");
	struct rooms *rooms = talk_rooms(tty->talk);
	size_t i;

	/* A person to whom nothing was said yet is no surprise. */
	if (strcmp(ref, REF_ROOMS) == 0 && tty->opening == OPENING_NOT &&
	    tty->room[0] == '#')
		tty_show(tty, error);
	/* Told too fast: once more, later.  Others would come again. */
	if (strcmp(ref, REF_READ) != 0 ||
	    (strcmp(code, "rate_limited") != 0 &&
	    strcmp(code, "unavailable") != 0))
		return;
	for (i = 0; i < rooms->n; i++)
		rooms->items[i].told_seq = 0;
	tty->told_ms = clock_monotonic_ms(&tty->clock) +
	    (int64_t)render_number(error, "retry_after_ms");
}
