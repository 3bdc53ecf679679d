/* SPDX-License-Identifier: MIT */
#include "api/api.h"

#include <stdlib.h>
#include <string.h>

#include "api/call_state.h"
#include "api/cors.h"
#include "base/json.h"

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
	idempotency_fini(&api->answered_once);
	trust_unref(api->trust);
	buf_fini(&api->openapi);
	buf_fini(&api->asyncapi);
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

static void
begin(struct call_state *state, const struct http_request *request,
    const struct http_match *match)
{
	struct api_call *call = &state->call;
	bool anybody;

	call->route = match->route->handler;
	anybody = call->route->auth == API_PUBLIC ||
	    (call->route->auth == API_OPTIONAL &&
		http_request_count(request, "Authorization") == 0);
	/* Of whom nobody knows, nothing is looked at. */
	if ((!anybody && !call_check_token(state, request)) ||
	    !call_read(state, request, match))
		return;
	if (anybody)
		call->route->run(call);
	else
		call_authenticate(state);
}

/* Who may read the answer, if they are a page of another origin. */
static int
read_origin(struct call_state *state, const struct http_request *request)
{
	const char *origin = cors_origin(&state->home->settings, request);

	state->vary_origin = state->home->settings.origins != NULL;
	if (origin == NULL)
		return 0;
	state->origin = strdup(origin);
	return state->origin != NULL ? 0 : -1;
}

static void
answer_options(struct call_state *state, const struct http_request *request,
    const struct http_match *match)
{
	const char *methods = match->allow + strlen("Allow: ");

	buf_puts(&state->fields, match->allow);
	if (state->origin != NULL && http_request_count(request,
		"Access-Control-Request-Method") != 0)
		cors_put_preflight(methods, strcspn(methods, "\r"),
		    &state->fields);
	api_reply(&state->call, 204, NULL);
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
	if (read_origin(state, request) == -1) {
		call_free(state);
		return NULL;
	}
	switch (result) {
	case HTTP_ROUTE_FOUND:
		begin(state, request, &match);
		break;
	case HTTP_ROUTE_OPTIONS:
		answer_options(state, request, &match);
		break;
	case HTTP_ROUTE_REFUSED:
		buf_puts(&state->fields, match.allow);
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
api_put_cors(const struct api *api, const struct http_request *request,
    struct buf *fields)
{
	const char *origin = cors_origin(&api->settings, request);

	if (api->settings.origins != NULL)
		buf_puts(fields, "Vary: Origin\r\n");
	if (origin != NULL)
		cors_put(origin, fields);
}

void
api_forget(struct api_call *call)
{
	call->more->answered = NULL;
}
