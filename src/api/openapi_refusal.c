/* SPDX-License-Identifier: MIT */
#include "api/openapi.h"

#include <stdio.h>
#include <string.h>

#include "api/call.h"
#include "http/response.h"

/*
 * How routes refuse: a problem with one of some codes.  Many refuse alike, so
 * each is a part of the document's components that they refer to.
 */
#define PROBLEM_TYPE "application/problem+json"
#define CODE(name) (1U << CODE_##name)
#define NAME_SIZE 256

static const int statuses[] = {
    400, 401, 403, 404, 406, 409, 412, 413, 415, 422, 429, 500, 503};
#define STATUSES_N (sizeof(statuses) / sizeof(statuses[0]))

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
		return openapi_takes_key(route) ? CODE(CONFLICT) : 0;
	default:
		return 0;
	}
}

/* The codes that a route may refuse with by this status; 0: it does not. */
static unsigned
codes_by(const struct api_route *route, int status)
{
	unsigned codes = refusals(route), found = codes_beside(route, status);
	unsigned code;

	for (code = 0; code < CODES_COUNT; code++) {
		if ((codes & 1U << code) && api_status(code) == status)
			found |= 1U << code;
	}
	return found;
}

/* "403.forbidden.banned" */
static void
name_of(int status, unsigned codes, char out[NAME_SIZE])
{
	size_t len = (size_t)snprintf(out, NAME_SIZE, "%d", status);
	unsigned code;

	for (code = 0; code < CODES_COUNT && len < NAME_SIZE; code++) {
		if (codes & 1U << code)
			len += (size_t)snprintf(out + len, NAME_SIZE - len,
			    ".%s", chat_code_name(code));
	}
}

void
openapi_put_refusals(struct buf *out, const struct api_route *route)
{
	char name[NAME_SIZE], key[12];
	unsigned codes;
	size_t i;

	for (i = 0; i < STATUSES_N; i++) {
		codes = codes_by(route, statuses[i]);
		if (codes == 0)
			continue;
		name_of(statuses[i], codes, name);
		snprintf(key, sizeof(key), "%d", statuses[i]);
		document_ref(out, key, "responses", name);
	}
}

/* A refusal, with those of the codes that may be its reason. */
static void
put_refusal(struct buf *out, int status, unsigned codes)
{
	char name[NAME_SIZE];
	unsigned code;

	name_of(status, codes, name);
	document_open(out, name, '{');
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

/* Where it is first needed. */
static void
put_new_refusals(struct buf *out, size_t place, int status)
{
	unsigned codes = codes_by(openapi_route(place), status);
	size_t i;

	for (i = 0; i < place; i++) {
		if (codes_by(openapi_route(i), status) == codes)
			return;
	}
	if (codes != 0)
		put_refusal(out, status, codes);
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

void
openapi_put_refusal_parts(struct buf *out)
{
	size_t i, place;
	unsigned code;

	document_open(out, "responses", '{');
	for (i = 0; i < STATUSES_N; i++) {
		for (place = 0; openapi_route(place) != NULL; place++)
			put_new_refusals(out, place, statuses[i]);
	}
	document_close(out, '}');
	document_open(out, "examples", '{');
	for (code = 0; code < CODES_COUNT; code++)
		put_example(out, code);
	document_close(out, '}');
}
