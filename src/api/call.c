/* SPDX-License-Identifier: MIT */
#include "api/call.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "api/call_state.h"
#include "base/owner.h"

/* ---------------------------------------------------------- what was asked */

const char *
api_param(const struct api_call *call, size_t n)
{
	assert(n < HTTP_PARAMS_MAX && call->more->params[n] != NULL);
	return call->more->params[n];
}

const char *
api_query(const struct api_call *call, const char *name)
{
	return json_string_value(json_object_get(call->more->query, name));
}

int64_t
api_query_number(const struct api_call *call, const char *name,
    int64_t fallback)
{
	const json_t *value = json_object_get(call->more->query, name);

	if (json_is_boolean(value))
		return json_is_true(value);
	return value != NULL ? json_integer_value(value) : fallback;
}

const char *
api_text(const struct api_call *call, const char *member)
{
	return json_string_value(json_object_get(call->body, member));
}

void *
api_state_new(struct api_call *call, size_t size)
{
	call->state = calloc(1, size);
	call->state_size = call->state != NULL ? size : 0;
	return call->state;
}

/* ---------------------------------------------------------------- its ways */

/* What the schema calls passwords does not stay in freed memory. */
static void
wipe_body(const struct api_call *call)
{
	const struct api_member *member;
	const char *text;

	if (call->body == NULL || call->route->body == NULL)
		return;
	for (member = call->route->body->members; member->name != NULL;
	    member++) {
		text = api_text(call, member->name);
		if (text != NULL && member->format != NULL &&
		    strcmp(member->format, "password") == 0)
			explicit_bzero((char *)(uintptr_t)text, strlen(text));
	}
}

void
call_free(struct call_state *state)
{
	size_t i;

	*state->prev = state->next;
	if (state->next != NULL)
		state->next->prev = state->prev;
	for (i = 0; i < HTTP_PARAMS_MAX; i++)
		free(state->params[i]);
	json_decref(state->query);
	wipe_body(&state->call);
	json_decref(state->call.body);
	free(state->call.if_match);
	free(state->call.if_none_match);
	free(state->call.idempotency_key);
	free(state->origin);
	if (state->call.state_size != 0)
		explicit_bzero(state->call.state, state->call.state_size);
	free(state->call.state);
	buf_fini(&state->body);
	buf_fini(&state->fields);
	buf_fini(&state->packed);
	free(state);
}

static void
deliver_home(struct mail *mail, void *owner)
{
	struct call_state *state = (struct call_state *)(void *)mail;
	struct api_answer answer;

	if (owner == NULL)
		return; /* api_free() has it */
	if (state->answered != NULL) {
		reply_complete(state, &answer);
		state->answered(state->arg, &answer);
	}
	call_free(state);
}

/* The owner knows what its person may still ask for. */
static void
put_allowance(struct call_state *state)
{
	struct api_call *call = &state->call;
	struct chat_allowance allowance;

	chat_allowance(call->api->options.chat, call->caller.uid, &allowance);
	if (allowance.limit == 0)
		return;
	api_field(call, "RateLimit-Policy", "\"requests\";q=%u",
	    allowance.limit);
	api_field(call, "RateLimit", "\"requests\";r=%u;t=%u",
	    allowance.remaining, allowance.reset_s);
}

void
call_finish(struct call_state *state)
{
	assert(!state->replied);
	state->replied = true;
	if (state->once != NULL)
		idempotency_end(&state->call.api->answered_once, state->once,
		    state->status, state->type, &state->body, &state->fields);
	if (state->owned && state->call.route->limited)
		put_allowance(state);
	state->mail.deliver = deliver_home;
	mailbox_post(state->home->options.mailbox, &state->mail);
}

static void
reply_again(struct call_state *state, const struct answered_once *once)
{
	buf_append(&state->fields, once->fields.data, once->fields.len);
	api_field(&state->call, "Idempotency-Replayed", "true");
	if (once->type != NULL)
		api_reply_text(&state->call, once->status, once->type,
		    once->body.data, once->body.len);
	else
		api_reply(&state->call, once->status, NULL);
}

/* Whether its key is new; else it is answered. */
static bool
run_once(struct call_state *state)
{
	struct api_call *call = &state->call;
	struct idempotency *all = &call->api->answered_once;
	int64_t now_us = clock_realtime_us(call->api->options.clock);
	const struct answered_once *once;

	once = idempotency_find(all, call->caller.uid, call->idempotency_key,
	    now_us);
	if (once == NULL) {
		state->once = idempotency_begin(all, call->caller.uid,
		    call->idempotency_key, state->hash, now_us);
		if (state->once == NULL)
			api_no_memory(call);
		return state->once != NULL;
	}
	if (memcmp(once->hash, state->hash, sizeof(state->hash)) != 0)
		api_problem_status(call, 422, CODE_CONFLICT,
		    "Idempotency-Key", "this Idempotency-Key was used for "
		    "another request; choose a new one");
	else if (once->running)
		api_problem(call, CODE_CONFLICT, "Idempotency-Key",
		    "the first request with this Idempotency-Key is still "
		    "under way; try again in a moment");
	else
		reply_again(state, once);
	return false;
}

static void
run(struct call_state *state)
{
	state->owned = true;
	if (!state->keyed || run_once(state))
		state->call.route->run(&state->call);
}

static void
deliver_run(struct mail *mail, void *owner)
{
	if (owner != NULL)
		run((struct call_state *)(void *)mail);
}

void
call_run(struct call_state *state)
{
	const struct api_options *options = &state->home->options;
	size_t owner = owner_of(state->call.caller.uid, options->workers);

	state->call.api = options->peers[owner];
	state->call.settings = &state->call.api->settings;
	if (owner == options->worker) {
		run(state);
		return;
	}
	state->mail.deliver = deliver_run;
	mailbox_post(options->mailboxes[owner], &state->mail);
}

/* -------------------------------------------------------------- the engine */

static enum chat_code
code_of(const json_t *error)
{
	const char *code = json_string_value(json_object_get(error, "code"));

	return code != NULL ? chat_code_parse(code) : CODE_INTERNAL;
}

bool
api_is_refused(const json_t *answer, enum chat_code *code)
{
	const char *type = json_string_value(json_object_get(answer, "type"));

	if (type == NULL || strcmp(type, "error") != 0)
		return false;
	*code = code_of(answer);
	return true;
}

static void
on_called(void *arg, const json_t *answer)
{
	struct api_call *call = arg;
	enum chat_code code;

	if (answer == NULL)
		api_no_memory(call);
	else if (!call->more->takes_errors && api_is_refused(answer, &code))
		api_refuse(call, answer);
	else
		call->more->then.asked(call, answer);
}

static void
ask(struct api_call *call, json_t *request, api_asked *then,
    bool takes_errors)
{
	const struct chat_call_options options = {
	    .uid = call->caller.uid,
	    .transport = TRANSPORT_REST,
	    .scopes = call->caller.scopes,
	    .follows = call->more->asked,
	    .called = on_called,
	    .arg = call};

	call->more->then.asked = then;
	call->more->takes_errors = takes_errors;
	call->more->asked = true;
	if (request == NULL || chat_call(call->api->options.chat, &options,
		request) == NULL)
		api_no_memory(call);
}

bool
api_charge(struct api_call *call)
{
	uint32_t wait_ms =
	    chat_charge(call->api->options.chat, call->caller.uid);

	call->more->asked = true;
	if (wait_ms == 0)
		return true;
	api_wait(call, wait_ms, "too many requests; wait and try again");
	return false;
}

void
api_ask(struct api_call *call, json_t *request, api_asked *then)
{
	ask(call, request, then, false);
}

void
api_try(struct api_call *call, json_t *request, api_asked *then)
{
	ask(call, request, then, true);
}

/* --------------------------------------------------------------- the store */

static void
on_read(struct store_read *read)
{
	struct api_call *call = read->arg;

	call->more->then.read(call, read);
	store_read_free(read);
}

struct store_read *
api_read_new(struct api_call *call, enum store_read_kind kind, size_t extra)
{
	struct store_read *read = store_read_new(extra);

	if (read == NULL)
		return NULL;
	read->kind = kind;
	read->worker = call->api->options.worker;
	read->done = on_read;
	read->arg = call;
	read->uid = call->caller.uid;
	read->asker = call->caller.uid;
	return read;
}

void
api_read(struct api_call *call, struct store_read *read, api_was_read *then)
{
	if (read == NULL) {
		api_no_memory(call);
		return;
	}
	call->more->then.read = then;
	store_query(call->api->options.store, read);
}

static void
on_written(struct store_write *write)
{
	struct api_call *call = write->arg;

	call->more->then.written(call, write);
}

struct store_write *
api_write_new(struct api_call *call, enum store_write_kind kind,
    size_t extra)
{
	struct store_write *write = store_write_new(extra);

	if (write == NULL)
		return NULL;
	write->kind = kind;
	write->worker = call->api->options.worker;
	write->done = on_written;
	write->arg = call;
	write->record.sender = call->caller.uid;
	return write;
}

void
api_write(struct api_call *call, struct store_write *write,
    api_was_written *then)
{
	if (write == NULL) {
		api_no_memory(call);
		return;
	}
	call->more->then.written = then;
	store_submit(call->api->options.store, write);
}

/* --------------------------------------------------------------- passwords */

struct api_hash_job {
	struct hash_job job; /* first */
	struct api_call *call;
};

static void
on_hashed(struct hash_job *job)
{
	struct api_hash_job *own = (struct api_hash_job *)(void *)job;

	if (!job->closed)
		own->call->more->then.hashed(own->call, job);
	free(own);
}

void
api_hash(struct api_call *call, const char *password, size_t len,
    const char *hash, api_hashed *then)
{
	struct api_hash_job *own = calloc(1, sizeof(*own));

	if (own == NULL) {
		api_no_memory(call);
		return;
	}
	assert(len <= PASSWORD_MAX);
	own->call = call;
	own->job.mailbox = call->api->options.mailbox;
	own->job.done = on_hashed;
	own->job.verify = hash != NULL;
	if (hash != NULL && strlen(hash) < sizeof(own->job.hash))
		memcpy(own->job.hash, hash, strlen(hash) + 1);
	own->job.len = len;
	memcpy(own->job.password, password, len);
	call->more->then.hashed = then;
	if (hasher_submit(call->api->options.hasher, &own->job) == 0)
		return;
	explicit_bzero(own->job.password, len);
	free(own);
	api_problem(call, CODE_UNAVAILABLE, NULL,
	    "too many people are signing in; try again in a moment");
}

/* ----------------------------------------------------------------- cursors */

#define ID_MAX ((UINT64_C(1) << 53) - 1)

void
api_cursor_put(uint64_t value, char which, char out[API_CURSOR_SIZE])
{
	snprintf(out, API_CURSOR_SIZE, "%c%llx", which,
	    (unsigned long long)value);
}

int
api_cursor_get(const char *text, char which, uint64_t *value)
{
	if (text[0] != which || text[1] == '\0' ||
	    strspn(text + 1, "0123456789abcdef") != strlen(text + 1) ||
	    strlen(text) > 17)
		return -1;
	*value = strtoull(text + 1, NULL, 16);
	return *value <= ID_MAX ? 0 : -1;
}
