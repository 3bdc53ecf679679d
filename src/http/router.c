/* SPDX-License-Identifier: MIT */
#include "http/router.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Takes "/segment" off the front of *path. */
static struct http_slice
next_segment(struct http_slice *path)
{
	struct http_slice segment;
	const char *slash;

	segment.data = path->data + 1;
	segment.len = path->len - 1;
	slash = memchr(segment.data, '/', segment.len);
	if (slash != NULL)
		segment.len = (size_t)(slash - segment.data);
	path->data += segment.len + 1;
	path->len -= segment.len + 1;
	return segment;
}

static bool
path_matches(const char *pattern, struct http_slice path,
    struct http_match *match)
{
	struct http_slice want = {pattern, strlen(pattern)}, segment, has;

	match->n_params = 0;
	while (want.len > 0 && path.len > 0) {
		if (path.data[0] != '/')
			return false;
		segment = next_segment(&want);
		has = next_segment(&path);
		if (segment.len > 0 && segment.data[0] == ':') {
			assert(match->n_params < HTTP_PARAMS_MAX);
			if (has.len == 0)
				return false;
			match->params[match->n_params++] = has;
		} else if (segment.len != has.len ||
		    memcmp(segment.data, has.data, has.len) != 0) {
			return false;
		}
	}
	return want.len == 0 && path.len == 0;
}

static void
set_allow(struct http_match *match, unsigned int methods)
{
	const char *comma = "";
	enum http_method method;
	size_t n;

	n = (size_t)snprintf(match->allow, sizeof(match->allow), "Allow: ");
	for (method = HTTP_GET; method < HTTP_METHODS; method++) {
		if (!(methods & 1U << method))
			continue;
		n += (size_t)snprintf(match->allow + n,
		    sizeof(match->allow) - n, "%s%s", comma,
		    http_method_name(method));
		comma = ", ";
	}
	n += (size_t)snprintf(match->allow + n, sizeof(match->allow) - n,
	    "\r\n");
	assert(n < sizeof(match->allow));
}

enum http_route_result
http_router_find(const struct http_route *routes, size_t n,
    const struct http_request *request, struct http_match *match)
{
	unsigned int methods, all = 0;
	size_t i;

	match->allow[0] = '\0';
	for (i = 0; i < n; i++) {
		assert(routes[i].path[0] == '/');
		if (!path_matches(routes[i].path, request->path, match))
			continue;
		methods = routes[i].methods;
		if (methods & 1U << HTTP_GET)
			methods |= 1U << HTTP_HEAD;
		if (methods & 1U << request->method) {
			match->route = &routes[i];
			return HTTP_ROUTE_FOUND;
		}
		all |= methods;
	}
	match->route = NULL;
	match->n_params = 0;
	if (all == 0)
		return HTTP_ROUTE_MISSING;
	set_allow(match, all | 1U << HTTP_OPTIONS);
	return request->method == HTTP_OPTIONS ? HTTP_ROUTE_OPTIONS :
	    HTTP_ROUTE_REFUSED;
}
