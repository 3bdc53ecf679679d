/* SPDX-License-Identifier: MIT */
#include "api/openapi.h"

#include <stdio.h>
#include <string.h>

/*
 * The table of routes as an OpenAPI 3.1 document
 * (https://spec.openapis.org/oas/v3.1.0).
 */
#define TEMPLATE_SIZE 128

static const char *const about =
    "Beside REST there is a WebSocket at `/chat`, which `/asyncapi.json` "
    "describes. Both do the same things, by the same rules and within the "
    "same limits: what is posted here reaches those who are connected there."
    "\n\nErrors are problems (RFC 9457). Members that are not known are "
    "ignored, and clients should ignore those that they do not know. Lengths "
    "of strings are counted in bytes of UTF-8.";

/* What the parts of the tables are about. */
static const struct {
	const char *name, *doc;
} tags[] = {
    {"accounts", "Coming in: registration, tokens, passwords."},
    {"profile", "Oneself: what others see, devices, sign-ins."},
    {"users", "Other people."},
    {"conversations", "What one is part of, and what is unread there."},
    {"messages", "Sending, reading back, editing, deleting."},
    {"groups", "Groups, their members and their roles."},
    {"events", "What happens, as it happens, without a WebSocket."},
    {"documents", "What the server says of itself."},
};

/* The route of a place in all tables, or NULL behind the last. */
const struct api_route *
openapi_route(size_t place)
{
	const struct api_routes *const *set;

	for (set = api_routes; *set != NULL; set++) {
		if (place < (*set)->n)
			return &(*set)->routes[place];
		place -= (*set)->n;
	}
	return NULL;
}

/* "/api/groups/:name" as "/api/groups/{name}". */
static void
template_of(const char *path, char out[TEMPLATE_SIZE])
{
	size_t n = 0;
	bool within = false;

	for (; n + 2 < TEMPLATE_SIZE; path++) {
		if (within && (*path == '/' || *path == '\0')) {
			out[n++] = '}';
			within = false;
		}
		if (*path == '\0')
			break;
		within |= *path == ':';
		out[n++] = *path == ':' ? '{' : *path;
	}
	out[n] = '\0';
}

/* All methods of a path together, where it is first named. */
static void
put_path(struct buf *out, size_t place)
{
	const struct api_route *route, *first = openapi_route(place);
	char path[TEMPLATE_SIZE];
	size_t i;

	for (i = 0; i < place; i++) {
		if (strcmp(openapi_route(i)->path, first->path) == 0)
			return;
	}
	template_of(first->path, path);
	document_open(out, path, '{');
	for (i = place; (route = openapi_route(i)) != NULL; i++) {
		if (strcmp(route->path, first->path) == 0)
			openapi_put_operation(out, route);
	}
	document_close(out, '}');
}

static void
put_info(struct buf *out)
{
	document_open(out, "info", '{');
	document_text(out, "title", "SyncTalk");
	document_text(out, "version", SYNCTALK_VERSION);
	document_text(out, "summary", "A real-time chat server: REST.");
	document_text(out, "description", about);
	document_json(out, "license",
	    "{\"name\":\"MIT\",\"identifier\":\"MIT\"}");
	document_close(out, '}');
}

static bool
has_tag(const char *tag)
{
	const struct api_route *route;
	size_t i;

	for (i = 0; (route = openapi_route(i)) != NULL; i++) {
		if (strcmp(route->tag, tag) == 0)
			return true;
	}
	return false;
}

static void
put_tags(struct buf *out)
{
	size_t i;

	document_open(out, "tags", '[');
	for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (!has_tag(tags[i].name))
			continue;
		document_open(out, NULL, '{');
		document_text(out, "name", tags[i].name);
		document_text(out, "description", tags[i].doc);
		document_close(out, '}');
	}
	document_close(out, ']');
}

static void
put_components(struct buf *out)
{
	document_open(out, "components", '{');
	openapi_put_schemas(out);
	document_json(out, "securitySchemes",
	    "{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\","
	    "\"bearerFormat\":\"JWT\"}}");
	document_json(out, "headers",
	    "{\"ETag\":{\"description\":\"of what is answered\","
	    "\"schema\":{\"type\":\"string\"}},"
	    "\"RateLimit\":{\"description\":\"what one may still ask for\","
	    "\"schema\":{\"type\":\"string\"}}}");
	openapi_put_refusal_parts(out);
	document_close(out, '}');
}

void
openapi_put(struct buf *out)
{
	size_t i;

	document_open(out, NULL, '{');
	document_text(out, "openapi", "3.1.0");
	put_info(out);
	document_json(out, "servers", "[{\"url\":\"/\"}]");
	put_tags(out);
	document_open(out, "paths", '{');
	for (i = 0; openapi_route(i) != NULL; i++)
		put_path(out, i);
	document_close(out, '}');
	put_components(out);
	document_close(out, '}');
}
