/* SPDX-License-Identifier: MIT */
#include "script/pattern.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

enum item_kind {
	ITEM_DONE,
	ITEM_LITERAL,  /* from..to, never repeated */
	ITEM_CHAR,     /* a */
	ITEM_ANY,
	ITEM_CLASS,    /* a is the letter after '%' */
	ITEM_SET,      /* from..to; a: negated */
	ITEM_BALANCE,  /* between a and b */
	ITEM_FRONTIER, /* from..to; a: negated */
	ITEM_BACK,     /* what capture a was */
	ITEM_OPEN,     /* capture a begins */
	ITEM_CLOSE,    /* capture a ends */
	ITEM_PLACE,    /* capture a is the place */
	ITEM_END       /* '$' */
};

#define STEPS_MAX 1000000
#define STEPS_A_BYTE 16
#define STOP_MASK 4095

struct compiler {
	struct pattern *pattern;
	const unsigned char *at, *end;
	unsigned open[PATTERN_CAPTURES]; /* captures not closed yet */
	unsigned open_count;
	bool closed[PATTERN_CAPTURES];
	const char *why;
};

static struct pattern_item *
add_item(struct compiler *c, enum item_kind kind, unsigned char a)
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

static bool
in_class(unsigned char letter, unsigned char ch)
{
	bool in;

	switch (tolower(letter)) {
	case 'a':
		in = isalpha(ch) != 0;
		break;
	case 'c':
		in = iscntrl(ch) != 0;
		break;
	case 'd':
		in = isdigit(ch) != 0;
		break;
	case 'g':
		in = isgraph(ch) != 0;
		break;
	case 'l':
		in = islower(ch) != 0;
		break;
	case 'p':
		in = ispunct(ch) != 0;
		break;
	case 's':
		in = isspace(ch) != 0;
		break;
	case 'u':
		in = isupper(ch) != 0;
		break;
	case 'w':
		in = isalnum(ch) != 0;
		break;
	case 'x':
		in = isxdigit(ch) != 0;
		break;
	case 'z': /* before Lua 5.2 the only way to write NUL */
		in = ch == '\0';
		break;
	default:
		return letter == ch;
	}
	return isupper(letter) ? !in : in;
}

static bool
in_set(const struct pattern_item *item, unsigned char ch)
{
	const unsigned char *p = item->from;
	bool in = false;

	while (p < item->to && !in) {
		if (*p == '%' && p + 1 < item->to) {
			in = in_class(p[1], ch);
			p += 2;
		} else if (p + 2 < item->to && p[1] == '-') {
			in = p[0] <= ch && ch <= p[2];
			p += 3;
		} else {
			in = *p++ == ch;
		}
	}
	return item->a ? !in : in;
}

/* Items that take one byte. */
static bool
takes(const struct pattern_item *item, unsigned char ch)
{
	switch (item->kind) {
	case ITEM_ANY:
		return true;
	case ITEM_CLASS:
		return in_class(item->a, ch);
	case ITEM_SET:
		return in_set(item, ch);
	default:
		return item->a == ch;
	}
}

/* Counts work; false: it is too much, or somebody wants it to stop. */
static bool
spend(struct pattern_search *s, uint64_t steps)
{
	uint64_t before = s->steps;

	s->steps += steps;
	if (s->steps > s->steps_max) {
		s->failure = PATTERN_TOO_COMPLEX;
		return false;
	}
	if (s->stop != NULL && (before & ~(uint64_t)STOP_MASK) !=
	    (s->steps & ~(uint64_t)STOP_MASK) && s->stop(s->arg)) {
		s->failure = PATTERN_STOPPED;
		return false;
	}
	return true;
}

static const unsigned char *
match_from(struct pattern_search *s, const unsigned char *at,
    const struct pattern_item *item);

static const unsigned char *
match_greedy(struct pattern_search *s, const unsigned char *at,
    const struct pattern_item *item)
{
	const unsigned char *end = (const unsigned char *)s->text + s->len;
	const unsigned char *least = at + (item->repeat == '+');
	const unsigned char *most = at, *found;

	while (most < end && (item->repeat != '?' || most == at) &&
	    takes(item, *most))
		most++;
	if (!spend(s, (uint64_t)(most - at) + 1))
		return NULL;
	for (; most >= least; most--) {
		found = match_from(s, most, item + 1);
		if (found != NULL || s->failure != PATTERN_NONE)
			return found;
	}
	return NULL;
}

static const unsigned char *
match_lazy(struct pattern_search *s, const unsigned char *at,
    const struct pattern_item *item)
{
	const unsigned char *end = (const unsigned char *)s->text + s->len;
	const unsigned char *found;

	for (;; at++) {
		found = match_from(s, at, item + 1);
		if (found != NULL || s->failure != PATTERN_NONE)
			return found;
		if (at == end || !takes(item, *at) || !spend(s, 1))
			return NULL;
	}
}

static const unsigned char *
match_balance(struct pattern_search *s, const unsigned char *at,
    const struct pattern_item *item)
{
	const unsigned char *end = (const unsigned char *)s->text + s->len;
	const unsigned char *p = at;
	size_t depth = 1;

	if (at == end || *at != item->a)
		return NULL;
	while (++p < end) {
		if (*p == item->b) {
			if (--depth == 0)
				break;
		} else if (*p == item->a) {
			depth++;
		}
	}
	if (!spend(s, (uint64_t)(p - at)) || p == end)
		return NULL;
	return p + 1;
}

static const unsigned char *
match_bytes(struct pattern_search *s, const unsigned char *at,
    const void *bytes, size_t len)
{
	const unsigned char *end = (const unsigned char *)s->text + s->len;

	if ((size_t)(end - at) < len || memcmp(at, bytes, len) != 0)
		return NULL;
	return spend(s, len / 16) ? at + len : NULL;
}

static bool
at_frontier(const struct pattern_search *s, const unsigned char *at,
    const struct pattern_item *item)
{
	const unsigned char *begin = (const unsigned char *)s->text;
	unsigned char before = at == begin ? '\0' : at[-1];
	unsigned char here = at == begin + s->len ? '\0' : *at;

	return !in_set(item, before) && in_set(item, here);
}

/*
 * Captures need no undoing: a pattern has no alternatives, so whatever path
 * succeeds has passed, and set, all of them.
 */
static void
set_capture(struct pattern_search *s, const unsigned char *at,
    const struct pattern_item *item)
{
	struct pattern_capture *capture = &s->capture[item->a];

	if (item->kind == ITEM_CLOSE) {
		capture->len = (size_t)((const char *)at - capture->from);
		return;
	}
	capture->from = (const char *)at;
	capture->len = 0;
	capture->position = item->kind == ITEM_PLACE;
}

/* Items that are no choice: the place behind, or NULL. */
static const unsigned char *
match_fixed(struct pattern_search *s, const unsigned char *at,
    const struct pattern_item *item)
{
	const unsigned char *end = (const unsigned char *)s->text + s->len;
	const struct pattern_capture *back;

	switch (item->kind) {
	case ITEM_LITERAL:
		return match_bytes(s, at, item->from,
		    (size_t)(item->to - item->from));
	case ITEM_BALANCE:
		return match_balance(s, at, item);
	case ITEM_FRONTIER:
		return at_frontier(s, at, item) ? at : NULL;
	case ITEM_BACK:
		back = &s->capture[item->a];
		return match_bytes(s, at, back->from, back->len);
	case ITEM_OPEN:
	case ITEM_CLOSE:
	case ITEM_PLACE:
		set_capture(s, at, item);
		return at;
	case ITEM_END:
		return at == end ? at : NULL;
	default:
		return at < end && takes(item, *at) ? at + 1 : NULL;
	}
}

/* Recurses once a repeated item: at most PATTERN_ITEMS deep. */
static const unsigned char *
match_from(struct pattern_search *s, const unsigned char *at,
    const struct pattern_item *item)
{
	for (; item->kind != ITEM_DONE; item++) {
		if (!spend(s, 1))
			return NULL;
		if (item->repeat == '-')
			return match_lazy(s, at, item);
		if (item->repeat != 0)
			return match_greedy(s, at, item);
		at = match_fixed(s, at, item);
		if (at == NULL)
			return NULL;
	}
	return at;
}

void
pattern_search_init(struct pattern_search *search,
    const struct pattern *pattern, const char *text, size_t len)
{
	memset(search, 0, sizeof(*search));
	search->pattern = pattern;
	search->text = text;
	search->len = len;
	search->steps_max = STEPS_MAX + (uint64_t)len * STEPS_A_BYTE;
}

/* Where a match could begin at the earliest, NULL: nowhere. */
static const unsigned char *
skip_to_literal(const struct pattern_search *s, const unsigned char *at)
{
	const unsigned char *end = (const unsigned char *)s->text + s->len;
	const struct pattern_item *first = s->pattern->items;

	if (first->kind != ITEM_LITERAL || s->pattern->anchored)
		return at;
	return memmem(at, (size_t)(end - at), first->from,
	    (size_t)(first->to - first->from));
}

enum pattern_result
pattern_next(struct pattern_search *s, size_t at)
{
	const unsigned char *begin = (const unsigned char *)s->text;
	const unsigned char *p = begin + at, *found;

	assert(at <= s->len);
	s->steps = 0;
	s->failure = PATTERN_NONE;
	for (; p <= begin + s->len; p++) {
		p = skip_to_literal(s, p);
		if (p == NULL || !spend(s, 1))
			break;
		found = match_from(s, p, s->pattern->items);
		if (found != NULL) {
			s->from = (size_t)(p - begin);
			s->to = (size_t)(found - begin);
			return PATTERN_MATCH;
		}
		if (s->pattern->anchored || s->failure != PATTERN_NONE)
			break;
	}
	return s->failure;
}
