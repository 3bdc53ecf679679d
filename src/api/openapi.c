/* SPDX-License-Identifier: MIT */
#include "api/openapi.h"

#include <stdio.h>
#include <string.h>

#include "api/call.h"
#include "http/response.h"

/*
 * The table of routes as an OpenAPI 3.1 document
 * (https://spec.openapis.org/oas/v3.1.0).
 */
#define JSON_TYPE "application/json"
#define PROBLEM_TYPE "application/problem+json"
#define CODE(name) (1U << CODE_##name)
#define TEMPLATE_SIZE 128

static const char *const about =
    "Beside REST there is a WebSocket at `/chat`, which `/asyncapi.json` "
    "describes. Both do the same things, by the same rules and within the "
    "same limits: what is posted here reaches those who are connected there."
    "\n\nErrors are problems (RFC 9457). Members that are not known are "
    "ignored, and clients should ignore those that they do not know. Lengths "
    "of strings are counted in bytes of UTF-8.";

/* What the parts of the tables are about, and the names within paths. */
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

static const struct api_member params[] = {
    {.name = "name", .type = API_STRING,
	.doc = "of a person, or of a group without its #",
	.example = "\"bob\""},
    {.name = "user", .type = API_STRING, .doc = "a person's name",
	.example = "\"bob\""},
    {.name = "id", .type = API_STRING, .doc = "as the list gives it",
	.example = "\"901\""},
    {.name = "conversation", .type = API_STRING,
	.doc = "\"tea\", \"@bob\"; a # is written %23",
	.example = "\"@bob\""},
    {.name = "emoji", .type = API_STRING, .doc = "percent-encoded",
	.example = "\"👍\""},
    {NULL}};

/* A sentence for each code, as an example. */
static const char *const details[CODES_COUNT] = {
    [CODE_BAD_REQUEST] = "`text` is missing",
    [CODE_UNAUTHORIZED] = "the token has expired",
    [CODE_FORBIDDEN] = "this needs the role moderator",
    [CODE_NOT_FOUND] = "there is nobody called bob here",
    [CODE_NOT_MEMBER] = "only members of the group may do that",
    [CODE_BLOCKED] = "bob has blocked you",
    [CODE_MUTED] = "you are muted in #tea",
    [CODE_BANNED] = "you are banned from #tea",
    [CODE_SLOW_MODE] = "the group is in slow mode",
    [CODE_REJECTED] = "a rule of the operator refused this",
    [CODE_RATE_LIMITED] = "too fast; again in a moment",
    [CODE_TOO_LARGE] = "the text is too long",
    [CODE_CONFLICT] = "this name is taken",
    [CODE_UNKNOWN_TYPE] = "there is no such type",
    [CODE_UNKNOWN_COMMAND] = "there is no such command",
    [CODE_UNAVAILABLE] = "not now; try again later",
    [CODE_INTERNAL] = "the server failed",
};

/* -------------------------------------------------------------- operations */

static const struct api_member *
find_param(const char *name, size_t len)
{
	const struct api_member *member;

	for (member = params; member->name != NULL; member++) {
		if (strlen(member->name) == len &&
		    memcmp(member->name, name, len) == 0)
			break;
	}
	return member;
}

static void
put_path_params(struct buf *out, const char *path)
{
	struct api_member member;
	char name[64];
	size_t len;

	while ((path = strchr(path, ':')) != NULL) {
		path++;
		len = strcspn(path, "/");
		member = *find_param(path, len);
		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		member.name = name;
		openapi_put_param(out, &member, "path");
	}
}

static bool
takes_key(const struct api_route *route)
{
	return route->method == HTTP_POST && route->auth == API_BEARER;
}

static void
put_params(struct buf *out, const struct api_route *route)
{
	static const struct api_member if_match = {.name = "If-Match",
	    .type = API_STRING, .doc = "an ETag: only if it is still this one"};
	static const struct api_member if_none_match = {
	    .name = "If-None-Match", .type = API_STRING,
	    .doc = "an ETag: 304 if it is still this one"};
	static const struct api_member key = {.name = "Idempotency-Key",
	    .type = API_STRING, .min = 1, .max = 64,
	    .doc = "a repeat with the same key is answered the same, and does "
	    "nothing"};
	const struct api_member *member;

	document_open(out, "parameters", '[');
	put_path_params(out, route->path);
	for (member = route->query; member != NULL && member->name != NULL;
	    member++)
		openapi_put_param(out, member, "query");
	if (route->conditional)
		openapi_put_param(out, route->method == HTTP_GET ?
		    &if_none_match : &if_match, "header");
	if (takes_key(route))
		openapi_put_param(out, &key, "header");
	document_close(out, ']');
}

static void
put_body(struct buf *out, const struct api_route *route)
{
	if (route->body == NULL)
		return;
	document_open(out, "requestBody", '{');
	document_bool(out, "required", !route->body_optional);
	document_open(out, "content", '{');
	document_open(out, JSON_TYPE, '{');
	document_ref(out, "schema", "schemas", route->body->name);
	document_close(out, '}');
	document_close(out, '}');
	document_close(out, '}');
}

static void
put_type(struct buf *out, const char *type, const struct api_schema *schema)
{
	document_open(out, type, '{');
	if (schema != NULL)
		document_ref(out, "schema", "schemas", schema->name);
	else
		document_json(out, "schema", strstr(type, "json") != NULL ?
		    "{\"type\":\"object\"}" : "{\"type\":\"string\"}");
	document_close(out, '}');
}

static void
put_content(struct buf *out, const struct api_route *route)
{
	if (route->answer == NULL && route->type == NULL)
		return;
	document_open(out, "content", '{');
	/* What streams, or is answered once. */
	if (route->auth == API_STREAM) {
		put_type(out, route->type, NULL);
		put_type(out, JSON_TYPE, route->answer);
	} else {
		put_type(out, route->type != NULL ? route->type : JSON_TYPE,
		    route->answer);
	}
	document_close(out, '}');
}

static void
put_headers(struct buf *out, const struct api_route *route, int status)
{
	bool tagged = route->conditional && (status == 200 || status == 304);

	if (!tagged && !route->limited)
		return;
	document_open(out, "headers", '{');
	if (tagged)
		document_ref(out, "ETag", "headers", "ETag");
	if (route->limited)
		document_ref(out, "RateLimit", "headers", "RateLimit");
	document_close(out, '}');
}

static void
put_success(struct buf *out, const struct api_route *route, int status)
{
	char key[12];

	snprintf(key, sizeof(key), "%d", status);
	document_open(out, key, '{');
	document_text(out, "description", status == 201 ? "made" :
	    status == 304 ? "you have it already" : "done");
	put_headers(out, route, status);
	if (status != 204 && status != 304)
		put_content(out, route);
	document_close(out, '}');
}

/* A refusal, with those of the codes that may be its reason. */
static void
put_refusal(struct buf *out, int status, unsigned codes)
{
	char key[12];
	unsigned code;

	snprintf(key, sizeof(key), "%d", status);
	document_open(out, key, '{');
	document_text(out, "description", http_status_text(status));
	document_open(out, "content", '{');
	document_open(out, PROBLEM_TYPE, '{');
	document_open(out, "schema", '{');
	document_open(out, "allOf", '[');
	document_ref(out, NULL, "schemas", api_problem_schema.name);
	document_open(out, NULL, '{');
	document_open(out, "properties", '{');
	document_open(out, "code", '{');
	document_open(out, "enum", '[');
	for (code = 0; code < CODES_COUNT; code++) {
		if (codes & 1U << code)
			document_text(out, NULL, chat_code_name(code));
	}
	document_close(out, ']');
	document_close(out, '}');
	document_close(out, '}');
	document_close(out, '}');
	document_close(out, ']');
	document_close(out, '}');
	document_open(out, "examples", '{');
	for (code = 0; code < CODES_COUNT; code++) {
		if (codes & 1U << code)
			document_ref(out, chat_code_name(code), "examples",
			    chat_code_name(code));
	}
	document_close(out, '}');
	document_close(out, '}');
	document_close(out, '}');
	document_close(out, '}');
}

/* How any route of its kind may refuse, beside what the table says. */
static unsigned
refusals(const struct api_route *route)
{
	unsigned codes = route->codes | CODE(UNAVAILABLE) | CODE(INTERNAL);

	if (route->query != NULL || route->body != NULL ||
	    strchr(route->path, ':') != NULL)
		codes |= CODE(BAD_REQUEST);
	if (route->auth != API_PUBLIC)
		codes |= CODE(UNAUTHORIZED) | CODE(FORBIDDEN) | CODE(BANNED) |
		    CODE(RATE_LIMITED);
	if (route->limited)
		codes |= CODE(RATE_LIMITED);
	return codes;
}

/* Codes that come with another status than their own. */
static unsigned
codes_beside(const struct api_route *route, int status)
{
	bool get = route->method == HTTP_GET;

	switch (status) {
	case 406:
		return route->answer != NULL ? CODE(BAD_REQUEST) : 0;
	case 412:
		return route->conditional && !get ? CODE(CONFLICT) : 0;
	case 415:
		return route->body != NULL ? CODE(BAD_REQUEST) : 0;
	case 409:
	case 422:
		return takes_key(route) ? CODE(CONFLICT) : 0;
	default:
		return 0;
	}
}

static void
put_refusals(struct buf *out, const struct api_route *route)
{
	unsigned codes = refusals(route), group, code;
	int status;

	for (status = 400; status < 600; status++) {
		group = codes_beside(route, status);
		for (code = 0; code < CODES_COUNT; code++) {
			if ((codes & 1U << code) && api_status(code) == status)
				group |= 1U << code;
		}
		if (group != 0)
			put_refusal(out, status, group);
	}
}

static void
put_responses(struct buf *out, const struct api_route *route)
{
	document_open(out, "responses", '{');
	put_success(out, route, route->status);
	if (route->status_other != 0)
		put_success(out, route, route->status_other);
	if (route->conditional && route->method == HTTP_GET)
		put_success(out, route, 304);
	put_refusals(out, route);
	document_close(out, '}');
}

static void
put_security(struct buf *out, const struct api_route *route)
{
	document_open(out, "security", '[');
	if (route->auth == API_OPTIONAL)
		document_json(out, NULL, "{}");
	if (route->auth != API_PUBLIC) {
		document_open(out, NULL, '{');
		document_open(out, "bearer", '[');
		if (route->scope != 0)
			document_text(out, NULL, scope_name(route->scope));
		document_close(out, ']');
		document_close(out, '}');
	}
	document_close(out, ']');
}

static void
put_operation(struct buf *out, const struct api_route *route)
{
	char method[16];
	size_t i;

	snprintf(method, sizeof(method), "%s",
	    http_method_name(route->method));
	for (i = 0; method[i] != '\0'; i++)
		method[i] = (char)(method[i] | 0x20);
	document_open(out, method, '{');
	document_text(out, "operationId", route->id);
	document_open(out, "tags", '[');
	document_text(out, NULL, route->tag);
	document_close(out, ']');
	document_text(out, "summary", route->summary);
	if (route->doc != NULL)
		document_text(out, "description", route->doc);
	put_security(out, route);
	put_params(out, route);
	put_body(out, route);
	put_responses(out, route);
	document_close(out, '}');
}

/* ---------------------------------------------------------------- the whole */

/* The route of a place in all tables, or NULL behind the last. */
static const struct api_route *
route_at(size_t place)
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
	const struct api_route *route, *first = route_at(place);
	char path[TEMPLATE_SIZE];
	size_t i;

	for (i = 0; i < place; i++) {
		if (strcmp(route_at(i)->path, first->path) == 0)
			return;
	}
	template_of(first->path, path);
	document_open(out, path, '{');
	for (i = place; (route = route_at(i)) != NULL; i++) {
		if (strcmp(route->path, first->path) == 0)
			put_operation(out, route);
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

	for (i = 0; (route = route_at(i)) != NULL; i++) {
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
put_example(struct buf *out, enum chat_code code)
{
	document_open(out, chat_code_name(code), '{');
	document_open(out, "value", '{');
	document_text(out, "type", "about:blank");
	document_text(out, "title", http_status_text(api_status(code)));
	document_number(out, "status", api_status(code));
	document_text(out, "code", chat_code_name(code));
	document_text(out, "detail", details[code]);
	document_close(out, '}');
	document_close(out, '}');
}

static void
put_components(struct buf *out)
{
	unsigned code;

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
	document_open(out, "examples", '{');
	for (code = 0; code < CODES_COUNT; code++)
		put_example(out, code);
	document_close(out, '}');
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
	for (i = 0; route_at(i) != NULL; i++)
		put_path(out, i);
	document_close(out, '}');
	put_components(out);
	document_close(out, '}');
}
