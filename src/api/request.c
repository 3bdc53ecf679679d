/* SPDX-License-Identifier: MIT */
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/call_state.h"
#include "api/cors.h"
#include "api/negotiate.h"
#include "base/json.h"
#include "base/utf8.h"

/* What a request says, taken out of it and held against its route. */

/* A copy of a field's value, or NULL; -1: no memory. */
static int
copy_field(const struct http_request *request, const char *name, char **copy)
{
	struct http_slice value = http_request_field(request, name);

	if (value.data == NULL)
		return 0;
	*copy = strndup(value.data, value.len);
	return *copy == NULL ? -1 : 0;
}

/* False when it is answered. */
static bool
read_params(struct call_state *state, const struct http_match *match)
{
	char text[1024];
	size_t i;

	for (i = 0; i < match->n_params; i++) {
		if (http_percent_decode(match->params[i], text,
			sizeof(text)) == -1 ||
		    !utf8_valid(text, strlen(text))) {
			api_problem(&state->call, CODE_BAD_REQUEST, NULL,
			    "the path is too long or not encoded as it "
			    "should be");
			return false;
		}
		state->params[i] = strdup(text);
		if (state->params[i] == NULL) {
			api_no_memory(&state->call);
			return false;
		}
	}
	return true;
}

static bool
read_query(struct call_state *state, const struct http_request *request)
{
	static const struct api_member none[] = {{.name = NULL}};
	const struct api_route *route = state->call.route;
	struct check_failure failure;

	if (check_query(request->query,
		route->query != NULL ? route->query : none, &state->query,
		&failure) == 0)
		return true;
	api_problem(&state->call, CODE_BAD_REQUEST, failure.field, "%s",
	    failure.text);
	return false;
}

static bool
is_json(const struct http_request *request)
{
	static const char json[] = "application/json";
	struct http_slice type = http_request_field(request, "Content-Type");

	return type.len >= strlen(json) &&
	    strncasecmp(type.data, json, strlen(json)) == 0 &&
	    (type.len == strlen(json) || type.data[strlen(json)] == ';' ||
		type.data[strlen(json)] == ' ');
}

static bool
read_body(struct call_state *state, const struct http_request *request)
{
	const struct api_route *route = state->call.route;
	struct check_failure failure;
	struct error err;

	if (route->body == NULL ||
	    (request->body.len == 0 && route->body_optional))
		return true;
	if (!is_json(request)) {
		api_problem_status(&state->call, 415, CODE_BAD_REQUEST, NULL,
		    "a body of Content-Type application/json is needed");
		return false;
	}
	state->call.body = json_parse_object(request->body.data,
	    request->body.len, &err);
	if (state->call.body == NULL) {
		api_problem(&state->call, err.code == ERROR_NOMEM ?
		    CODE_UNAVAILABLE : CODE_BAD_REQUEST, NULL, "%s", err.text);
		return false;
	}
	if (check_object(state->call.body, route->body->members,
		&failure) == 0)
		return true;
	api_problem(&state->call, CODE_BAD_REQUEST, failure.field, "%s",
	    failure.text);
	return false;
}

/* -------------------------------------------------------------- the fields */

/* A kind of JSON is JSON to who asks for that. */
static bool
is_accepted(const struct http_request *request, const char *type)
{
	static const char json[] = "application/json";

	return negotiate_type(request, type) ||
	    (strstr(type, "+json") != NULL && negotiate_type(request, json));
}

static bool
read_accept(struct call_state *state, const struct http_request *request)
{
	const struct api_route *route = state->call.route;
	const char *type = route->type != NULL ? route->type :
	    "application/json";

	if (route->answer == NULL && route->type == NULL)
		return true;
	if (is_accepted(request, type)) {
		state->gzip = route->method == HTTP_GET &&
		    negotiate_gzip(request);
		return true;
	}
	api_problem_status(&state->call, 406, CODE_BAD_REQUEST, NULL,
	    "the answer is %s, which Accept does not name", type);
	return false;
}

/* What tells a repeat from another request with the same key. */
static bool
hash_request(struct call_state *state, const struct http_request *request)
{
	struct buf all = {0};

	buf_puts(&all, http_method_name(request->method));
	buf_putc(&all, ' ');
	buf_append(&all, request->target.data, request->target.len);
	buf_putc(&all, '\n');
	if (request->body.len != 0)
		buf_append(&all, request->body.data, request->body.len);
	if (!all.failed)
		SHA256((const unsigned char *)all.data, all.len, state->hash);
	else
		api_no_memory(&state->call);
	state->keyed = !all.failed;
	buf_fini(&all);
	return state->keyed;
}

/* A password is not to be kept, not even its hash. */
static bool
has_secret(const struct api_schema *body)
{
	const struct api_member *member;

	if (body == NULL)
		return false;
	for (member = body->members; member->name != NULL; member++) {
		if (member->format != NULL &&
		    strcmp(member->format, "password") == 0)
			return true;
	}
	return false;
}

/* Of POST, which alone is not idempotent by itself. */
static bool
read_key(struct call_state *state, const struct http_request *request)
{
	char *key = state->call.idempotency_key;
	char bare[IDEMPOTENCY_KEY_MAX + 1];
	const struct api_route *route = state->call.route;

	if (key == NULL || request->method != HTTP_POST ||
	    route->auth != API_BEARER || has_secret(route->body))
		return true;
	if (!idempotency_key(key, bare)) {
		api_problem(&state->call, CODE_BAD_REQUEST, "Idempotency-Key",
		    "`Idempotency-Key` must have 1 to %d printable characters "
		    "without a space", IDEMPOTENCY_KEY_MAX);
		return false;
	}
	memcpy(key, bare, strlen(bare) + 1);
	return route->own_key || hash_request(state, request);
}

/* To pass over a condition would undo what others have changed since. */
static bool
read_condition(struct call_state *state)
{
	struct api_call *call = &state->call;

	if (call->if_match == NULL || call->route->conditional ||
	    call->route->method == HTTP_GET)
		return true;
	api_problem(call, CODE_BAD_REQUEST, "If-Match", "If-Match is for "
	    "messages and one's profile: this is not compared");
	return false;
}

bool
call_read(struct call_state *state, const struct http_request *request,
    const struct http_match *match)
{
	struct api_call *call = &state->call;

	if (copy_field(request, "If-Match", &call->if_match) == -1 ||
	    copy_field(request, "If-None-Match",
		&call->if_none_match) == -1 ||
	    copy_field(request, "Idempotency-Key",
		&call->idempotency_key) == -1) {
		api_no_memory(call);
		return false;
	}
	return read_accept(state, request) && read_params(state, match) &&
	    read_query(state, request) && read_condition(state) &&
	    read_key(state, request) && read_body(state, request);
}
