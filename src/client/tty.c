/* SPDX-License-Identifier: MIT */
#include "client/tty.h"

#include <signal.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/buf.h"
#include "client/tty_view.h"

#define TYPING_EVERY_MS 3000 /* the server relays no more than that */

/* ------------------------------------------------------------------- typing */

static void
take_line(struct tty *tty, char *line)
{
	json_t *request;
	uint64_t shown;
	size_t len = strlen(line);

	while (len > 0 && line[len - 1] == ' ')
		line[--len] = '\0';
	if (len == 0) {
		tty_open_more(tty);
		return;
	}
	shown = tty_show_typed(tty, line);
	if (tty_command(tty, line))
		return;
	request = json_pack("{s:s, s:s, s:s}", "type", "line", "text", line,
	    "conversation", tty->room);
	if (request != NULL && shown != 0)
		json_object_set_new(request, "ref",
		    json_integer((json_int_t)shown));
	if (request == NULL)
		tty_say(tty, "this line is not valid UTF-8");
	else if (talk_add(tty->talk, request) != 0)
		tty_say(tty, "no memory: this line is not sent");
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
		if (rooms->items[at].unread > 0 || rooms->items[at].flagged) {
			to = at;
			break;
		}
	}
	tty_go_to(tty, rooms->items[to].name);
	tty_set_prompt(tty);
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
		tty_leave(tty);
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
	tty_note_key(tty);
	switch (screen_read(tty->screen, &line)) {
	case SCREEN_TYPING:
		if (line != NULL)
			hint_typing(tty, line);
		break;
	case SCREEN_LINE:
		take_line(tty, line);
		break;
	case SCREEN_END:
		tty_leave(tty);
		break;
	}
}

static int
wait_ms(const struct tty *tty, int64_t now_ms)
{
	int64_t until = talk_deadline(tty->talk);

	if (tty->typist[0] != '\0' && tty->typist_ms < until)
		until = tty->typist_ms;
	if (tty_marks_deadline(tty) < until)
		until = tty_marks_deadline(tty);
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
		tty_set_prompt(tty);
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
		tty_tell_marks(tty, now_ms);
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
	static const char *const own[] = {"to", "list", "receipts", "ids",
	    "quit"};
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		words_add(&tty->words, '/', own[i]);
	tty->active_ms = clock_monotonic_ms(&tty->clock);
	tty_go_to(tty, "#lobby");
}

int
tty_run(struct talk_options *options, int stop_fd, struct error *err)
{
	struct tty tty = {0};
	const struct talk_view view = {.event = tty_event, .status = tty_status,
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
	shown_fini(&tty.shown);
	return rc;
}
