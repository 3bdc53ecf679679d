/* SPDX-License-Identifier: MIT */
#include "client/tty_view.h"

#include <string.h>

#include "client/render_put.h"

bool
tty_show(struct tty *tty, const json_t *event)
{
	const struct render render = tty_render(tty);
	struct buf line = {0};
	bool failed;

	render_event(&render, event, &line);
	tty_print(tty, &line);
	failed = line.failed;
	buf_fini(&line);
	return !failed;
}

/* "#tea> Hello", until it is known what became of it. */
static void
draw_typed(const struct render *render, const struct shown *shown,
    struct buf *line)
{
	render_style(render, line, DIM);
	render_text(render_member(shown->event, "conversation"), line);
	buf_puts(line, "> ");
	render_style(render, line, PLAIN);
	render_text(render_member(shown->event, "text"), line);
}

static void
draw(const struct tty *tty, const struct shown *shown, struct buf *line)
{
	const struct render render = tty_render(tty);
	const char *self = talk_user(tty->talk);
	struct ticks ticks;

	if (shown->unread > 0) {
		render_separator(&render, shown->room, shown->unread,
		    shown->mentions, line);
		buf_putc(line, '\n');
	}
	if (shown->seq == 0)
		draw_typed(&render, shown, line);
	else
		render_event(&render, shown->event, line);
	ticks = shown_ticks(shown, rooms_find(talk_rooms(tty->talk),
	    shown->room), self);
	render_ticks(&render, &ticks, line);
}

bool
tty_redraw_one(struct tty *tty, const struct shown *shown)
{
	struct buf line = {0};
	bool done;

	draw(tty, shown, &line);
	done = shown->line != 0 && !line.failed && screen_replace(tty->screen,
	    shown->line, line.data, line.len);
	buf_fini(&line);
	return done;
}

void
tty_redraw(struct tty *tty, const char *room, uint64_t seq)
{
	const struct shown *shown;
	size_t i;

	for (i = 0; (shown = shown_at(&tty->shown, i)) != NULL; i++) {
		if (room != NULL && (!shown->own || shown->seq == 0 ||
		    shown->seq > seq || strcmp(shown->room, room) != 0))
			continue;
		/* What is above it is out of reach as well. */
		if (!tty_redraw_one(tty, shown))
			return;
	}
}

static bool
print(struct tty *tty, struct shown *shown)
{
	struct buf line = {0};
	bool failed;

	if (shown == NULL)
		return false;
	draw(tty, shown, &line);
	failed = line.failed;
	if (!failed)
		shown->line = screen_print(tty->screen, line.data, line.len);
	buf_fini(&line);
	return !failed;
}

bool
tty_show_message(struct tty *tty, const json_t *message)
{
	const char *self = talk_user(tty->talk);
	char room[CONVERSATION_NAME_MAX + 1];

	/* What cannot be named later need not be remembered. */
	if (render_number(message, "seq") == 0 || !room_name(render_member(
	    message, "conversation"), self, room))
		return tty_show(tty, message);
	return print(tty, shown_add(&tty->shown, 0, room, message, self));
}

bool
tty_show_page(struct tty *tty, const json_t *page)
{
	const json_t *items = json_object_get(page, "items"), *item;
	json_t *event;
	bool whole = true;
	size_t i;

	json_array_foreach(items, i, item) {
		event = render_item(page, item);
		if (event == NULL)
			whole = false;
		else if (strcmp(render_member(event, "type"), "message") == 0)
			whole = tty_show_message(tty, event) && whole;
		else
			whole = tty_show(tty, event) && whole;
		json_decref(event);
	}
	return whole;
}

bool
tty_show_change(struct tty *tty, const json_t *event)
{
	uint64_t target = render_number(event, "target");
	char room[CONVERSATION_NAME_MAX + 1];
	struct shown *shown;
	bool seen = false;
	size_t i;

	if (!room_name(render_member(event, "conversation"),
	    talk_user(tty->talk), room))
		return true;
	for (i = 0; target != 0 &&
	    (shown = shown_at(&tty->shown, i)) != NULL; i++) {
		if (shown->seq != target || strcmp(shown->room, room) != 0)
			continue;
		if (!shown_change(shown, event))
			return false;
		seen = tty_redraw_one(tty, shown) || seen;
	}
	return seen || tty_show(tty, event);
}

uint64_t
tty_show_typed(struct tty *tty, const char *text)
{
	struct shown *shown = shown_add_typed(&tty->shown, 0, tty->room, text);

	return print(tty, shown) ? shown->line : 0;
}

static struct shown *
typed(struct tty *tty, const json_t *answer)
{
	uint64_t line = render_number(answer, "ref");

	return line == 0 ? NULL : shown_typed(&tty->shown, line);
}

bool
tty_show_sent(struct tty *tty, const json_t *sent)
{
	char room[CONVERSATION_NAME_MAX + 1];
	struct shown *shown = typed(tty, sent);

	if (shown == NULL || !room_name(render_member(sent, "conversation"),
	    talk_user(tty->talk), room))
		return tty_show(tty, sent);
	if (shown_become(shown, room, sent, talk_user(tty->talk)) != 0)
		return false;
	tty_redraw_one(tty, shown);
	return true;
}

void
tty_show_refused(struct tty *tty, const json_t *error)
{
	struct shown *shown = typed(tty, error);

	/* Of a command the error says enough. */
	if (shown == NULL || render_member(shown->event, "text")[0] == '/')
		return;
	shown->refused = true;
	tty_redraw_one(tty, shown);
}
