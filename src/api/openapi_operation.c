/* SPDX-License-Identifier: MIT */
#include "api/openapi.h"

#include <stdio.h>
#include <string.h>

#include "http/response.h"

/* What a route asks and answers. */
#define JSON_TYPE "application/json"

/* The names within paths. */
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
    {.name = NULL}};

bool
openapi_takes_key(const struct api_route *route)
{
	return route->method == HTTP_POST && route->auth == API_BEARER;
}

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
	if (openapi_takes_key(route))
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
put_media(struct buf *out, const char *type, const struct api_schema *schema)
{
	document_open(out, type, '{');
	if (schema != NULL)
		document_ref(out, "schema", "schemas", schema->name);
	else
		document_json(out, "schema", strstr(type, "json") != NULL ?
		    "{\"type\":\"object\"}" : "{\"type\":\"string\"}");
	document_close(out, '}');
}

/* Of a stream, `answer` is what it is cut into for who polls. */
static void
put_content(struct buf *out, const struct api_route *route)
{
	bool stream = route->auth == API_STREAM;

	if (route->answer == NULL && route->type == NULL)
		return;
	document_open(out, "content", '{');
	if (stream || route->type != NULL)
		put_media(out, route->type, stream ? NULL : route->answer);
	if (stream || route->type == NULL)
		put_media(out, JSON_TYPE, route->answer);
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

static void
put_responses(struct buf *out, const struct api_route *route)
{
	document_open(out, "responses", '{');
	put_success(out, route, route->status);
	if (route->status_other != 0)
		put_success(out, route, route->status_other);
	if (route->conditional && route->method == HTTP_GET)
		put_success(out, route, 304);
	openapi_put_refusals(out, route);
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

void
openapi_put_operation(struct buf *out, const struct api_route *route)
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
