/* SPDX-License-Identifier: MIT */
#include "http/request.h"

#include <assert.h>
#include <string.h>

static const char *const method_names[HTTP_METHODS] = {
    [HTTP_GET] = "GET",
    [HTTP_HEAD] = "HEAD",
    [HTTP_POST] = "POST",
    [HTTP_PUT] = "PUT",
    [HTTP_PATCH] = "PATCH",
    [HTTP_DELETE] = "DELETE",
    [HTTP_OPTIONS] = "OPTIONS",
};

const char *
http_method_name(enum http_method method)
{
	assert(method < HTTP_METHODS);
	return method_names[method];
}

struct http_slice
http_request_field(const struct http_request *request, const char *name)
{
	size_t i;

	for (i = 0; i < request->n_fields; i++)
		if (http_slice_is(request->fields[i].name, name))
			return request->fields[i].value;
	return (struct http_slice){NULL, 0};
}

size_t
http_request_count(const struct http_request *request, const char *name)
{
	size_t i, n = 0;

	for (i = 0; i < request->n_fields; i++)
		if (http_slice_is(request->fields[i].name, name))
			n++;
	return n;
}

bool
http_request_lists(const struct http_request *request, const char *name,
    const char *token)
{
	struct http_slice list, element;
	size_t i;

	for (i = 0; i < request->n_fields; i++) {
		if (!http_slice_is(request->fields[i].name, name))
			continue;
		list = request->fields[i].value;
		while (http_list_next(&list, &element))
			if (http_slice_is(element, token))
				return true;
	}
	return false;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The byte that text begins with, or -1; *used is what it took. */
static int
decode_byte(struct http_slice text, bool plus, size_t *used)
{
	int high, low;

	*used = 1;
	if (text.data[0] == '+' && plus)
		return ' ';
	if (text.data[0] != '%')
		return (unsigned char)text.data[0];
	if (text.len < 3)
		return -1;
	high = hex_value(text.data[1]);
	low = hex_value(text.data[2]);
	if (high < 0 || low < 0)
		return -1;
	*used = 3;
	return high << 4 | low;
}

static int
decode(struct http_slice text, bool plus, char *out, size_t size)
{
	size_t n = 0, used;
	int byte;

	assert(size > 0);
	while (text.len > 0) {
		byte = decode_byte(text, plus, &used);
		if (byte <= 0 || n + 1 >= size) {
			out[0] = '\0';
			return -1;
		}
		out[n++] = (char)byte;
		text.data += used;
		text.len -= used;
	}
	out[n] = '\0';
	return (int)n;
}

/* Whether the encoded text means name. */
static bool
decodes_to(struct http_slice text, const char *name)
{
	size_t used;

	for (; text.len > 0 && *name != '\0'; name++) {
		if (decode_byte(text, true, &used) != (unsigned char)*name)
			return false;
		text.data += used;
		text.len -= used;
	}
	return text.len == 0 && *name == '\0';
}

/* Takes what is before the first mark, or all, off the front of *text. */
static struct http_slice
cut(struct http_slice *text, char mark)
{
	const char *at = memchr(text->data, mark, text->len);
	struct http_slice front = *text;

	if (at == NULL) {
		text->data += text->len;
		text->len = 0;
		return front;
	}
	front.len = (size_t)(at - text->data);
	text->data += front.len + 1;
	text->len -= front.len + 1;
	return front;
}

int
http_query_get(const struct http_request *request, const char *name,
    char *out, size_t size)
{
	struct http_slice rest = request->query, value;

	out[0] = '\0';
	while (rest.len > 0) {
		value = cut(&rest, '&');
		if (decodes_to(cut(&value, '='), name))
			return decode(value, true, out, size);
	}
	return -1;
}

size_t
http_query_count(const struct http_request *request, const char *name)
{
	struct http_slice rest = request->query, value;
	size_t n = 0;

	while (rest.len > 0) {
		value = cut(&rest, '&');
		if (decodes_to(cut(&value, '='), name))
			n++;
	}
	return n;
}

int
http_percent_decode(struct http_slice text, char *out, size_t size)
{
	return decode(text, false, out, size);
}
