/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "script/arguments.h"

#define NOON INT64_C(1767268800000000) /* 2026-01-01T12:00Z */

static const char *const choices[] = {"on", "off", NULL};

#define LONG_CHOICE "a23456789012345678901234567890"                          \
	"123456789012345678901234567890123456789012345678901234567890"
static const char *const long_choices[] = {LONG_CHOICE, LONG_CHOICE,
    LONG_CHOICE, NULL};

struct row {
	enum argument_type type;
	const char *text;
	const char *value; /* NULL: refused */
};

static const struct row rows[] = {
    {ARGUMENT_STRING, "one", "one"}, {ARGUMENT_STRING, "  one  ", "one"},
    {ARGUMENT_STRING, "\"one two\"", "one two"},
    {ARGUMENT_STRING, "\"\"", ""}, {ARGUMENT_STRING, "\"one", NULL},
    {ARGUMENT_STRING, "one two", NULL}, {ARGUMENT_STRING, "a\"b", "a\"b"},
    {ARGUMENT_INT, "0", "0"}, {ARGUMENT_INT, "-7", "-7"},
    {ARGUMENT_INT, "+7", "7"}, {ARGUMENT_INT, "7.0", NULL},
    {ARGUMENT_INT, "0x7", NULL}, {ARGUMENT_INT, "7a", NULL},
    {ARGUMENT_INT, "--7", NULL}, {ARGUMENT_INT, "-", NULL},
    {ARGUMENT_INT, "9223372036854775807", "9223372036854775807"},
    {ARGUMENT_INT, "9223372036854775808", NULL},
    {ARGUMENT_INT, "00000000000000000000000000000000001", NULL},
    {ARGUMENT_NUMBER, "1.5", "1.5"}, {ARGUMENT_NUMBER, "-2e3", "-2000"},
    {ARGUMENT_NUMBER, "nan", NULL}, {ARGUMENT_NUMBER, "inf", NULL},
    {ARGUMENT_NUMBER, "1e999", NULL}, {ARGUMENT_NUMBER, "1.5.5", NULL},
    {ARGUMENT_BOOL, "yes", "true"}, {ARGUMENT_BOOL, "ON", "true"},
    {ARGUMENT_BOOL, "true", "true"}, {ARGUMENT_BOOL, "no", "false"},
    {ARGUMENT_BOOL, "off", "false"}, {ARGUMENT_BOOL, "maybe", NULL},
    {ARGUMENT_DURATION, "90", "90"}, {ARGUMENT_DURATION, "30s", "30"},
    {ARGUMENT_DURATION, "10m", "600"}, {ARGUMENT_DURATION, "2h", "7200"},
    {ARGUMENT_DURATION, "1d", "86400"}, {ARGUMENT_DURATION, "1w", "604800"},
    {ARGUMENT_DURATION, "1h30m", "5400"}, {ARGUMENT_DURATION, "1h30", NULL},
    {ARGUMENT_DURATION, "0", "0"}, {ARGUMENT_DURATION, "1y", NULL},
    {ARGUMENT_DURATION, "h", NULL}, {ARGUMENT_DURATION, "-1h", NULL},
    {ARGUMENT_DURATION, "99999999999999999999", NULL},
    {ARGUMENT_DURATION, "36500d", "3153600000"},
    {ARGUMENT_DURATION, "36501d", NULL},
    {ARGUMENT_DURATION, "36500d1s", NULL},
    {ARGUMENT_TIME, "12:01", "1767268860"},
    {ARGUMENT_TIME, "12:00", "1767355200"},
    {ARGUMENT_TIME, "00:00", "1767312000"},
    {ARGUMENT_TIME, "24:00", NULL}, {ARGUMENT_TIME, "12:60", NULL},
    {ARGUMENT_TIME, "1:000", NULL}, {ARGUMENT_TIME, "noon", NULL},
    {ARGUMENT_TIME, "2026-01-01T12:00:00Z", "1767268800"},
    {ARGUMENT_TIME, "2026-01-01t12:00:00.999z", "1767268800"},
    {ARGUMENT_TIME, "2026-01-01T12:00:00+01:00", "1767265200"},
    {ARGUMENT_TIME, "2026-01-01T12:00:00-00:30", "1767270600"},
    {ARGUMENT_TIME, "2024-02-29T00:00:00Z", "1709164800"},
    {ARGUMENT_TIME, "2026-02-29T00:00:00Z", NULL},
    {ARGUMENT_TIME, "2026-13-01T00:00:00Z", NULL},
    {ARGUMENT_TIME, "2026-01-01T00:00:00", NULL},
    {ARGUMENT_TIME, "2026-01-01T00:00:00+1:00", NULL},
    {ARGUMENT_TIME, "2026-01-01T00:00:00Zx", NULL},
    {ARGUMENT_TIME, "2026-01-01", NULL}, {ARGUMENT_TIME, "2026-", NULL},
    {ARGUMENT_USER, "Bob", "bob"}, {ARGUMENT_USER, "@bob", "bob"},
    {ARGUMENT_USER, "@@bob", NULL}, {ARGUMENT_USER, "b", NULL},
    {ARGUMENT_USER, "@", NULL}, {ARGUMENT_USER, "bob!", NULL},
    {ARGUMENT_USER, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    {ARGUMENT_USER, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL},
    {ARGUMENT_ROOM, "Tea", "#tea"}, {ARGUMENT_ROOM, "#tea", "#tea"},
    {ARGUMENT_ROOM, "##tea", NULL}, {ARGUMENT_ROOM, "@tea", NULL},
    {ARGUMENT_ROOM, "#aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "#aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    {ARGUMENT_ENUM, "ON", "on"}, {ARGUMENT_ENUM, "o", NULL},
    {ARGUMENT_ENUM, "onn", NULL},
    {ARGUMENT_REST, "a  b \"c", "a  b \"c"}, {ARGUMENT_REST, " x ", "x"},
    {ARGUMENT_URL, "http://x", "http://x"},
    {ARGUMENT_URL, "HTTPS://example.org/a?b#c", "HTTPS://example.org/a?b#c"},
    {ARGUMENT_URL, "http://", NULL}, {ARGUMENT_URL, "http:///x", NULL},
    {ARGUMENT_URL, "ftp://x", NULL}, {ARGUMENT_URL, "javascript:x", NULL},
    {ARGUMENT_URL, "http://x\"y", NULL}, {ARGUMENT_URL, "x", NULL}};

static void
render(const struct argument *a, const struct argument_value *v,
    char text[128])
{
	switch (a->type) {
	case ARGUMENT_INT:
	case ARGUMENT_DURATION:
	case ARGUMENT_TIME:
		snprintf(text, 128, "%lld", (long long)v->integer);
		break;
	case ARGUMENT_NUMBER:
		snprintf(text, 128, "%g", v->number);
		break;
	case ARGUMENT_BOOL:
		snprintf(text, 128, "%s", v->truth ? "true" : "false");
		break;
	default:
		snprintf(text, 128, "%.*s", (int)v->len, v->text);
	}
}

static void
test_types(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct argument a = {.name = "x", .type = row->type,
		    .required = true, .min = -HUGE_VAL, .max = HUGE_VAL,
		    .choices = row->type == ARGUMENT_ENUM ? choices : NULL};
		struct argument_value value;
		char why[256] = "", text[128] = "";
		/* Exactly as long, so that a read beyond is noticed. */
		size_t len = strlen(row->text);
		char *copy = malloc(len);
		int rc;

		assert_non_null(copy);
		memcpy(copy, row->text, len);
		rc = arguments_parse(&a, 1, copy, len, NOON, &value, why);
		if (rc == 0)
			render(&a, &value, text);
		free(copy);
		if (row->value == NULL ? rc == 0 : rc != 0 ||
		    strcmp(text, row->value) != 0)
			fail_msg("%s \"%s\": %s%s", argument_types[row->type],
			    row->text, text, why);
	}
}

static const char *
refusal(const struct argument *arguments, unsigned count, const char *text)
{
	struct argument_value values[ARGUMENTS_MAX];
	static char why[256];

	assert_int_equal(arguments_parse(arguments, count, text, strlen(text),
	    NOON, values, why), -1);
	return why;
}

static void
test_refusals(void **state)
{
	const struct argument arguments[] = {
	    {.name = "who", .type = ARGUMENT_USER, .required = true},
	    {.name = "mode", .type = ARGUMENT_ENUM, .choices = choices},
	    {.name = "n", .type = ARGUMENT_INT, .min = 1, .max = 5}};

	(void)state;
	assert_string_equal(refusal(arguments, 3, ""), "who is missing");
	assert_string_equal(refusal(arguments, 3, "!"),
	    "who: a person's name is expected, not \"!\"");
	assert_string_equal(refusal(arguments, 3, "bob x"),
	    "mode: a choice is expected, not \"x\" (on, off)");
	assert_string_equal(refusal(arguments, 3, "bob on 0"),
	    "n: must be at least 1");
	assert_string_equal(refusal(arguments, 3, "bob on 6"),
	    "n: must be at most 5");
	assert_string_equal(refusal(arguments, 3, "bob on 5 six seven "),
	    "\"six seven\" is too much");
	assert_string_equal(refusal(&(struct argument){.name = "x",
	    .type = ARGUMENT_ENUM, .choices = long_choices}, 1, "y"),
	    "x: a choice is expected, not \"y\" (" LONG_CHOICE ", " LONG_CHOICE
	    ", ...)");
	/* Cut, but not in the middle of a character. */
	assert_string_equal(refusal(arguments, 1,
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3\xa4zzzz"),
	    "who: a person's name is expected, not "
	    "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"");
}

static void
test_optional(void **state)
{
	const struct argument arguments[] = {
	    {.name = "a", .type = ARGUMENT_STRING, .required = true},
	    {.name = "b", .type = ARGUMENT_STRING},
	    {.name = "c", .type = ARGUMENT_REST}};
	struct argument_value values[3];
	char why[256];

	(void)state;
	assert_int_equal(arguments_parse(arguments, 3, "x", 1, NOON, values,
	    why), 0);
	assert_true(values[0].given);
	assert_false(values[1].given);
	assert_false(values[2].given);
	assert_int_equal(arguments_parse(arguments, 3, "x y  z  z", 9, NOON,
	    values, why), 0);
	assert_int_equal(values[2].len, 4);
	assert_int_equal(arguments_parse(NULL, 0, " ", 1, NOON, values, why),
	    0);
}

/* What may be left out is known by its form. */
static void
test_leading(void **state)
{
	static const struct argument a[] = {
	    {.name = "group", .type = ARGUMENT_ROOM, .leading = true},
	    {.name = "seq", .type = ARGUMENT_INT, .leading = true, .min = 1,
		.max = HUGE_VAL},
	    {.name = "text", .type = ARGUMENT_REST, .required = true}};
	static const struct {
		const char *line, *group, *text; /* NULL: not given; refused */
		int64_t seq;			 /* 0: not given */
	} lines[] = {
	    {"tea", NULL, "tea", 0}, {"#tea is on", "#tea", "is on", 0},
	    {"12 cups", NULL, "cups", 12}, {"#tea 12 cups", "#tea", "cups", 12},
	    {"0 cups", NULL, "0 cups", 0}, {"# cups", NULL, "# cups", 0},
	    {"12 #tea", NULL, "#tea", 12}, {"#tea 12", NULL, NULL, 0},
	    {"#tea", NULL, NULL, 0}, {"", NULL, NULL, 0}};
	struct argument_value v[3];
	char why[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		int rc = arguments_parse(a, 3, lines[i].line,
		    strlen(lines[i].line), NOON, v, why);

		assert_int_equal(lines[i].text == NULL ? -1 : 0, rc);
		if (rc != 0)
			continue;
		assert_int_equal(lines[i].group != NULL, v[0].given);
		if (v[0].given)
			assert_memory_equal(lines[i].group, v[0].text,
			    v[0].len);
		assert_int_equal(lines[i].seq != 0, v[1].given);
		if (v[1].given)
			assert_int_equal(lines[i].seq, v[1].integer);
		assert_int_equal(strlen(lines[i].text), v[2].len);
		assert_memory_equal(lines[i].text, v[2].text, v[2].len);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_leading),
	    cmocka_unit_test(test_types),
	    cmocka_unit_test(test_refusals), cmocka_unit_test(test_optional)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
