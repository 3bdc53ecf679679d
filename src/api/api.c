/* SPDX-License-Identifier: MIT */
#include "api/api.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/access.h"
#include "api/call_state.h"
#include "base/json.h"

#define BEARER "Bearer "

/* ---------------------------------------------------------------- lifetime */

static size_t
count_routes(void)
{
	const struct api_routes *const *set;
	size_t n = 0;

	for (set = api_routes; *set != NULL; set++)
		n += (*set)->n;
	return n;
}

/* What the router walks; each leads to its struct api_route. */
static int
make_routes(struct api *api)
{
	const struct api_routes *const *set;
	const struct api_route *route;
	size_t i;

	/* One more: an empty table is none that failed. */
	api->routes = calloc(count_routes() + 1, sizeof(*api->routes));
	if (api->routes == NULL)
		return -1;
	for (set = api_routes; *set != NULL; set++) {
		for (i = 0; i < (*set)->n; i++) {
			route = &(*set)->routes[i];
			api->routes[api->routes_n++] = (struct http_route){
			    1U << route->method, route->path, route};
		}
	}
	return 0;
}

struct api *
api_new(const struct api_options *options, struct error *err)
{
	struct api *api = calloc(1, sizeof(*api));

	if (api == NULL || make_routes(api) == -1) {
		error_set(err, ERROR_NOMEM, "no memory for REST");
		free(api);
		return NULL;
	}
	api->options = *options;
	api->trust = trust_ref(options->trust);
	return api;
}

void
api_free(struct api *api)
{
	if (api == NULL)
		return;
	while (api->calls != NULL)
		call_free(api->calls);
	trust_unref(api->trust);
	free(api->routes);
	free(api);
}

void
api_set_settings(struct api *api, const struct api_settings *settings)
{
	api->settings = *settings;
}

void
api_set_trust(struct api *api, struct trust *trust)
{
	struct trust *former = api->trust;

	api->trust = trust_ref(trust);
	trust_unref(former);
}

bool
api_is_path(struct http_slice path)
{
	static const char *const prefixes[] = {"/api/", "/.well-known/"};
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (path.len > strlen(prefixes[i]) && memcmp(path.data,
			prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	}
	return http_slice_is(path, "/openapi.json") ||
	    http_slice_is(path, "/asyncapi.json");
}

/* ------------------------------------------------------------ what is said */

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
			sizeof(text)) == -1) {
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

/* ---------------------------------------------------------------- who asks */

static void
let_in(struct call_state *state, uint64_t uid)
{
	struct api_call *call = &state->call;

	call->caller.uid = uid;
	call->caller.family = state->claims.family;
	call->caller.scopes = state->claims.scopes;
	if (call->route->scope != 0 &&
	    !(call->caller.scopes & call->route->scope))
		api_problem(call, CODE_FORBIDDEN, NULL,
		    "this needs a token of the scope \"%s\"",
		    scope_name(call->route->scope));
	else
		call_run(state);
}

static void
on_made(struct api_call *call, struct store_write *write)
{
	if (write->status == STORE_OK || write->status == STORE_EXISTS)
		let_in(call->more, write->record.sender);
	else
		api_problem_store(call, write->status);
}

/* A good token of somebody who was never here: as on a WebSocket. */
static void
make_person(struct api_call *call)
{
	struct store_write *write;

	if (call->settings->lockdown) {
		api_problem(call, CODE_FORBIDDEN, NULL,
		    "no accounts are made at the moment; try again later");
		return;
	}
	write = api_write_new(call, STORE_WRITE_USER, 0);
	if (write != NULL)
		memcpy(write->name, call->caller.name,
		    sizeof(call->caller.name));
	api_write(call, write, on_made);
}

static void
on_person(struct api_call *call, struct store_read *read)
{
	const struct api_options *options = &call->api->options;
	struct call_state *state = call->more;
	const char *refusal;
	enum chat_code code;

	if (read->status == STORE_NOT_FOUND && read->person.name[0] != '\0') {
		api_problem(call, CODE_UNAUTHORIZED, NULL,
		    "this account was erased");
	} else if (read->status == STORE_NOT_FOUND) {
		make_person(call);
	} else if (read->status != STORE_OK) {
		api_problem_store(call, read->status);
	} else {
		refusal = access_refusal(&read->access, &state->claims,
		    clock_realtime_us(options->clock), &code);
		if (refusal != NULL)
			api_problem(call, code, NULL, "%s", refusal);
		else
			let_in(state, read->person.uid);
	}
}

static bool
find_token(const struct http_request *request, struct http_slice *token)
{
	struct http_slice field = http_request_field(request, "Authorization");

	if (http_request_count(request, "Authorization") != 1 ||
	    field.len <= strlen(BEARER) ||
	    strncasecmp(field.data, BEARER, strlen(BEARER)) != 0)
		return false;
	token->data = field.data + strlen(BEARER);
	token->len = field.len - strlen(BEARER);
	while (token->len > 0 && *token->data == ' ') {
		token->data++;
		token->len--;
	}
	return true;
}

static void
authenticate(struct call_state *state, const struct http_request *request)
{
	struct api_call *call = &state->call;
	const struct api_options *options = &call->api->options;
	struct http_slice token;
	struct store_read *read;
	struct error err;

	if (!find_token(request, &token)) {
		api_problem(call, CODE_UNAUTHORIZED, NULL,
		    "this needs one field Authorization: Bearer TOKEN");
		return;
	}
	if (trust_verify(call->api->trust, token.data, token.len,
		clock_realtime_us(options->clock) / 1000000, &state->claims,
		&err) == -1) {
		api_problem(call, err.code == ERROR_INPUT ? CODE_UNAUTHORIZED
		    : CODE_UNAVAILABLE, NULL, "%s", err.text);
		return;
	}
	memcpy(call->caller.name, state->claims.subject,
	    sizeof(call->caller.name));
	read = api_read_new(call, STORE_READ_USER, 0);
	if (read != NULL) {
		memcpy(read->name, call->caller.name,
		    sizeof(call->caller.name));
		read->family = state->claims.own ? state->claims.family : 0;
	}
	api_read(call, read, on_person);
}

/* ------------------------------------------------------------------ begins */

static struct call_state *
new_call(struct api *api, const struct http_request *request,
    const char *address, bool secure)
{
	struct call_state *state = calloc(1, sizeof(*state));

	if (state == NULL)
		return NULL;
	state->call.api = api;
	state->call.settings = &api->settings;
	state->call.more = state;
	state->call.secure = secure;
	strncpy(state->call.address, address, API_ADDRESS_SIZE - 1);
	state->home = api;
	state->method = request->method;
	state->next = api->calls;
	state->prev = &api->calls;
	if (state->next != NULL)
		state->next->prev = &state->next;
	api->calls = state;
	return state;
}

/* Whatever is wrong with it is answered, and false. */
static bool
read_request(struct call_state *state, const struct http_request *request,
    const struct http_match *match)
{
	if (copy_field(request, "If-Match", &state->call.if_match) == -1 ||
	    copy_field(request, "Idempotency-Key",
		&state->call.idempotency_key) == -1) {
		api_no_memory(&state->call);
		return false;
	}
	return read_params(state, match) && read_query(state, request) &&
	    read_body(state, request);
}

static void
begin(struct call_state *state, const struct http_request *request,
    const struct http_match *match)
{
	struct api_call *call = &state->call;

	call->route = match->route->handler;
	if (!read_request(state, request, match))
		return;
	if (call->route->auth == API_PUBLIC ||
	    (call->route->auth == API_OPTIONAL &&
		http_request_count(request, "Authorization") == 0))
		call->route->run(call);
	else
		authenticate(state, request);
}

/* Allow, as a field of the answer: "Allow: GET\r\n". */
static void
put_allow(struct call_state *state, const struct http_match *match)
{
	buf_puts(&state->fields, match->allow);
}

struct api_call *
api_begin(struct api *api, const struct http_request *request,
    const char *address, bool secure, api_answered *answered, void *arg,
    const struct api_route **stream)
{
	const struct api_route *route;
	struct call_state *state;
	struct http_match match;
	enum http_route_result result;

	*stream = NULL;
	result = http_router_find(api->routes, api->routes_n, request, &match);
	if (result == HTTP_ROUTE_FOUND) {
		route = match.route->handler;
		if (route->auth == API_STREAM) {
			*stream = route;
			return NULL;
		}
	}
	state = new_call(api, request, address, secure);
	if (state == NULL)
		return NULL;
	state->answered = answered;
	state->arg = arg;
	switch (result) {
	case HTTP_ROUTE_FOUND:
		begin(state, request, &match);
		break;
	case HTTP_ROUTE_OPTIONS:
		put_allow(state, &match);
		api_reply(&state->call, 204, NULL);
		break;
	case HTTP_ROUTE_REFUSED:
		put_allow(state, &match);
		api_problem_status(&state->call, 405, CODE_BAD_REQUEST, NULL,
		    "this method is not possible here");
		break;
	case HTTP_ROUTE_MISSING:
		api_problem(&state->call, CODE_NOT_FOUND, NULL,
		    "there is nothing here: see /openapi.json");
		break;
	}
	return &state->call;
}

void
api_forget(struct api_call *call)
{
	call->more->answered = NULL;
}
