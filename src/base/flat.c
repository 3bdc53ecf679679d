/* SPDX-License-Identifier: MIT */
#include "base/flat.h"

#include <string.h>

/* Digits of an integer that cannot overflow. */
#define DIGITS_MAX 18

struct cursor {
	char *at, *end;
};

static void
skip_space(struct cursor *cursor)
{
	while (cursor->at < cursor->end &&
	    (*cursor->at == ' ' || *cursor->at == '\n' ||
		*cursor->at == '\r' || *cursor->at == '\t'))
		cursor->at++;
}

static bool
take(struct cursor *cursor, char c)
{
	skip_space(cursor);
	if (cursor->at == cursor->end || *cursor->at != c)
		return false;
	cursor->at++;
	return true;
}

/* What a letter behind a backslash means; 0: left to others, as \u is. */
static char
unescaped(char letter)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *found = letter != '\0' ? strchr(from, letter) : NULL;

	return found != NULL ? to[found - from] : '\0';
}

/* Behind the opening quote.  The result ends with a NUL. */
static bool
take_string(struct cursor *cursor, const char **string, uint32_t *len)
{
	char *from = cursor->at, *to = from, c;

	for (;;) {
		if (cursor->at == cursor->end)
			return false;
		c = *cursor->at++;
		if (c == '"')
			break;
		if ((unsigned char)c < 0x20)
			return false;
		if (c == '\\') {
			if (cursor->at == cursor->end)
				return false;
			c = unescaped(*cursor->at++);
			if (c == '\0')
				return false;
		}
		*to++ = c;
	}
	*to = '\0'; /* on the closing quote, or before it */
	*string = from;
	*len = (uint32_t)(to - from);
	return true;
}

/* RFC 8259 section 6, without fraction and exponent. */
static bool
take_integer(struct cursor *cursor, int64_t *integer)
{
	bool minus = *cursor->at == '-';
	const char *first;
	int64_t value = 0;

	cursor->at += minus;
	first = cursor->at;
	while (cursor->at < cursor->end && *cursor->at >= '0' &&
	    *cursor->at <= '9' && cursor->at - first < DIGITS_MAX)
		value = value * 10 + (*cursor->at++ - '0');
	if (cursor->at == first || (*first == '0' && cursor->at - first > 1))
		return false;
	*integer = minus ? -value : value;
	return true;
}

static bool
take_word(struct cursor *cursor, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(cursor->end - cursor->at) < len ||
	    memcmp(cursor->at, word, len) != 0)
		return false;
	cursor->at += len;
	return true;
}

static bool
take_value(struct cursor *cursor, struct flat_member *member)
{
	skip_space(cursor);
	if (cursor->at == cursor->end)
		return false;
	switch (*cursor->at) {
	case '"':
		cursor->at++;
		member->type = FLAT_STRING;
		return take_string(cursor, &member->string, &member->len);
	case 't':
		member->type = FLAT_BOOL;
		member->integer = 1;
		return take_word(cursor, "true");
	case 'f':
		member->type = FLAT_BOOL;
		member->integer = 0;
		return take_word(cursor, "false");
	case 'n':
		member->type = FLAT_NULL;
		return take_word(cursor, "null");
	default:
		member->type = FLAT_INTEGER;
		return take_integer(cursor, &member->integer);
	}
}

/* A key given twice is left to jansson to refuse. */
static bool
take_member(struct cursor *cursor, struct flat *flat)
{
	struct flat_member *member;
	uint32_t key_len;

	if (flat->n == FLAT_MAX)
		return false;
	member = &flat->members[flat->n];
	if (!take(cursor, '"') ||
	    !take_string(cursor, &member->key, &key_len) ||
	    flat_get(flat, member->key) != NULL || !take(cursor, ':') ||
	    !take_value(cursor, member))
		return false;
	flat->n++;
	return true;
}

bool
flat_parse(char *text, size_t len, struct flat *flat)
{
	struct cursor cursor = {text, text + len};

	flat->n = 0;
	if (len > UINT32_MAX || !take(&cursor, '{'))
		return false;
	if (!take(&cursor, '}')) {
		do {
			if (!take_member(&cursor, flat))
				return false;
		} while (take(&cursor, ','));
		if (!take(&cursor, '}'))
			return false;
	}
	skip_space(&cursor);
	return cursor.at == cursor.end;
}

const struct flat_member *
flat_get(const struct flat *flat, const char *key)
{
	unsigned i;

	for (i = 0; i < flat->n; i++) {
		if (strcmp(flat->members[i].key, key) == 0)
			return &flat->members[i];
	}
	return NULL;
}
