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

#include "client/lines.h"

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
	bool utf8;
	struct lines lines; /* above it */
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

static struct winsize
window(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 ||
	    size.ws_row == 0)
		size = (struct winsize){.ws_col = 80, .ws_row = 24};
	return size;
}

unsigned int
screen_columns(void)
{
	return window().ws_col;
}

unsigned int
screen_rows(void)
{
	return window().ws_row;
}

/* The rows above the cursor's of prompt and text; libedit wraps early. */
static size_t
typed_rows(const struct screen *screen, const char *text, size_t len)
{
	size_t columns = screen_columns();
	struct place place = {0};

	place_advance(&place, screen->prompt, strlen(screen->prompt), columns);
	place_advance(&place, text, len, columns);
	return place.row + (place.column >= columns);
}

static void
erase_from(size_t rows_up)
{
	putchar('\r');
	if (rows_up > 0)
		printf("\033[%zuA", rows_up);
	fputs("\033[J", stdout);
}

/* Takes prompt and typed text off the screen, however many rows they fill. */
static void
erase(struct screen *screen)
{
	const LineInfo *line = el_line(screen->edit);

	if (screen->typing)
		erase_from(typed_rows(screen, line->buffer,
		    (size_t)(line->cursor - line->buffer)));
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

/* All that is known of the screen, in its place again. */
static void
redraw(struct screen *screen)
{
	const LineInfo *line = el_line(screen->edit);
	struct winsize size = window();
	size_t below = 1 + typed_rows(screen, line->buffer,
	    (size_t)(line->lastchar - line->buffer));
	uint64_t id = 0;

	if (below < size.ws_row)
		id = lines_fitting(&screen->lines, size.ws_col,
		    size.ws_row - below);
	fputs("\033[H\033[J", stdout);
	lines_print(&screen->lines, id, stdout);
	show(screen);
}

static unsigned char
key_redraw(EditLine *edit, int c)
{
	(void)c;
	redraw(screen_of(edit));
	return CC_NORM;
}

static unsigned char
key_next(EditLine *edit, int c)
{
	struct screen *screen = screen_of(edit);

	(void)c;
	screen->keys->next(screen->keys->arg);
	return CC_REFRESH;
}

/* Text is UTF-8 whatever the locale says.  Is that what it says? */
static bool
choose_locale(void)
{
	if (setlocale(LC_CTYPE, "") != NULL &&
	    strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
		return true;
	setlocale(LC_CTYPE, "C.UTF-8");
	return false;
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
	el_wset(edit, EL_ADDFN, L"synctalk-redraw",
	    L"Draw the screen anew", key_redraw);
	el_source(edit, NULL);
	el_set(edit, EL_BIND, "^I", "synctalk-complete", NULL);
	el_set(edit, EL_BIND, "^N", "synctalk-next", NULL);
	el_set(edit, EL_BIND, "^L", "synctalk-redraw", NULL);
}

struct screen *
screen_open(const struct screen_keys *keys, struct error *err)
{
	struct screen *screen = calloc(1, sizeof(*screen));
	bool utf8 = choose_locale();

	if (screen != NULL) {
		screen->utf8 = utf8;
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
	lines_fini(&screen->lines);
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
	/* libedit has gone to the row below it. */
	erase_from(typed_rows(screen, text, len) + 1);
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

uint64_t
screen_print(struct screen *screen, const char *text, size_t len)
{
	erase(screen);
	fwrite(text, 1, len, stdout);
	putchar('\n');
	show(screen);
	return lines_add(&screen->lines, text, len);
}

bool
screen_replace(struct screen *screen, uint64_t id, const char *text,
    size_t len)
{
	const LineInfo *line = el_line(screen->edit);
	struct winsize size = window();
	size_t rows = lines_rows(&screen->lines, id, size.ws_col), below = 0;

	if (screen->typing)
		below = 1 + typed_rows(screen, line->buffer,
		    (size_t)(line->lastchar - line->buffer));
	if (rows == 0 || rows + below > size.ws_row ||
	    lines_set(&screen->lines, id, text, len) != 0)
		return false;
	erase(screen);
	erase_from(rows);
	lines_print(&screen->lines, id, stdout);
	show(screen);
	return true;
}

void
screen_bell(struct screen *screen)
{
	(void)screen;
	putchar('\a');
	fflush(stdout);
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
	redraw(screen);
}

bool
screen_is_utf8(const struct screen *screen)
{
	return screen->utf8;
}
