/* SPDX-License-Identifier: MIT */
#include "api/negotiate.h"

#define WEIGHT_MAX 1000 /* a q of 1, in thousandths (section 12.4.2) */
#define NOT_SAID (-1)

static struct http_slice
trim(struct http_slice text)
{
	while (text.len > 0 && (*text.data == ' ' || *text.data == '\t')) {
		text.data++;
		text.len--;
	}
	while (text.len > 0 && (text.data[text.len - 1] == ' ' ||
	    text.data[text.len - 1] == '\t'))
		text.len--;
	return text;
}

/* Takes what is before the next ";" off the front. */
static struct http_slice
next_part(struct http_slice *text)
{
	const char *end = memchr(text->data, ';', text->len);
	struct http_slice part = *text;

	if (end != NULL)
		part.len = (size_t)(end - text->data);
	text->data += part.len;
	text->len -= part.len;
	if (text->len > 0) {
		text->data++;
		text->len--;
	}
	return trim(part);
}

/* "0.35"; what is none counts as 0. */
static int
read_weight(struct http_slice text)
{
	int weight = 0, digit = WEIGHT_MAX;
	size_t i;

	if (text.len == 0 || text.len > 5 || (text.data[0] != '0' &&
	    text.data[0] != '1') || (text.len > 1 && text.data[1] != '.'))
		return 0;
	for (i = 0; i < text.len; i++) {
		if (i == 1)
			continue;
		if (text.data[i] < '0' || text.data[i] > '9')
			return 0;
		weight += (text.data[i] - '0') * digit;
		digit /= 10;
	}
	return weight <= WEIGHT_MAX ? weight : 0;
}

/* Of the parameters behind a name. */
static int
weight_of(struct http_slice parameters)
{
	struct http_slice part;

	while (parameters.len > 0) {
		part = next_part(&parameters);
		if (part.len >= 2 && (part.data[0] | 0x20) == 'q' &&
		    part.data[1] == '=') {
			part.data += 2;
			part.len -= 2;
			return read_weight(part);
		}
	}
	return WEIGHT_MAX;
}

/* What all fields of that name say of an element, or NOT_SAID. */
static int
find(const struct http_request *request, const char *field,
    const char *element)
{
	struct http_slice list, one;
	size_t i;

	for (i = 0; i < request->n_fields; i++) {
		if (!http_slice_is(request->fields[i].name, field))
			continue;
		list = request->fields[i].value;
		while (http_list_next(&list, &one)) {
			if (http_slice_is(next_part(&one), element))
				return weight_of(one);
		}
	}
	return NOT_SAID;
}

bool
negotiate_type(const struct http_request *request, const char *type)
{
	const char *slash = strchr(type, '/');
	char range[64];
	int weight;

	if (http_request_count(request, "Accept") == 0)
		return true;
	weight = find(request, "Accept", type);
	if (weight == NOT_SAID && slash != NULL &&
	    (size_t)(slash - type) + 3 <= sizeof(range)) {
		memcpy(range, type, (size_t)(slash - type) + 1);
		memcpy(range + (slash - type) + 1, "*", 2);
		weight = find(request, "Accept", range);
	}
	if (weight == NOT_SAID)
		weight = find(request, "Accept", "*/*");
	return weight > 0;
}

bool
negotiate_gzip(const struct http_request *request)
{
	static const char field[] = "Accept-Encoding";
	int gzip = find(request, field, "gzip");
	int plain = find(request, field, "identity");

	if (gzip == NOT_SAID)
		gzip = find(request, field, "x-gzip");
	if (gzip == NOT_SAID)
		gzip = find(request, field, "*");
	return gzip > 0 && gzip >= plain;
}
