/* SPDX-License-Identifier: MIT */
#include "script/arguments.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define SHOWN_MAX 40

const char *const argument_types[] = {"string", "int", "number", "bool",
    "duration", "time", "user", "room", "role", "enum", "rest", "url", NULL};

struct cursor {
	const char *at, *end;
};

/* What is expected where something else stands. */
static const char *const expectations[] = {
    [ARGUMENT_STRING] = "a word is expected, or \"several\" in quotes",
    [ARGUMENT_INT] = "a whole number is expected",
    [ARGUMENT_NUMBER] = "a number is expected",
    [ARGUMENT_BOOL] = "yes or no is expected",
    [ARGUMENT_DURATION] = "a duration such as 30s, 10m, 2h or 1d is expected",
    [ARGUMENT_TIME] = "a time such as 18:30 or 2026-11-22T18:30:00Z (UTC) is "
	"expected",
    [ARGUMENT_USER] = "a person's name is expected",
    [ARGUMENT_ROOM] = "a group's name is expected",
    [ARGUMENT_ROLE] = "a role is expected",
    [ARGUMENT_ENUM] = "a choice is expected",
    [ARGUMENT_REST] = "text is expected",
    [ARGUMENT_URL] = "an address that begins with http:// or https:// is "
	"expected"};

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void
skip_space(struct cursor *c)
{
	while (c->at < c->end && is_space(*c->at))
		c->at++;
}

/* The next word, in quotes or not; false: a quote is not closed. */
static bool
take_word(struct cursor *c, bool quotes, const char **text, size_t *len)
{
	const char *from = c->at, *close;

	if (quotes && c->at < c->end && *c->at == '"') {
		close = memchr(from + 1, '"', (size_t)(c->end - from) - 1);
		if (close == NULL)
			return false;
		*text = from + 1;
		*len = (size_t)(close - *text);
		c->at = close + 1;
		return true;
	}
	while (c->at < c->end && !is_space(*c->at))
		c->at++;
	*text = from;
	*len = (size_t)(c->at - from);
	return true;
}

/* Without cutting a character of UTF-8 in two. */
static int
shown(const char *text, size_t len)
{
	return (int)utf8_cut(text, len, SHOWN_MAX);
}

static void
say_expected(const struct argument *a, const struct argument_value *v,
    char why[256])
{
	const char *const *choice;
	const char *next = " (";

	snprintf(why, 256, "%s: %s, not \"%.*s\"", a->name,
	    expectations[a->type], shown(v->text, v->len), v->text);
	if (a->choices == NULL)
		return;
	/* As many as there is room for, each whole. */
	for (choice = a->choices; *choice != NULL; choice++) {
		if (strlen(why) + strlen(*choice) + sizeof(", , ...)") > 256) {
			strcat(why, next);
			strcat(why, "...");
			break;
		}
		strcat(why, next);
		strcat(why, *choice);
		next = ", ";
	}
	strcat(why, ")");
}

static bool
in_range(const struct argument *a, const struct argument_value *v,
    char why[256])
{
	double number = a->type == ARGUMENT_NUMBER ? v->number
	    : (double)v->integer;

	if (a->type != ARGUMENT_INT && a->type != ARGUMENT_NUMBER &&
	    a->type != ARGUMENT_DURATION)
		return true;
	if (number < a->min) {
		snprintf(why, 256, "%s: must be at least %.15g", a->name,
		    a->min);
		return false;
	}
	if (number > a->max) {
		snprintf(why, 256, "%s: must be at most %.15g", a->name,
		    a->max);
		return false;
	}
	return true;
}

/* Nothing where it may be left out and something else stands. */
static int
parse_one(const struct argument *a, struct cursor *c, int64_t now_us,
    struct argument_value *v, char why[256])
{
	const char *from;

	skip_space(c);
	from = c->at;
	if (c->at == c->end) {
		if (a->required)
			snprintf(why, 256, "%s is missing", a->name);
		return a->required ? -1 : 0;
	}
	if (a->type == ARGUMENT_REST) {
		v->text = c->at;
		v->len = (size_t)(c->end - c->at);
		c->at = c->end;
	} else if (!take_word(c, a->type == ARGUMENT_STRING, &v->text,
	    &v->len)) {
		snprintf(why, 256, "%s: the quote is not closed", a->name);
		return -1;
	}
	v->given = argument_convert(a, now_us, v);
	if (!v->given)
		say_expected(a, v, why);
	else if (in_range(a, v, why))
		return 0;
	if (!a->leading)
		return -1;
	v->given = false;
	c->at = from;
	return 0;
}

int
arguments_parse(const struct argument *arguments, unsigned count,
    const char *text, size_t len, int64_t now_us,
    struct argument_value *values, char why[256])
{
	struct cursor c = {text, text + len};
	unsigned i;

	while (c.end > c.at && is_space(c.end[-1]))
		c.end--;
	memset(values, 0, count * sizeof(*values));
	for (i = 0; i < count; i++) {
		if (parse_one(&arguments[i], &c, now_us, &values[i], why) != 0)
			return -1;
	}
	skip_space(&c);
	if (c.at == c.end)
		return 0;
	snprintf(why, 256, "\"%.*s\" is too much",
	    shown(c.at, (size_t)(c.end - c.at)), c.at);
	return -1;
}
