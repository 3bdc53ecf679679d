/* SPDX-License-Identifier: MIT */
#include "http/field.h"

#include <string.h>

/* RFC 9110 section 5.6.2: tchar. */
static const bool tchars[256] = {
    ['!'] = true, ['#'] = true, ['$'] = true, ['%'] = true, ['&'] = true,
    ['\''] = true, ['*'] = true, ['+'] = true, ['-'] = true, ['.'] = true,
    ['^'] = true, ['_'] = true, ['`'] = true, ['|'] = true, ['~'] = true,
    ['0'] = true, ['1'] = true, ['2'] = true, ['3'] = true, ['4'] = true,
    ['5'] = true, ['6'] = true, ['7'] = true, ['8'] = true, ['9'] = true,
    ['A'] = true, ['B'] = true, ['C'] = true, ['D'] = true, ['E'] = true,
    ['F'] = true, ['G'] = true, ['H'] = true, ['I'] = true, ['J'] = true,
    ['K'] = true, ['L'] = true, ['M'] = true, ['N'] = true, ['O'] = true,
    ['P'] = true, ['Q'] = true, ['R'] = true, ['S'] = true, ['T'] = true,
    ['U'] = true, ['V'] = true, ['W'] = true, ['X'] = true, ['Y'] = true,
    ['Z'] = true,
    ['a'] = true, ['b'] = true, ['c'] = true, ['d'] = true, ['e'] = true,
    ['f'] = true, ['g'] = true, ['h'] = true, ['i'] = true, ['j'] = true,
    ['k'] = true, ['l'] = true, ['m'] = true, ['n'] = true, ['o'] = true,
    ['p'] = true, ['q'] = true, ['r'] = true, ['s'] = true, ['t'] = true,
    ['u'] = true, ['v'] = true, ['w'] = true, ['x'] = true, ['y'] = true,
    ['z'] = true};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct http_slice
trim(const char *data, size_t len)
{
	while (len > 0 && is_blank(data[0])) {
		data++;
		len--;
	}
	while (len > 0 && is_blank(data[len - 1]))
		len--;
	return (struct http_slice){data, len};
}

bool
http_token_valid(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!tchars[(unsigned char)text[i]])
			return false;
	return len > 0;
}

bool
http_text_valid(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!http_is_text((unsigned char)text[i]))
			return false;
	return true;
}

int
http_field_parse(const char *line, size_t len, struct http_field *field)
{
	const char *colon = len > 0 ? memchr(line, ':', len) : NULL;
	size_t name;

	if (colon == NULL)
		return -1;
	name = (size_t)(colon - line);
	if (!http_token_valid(line, name))
		return -1;
	field->name = (struct http_slice){line, name};
	field->value = trim(colon + 1, len - name - 1);
	return 0;
}

bool
http_list_next(struct http_slice *list, struct http_slice *element)
{
	const char *comma;
	size_t len;

	while (list->len > 0) {
		comma = memchr(list->data, ',', list->len);
		len = comma != NULL ? (size_t)(comma - list->data) : list->len;
		*element = trim(list->data, len);
		if (comma != NULL)
			len++;
		list->data += len;
		list->len -= len;
		if (element->len > 0)
			return true;
	}
	return false;
}
