/* SPDX-License-Identifier: MIT */
#include "client/tty_view.h"

#include <stdio.h>
#include <string.h>

#include "client/render.h"

#define TYPING_SHOWN_MS 6000
#define STARTUP "synctalk.startup" /* ref of what nobody typed */

static const char *
member(const json_t *object, const char *key)
{
	const char *string = json_string_value(json_object_get(object, key));

	return string != NULL ? string : "";
}

void
tty_say(struct tty *tty, const char *text)
{
	struct buf line = {0};

	buf_puts(&line, "* ");
	render_text(text, &line);
	if (!line.failed)
		screen_print(tty->screen, line.data, line.len);
	buf_fini(&line);
}

/* "#lobby (@bob 2, carol is typing)> " */
void
tty_set_prompt(struct tty *tty)
{
	const struct rooms *rooms = talk_rooms(tty->talk);
	const char *before = " (", *after = "";
	struct buf prompt = {0};
	size_t i;

	buf_puts(&prompt, tty->room);
	if (!tty->up) {
		buf_printf(&prompt, "%soffline", before);
		before = ", ";
		after = ")";
	}
	if (talk_pending(tty->talk) > 0 && !tty->up)
		buf_printf(&prompt, ", %zu unsent", talk_pending(tty->talk));
	for (i = 0; i < rooms->n; i++) {
		if (rooms->items[i].unread == 0)
			continue;
		buf_printf(&prompt, "%s%s %u", before, rooms->items[i].name,
		    rooms->items[i].unread);
		before = ", ";
		after = ")";
	}
	if (tty->typist[0] != '\0') {
		buf_printf(&prompt, "%s%s is typing", before, tty->typist);
		after = ")";
	}
	buf_printf(&prompt, "%s> ", after);
	buf_putc(&prompt, '\0');
	screen_prompt(tty->screen, prompt.failed ? "> " : prompt.data);
	buf_fini(&prompt);
}

void
tty_go_to(struct tty *tty, const char *room)
{
	struct room *known = rooms_get(talk_rooms(tty->talk), room);

	if (known == NULL)
		return;
	known->unread = 0;
	memcpy(tty->room, known->name, sizeof(tty->room));
	tty->typist[0] = '\0';
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
	const char *type = member(event, "type");
	size_t i;

	learn_person(tty, member(event, "from"));
	learn_person(tty, member(event, "user"));
	learn_room(tty, member(event, "conversation"));
	json_array_foreach(items, i, item) {
		if (strcmp(type, "commands") == 0) {
			/* "@user text" and its like are not typed so. */
			if (json_object_get(item, "prefix") == NULL)
				words_add(&tty->words, '/',
				    member(item, "name"));
			continue;
		}
		learn_person(tty, member(item, "user"));
		learn_room(tty, member(item, "conversation"));
	}
}

/* Shown in the prompt; a line each would be too much. */
static void
note_typing(struct tty *tty, const json_t *event)
{
	char name[CONVERSATION_NAME_MAX + 1];
	const char *user = member(event, "user");

	if (!room_name(member(event, "conversation"), talk_user(tty->talk),
	    name) || strcmp(name, tty->room) != 0)
		return;
	if (json_is_true(json_object_get(event, "on"))) {
		snprintf(tty->typist, sizeof(tty->typist), "%s", user);
		tty->typist_ms = clock_monotonic_ms(&tty->clock) +
		    TYPING_SHOWN_MS;
	} else if (strcmp(tty->typist, user) == 0) {
		tty->typist[0] = '\0';
	}
}

static void
note_message(struct tty *tty, const json_t *event)
{
	char name[CONVERSATION_NAME_MAX + 1];
	const char *from = member(event, "from");
	struct room *room;

	if (strcmp(tty->typist, from) == 0)
		tty->typist[0] = '\0';
	if (strcmp(from, talk_user(tty->talk)) == 0 ||
	    !room_name(member(event, "conversation"), talk_user(tty->talk),
	    name) || strcmp(name, tty->room) == 0)
		return;
	room = rooms_get(talk_rooms(tty->talk), name);
	if (room != NULL)
		room->unread++;
}

/* Who answers has read. */
static void
note_sent(struct tty *tty, const json_t *event)
{
	char name[CONVERSATION_NAME_MAX + 1];
	struct room *room = NULL;

	if (room_name(member(event, "conversation"), talk_user(tty->talk),
	    name))
		room = rooms_find(talk_rooms(tty->talk), name);
	if (room != NULL)
		room->unread = 0;
}

/* "/join tea", answered with ok, goes there; "/leave" of it goes home. */
static void
note_answer(struct tty *tty, const json_t *event, const json_t *request)
{
	const char *line = member(request, "text");
	char name[CONVERSATION_NAME_MAX + 1] = "#", folded[NAME_BYTES_MAX + 1];
	const char *word;
	size_t len;

	if (strcmp(member(event, "type"), "ok") != 0)
		return;
	if (strncmp(line, "/leave", 6) == 0)
		tty_go_to(tty, "#lobby");
	if (strncmp(line, "/join ", 6) != 0)
		return;
	word = line + 6 + strspn(line + 6, " #");
	len = strcspn(word, " ");
	if (!name_fold(word, len, folded))
		return;
	memcpy(name + 1, folded, strlen(folded) + 1);
	tty_go_to(tty, name);
}

/* Bells are for what is meant for oneself. */
static bool
rings(const struct tty *tty, const json_t *event, bool fresh)
{
	return fresh && strcmp(member(event, "type"), "message") == 0 &&
	    member(event, "conversation")[0] == '@' &&
	    strcmp(member(event, "from"), talk_user(tty->talk)) != 0;
}

bool
tty_event(void *arg, const json_t *json, const json_t *request, bool fresh)
{
	struct tty *tty = arg;
	struct render render = {.self = talk_user(tty->talk),
	    .now_s = clock_realtime_us(&tty->clock) / 1000000,
	    .color = tty->color};
	struct buf line = {0};
	bool silent = strcmp(member(json, "ref"), STARTUP) == 0;

	learn(tty, json);
	if (strcmp(member(json, "type"), "typing") == 0)
		note_typing(tty, json);
	else if (strcmp(member(json, "type"), "message") == 0 && fresh)
		note_message(tty, json);
	else if (strcmp(member(json, "type"), "sent") == 0)
		note_sent(tty, json);
	if (request != NULL)
		note_answer(tty, json, request);
	if (!silent)
		render_event(&render, json, &line);
	if (rings(tty, json, fresh))
		buf_putc(&line, '\a');
	if (line.len > 0 && !line.failed)
		screen_print(tty->screen, line.data, line.len);
	buf_fini(&line);
	return !line.failed;
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
	if (!up) {
		tty->started = true;
		return;
	}
	tty->started = true;
	if (tty->words.n > 3) /* asked for already */
		return;
	tty_say(tty, "signed in; /help lists the commands, Ctrl-D leaves");
	talk_add(tty->talk, json_pack("{s:s, s:s}", "type", "commands", "ref",
	    STARTUP));
	talk_add(tty->talk, json_pack("{s:s, s:s}", "type", "conversations",
	    "ref", STARTUP));
}
