/* SPDX-License-Identifier: MIT */
#include "script/pattern.h"

#include <ctype.h>
#include <string.h>

struct compiler {
	struct pattern *pattern;
	const unsigned char *at, *end;
	unsigned open[PATTERN_CAPTURES]; /* captures not closed yet */
	unsigned open_count;
	bool closed[PATTERN_CAPTURES];
	const char *why;
};

static struct pattern_item *
add_item(struct compiler *c, enum pattern_item_kind kind, unsigned char a)
{
	struct pattern_item *item;

	/* One place stays free for ITEM_DONE. */
	if (c->pattern->count == PATTERN_ITEMS - 1 && kind != ITEM_DONE) {
		c->why = "pattern has too many parts";
		return &c->pattern->items[0];
	}
	item = &c->pattern->items[c->pattern->count++];
	memset(item, 0, sizeof(*item));
	item->kind = (uint8_t)kind;
	item->a = a;
	return item;
}

/* c->at is behind the '['; ends behind the ']'. */
static void
compile_set(struct compiler *c, struct pattern_item *item)
{
	if (c->at < c->end && *c->at == '^') {
		item->a = 1;
		c->at++;
	}
	item->from = c->at;
	/* A ']' that comes first is a member. */
	do {
		if (c->at == c->end)
			break;
		if (*c->at++ == '%' && c->at < c->end)
			c->at++;
	} while (c->at < c->end && *c->at != ']');
	if (c->at == c->end) {
		c->why = "malformed pattern (missing ']')";
		return;
	}
	item->to = c->at++;
}

static void
compile_open(struct compiler *c)
{
	unsigned n = c->pattern->captures;

	if (n == PATTERN_CAPTURES) {
		c->why = "too many captures";
		return;
	}
	c->pattern->captures++;
	if (c->at < c->end && *c->at == ')') {
		c->at++;
		c->closed[n] = true;
		add_item(c, ITEM_PLACE, (unsigned char)n);
		return;
	}
	c->open[c->open_count++] = n;
	add_item(c, ITEM_OPEN, (unsigned char)n);
}

static void
compile_close(struct compiler *c)
{
	unsigned n;

	if (c->open_count == 0) {
		c->why = "invalid pattern capture";
		return;
	}
	n = c->open[--c->open_count];
	c->closed[n] = true;
	add_item(c, ITEM_CLOSE, (unsigned char)n);
}

static void
compile_back(struct compiler *c, unsigned char digit)
{
	unsigned n = digit - (unsigned)'1';

	if (digit == '0' || n >= c->pattern->captures || !c->closed[n])
		c->why = "invalid capture index in pattern";
	else
		add_item(c, ITEM_BACK, (unsigned char)n);
}

static void
compile_balance(struct compiler *c)
{
	struct pattern_item *item;

	if (c->end - c->at < 2) {
		c->why = "malformed pattern (missing arguments to '%b')";
		return;
	}
	item = add_item(c, ITEM_BALANCE, c->at[0]);
	item->b = c->at[1];
	c->at += 2;
}

static void
compile_frontier(struct compiler *c)
{
	if (c->at == c->end || *c->at != '[') {
		c->why = "missing '[' after '%f' in pattern";
		return;
	}
	c->at++;
	compile_set(c, add_item(c, ITEM_FRONTIER, 0));
}

static void
compile_repeat(struct compiler *c, struct pattern_item *item)
{
	if (c->at < c->end && *c->at != '\0' && strchr("?*+-", *c->at) != NULL)
		item->repeat = *c->at++;
}

/* Behind a '%'. */
static void
compile_escape(struct compiler *c)
{
	unsigned char ch;

	if (c->at == c->end) {
		c->why = "malformed pattern (ends with '%')";
		return;
	}
	ch = *c->at++;
	if (ch == 'b')
		compile_balance(c);
	else if (ch == 'f')
		compile_frontier(c);
	else if (isdigit(ch))
		compile_back(c, ch);
	else
		compile_repeat(c, add_item(c,
		    isalpha(ch) ? ITEM_CLASS : ITEM_CHAR, ch));
}

/* One plain character; those in a row that are not repeated become one. */
static void
compile_char(struct compiler *c, unsigned char ch)
{
	struct pattern *p = c->pattern;
	struct pattern_item *item = add_item(c, ITEM_CHAR, ch), *last;

	compile_repeat(c, item);
	if (c->why != NULL || item->repeat != 0)
		return;
	item->kind = ITEM_LITERAL;
	item->from = c->at - 1;
	item->to = c->at;
	last = p->count >= 2 ? item - 1 : NULL;
	if (last != NULL && last->kind == ITEM_LITERAL &&
	    last->to == item->from) {
		last->to = item->to;
		p->count--;
	}
}

static void
compile_one(struct compiler *c)
{
	struct pattern_item *item;
	unsigned char ch = *c->at++;

	switch (ch) {
	case '(':
		compile_open(c);
		break;
	case ')':
		compile_close(c);
		break;
	case '%':
		compile_escape(c);
		break;
	case '[':
		item = add_item(c, ITEM_SET, 0);
		compile_set(c, item);
		compile_repeat(c, item);
		break;
	case '.':
		compile_repeat(c, add_item(c, ITEM_ANY, 0));
		break;
	case '$':
		if (c->at == c->end) {
			add_item(c, ITEM_END, 0);
			break;
		}
		/* fall through */
	default:
		compile_char(c, ch);
	}
}

const char *
pattern_compile(struct pattern *pattern, const char *text, size_t len,
    bool anchors)
{
	struct compiler c = {.pattern = pattern,
	    .at = (const unsigned char *)text};

	c.end = c.at + len;
	pattern->captures = 0;
	pattern->count = 0;
	pattern->anchored = anchors && len > 0 && text[0] == '^';
	if (pattern->anchored)
		c.at++;
	while (c.at < c.end && c.why == NULL)
		compile_one(&c);
	if (c.why == NULL && c.open_count > 0)
		c.why = "unfinished capture";
	add_item(&c, ITEM_DONE, 0);
	return c.why;
}

bool
pattern_is_plain(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] != '\0' && strchr("^$*+?.([%-", text[i]) != NULL)
			return false;
	}
	return true;
}
