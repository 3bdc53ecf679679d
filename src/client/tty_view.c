/* SPDX-License-Identifier: MIT */
#include "client/tty_view.h"

#include <stdio.h>
#include <string.h>

#include "client/render_put.h"

#define TYPING_SHOWN_MS 6000
#define REF_COMMANDS TTY_REF "commands"

void
tty_print(struct tty *tty, const struct buf *line)
{
	if (line->len > 0 && !line->failed)
		screen_print(tty->screen, line->data, line->len);
}

void
tty_say(struct tty *tty, const char *text)
{
	struct buf line = {0};

	buf_puts(&line, "* ");
	render_text(text, &line);
	tty_print(tty, &line);
	buf_fini(&line);
}

struct render
tty_render(const struct tty *tty)
{
	return (struct render){.self = talk_user(tty->talk),
	    .now_s = clock_realtime_us(&tty->clock) / 1000000,
	    .color = tty->color, .utf8 = screen_is_utf8(tty->screen),
	    .ids = tty->ids};
}

struct room *
tty_front(const struct tty *tty)
{
	return rooms_find(talk_rooms(tty->talk), tty->room);
}

struct room *
tty_room_of(const struct tty *tty, const json_t *event)
{
	char name[CONVERSATION_NAME_MAX + 1];

	if (!room_name(render_member(event, "conversation"),
	    talk_user(tty->talk), name))
		return NULL;
	return rooms_get(talk_rooms(tty->talk), name);
}

bool
tty_is_front(const struct tty *tty, const char *room)
{
	return strcmp(tty->room, room) == 0;
}

void
tty_ask(struct tty *tty, json_t *request)
{
	if (tty->up)
		talk_hint(tty->talk, request);
	else
		json_decref(request);
}

/* ------------------------------------------------------------------ prompt */

static void
add_note(struct buf *notes, const char *text)
{
	buf_puts(notes, notes->len > 0 ? ", " : "");
	buf_puts(notes, text);
}

/*
 * "70 unread" in front, "@bob 2", "#tea 5!" where one is named, "@carol *"
 * where it is only marked so.
 */
static void
add_room(const struct tty *tty, struct buf *notes, const struct room *room)
{
	bool front = tty_is_front(tty, room->name);

	add_note(notes, front ? "" : room->name);
	buf_puts(notes, front ? "" : " ");
	if (room->unread > 0)
		render_unread(room->unread, notes);
	else
		buf_putc(notes, '*');
	buf_puts(notes, front ? " unread" : "");
	if (room->mentions > 0)
		buf_putc(notes, '!');
}

/* As many as leave half of the row to type in; "+3" stands for the rest. */
static void
add_rooms(struct tty *tty, struct buf *notes)
{
	const struct rooms *rooms = talk_rooms(tty->talk);
	size_t i, left = 0, room = screen_columns() / 2;

	for (i = 0; i < rooms->n; i++) {
		if (rooms->items[i].unread == 0 && !rooms->items[i].flagged)
			continue;
		if (notes->len == 0 || notes->len +
		    strlen(rooms->items[i].name) + 6 < room)
			add_room(tty, notes, &rooms->items[i]);
		else
			left++;
	}
	if (left > 0)
		buf_printf(notes, " +%zu", left);
}

/* "#lobby (@bob 2, carol is typing)> " */
void
tty_set_prompt(struct tty *tty)
{
	struct buf notes = {0}, prompt = {0};

	if (!tty->up) {
		add_note(&notes, "offline");
		if (talk_pending(tty->talk) > 0)
			buf_printf(&notes, ", %zu unsent",
			    talk_pending(tty->talk));
	}
	add_rooms(tty, &notes);
	if (tty->typist[0] != '\0') {
		add_note(&notes, tty->typist);
		buf_puts(&notes, " is typing");
	}
	buf_putc(&notes, '\0');
	buf_printf(&prompt, notes.len > 1 ? "%s (%s)> " : "%s%s> ", tty->room,
	    notes.failed ? "" : notes.data);
	buf_putc(&prompt, '\0');
	screen_prompt(tty->screen, prompt.failed ? "> " : prompt.data);
	buf_fini(&notes);
	buf_fini(&prompt);
}

void
tty_go_to(struct tty *tty, const char *room)
{
	struct room *known = rooms_get(talk_rooms(tty->talk), room);

	if (known == NULL)
		return;
	memcpy(tty->room, known->name, sizeof(tty->room));
	tty->typist[0] = '\0';
	tty_open(tty);
}

/* ------------------------------------------------------------------- events */

static void
learn_person(struct tty *tty, const char *name)
{
	if (strcmp(name, talk_user(tty->talk)) != 0)
		words_add(&tty->words, '@', name);
}

static void
learn_room(struct tty *tty, const char *conversation)
{
	char name[CONVERSATION_NAME_MAX + 1];

	if (conversation[0] == '\0' || !room_name(conversation,
	    talk_user(tty->talk), name))
		return;
	words_add(&tty->words, name[0], name + 1);
}

/* Names for Tab, wherever they turn up. */
static void
learn(struct tty *tty, const json_t *event)
{
	const json_t *items = json_object_get(event, "items"), *item;
	const char *type = render_member(event, "type");
	size_t i;

	learn_person(tty, render_member(event, "from"));
	learn_person(tty, render_member(event, "user"));
	learn_room(tty, render_member(event, "conversation"));
	json_array_foreach(items, i, item) {
		if (strcmp(type, "commands") == 0) {
			/* "@user text" and its like are not typed so. */
			if (json_object_get(item, "prefix") == NULL)
				words_add(&tty->words, '/',
				    render_member(item, "name"));
			continue;
		}
		learn_person(tty, render_member(item, "user"));
		learn_room(tty, render_member(item, "conversation"));
	}
}

/* Shown in the prompt; a line each would be too much. */
static void
note_typing(struct tty *tty, const json_t *event)
{
	char name[CONVERSATION_NAME_MAX + 1];
	const char *user = render_member(event, "user");

	if (!room_name(render_member(event, "conversation"), talk_user(tty->talk),
	    name) || strcmp(name, tty->room) != 0)
		return;
	if (render_is_true(event, "on")) {
		snprintf(tty->typist, sizeof(tty->typist), "%s", user);
		tty->typist_ms = clock_monotonic_ms(&tty->clock) +
		    TYPING_SHOWN_MS;
	} else if (strcmp(tty->typist, user) == 0) {
		tty->typist[0] = '\0';
	}
}

/* "/join tea", answered with ok, goes there. */
static void
note_answer(struct tty *tty, const json_t *event, const json_t *request)
{
	static const char *const verbs[] = {"/join ", "/create ", "/accept "};
	const char *line = render_member(request, "text"), *word;
	char name[CONVERSATION_NAME_MAX + 1] = "#", folded[NAME_BYTES_MAX + 1];
	size_t i = 0;

	while (i < 3 && strncmp(line, verbs[i], strlen(verbs[i])) != 0)
		i++;
	if (i == 3 || strcmp(render_member(event, "type"), "ok") != 0)
		return;
	word = line + strlen(verbs[i]);
	word += strspn(word, " #");
	if (!name_fold(word, strcspn(word, " "), folded))
		return;
	memcpy(name + 1, folded, strlen(folded) + 1);
	tty_go_to(tty, name);
}

/* Who has left a group, or had to, is in the public room again. */
static void
note_leaving(struct tty *tty, const json_t *event)
{
	struct room *room = tty_room_of(tty, event);

	if (room == NULL || strcmp(render_member(event, "user"),
	    talk_user(tty->talk)) != 0)
		return;
	room->unread = room->mentions = 0;
	room->flagged = room->listed = false;
	if (tty_is_front(tty, room->name))
		tty_go_to(tty, "#lobby");
}

/* Bells are for what is meant for oneself. */
static void
ring(struct tty *tty, const json_t *message)
{
	if (render_member(message, "conversation")[0] == '@' ||
	    render_mentions(render_member(message, "text"),
	    talk_user(tty->talk)))
		screen_bell(tty->screen);
}

static bool
show_message(struct tty *tty, const json_t *event, bool fresh)
{
	const char *from = render_member(event, "from");
	bool shown;

	if (strcmp(tty->typist, from) == 0)
		tty->typist[0] = '\0';
	fresh = fresh && strcmp(from, talk_user(tty->talk)) != 0;
	if (fresh)
		tty_note_message(tty, event);
	shown = tty_show_message(tty, event);
	if (fresh)
		ring(tty, event);
	return shown;
}

static bool
show_sent(struct tty *tty, const json_t *event)
{
	char name[CONVERSATION_NAME_MAX + 1];

	if (room_name(render_member(event, "conversation"),
	    talk_user(tty->talk), name))
		tty_note_answered(tty, name);
	return tty_show_sent(tty, event);
}

static bool
show_history(struct tty *tty, const json_t *page)
{
	if (json_array_size(json_object_get(page, "items")) == 0)
		return tty_show(tty, page);
	if (!tty_show_page(tty, page))
		return false;
	if (json_object_get(page, "next") != NULL)
		tty_say(tty, "there is more");
	tty_ask_counts(tty);
	return true;
}

static bool
show(struct tty *tty, const json_t *event, bool fresh)
{
	const char *type = render_member(event, "type");

	if (strcmp(type, "message") == 0)
		return show_message(tty, event, fresh);
	if (strcmp(type, "sent") == 0)
		return show_sent(tty, event);
	if (strcmp(type, "edited") == 0 || strcmp(type, "deleted") == 0 ||
	    strcmp(type, "reacted") == 0)
		return tty_show_change(tty, event);
	if (strcmp(type, "history") == 0)
		return show_history(tty, event);
	if (strcmp(type, "error") == 0)
		tty_show_refused(tty, event);
	else if (fresh && (strcmp(type, "left") == 0 ||
	    strcmp(type, "kicked") == 0 || strcmp(type, "banned") == 0))
		note_leaving(tty, event);
	return tty_show(tty, event);
}

/* What was shown of other data must not be taken for this. */
static void
note_welcome(struct tty *tty, const json_t *event)
{
	const char *epoch = render_member(event, "epoch");

	if (strcmp(tty->epoch, epoch) == 0)
		return;
	shown_fini(&tty->shown);
	snprintf(tty->epoch, sizeof(tty->epoch), "%s", epoch);
}

bool
tty_event(void *arg, const json_t *event, const json_t *request, bool fresh)
{
	const char *type = render_member(event, "type");
	struct tty *tty = arg;

	learn(tty, event);
	if (request != NULL)
		note_answer(tty, event, request);
	if (strcmp(type, "welcome") == 0)
		note_welcome(tty, event);
	else if (strcmp(type, "typing") == 0)
		note_typing(tty, event);
	else if (strcmp(type, "delivered") == 0 ||
	    strcmp(type, "read") == 0 || strcmp(type, "unread") == 0)
		tty_take_mark(tty, event);
	return tty_take_answer(tty, event) || show(tty, event, fresh);
}

void
tty_status(void *arg, bool up, const char *text)
{
	struct tty *tty = arg;

	if (!up && (tty->up || !tty->started || talk_is_over(tty->talk)))
		tty_say(tty, text);
	if (up && tty->started && !tty->up)
		tty_say(tty, "connected again");
	tty->up = up;
	tty->started = true;
	if (!up)
		return;
	tty_restart_marks(tty);
	if (tty->greeted)
		return;
	tty->greeted = true;
	tty_say(tty, "signed in; /help lists the commands, Ctrl-D leaves");
	talk_add(tty->talk, json_pack("{s:s, s:s}", "type", "commands", "ref",
	    REF_COMMANDS));
}
