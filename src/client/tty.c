/* SPDX-License-Identifier: MIT */
#include "client/tty.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "client/complete.h"
#include "client/render.h"
#include "client/screen.h"

#define TYPING_EVERY_MS 3000 /* the server relays no more than that */
#define TYPING_SHOWN_MS 6000
#define STARTUP "synctalk.startup" /* ref of what nobody typed */

struct tty {
	struct talk *talk;
	struct screen *screen;
	struct words words;
	struct clock clock;
	char room[CONVERSATION_NAME_MAX + 1]; /* where plain text goes */
	char typist[NAME_MAX + 1];	      /* who is typing there */
	int64_t typist_ms;		      /* until when it is shown */
	int64_t typing_ms;		      /* when we last said that we are */
	bool color, up, started, leaving, quit;
};

static const char *
member(const json_t *object, const char *key)
{
	const char *string = json_string_value(json_object_get(object, key));

	return string != NULL ? string : "";
}

static void
say(struct tty *tty, const char *text)
{
	struct buf line = {0};

	buf_puts(&line, "* ");
	render_text(text, &line);
	if (!line.failed)
		screen_print(tty->screen, line.data, line.len);
	buf_fini(&line);
}

/* "#lobby (@bob 2, carol is typing)> " */
static void
set_prompt(struct tty *tty)
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

static void
go_to(struct tty *tty, const char *room)
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
	char name[CONVERSATION_NAME_MAX + 1] = "#", folded[NAME_MAX + 1];
	const char *word;
	size_t len;

	if (strcmp(member(event, "type"), "ok") != 0)
		return;
	if (strncmp(line, "/leave", 6) == 0)
		go_to(tty, "#lobby");
	if (strncmp(line, "/join ", 6) != 0)
		return;
	word = line + 6 + strspn(line + 6, " #");
	len = strcspn(word, " ");
	if (!name_fold(word, len, folded))
		return;
	memcpy(name + 1, folded, strlen(folded) + 1);
	go_to(tty, name);
}

/* Bells are for what is meant for oneself. */
static bool
rings(const struct tty *tty, const json_t *event, bool fresh)
{
	return fresh && strcmp(member(event, "type"), "message") == 0 &&
	    member(event, "conversation")[0] == '@' &&
	    strcmp(member(event, "from"), talk_user(tty->talk)) != 0;
}

static bool
event(void *arg, const json_t *json, const json_t *request, bool fresh)
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

static void
status(void *arg, bool up, const char *text)
{
	struct tty *tty = arg;

	if (!up && (tty->up || !tty->started || talk_is_over(tty->talk)))
		say(tty, text);
	if (up && tty->started && !tty->up)
		say(tty, "connected again");
	tty->up = up;
	if (!up) {
		tty->started = true;
		return;
	}
	tty->started = true;
	if (tty->words.n > 3) /* asked for already */
		return;
	say(tty, "signed in; /help lists the commands, Ctrl-D leaves");
	talk_add(tty->talk, json_pack("{s:s, s:s}", "type", "commands", "ref",
	    STARTUP));
	talk_add(tty->talk, json_pack("{s:s, s:s}", "type", "conversations",
	    "ref", STARTUP));
}

/* ------------------------------------------------------------------- typing */

static void
do_to(struct tty *tty, const char *argument)
{
	char name[CONVERSATION_NAME_MAX + 1], folded[NAME_MAX + 1];
	char sign = *argument;

	if ((sign != '@' && sign != '#') ||
	    !name_fold(argument + 1, strlen(argument + 1), folded)) {
		say(tty, "/to @bob or /to #tea: where your lines go");
		return;
	}
	snprintf(name, sizeof(name), "%c%s", sign, folded);
	go_to(tty, name);
}

static void
do_list(struct tty *tty)
{
	const struct rooms *rooms = talk_rooms(tty->talk);
	struct buf text = {0};
	size_t i;

	for (i = 0; i < rooms->n; i++) {
		buf_printf(&text, "%s  %s", i > 0 ? "\n" : "",
		    rooms->items[i].name);
		if (rooms->items[i].unread > 0)
			buf_printf(&text, "  %u unread",
			    rooms->items[i].unread);
		if (strcmp(rooms->items[i].name, tty->room) == 0)
			buf_puts(&text, "  (here)");
	}
	if (text.len > 0 && !text.failed)
		screen_print(tty->screen, text.data, text.len);
	buf_fini(&text);
}

static void
leave(struct tty *tty)
{
	char text[80];

	if (tty->leaving)
		return;
	tty->leaving = true;
	if (talk_pending(tty->talk) == 0 || talk_is_over(tty->talk))
		return;
	snprintf(text, sizeof(text), "%zu unsent; Ctrl-C gives them up",
	    talk_pending(tty->talk));
	say(tty, text);
}

/* What this program does by itself; all else is the server's to know. */
static bool
local_command(struct tty *tty, const char *line)
{
	if (strcmp(line, "/quit") == 0)
		leave(tty);
	else if (strcmp(line, "/list") == 0)
		do_list(tty);
	else if (strcmp(line, "/to") == 0)
		do_to(tty, "");
	else if (strncmp(line, "/to ", 4) == 0)
		do_to(tty, line + 4 + strspn(line + 4, " "));
	else
		return false;
	return true;
}

static void
take_line(struct tty *tty, char *line)
{
	json_t *request;
	size_t len = strlen(line);

	while (len > 0 && line[len - 1] == ' ')
		line[--len] = '\0';
	if (len == 0 || local_command(tty, line))
		return;
	request = json_pack("{s:s, s:s, s:s}", "type", "line", "text", line,
	    "conversation", tty->room);
	if (request == NULL)
		say(tty, "this line is not valid UTF-8");
	else if (talk_add(tty->talk, request) != 0)
		say(tty, "no memory: this line is not sent");
	tty->typing_ms = 0;
}

/* Tells the others, as often as they would hear of it. */
static void
hint_typing(struct tty *tty, const char *line)
{
	int64_t now_ms = clock_monotonic_ms(&tty->clock);

	if (strcmp(tty->room, "#lobby") == 0 || strlen(line) < 2 ||
	    strchr("/@#", line[0]) != NULL ||
	    (tty->typing_ms != 0 && now_ms < tty->typing_ms + TYPING_EVERY_MS))
		return;
	tty->typing_ms = now_ms;
	talk_hint(tty->talk, json_pack("{s:s, s:s}", "type", "typing", "to",
	    tty->room));
}

static void
key_complete(void *arg, const char *line, size_t len, struct buf *insert,
    struct buf *choices)
{
	struct tty *tty = arg;

	complete(&tty->words, line, len, insert, choices);
}

/* The next conversation with something unread, else the next one. */
static void
key_next(void *arg)
{
	struct tty *tty = arg;
	const struct rooms *rooms = talk_rooms(tty->talk);
	size_t here = 0, i, at, to;

	if (rooms->n == 0)
		return;
	while (here < rooms->n &&
	    strcmp(rooms->items[here].name, tty->room) != 0)
		here++;
	to = (here + 1) % rooms->n;
	for (i = 1; i <= rooms->n; i++) {
		at = (here + i) % rooms->n;
		if (rooms->items[at].unread > 0) {
			to = at;
			break;
		}
	}
	go_to(tty, rooms->items[to].name);
	set_prompt(tty);
}

/* --------------------------------------------------------------------- time */

static void
take_signal(struct tty *tty, int stop_fd)
{
	struct signalfd_siginfo signal;

	if (read(stop_fd, &signal, sizeof(signal)) != sizeof(signal))
		return;
	if (signal.ssi_signo == SIGWINCH)
		screen_resize(tty->screen);
	else if (signal.ssi_signo != SIGINT || tty->leaving)
		tty->quit = true;
	else if (!screen_clear_line(tty->screen))
		leave(tty);
}

static void
take_input(struct tty *tty, short revents)
{
	char *line = NULL;

	if (revents & (POLLERR | POLLNVAL) ||
	    (revents & (POLLHUP | POLLIN)) == POLLHUP) {
		tty->quit = true;
		return;
	}
	switch (screen_read(tty->screen, &line)) {
	case SCREEN_TYPING:
		if (line != NULL)
			hint_typing(tty, line);
		break;
	case SCREEN_LINE:
		take_line(tty, line);
		break;
	case SCREEN_END:
		leave(tty);
		break;
	}
}

static int
wait_ms(const struct tty *tty, int64_t now_ms)
{
	int64_t until = talk_deadline(tty->talk);

	if (tty->typist[0] != '\0' && tty->typist_ms < until)
		until = tty->typist_ms;
	if (until <= now_ms)
		return 0;
	return until - now_ms > 60000 ? 60000 : (int)(until - now_ms);
}

static bool
is_done(const struct tty *tty)
{
	return tty->quit || talk_is_over(tty->talk) ||
	    (tty->leaving && talk_pending(tty->talk) == 0);
}

static void
loop(struct tty *tty, int stop_fd)
{
	struct pollfd fds[3] = {{.fd = stop_fd, .events = POLLIN},
	    {.fd = STDIN_FILENO, .events = POLLIN}};
	int64_t now_ms = clock_monotonic_ms(&tty->clock);

	talk_run(tty->talk, 0, now_ms);
	while (!is_done(tty)) {
		if (tty->typist_ms <= now_ms)
			tty->typist[0] = '\0';
		set_prompt(tty);
		talk_poll(tty->talk, &fds[2]);
		fds[1].fd = tty->leaving ? -1 : STDIN_FILENO;
		fds[0].revents = fds[1].revents = 0;
		poll(fds, 3, wait_ms(tty, now_ms));
		now_ms = clock_monotonic_ms(&tty->clock);
		if (fds[0].revents != 0)
			take_signal(tty, stop_fd);
		if (fds[1].fd >= 0 && fds[1].revents != 0)
			take_input(tty, fds[1].revents);
		talk_run(tty->talk, fds[2].revents, now_ms);
	}
	while (!talk_is_over(tty->talk) &&
	    !talk_finish(tty->talk, fds[2].revents, now_ms)) {
		talk_poll(tty->talk, &fds[2]);
		poll(&fds[2], 1, 100);
		now_ms = clock_monotonic_ms(&tty->clock);
	}
}

static void
first_words(struct tty *tty)
{
	words_add(&tty->words, '/', "to");
	words_add(&tty->words, '/', "list");
	words_add(&tty->words, '/', "quit");
	go_to(tty, "#lobby");
}

int
tty_run(struct talk_options *options, int stop_fd, struct error *err)
{
	struct tty tty = {0};
	const struct talk_view view = {.event = event, .status = status,
	    .arg = &tty};
	const struct screen_keys keys = {.complete = key_complete,
	    .next = key_next, .arg = &tty};
	const char *term = getenv("TERM");
	int rc = 2;

	tty.color = getenv("NO_COLOR") == NULL && term != NULL &&
	    strcmp(term, "dumb") != 0;
	options->view = &view;
	tty.talk = talk_new(options, err);
	if (tty.talk != NULL) {
		first_words(&tty);
		tty.screen = screen_open(&keys, err);
	}
	if (tty.screen != NULL) {
		loop(&tty, stop_fd);
		rc = talk_is_over(tty.talk) ||
		    talk_pending(tty.talk) > 0 ? 1 : 0;
	}
	screen_close(tty.screen);
	talk_free(tty.talk);
	words_fini(&tty.words);
	return rc;
}
