/* SPDX-License-Identifier: MIT */
#include "client/tty_view.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/render_put.h"

static void
do_to(struct tty *tty, const char *argument)
{
	char name[CONVERSATION_NAME_MAX + 1], folded[NAME_BYTES_MAX + 1];
	char sign = *argument;

	if ((sign != '@' && sign != '#') ||
	    !name_fold(argument + 1, strlen(argument + 1), folded)) {
		tty_say(tty, "/to @bob or /to #tea: where your lines go");
		return;
	}
	snprintf(name, sizeof(name), "%c%s", sign, folded);
	tty_go_to(tty, name);
}

/* The server knows more; without it, what was heard so far. */
static void
do_list(struct tty *tty, const char *argument)
{
	const struct rooms *rooms = talk_rooms(tty->talk);
	struct buf text = {0};
	size_t i;

	(void)argument;
	if (tty->up) {
		talk_add(tty->talk, json_pack("{s:s}", "type",
		    "conversations"));
		return;
	}
	for (i = 0; i < rooms->n; i++) {
		buf_printf(&text, "%s  %s", i > 0 ? "\n" : "",
		    rooms->items[i].name);
		if (rooms->items[i].unread == 0)
			continue;
		buf_puts(&text, ", ");
		render_unread(rooms->items[i].unread, &text);
		buf_puts(&text, " unread");
	}
	tty_print(tty, &text);
	buf_fini(&text);
}

static void
do_ids(struct tty *tty, const char *argument)
{
	(void)argument;
	tty->ids = !tty->ids;
	tty_redraw(tty, NULL, 0);
	tty_say(tty, tty->ids ? "messages are shown with their numbers" :
	    "messages are shown without their numbers");
}

/* Of message 12 of the room in front, or of one's own last one there. */
static void
do_receipts(struct tty *tty, const char *argument)
{
	struct shown *last = shown_find(&tty->shown, tty->room, 0);
	unsigned long long seq = last != NULL ? last->seq : 0;
	char *end;

	if (*argument != '\0') {
		errno = 0;
		seq = strtoull(argument, &end, 10);
		if (errno != 0 || *end != '\0' || seq > INT64_MAX)
			seq = 0;
	}
	if (seq == 0) {
		tty_say(tty, *argument == '\0' ? "you said nothing here "
		    "lately: /receipts 12 asks about message 12" :
		    "/receipts 12: who has message 12; /ids shows the numbers");
		return;
	}
	talk_add(tty->talk, json_pack("{s:s, s:s, s:I}", "type", "receipts",
	    "conversation", tty->room, "seq", (json_int_t)seq));
}

void
tty_leave(struct tty *tty)
{
	char text[80];

	if (tty->leaving)
		return;
	tty->leaving = true;
	if (talk_pending(tty->talk) == 0 || talk_is_over(tty->talk))
		return;
	snprintf(text, sizeof(text), "%zu unsent; Ctrl-C gives them up",
	    talk_pending(tty->talk));
	tty_say(tty, text);
}

static void
do_quit(struct tty *tty, const char *argument)
{
	(void)argument;
	tty_leave(tty);
}

bool
tty_command(struct tty *tty, const char *line)
{
	static const struct {
		const char *name;
		void (*run)(struct tty *tty, const char *argument);
	} commands[] = {{"/to", do_to}, {"/list", do_list},
	    {"/receipts", do_receipts}, {"/ids", do_ids}, {"/quit", do_quit}};
	size_t i, len = strcspn(line, " ");

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strlen(commands[i].name) != len ||
		    strncmp(commands[i].name, line, len) != 0)
			continue;
		commands[i].run(tty, line + len + strspn(line + len, " "));
		return true;
	}
	return false;
}
