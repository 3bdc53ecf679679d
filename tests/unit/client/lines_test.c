/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <locale.h>

#include "client/lines.h"

struct place_case {
	const char *text;
	size_t columns, row, column;
};

static const struct place_case places[] = {
    {"", 10, 0, 0},
    {"hello", 10, 0, 5},
    {"0123456789", 10, 0, 10}, /* it wraps with the next character */
    {"0123456789a", 10, 1, 1},
    {"a\nbc", 10, 1, 2},
    {"0123456789\na", 10, 1, 1},
    {"\033[1;31mred\033[0m", 10, 0, 3},
    {"\303\251t\303\251", 10, 0, 3},
    {"\346\227\245\346\234\254", 10, 0, 4},
    {"\346\227\245\346\234\254", 3, 1, 2}, /* wide ones are not split */
    {"e\314\201", 10, 0, 1},	   /* a combining accent */
    {"\360\237\221\215", 10, 0, 2}, /* an emoji */
    {"\377x", 10, 0, 2},	   /* no UTF-8 */
    {"\033[", 10, 0, 1},	   /* no colour */
};

static void
text_takes_the_room_that_a_terminal_gives_it(void **state)
{
	const struct place_case *c;
	struct place place;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		c = &places[i];
		place = (struct place){0};
		place_advance(&place, c->text, strlen(c->text), c->columns);
		if (place.row != c->row || place.column != c->column)
			fail_msg("%s: row %zu, column %zu", c->text, place.row,
			    place.column);
	}
}

static uint64_t
add(struct lines *lines, const char *text)
{
	return lines_add(lines, text, strlen(text));
}

static void
rows_are_counted_from_a_line_to_the_last(void **state)
{
	static struct lines lines;
	uint64_t one, two;

	(void)state;
	one = add(&lines, "0123456789");
	two = add(&lines, "0123456789abc");
	add(&lines, "");
	assert_int_equal(lines_rows(&lines, one, 10), 4);
	assert_int_equal(lines_rows(&lines, two, 10), 3);
	assert_int_equal(lines_rows(&lines, one, 5), 2 + 3 + 1);
	assert_int_equal(lines_rows(&lines, two + 2, 10), 0);
	assert_int_equal(lines_rows(&lines, 0, 10), 0);
	assert_int_equal(lines_fitting(&lines, 10, 4), one);
	assert_int_equal(lines_fitting(&lines, 10, 3), two);
	assert_int_equal(lines_fitting(&lines, 10, 0), 0);
	assert_int_equal(lines_set(&lines, one, "a\nb", 3), 0);
	assert_int_equal(lines_rows(&lines, one, 10), 5);
	assert_int_equal(lines_set(&lines, two + 2, "", 0), -1);
	lines_fini(&lines);
	assert_int_equal(lines_rows(&lines, one, 10), 0);
}

static void
the_oldest_lines_are_forgotten(void **state)
{
	static struct lines lines;
	size_t i;

	(void)state;
	for (i = 0; i < LINES_MAX + 2; i++)
		add(&lines, "x");
	assert_int_equal(lines_rows(&lines, 2, 10), 0);
	assert_int_equal(lines_rows(&lines, 3, 10), LINES_MAX);
	assert_int_equal(lines_rows(&lines, LINES_MAX + 2, 10), 1);
	lines_fini(&lines);
}

static void
lines_are_printed_as_they_stand(void **state)
{
	static struct lines lines;
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	uint64_t id;

	(void)state;
	assert_non_null(file);
	add(&lines, "one");
	id = add(&lines, "two");
	add(&lines, "three");
	assert_int_equal(lines_set(&lines, id, "2", 1), 0);
	lines_print(&lines, id, file);
	fclose(file);
	assert_string_equal(text, "2\nthree\n");
	free(text);
	lines_fini(&lines);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_takes_the_room_that_a_terminal_gives_it),
	    cmocka_unit_test(rows_are_counted_from_a_line_to_the_last),
	    cmocka_unit_test(the_oldest_lines_are_forgotten),
	    cmocka_unit_test(lines_are_printed_as_they_stand),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
