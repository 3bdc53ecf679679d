/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "ctl/table.h"

/*
 * A file, and what is read of it: each row as its line, a colon and JSON, a
 * bad one as its line and "!".
 */
struct file_case {
	const char *text;
	const char *rows; /* NULL: the file is refused */
};

static const struct file_case cases[] = {
    {"a,b\n1,2\n", "2:{\"a\":\"1\",\"b\":\"2\"} "},
    {"a,b\r\n1,2\r\n3,4", "2:{\"a\":\"1\",\"b\":\"2\"} "
	"3:{\"a\":\"3\",\"b\":\"4\"} "},
    {"\xef\xbb\xbf" "a\n1\n", "2:{\"a\":\"1\"} "},
    {"a,b\n,2\n1,\n\n", "2:{\"b\":\"2\"} 3:{\"a\":\"1\"} 4:{} "},
    {"a,b\n\"x, \"\"y\"\"\",2\n", "2:{\"a\":\"x, \\\"y\\\"\","
	"\"b\":\"2\"} "},
    {"a,b\n\"x\ny\",2\n3,4\n", "2:{\"a\":\"x\\ny\",\"b\":\"2\"} "
	"4:{\"a\":\"3\",\"b\":\"4\"} "},
    {"a\n1,2\n3\n", "2! 3:{\"a\":\"3\"} "},
    {"a\n\"1\"2\n3\n", "2! 3:{\"a\":\"3\"} "},
    {"a\n\xff\n3\n", "2! 3:{\"a\":\"3\"} "},
    {"a\n\"never closed\n", "2! "},
    {"a\n", ""},
    {"", NULL},
    {"{\"a\":1}\n\n{\"b\":2}\n", "1:{\"a\":1} 3:{\"b\":2} "},
    {"{\"a\":1}\nnonsense\n{\"a\":1,\"a\":2}\n[]\n{\"b\":2}",
	"1:{\"a\":1} 2! 3! 4! 5:{\"b\":2} "},
};

static void
read_rows(struct table *table, struct buf *rows)
{
	enum table_result result;
	struct error err;
	int64_t line;
	json_t *row;
	char *text;

	while ((result = table_next(table, &row, &line, &err)) != TABLE_END) {
		assert_int_not_equal(result, TABLE_FAILED);
		buf_printf(rows, "%d", (int)line);
		if (result == TABLE_BAD) {
			assert_true(err.text[0] != '\0');
			buf_puts(rows, "! ");
			continue;
		}
		text = json_dumps(row, JSON_COMPACT);
		buf_printf(rows, ":%s ", text);
		free(text);
		json_decref(row);
	}
	buf_putc(rows, '\0');
}

static void
files_become_rows(void **state)
{
	struct buf rows = {0};
	struct table *table;
	struct error err;
	FILE *in;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		in = tmpfile();
		assert_non_null(in);
		fputs(cases[i].text, in);
		rewind(in);
		table = table_open(in, &err);
		assert_int_equal(table != NULL, cases[i].rows != NULL);
		if (table != NULL) {
			buf_reset(&rows);
			read_rows(table, &rows);
			assert_string_equal(rows.data, cases[i].rows);
		}
		table_close(table);
		fclose(in);
	}
	buf_fini(&rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(files_become_rows),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
