/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>

#include "api/access.h"
#include "api/call_state.h"

/* Who asks, and whether they may. */

#define BEARER "Bearer "

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

bool
call_check_token(struct call_state *state,
    const struct http_request *request)
{
	struct api_call *call = &state->call;
	const struct api_options *options = &call->api->options;
	struct http_slice token;
	struct error err;

	if (!find_token(request, &token)) {
		api_problem(call, CODE_UNAUTHORIZED, NULL,
		    "this needs one field Authorization: Bearer TOKEN");
		return false;
	}
	if (trust_verify(call->api->trust, token.data, token.len,
		clock_realtime_us(options->clock) / 1000000, &state->claims,
		&err) == 0)
		return true;
	api_problem(call, err.code == ERROR_INPUT ? CODE_UNAUTHORIZED
	    : CODE_UNAVAILABLE, NULL, "%s", err.text);
	return false;
}

void
call_authenticate(struct call_state *state)
{
	struct api_call *call = &state->call;
	struct store_read *read;

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
