/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "api/call_state.h"
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

/* The reference is taken over. */
static void
reply_json(struct call_state *state, int status, const char *type,
    json_t *body)
{
	state->status = status;
	state->type = type;
	if (json_dump_callback(body, put_chunk, &state->body,
		JSON_COMPACT) == -1)
		state->body.failed = true;
	buf_putc(&state->body, '\n');
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

static void
problem(struct api_call *call, int status, enum chat_code code,
    const char *field, uint32_t retry_after_ms, const char *detail)
{
	json_t *body = json_pack("{s:s,s:s,s:i,s:s,s:s}", "type",
	    "about:blank", "title", http_status_text(status), "status",
	    status, "code", chat_code_name(code), "detail", detail);

	if (field != NULL)
		json_object_set_new(body, "field", json_string(field));
	if (retry_after_ms != 0) {
		json_object_set_new(body, "retry_after_ms",
		    json_integer(retry_after_ms));
		api_field(call, "Retry-After", "%u",
		    (retry_after_ms + 999) / 1000);
	}
	if (status == 401)
		api_field(call, "WWW-Authenticate", "Bearer");
	if (body == NULL)
		call->more->body.failed = true;
	reply_json(call->more, status, "application/problem+json", body);
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

void
reply_complete(struct call_state *state, struct api_answer *answer)
{
	buf_puts(&state->fields, "Cache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\n");
	buf_putc(&state->fields, '\0');
	if (state->body.failed || state->fields.failed) {
		*answer = (struct api_answer){.status = 503,
		    .fields = "Retry-After: 5\r\n",
		    .uid = state->call.caller.uid};
		return;
	}
	*answer = (struct api_answer){
	    .status = state->status,
	    .type = state->type,
	    .body = buf_start(&state->body),
	    .len = buf_readable(&state->body),
	    .fields = state->fields.data,
	    .uid = state->call.caller.uid};
}
