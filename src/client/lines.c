/* SPDX-License-Identifier: MIT */
#include "client/lines.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* The oldest is 0. */
static size_t
slot(const struct lines *lines, size_t i)
{
	return (lines->first + i) % LINES_MAX;
}

static void
drop_first(struct lines *lines)
{
	free(lines->items[slot(lines, 0)].text);
	lines->first = (lines->first + 1) % LINES_MAX;
	lines->n--;
}

void
lines_fini(struct lines *lines)
{
	while (lines->n > 0)
		drop_first(lines);
}

/* Ids ascend by one: where id is, or n. */
static size_t
index_of(const struct lines *lines, uint64_t id)
{
	uint64_t first = lines->items[slot(lines, 0)].id;

	if (lines->n == 0 || id < first || id > lines->last_id)
		return lines->n;
	return (size_t)(id - first);
}

uint64_t
lines_add(struct lines *lines, const char *text, size_t len)
{
	char *copy = strndup(text, len);
	struct line *line;

	if (copy == NULL) {
		lines_fini(lines);
		return 0;
	}
	if (lines->n == LINES_MAX)
		drop_first(lines);
	line = &lines->items[slot(lines, lines->n++)];
	line->id = ++lines->last_id;
	line->text = copy;
	return line->id;
}

int
lines_set(struct lines *lines, uint64_t id, const char *text, size_t len)
{
	size_t i = index_of(lines, id);
	char *copy;

	if (i == lines->n)
		return -1;
	copy = strndup(text, len);
	if (copy == NULL)
		return -1;
	free(lines->items[slot(lines, i)].text);
	lines->items[slot(lines, i)].text = copy;
	return 0;
}

static size_t
rows_of(const struct line *line, size_t columns)
{
	struct place place = {0};

	place_advance(&place, line->text, strlen(line->text), columns);
	return place.row + 1;
}

size_t
lines_rows(const struct lines *lines, uint64_t id, size_t columns)
{
	size_t i, rows = 0;

	for (i = index_of(lines, id); i < lines->n; i++)
		rows += rows_of(&lines->items[slot(lines, i)], columns);
	return rows;
}

uint64_t
lines_fitting(const struct lines *lines, size_t columns, size_t rows)
{
	uint64_t id = 0;
	size_t i, sum = 0;

	for (i = lines->n; i-- > 0; id = lines->items[slot(lines, i)].id) {
		sum += rows_of(&lines->items[slot(lines, i)], columns);
		if (sum > rows)
			break;
	}
	return id;
}

void
lines_print(const struct lines *lines, uint64_t id, FILE *file)
{
	size_t i;

	for (i = index_of(lines, id); i < lines->n; i++) {
		fputs(lines->items[slot(lines, i)].text, file);
		putc('\n', file);
	}
}

/* "\033[1;31m": its length; 0: something else. */
static size_t
color_len(const char *text, size_t len)
{
	size_t n = 2;

	if (len < 3 || text[0] != '\033' || text[1] != '[')
		return 0;
	while (n < len && strchr("0123456789;", text[n]) != NULL)
		n++;
	return n < len && text[n] == 'm' ? n + 1 : 0;
}

/* One character and its width; what is no character takes one column. */
static size_t
character(const char *text, size_t len, size_t *width)
{
	mbstate_t state = {0};
	wchar_t wide;
	size_t n = mbrtowc(&wide, text, len, &state);
	int w;

	*width = 1;
	if (n == 0 || n > len)
		return 1;
	w = wcwidth(wide);
	*width = w > 0 ? (size_t)w : 0;
	return n;
}

void
place_advance(struct place *place, const char *text, size_t len,
    size_t columns)
{
	size_t n, width;

	for (; len > 0; text += n, len -= n) {
		n = color_len(text, len);
		if (n > 0)
			continue;
		if (*text == '\n') {
			n = 1;
			place->row++;
			place->column = 0;
			continue;
		}
		n = character(text, len, &width);
		if (place->column + width > columns) {
			place->row++;
			place->column = 0;
		}
		place->column += width;
	}
}
