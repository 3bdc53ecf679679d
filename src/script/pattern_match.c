/* SPDX-License-Identifier: MIT */
#include "script/pattern.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#define STEPS_MAX 1000000
#define STEPS_A_BYTE 16
#define STOP_MASK 4095

/* The letter is lower case: 1, 0, or -1 when it names no class. */
static int
in_named_class(unsigned char letter, unsigned char ch)
{
	switch (letter) {
	case 'a':
		return isalpha(ch) != 0;
	case 'c':
		return iscntrl(ch) != 0;
	case 'd':
		return isdigit(ch) != 0;
	case 'g':
		return isgraph(ch) != 0;
	case 'l':
		return islower(ch) != 0;
	case 'p':
		return ispunct(ch) != 0;
	case 's':
		return isspace(ch) != 0;
	case 'u':
		return isupper(ch) != 0;
	case 'w':
		return isalnum(ch) != 0;
	case 'x':
		return isxdigit(ch) != 0;
	case 'z': /* before Lua 5.2 the only way to write NUL */
		return ch == '\0';
	default:
		return -1;
	}
}

static bool
in_class(unsigned char letter, unsigned char ch)
{
	int in = in_named_class((unsigned char)tolower(letter), ch);

	if (in < 0)
		return letter == ch;
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
