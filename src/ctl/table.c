/* SPDX-License-Identifier: MIT */
#include "ctl/table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"

#define COLUMNS_MAX 32
#define RECORD_MAX (1 << 20) /* bytes */

struct table {
	FILE *in;
	bool json;
	int64_t line; /* that comes next */
	char *columns[COLUMNS_MAX];
	size_t columns_n;
	struct buf cell, text;
};

/* -------------------------------------------------------------------- bytes */

/* The next one; CR LF is LF, and counts a line. */
static int
next_byte(struct table *table)
{
	int c = getc(table->in);

	if (c == '\r') {
		c = getc(table->in);
		if (c != '\n') {
			if (c != EOF)
				ungetc(c, table->in);
			c = '\r';
		}
	}
	table->line += c == '\n';
	return c;
}

/* U+FEFF, which some programs write first: no text begins with its byte. */
static void
skip_mark(FILE *in)
{
	int c = getc(in);

	if (c == 0xef) {
		getc(in);
		getc(in);
	} else if (c != EOF) {
		ungetc(c, in);
	}
}

/* ---------------------------------------------------------------------- CSV */

enum cell { CELL_MORE, CELL_LAST, CELL_NONE, CELL_BAD };

/* What is behind the second of two quotes decides. */
static enum cell
read_quoted(struct table *table, struct error *err)
{
	int c;

	while ((c = next_byte(table)) != EOF) {
		if (table->cell.len > RECORD_MAX)
			break;
		if (c != '"') {
			buf_putc(&table->cell, (char)c);
			continue;
		}
		c = next_byte(table);
		if (c == '"')
			buf_putc(&table->cell, '"');
		else if (c == ',')
			return CELL_MORE;
		else if (c == '\n' || c == EOF)
			return CELL_LAST;
		else
			break;
	}
	error_set(err, ERROR_INPUT, "a quote is not closed, or something is "
	    "behind the closing one");
	return CELL_BAD;
}

/* CELL_NONE: the file ends before it. */
static enum cell
read_cell(struct table *table, bool first, struct error *err)
{
	int c = next_byte(table);

	buf_reset(&table->cell);
	if (c == EOF && first)
		return CELL_NONE;
	if (c == '"')
		return read_quoted(table, err);
	for (; c != ',' && c != '\n' && c != EOF; c = next_byte(table)) {
		if (c == '\0' || table->cell.len > RECORD_MAX) {
			error_set(err, ERROR_INPUT, "this is no text");
			return CELL_BAD;
		}
		buf_putc(&table->cell, (char)c);
	}
	return c == ',' ? CELL_MORE : CELL_LAST;
}

static void
skip_line(struct table *table)
{
	int c;

	do
		c = next_byte(table);
	while (c != '\n' && c != EOF);
}

static enum table_result
read_header(struct table *table, struct error *err)
{
	enum cell cell;
	char *name;

	do {
		cell = read_cell(table, table->columns_n == 0, err);
		if (cell == CELL_BAD)
			return TABLE_FAILED;
		if (cell == CELL_NONE || table->columns_n == COLUMNS_MAX) {
			error_set(err, ERROR_INPUT, cell == CELL_NONE ?
			    "the file is empty" : "there are too many columns");
			return TABLE_FAILED;
		}
		buf_putc(&table->cell, '\0');
		name = table->cell.failed ? NULL : strdup(table->cell.data);
		if (name == NULL) {
			error_set(err, ERROR_NOMEM, "no memory");
			return TABLE_FAILED;
		}
		table->columns[table->columns_n++] = name;
	} while (cell == CELL_MORE);
	return TABLE_ROW;
}

/* Of the cell that was read; -1 and why. */
static int
put_cell(struct table *table, size_t at, json_t *row, struct error *err)
{
	const struct buf *cell = &table->cell;

	if (cell->failed) {
		error_set(err, ERROR_NOMEM, "no memory");
		return -1;
	}
	if (at >= table->columns_n) {
		error_set(err, ERROR_INPUT, "there are more cells than the "
		    "first line has");
		return -1;
	}
	if (cell->len == 0)
		return 0;
	if (!utf8_valid(cell->data, cell->len)) {
		error_set(err, ERROR_INPUT, "it is not UTF-8");
		return -1;
	}
	return json_object_set_new(row, table->columns[at],
	    json_stringn(cell->data, cell->len));
}

static enum table_result
next_record(struct table *table, json_t **row, struct error *err)
{
	json_t *object = json_object();
	bool well = object != NULL;
	enum cell cell;
	size_t at = 0;

	do {
		cell = read_cell(table, at == 0, err);
		if (cell == CELL_NONE) {
			json_decref(object);
			return TABLE_END;
		}
		if (cell == CELL_BAD) {
			skip_line(table);
			well = false;
		} else if (well) {
			well = put_cell(table, at, object, err) == 0;
		}
		at++;
	} while (cell == CELL_MORE);
	*row = object;
	if (well)
		return TABLE_ROW;
	json_decref(object);
	return TABLE_BAD;
}

/* --------------------------------------------------------------------- JSON */

static enum table_result
next_object(struct table *table, json_t **row, int64_t *line,
    struct error *err)
{
	struct buf *text = &table->text;
	int c;

	do {
		buf_reset(text);
		*line = table->line;
		while ((c = next_byte(table)) != '\n' && c != EOF) {
			if (text->len <= RECORD_MAX)
				buf_putc(text, (char)c);
		}
	} while (c == '\n' && text->len == 0);
	if (c == EOF && text->len == 0)
		return TABLE_END;
	if (text->failed || text->len > RECORD_MAX) {
		error_set(err, ERROR_INPUT, "the line is too long");
		return TABLE_BAD;
	}
	*row = json_parse_object(text->data, text->len, err);
	return *row != NULL ? TABLE_ROW : TABLE_BAD;
}

/* -------------------------------------------------------------------- table */

struct table *
table_open(FILE *in, struct error *err)
{
	struct table *table = calloc(1, sizeof(*table));
	int c;

	if (table == NULL) {
		error_set(err, ERROR_NOMEM, "no memory");
		return NULL;
	}
	table->in = in;
	table->line = 1;
	skip_mark(in);
	c = getc(in);
	if (c != EOF)
		ungetc(c, in);
	table->json = c == '{';
	if (!table->json && read_header(table, err) != TABLE_ROW) {
		table_close(table);
		return NULL;
	}
	return table;
}

void
table_close(struct table *table)
{
	if (table == NULL)
		return;
	while (table->columns_n > 0)
		free(table->columns[--table->columns_n]);
	buf_fini(&table->cell);
	buf_fini(&table->text);
	free(table);
}

enum table_result
table_next(struct table *table, json_t **row, int64_t *line,
    struct error *err)
{
	*line = table->line;
	if (ferror(table->in)) {
		error_set_errno(err, "cannot read the file");
		return TABLE_FAILED;
	}
	return table->json ? next_object(table, row, line, err)
			   : next_record(table, row, err);
}
