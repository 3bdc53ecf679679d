/* SPDX-License-Identifier: MIT */
#include "client/screen.h"

#include <histedit.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#define HISTORY_LINES 500
#define PROMPT_MAX 256
#define CONTROL_D '\004' /* what libedit puts there for the end */

struct screen {
	EditLine *edit;
	History *history;
	const struct screen_keys *keys;
	char prompt[PROMPT_MAX];
	char *line;  /* the last one handed out */
	bool typing; /* the line at the bottom is on the screen */
};

static struct screen *
screen_of(EditLine *edit)
{
	void *screen = NULL;

	el_get(edit, EL_CLIENTDATA, &screen);
	return screen;
}

static char *
put_prompt(EditLine *edit)
{
	return screen_of(edit)->prompt;
}

static unsigned int
columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return 80;
	return size.ws_col;
}

/* How many columns text takes; what is not a character takes one. */
static unsigned int
width(const char *text, size_t len)
{
	mbstate_t state = {0};
	unsigned int sum = 0;
	wchar_t wide;
	size_t n;
	int w;

	while (len > 0) {
		n = mbrtowc(&wide, text, len, &state);
		if (n == 0 || n > len) {
			memset(&state, 0, sizeof(state));
			n = 1;
			w = 1;
		} else {
			w = wcwidth(wide);
		}
		sum += w > 0 ? (unsigned int)w : 0;
		text += n;
		len -= n;
	}
	return sum;
}

/* Takes prompt and typed text off the screen, however many rows they fill. */
static void
erase(struct screen *screen)
{
	const LineInfo *line = el_line(screen->edit);
	unsigned int before;

	if (!screen->typing)
		return;
	before = width(screen->prompt, strlen(screen->prompt)) +
	    width(line->buffer, (size_t)(line->cursor - line->buffer));
	before /= columns();
	putchar('\r');
	if (before > 0)
		printf("\033[%uA", before);
	fputs("\033[J", stdout);
}

static void
show(struct screen *screen)
{
	fflush(stdout);
	if (screen->typing)
		el_set(screen->edit, EL_REFRESH);
}

/* libedit redraws the prompt whenever it begins to read anew. */
static void
begin_line(struct screen *screen)
{
	if (!screen->typing)
		el_set(screen->edit, EL_UNBUFFERED, 1);
	screen->typing = true;
}

static void
end_line(struct screen *screen)
{
	if (screen->typing)
		el_set(screen->edit, EL_UNBUFFERED, 0);
	screen->typing = false;
}

static unsigned char
key_complete(EditLine *edit, int c)
{
	struct screen *screen = screen_of(edit);
	const LineInfo *line = el_line(edit);
	struct buf insert = {0}, choices = {0};
	unsigned char rc = CC_REFRESH;

	(void)c;
	screen->keys->complete(screen->keys->arg, line->buffer,
	    (size_t)(line->cursor - line->buffer), &insert, &choices);
	buf_putc(&insert, '\0');
	if (insert.failed || choices.failed)
		rc = CC_ERROR;
	else if (insert.data[0] != '\0')
		el_insertstr(edit, insert.data);
	else if (choices.len > 0)
		screen_print(screen, choices.data, choices.len);
	else
		rc = CC_REFRESH_BEEP;
	buf_fini(&insert);
	buf_fini(&choices);
	return rc;
}

static unsigned char
key_next(EditLine *edit, int c)
{
	struct screen *screen = screen_of(edit);

	(void)c;
	screen->keys->next(screen->keys->arg);
	return CC_REFRESH;
}

/* Text is UTF-8 whatever the locale says. */
static void
choose_locale(void)
{
	if (setlocale(LC_CTYPE, "") == NULL ||
	    strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
}

static void
bind_keys(struct screen *screen)
{
	EditLine *edit = screen->edit;
	HistEvent event;

	el_set(edit, EL_CLIENTDATA, screen);
	el_set(edit, EL_EDITOR, "emacs");
	el_set(edit, EL_PROMPT, put_prompt);
	/* Between two lines too, keys must not go to the kernel's editor. */
	el_set(edit, EL_SETTY, "-x", "-icanon", "-echo", NULL);
	history(screen->history, &event, H_SETSIZE, HISTORY_LINES);
	history(screen->history, &event, H_SETUNIQUE, 1);
	el_set(edit, EL_HIST, history, screen->history);
	/* Wide: of narrow names libedit keeps copies that it never frees. */
	el_wset(edit, EL_ADDFN, L"synctalk-complete",
	    L"Complete commands and names", key_complete);
	el_wset(edit, EL_ADDFN, L"synctalk-next",
	    L"Go to another conversation", key_next);
	el_source(edit, NULL);
	el_set(edit, EL_BIND, "^I", "synctalk-complete", NULL);
	el_set(edit, EL_BIND, "^N", "synctalk-next", NULL);
}

struct screen *
screen_open(const struct screen_keys *keys, struct error *err)
{
	struct screen *screen = calloc(1, sizeof(*screen));

	choose_locale();
	if (screen != NULL) {
		screen->keys = keys;
		screen->history = history_init();
		screen->edit = el_init("synctalk", stdin, stdout, stderr);
	}
	if (screen == NULL || screen->history == NULL || screen->edit == NULL) {
		error_set(err, ERROR_SYSTEM, "cannot set up the terminal");
		screen_close(screen);
		return NULL;
	}
	bind_keys(screen);
	begin_line(screen);
	return screen;
}

void
screen_close(struct screen *screen)
{
	if (screen == NULL)
		return;
	if (screen->edit != NULL) {
		erase(screen);
		fflush(stdout);
		end_line(screen);
		el_end(screen->edit);
	}
	if (screen->history != NULL)
		history_end(screen->history);
	free(screen->line);
	free(screen);
}

static enum screen_input
whole_line(struct screen *screen, const char *text, size_t len,
    char **line)
{
	HistEvent event;

	free(screen->line);
	screen->line = strndup(text, len);
	end_line(screen);
	if (screen->line == NULL)
		return SCREEN_END;
	if (len > 0)
		history(screen->history, &event, H_ENTER, screen->line);
	*line = screen->line;
	return SCREEN_LINE;
}

enum screen_input
screen_read(struct screen *screen, char **line)
{
	const LineInfo *info;
	const char *text;
	int n = 0;

	begin_line(screen);
	text = el_gets(screen->edit, &n);
	*line = NULL;
	if (text == NULL || n <= 0)
		return SCREEN_TYPING; /* the line is empty again */
	if (text[n - 1] == '\n' || text[n - 1] == '\r')
		return whole_line(screen, text, (size_t)n - 1, line);
	info = el_line(screen->edit);
	if (n == 1 && text[0] == CONTROL_D)
		return SCREEN_END;
	free(screen->line);
	screen->line = strndup(info->buffer,
	    (size_t)(info->lastchar - info->buffer));
	*line = screen->line;
	return SCREEN_TYPING;
}

void
screen_print(struct screen *screen, const char *text, size_t len)
{
	erase(screen);
	fwrite(text, 1, len, stdout);
	putchar('\n');
	show(screen);
}

void
screen_prompt(struct screen *screen, const char *prompt)
{
	if (strcmp(screen->prompt, prompt) == 0) {
		begin_line(screen);
		return;
	}
	erase(screen);
	snprintf(screen->prompt, sizeof(screen->prompt), "%s", prompt);
	if (screen->typing)
		show(screen);
	begin_line(screen);
}

bool
screen_clear_line(struct screen *screen)
{
	const LineInfo *line = el_line(screen->edit);

	if (line->lastchar == line->buffer)
		return false;
	erase(screen);
	el_cursor(screen->edit, (int)(line->lastchar - line->cursor));
	el_deletestr(screen->edit, (int)(line->lastchar - line->buffer));
	show(screen);
	return true;
}

void
screen_resize(struct screen *screen)
{
	el_resize(screen->edit);
}
