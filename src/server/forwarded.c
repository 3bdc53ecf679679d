/* SPDX-License-Identifier: MIT */
#include "server/forwarded.h"

#include <string.h>

/* "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]:80". */
static bool
parse_entry(const char *text, size_t len, struct ip *ip)
{
	const char *end;

	while (len > 0 && (text[0] == ' ' || text[0] == '\t')) {
		text++;
		len--;
	}
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	if (len > 0 && text[0] == '[') {
		end = memchr(text, ']', len);
		return end != NULL &&
		    ip_parse(text + 1, (size_t)(end - text) - 1, ip);
	}
	end = memchr(text, ':', len);
	/* One colon is a port's, more are an IPv6 address's. */
	if (end != NULL && memrchr(text, ':', len) == end)
		len = (size_t)(end - text);
	return ip_parse(text, len, ip);
}

/*
 * One field, from its right end.  True when the walk is over; *found and
 * client are the last hop so far.
 */
static bool
walk(struct http_slice field, const struct range *trusted, size_t n,
    bool *found, struct ip *client)
{
	size_t end = field.len, from;
	const char *comma;
	struct ip ip;

	for (;;) {
		comma = memrchr(field.data, ',', end);
		from = comma != NULL ? (size_t)(comma - field.data) + 1 : 0;
		if (!parse_entry(field.data + from, end - from, &ip))
			return true;
		*client = ip;
		*found = true;
		if (!range_any_has(trusted, n, &ip))
			return true;
		if (comma == NULL)
			return false;
		end = from - 1;
	}
}

bool
forwarded_for(const struct http_request *request,
    const struct range *trusted, size_t n, struct ip *client)
{
	size_t i = request->n_fields;
	bool found = false;

	while (i-- > 0) {
		if (http_slice_is(request->fields[i].name, "X-Forwarded-For") &&
		    walk(request->fields[i].value, trusted, n, &found, client))
			break;
	}
	return found;
}

bool
forwarded_secure(const struct http_request *request, bool otherwise)
{
	struct http_slice proto;

	if (http_request_count(request, "X-Forwarded-Proto") != 1)
		return otherwise;
	proto = http_request_field(request, "X-Forwarded-Proto");
	if (http_slice_is(proto, "https") || http_slice_is(proto, "wss"))
		return true;
	if (http_slice_is(proto, "http") || http_slice_is(proto, "ws"))
		return false;
	return otherwise;
}
