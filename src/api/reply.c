/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "api/call_state.h"
#include "api/compress.h"
#include "api/cors.h"
#include "api/etag.h"
#include "base/json.h"
#include "base/utf8.h"
#include "http/response.h"

/* Answers: what handlers say, and how it leaves. */

#define DETAIL_MAX 511

static const int statuses[CODES_COUNT] = {
    [CODE_BAD_REQUEST] = 400,
    [CODE_UNAUTHORIZED] = 401,
    [CODE_FORBIDDEN] = 403,
    [CODE_NOT_FOUND] = 404,
    [CODE_NOT_MEMBER] = 403,
    [CODE_BLOCKED] = 403,
    [CODE_MUTED] = 403,
    [CODE_BANNED] = 403,
    [CODE_SLOW_MODE] = 429,
    [CODE_REJECTED] = 422,
    [CODE_RATE_LIMITED] = 429,
    [CODE_TOO_LARGE] = 413,
    [CODE_CONFLICT] = 409,
    [CODE_UNKNOWN_TYPE] = 400,
    [CODE_UNKNOWN_COMMAND] = 400,
    [CODE_UNAVAILABLE] = 503,
    [CODE_INTERNAL] = 500,
};

int
api_status(enum chat_code code)
{
	return statuses[code];
}

void
api_field(struct api_call *call, const char *name, const char *format, ...)
{
	struct buf *fields = &call->more->fields;
	char value[1024];
	va_list ap;
	size_t i;

	va_start(ap, format);
	vsnprintf(value, sizeof(value), format, ap);
	va_end(ap);
	for (i = 0; value[i] != '\0'; i++) {
		if (iscntrl((unsigned char)value[i]))
			value[i] = ' ';
	}
	buf_printf(fields, "%s: %s\r\n", name, value);
}

void
api_reply_text(struct api_call *call, int status, const char *type,
    const char *text, size_t len)
{
	struct call_state *state = call->more;

	state->status = status;
	state->type = type;
	buf_append(&state->body, text, len);
	call_finish(state);
}

static int
put_chunk(const char *text, size_t len, void *out)
{
	buf_append(out, text, len);
	return ((struct buf *)out)->failed ? -1 : 0;
}

void
api_put_json(struct buf *out, const json_t *body)
{
	if (json_dump_callback(body, put_chunk, out, JSON_COMPACT) == -1)
		out->failed = true;
	buf_putc(out, '\n');
}

/* The reference is taken over. */
static void
reply_json(struct call_state *state, int status, const char *type,
    json_t *body)
{
	state->status = status;
	state->type = type;
	api_put_json(&state->body, body);
	json_decref(body);
	call_finish(state);
}

void
api_reply(struct api_call *call, int status, json_t *body)
{
	struct call_state *state = call->more;

	if (status == 204 || status == 304) {
		json_decref(body);
		state->status = status;
		state->type = NULL;
		call_finish(state);
	} else if (body == NULL) {
		api_no_memory(call);
	} else {
		reply_json(state, status, "application/json", body);
	}
}

struct problem {
	int status;
	enum chat_code code;
	const char *field, *detail;
	uint32_t retry_after_ms; /* 0: not said */
	const json_t *error; /* of the engine, which may say more; or NULL */
};

static void
copy_members(json_t *body, const json_t *error)
{
	static const char *const names[] = {"rule", "reason", "until"};
	json_t *value;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		value = json_object_get(error, names[i]);
		if (value != NULL)
			json_object_set(body, names[i], value);
	}
}

static void
say(struct api_call *call, const struct problem *problem)
{
	json_t *body = json_pack("{s:s,s:s,s:i,s:s,s:s}", "type",
	    "about:blank", "title", http_status_text(problem->status),
	    "status", problem->status, "code", chat_code_name(problem->code),
	    "detail", problem->detail);

	if (problem->field != NULL)
		json_object_set_new(body, "field", json_string(problem->field));
	if (problem->retry_after_ms != 0) {
		json_object_set_new(body, "retry_after_ms",
		    json_integer(problem->retry_after_ms));
		api_field(call, "Retry-After", "%u",
		    problem->retry_after_ms / 1000 +
		    (problem->retry_after_ms % 1000 != 0));
	}
	if (problem->error != NULL)
		copy_members(body, problem->error);
	if (problem->status == 401)
		api_field(call, "WWW-Authenticate", "Bearer");
	if (body == NULL)
		call->more->body.failed = true;
	reply_json(call->more, problem->status, "application/problem+json",
	    body);
}

static void
problem(struct api_call *call, int status, enum chat_code code,
    const char *field, uint32_t retry_after_ms, const char *detail)
{
	const struct problem it = {.status = status, .code = code,
	    .field = field, .retry_after_ms = retry_after_ms,
	    .detail = detail};

	say(call, &it);
}

static bool
has_member(const struct api_member *members, const char *name)
{
	while (members != NULL && members->name != NULL) {
		if (strcmp(members->name, name) == 0)
			return true;
		members++;
	}
	return false;
}

/* A member of the engine's request, as the route calls it; NULL: it is none of
 * the request's own. */
static const char *
field_of(const struct api_route *route, const char *field)
{
	if (field == NULL)
		return NULL;
	if (has_member(route->query, field) || (route->body != NULL &&
	    has_member(route->body->members, field)))
		return field;
	if (strcmp(field, "conversation") != 0)
		return NULL;
	if (has_member(route->query, "conversation_id"))
		return "conversation_id";
	return route->body != NULL && has_member(route->body->members, "to")
	    ? "to" : NULL;
}

void
api_refuse(struct api_call *call, const json_t *error)
{
	const char *code = json_string_value(json_object_get(error, "code"));
	const char *text =
	    json_string_value(json_object_get(error, "message"));
	struct problem it = {
	    .code = code != NULL ? chat_code_parse(code) : CODE_INTERNAL,
	    .field = field_of(call->route,
		json_string_value(json_object_get(error, "field"))),
	    .retry_after_ms = (uint32_t)json_integer_value(
		json_object_get(error, "retry_after_ms")),
	    .detail = text != NULL ? text : "",
	    .error = error};

	it.status = api_status(it.code);
	if (it.code == CODE_UNAVAILABLE && it.retry_after_ms == 0)
		it.retry_after_ms = 5000;
	say(call, &it);
}

void
api_problem(struct api_call *call, enum chat_code code, const char *field,
    const char *format, ...)
{
	char detail[DETAIL_MAX + 2];
	va_list ap;

	va_start(ap, format);
	vsnprintf(detail, sizeof(detail), format, ap);
	va_end(ap);
	detail[utf8_cut(detail, strlen(detail), DETAIL_MAX)] = '\0';
	problem(call, api_status(code), code, field,
	    code == CODE_UNAVAILABLE ? 5000 : 0, detail);
}

void
api_problem_status(struct api_call *call, int status, enum chat_code code,
    const char *field, const char *format, ...)
{
	char detail[DETAIL_MAX + 2];
	va_list ap;

	va_start(ap, format);
	vsnprintf(detail, sizeof(detail), format, ap);
	va_end(ap);
	detail[utf8_cut(detail, strlen(detail), DETAIL_MAX)] = '\0';
	problem(call, status, code, field, 0, detail);
}

void
api_wait(struct api_call *call, uint32_t retry_after_ms, const char *format,
    ...)
{
	char detail[DETAIL_MAX + 2];
	va_list ap;

	va_start(ap, format);
	vsnprintf(detail, sizeof(detail), format, ap);
	va_end(ap);
	problem(call, 429, CODE_RATE_LIMITED, NULL, retry_after_ms, detail);
}

void
api_problem_store(struct api_call *call, enum store_status status)
{
	const char *sentence;
	enum chat_code code = chat_code_of_store(status, &sentence);

	api_problem(call, code, NULL, "%s", sentence);
}

void
api_no_memory(struct api_call *call)
{
	api_problem(call, CODE_UNAVAILABLE, NULL,
	    "the server is out of memory; try again later");
}

/* --------------------------------------------------------- on its way out */

static bool
is_json_answer(const struct call_state *state)
{
	return state->type != NULL &&
	    strcmp(state->type, "application/json") == 0;
}

/* A tag, and 304 if who asks has just that. */
static void
put_etag(struct call_state *state, bool gzip)
{
	const struct api_route *route = state->call.route;
	char etag[ETAG_SIZE];

	if (state->status != 200 || route == NULL || !route->conditional)
		return;
	etag_of(buf_start(&state->body), buf_readable(&state->body), gzip,
	    etag);
	api_field(&state->call, "ETag", "%s", etag);
	if (route->method != HTTP_GET || state->call.if_none_match == NULL ||
	    !etag_listed(state->call.if_none_match, buf_start(&state->body),
		buf_readable(&state->body), true))
		return;
	state->status = 304;
	state->type = NULL;
}

/* Only what is read: never an answer with a token or a password in it. */
static bool
pack(struct call_state *state)
{
	size_t len = buf_readable(&state->body);

	if (!state->gzip || state->status != 200 || !is_json_answer(state) ||
	    len < COMPRESS_MIN || len > COMPRESS_MAX)
		return false;
	return compress_gzip(buf_start(&state->body), len,
		   &state->packed) == 0;
}

static void
put_fields(struct call_state *state, bool packed)
{
	const struct api_route *route = state->call.route;

	buf_puts(&state->fields, "Cache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\n");
	if (packed)
		buf_puts(&state->fields, "Content-Encoding: gzip\r\n");
	if (route != NULL && route->method == HTTP_GET)
		buf_puts(&state->fields, "Vary: Accept-Encoding\r\n");
	if (route != NULL && route->auth == API_PUBLIC &&
	    route->method == HTTP_GET) {
		cors_put("*", &state->fields);
	} else {
		if (state->vary_origin)
			buf_puts(&state->fields, "Vary: Origin\r\n");
		if (state->origin != NULL)
			cors_put(state->origin, &state->fields);
	}
	buf_putc(&state->fields, '\0');
}

/* What is not counted for a person, or too much for them, is for their
 * address. */
static uint64_t
counted_for(const struct call_state *state)
{
	return state->asked && state->status != 429
	    ? state->call.caller.uid : 0;
}

void
reply_complete(struct call_state *state, struct api_answer *answer)
{
	const struct buf *body = &state->body;
	bool packed = !state->body.failed && pack(state);

	put_etag(state, packed);
	put_fields(state, packed && state->status == 200);
	if (packed)
		body = &state->packed;
	if (body->failed || state->fields.failed) {
		*answer = (struct api_answer){.status = 503,
		    .fields = "Retry-After: 5\r\n",
		    .uid = counted_for(state)};
		return;
	}
	*answer = (struct api_answer){
	    .status = state->status,
	    .type = state->type,
	    .body = buf_start(body),
	    .len = buf_readable(body),
	    .fields = state->fields.data,
	    .uid = counted_for(state)};
}
