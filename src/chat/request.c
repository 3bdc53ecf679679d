/* SPDX-License-Identifier: MIT */
#include "chat/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/utf8.h"

/* ------------------------------------------------------------------- members */

/* What jansson read, as flat_parse() would say it. */
static void
describe(const json_t *json, struct flat_member *member)
{
	if (json_is_string(json)) {
		member->type = FLAT_STRING;
		member->string = json_string_value(json);
		member->len = (uint32_t)json_string_length(json);
	} else if (json_is_integer(json)) {
		member->type = FLAT_INTEGER;
		member->integer = json_integer_value(json);
	} else if (json_is_boolean(json)) {
		member->type = FLAT_BOOL;
		member->integer = json_is_true(json);
	} else {
		member->type = json_is_null(json) ? FLAT_NULL : FLAT_OTHER;
	}
}

/* False: there is none, or it is null. */
static bool
find_member(const struct request *request, const char *key,
    struct flat_member *member)
{
	const struct flat_member *flat;
	const json_t *json;

	if (request->json == NULL) {
		flat = flat_get(&request->flat, key);
		if (flat == NULL)
			return false;
		*member = *flat;
	} else {
		json = json_object_get(request->json, key);
		if (json == NULL)
			return false;
		describe(json, member);
	}
	return member->type != FLAT_NULL;
}

bool
request_has(const struct request *request, const char *key)
{
	if (request->json == NULL)
		return flat_get(&request->flat, key) != NULL;
	return json_object_get(request->json, key) != NULL;
}

bool
request_given(const struct request *request, const char *key)
{
	struct flat_member member;

	return find_member(request, key, &member);
}

bool
request_string(struct session *session, const struct request *request,
    const char *key, size_t max, const char **value, size_t *len)
{
	struct flat_member member;

	if (!find_member(request, key, &member))
		return true;
	if (member.type != FLAT_STRING) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    key, "`%s` must be a string", key);
		return false;
	}
	if (member.len > max) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    key, "`%s` must have at most %zu bytes", key, max);
		return false;
	}
	*value = member.string;
	*len = member.len;
	return true;
}

bool
request_number(struct session *session, const struct request *request,
    const char *key, uint64_t *value)
{
	const int64_t limit = (int64_t)1 << 53;
	struct flat_member member;

	if (!find_member(request, key, &member))
		return true;
	if (member.type != FLAT_INTEGER || member.integer < 0 ||
	    member.integer >= limit) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    key, "`%s` must be an integer from 0 to 2^53-1", key);
		return false;
	}
	*value = (uint64_t)member.integer;
	return true;
}

bool
request_bool(struct session *session, const struct request *request,
    const char *key, bool *value)
{
	struct flat_member member;

	if (!find_member(request, key, &member))
		return true;
	if (member.type != FLAT_BOOL) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    key, "`%s` must be true or false", key);
		return false;
	}
	*value = member.integer != 0;
	return true;
}

bool
request_duration(struct session *session, const struct request *request,
    const char *key, int64_t *seconds)
{
	struct flat_member member;

	if (!find_member(request, key, &member))
		return true;
	if (member.type == FLAT_INTEGER && member.integer >= 0 &&
	    member.integer <= DURATION_MAX) {
		*seconds = member.integer;
		return true;
	}
	if (member.type == FLAT_STRING &&
	    duration_parse(member.string, member.len, seconds))
		return true;
	session_refuse(session, request_ref(request), CODE_BAD_REQUEST, key,
	    "`%s` must be a time such as \"30s\", \"10m\", \"2h\" or \"1d\"",
	    key);
	return false;
}

bool
request_limit(struct session *session, struct request *request)
{
	request->limit = PAGE_DEFAULT;
	if (!request_number(session, request, "limit", &request->limit))
		return false;
	if (request->limit >= 1 && request->limit <= PAGE_MAX)
		return true;
	session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
	    "limit", "`limit` must be 1 to %d", PAGE_MAX);
	return false;
}

bool
request_user(struct session *session, const struct request *request,
    const char *key, char name[NAME_BYTES_MAX + 1])
{
	const char *text = NULL;
	size_t len = 0;

	if (!request_string(session, request, key, 256, &text, &len))
		return false;
	if (text != NULL && len > 0 && text[0] == '@') {
		text++;
		len--;
	}
	if (text == NULL || !name_fold(text, len, name)) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    key, "`%s` must be the name of a person: 2 to 32 of "
		    "a-z 0-9 . _ -", key);
		return false;
	}
	return true;
}

/* ----------------------------------------------------------- where it goes to */

/* Folds the two sides and puts them in the order of names. */
static bool
direct_target(const char *a, size_t a_len, const char *b, size_t b_len,
    char target[CONVERSATION_NAME_MAX + 1])
{
	char first[NAME_BYTES_MAX + 1], second[NAME_BYTES_MAX + 1];
	const char *low = first, *high = second;

	if (!name_fold(a, a_len, first) || !name_fold(b, b_len, second))
		return false;
	if (strcmp(first, second) > 0) {
		low = second;
		high = first;
	}
	target[0] = '@';
	memcpy(target + 1, low, strlen(low));
	target[1 + strlen(low)] = ':';
	memcpy(target + 2 + strlen(low), high, strlen(high) + 1);
	return true;
}

static bool
fold_target(const struct session *session, const char *text, size_t len,
    char target[CONVERSATION_NAME_MAX + 1])
{
	const char *colon, *user = session->person->name;

	if (len < 2)
		return false;
	if (text[0] == '#') {
		target[0] = '#';
		return name_fold(text + 1, len - 1, target + 1);
	}
	if (text[0] != '@')
		return false;
	colon = memchr(text, ':', len);
	if (colon == NULL)
		return direct_target(user, strlen(user), text + 1, len - 1,
		    target);
	return direct_target(text + 1, (size_t)(colon - text) - 1, colon + 1,
	    len - (size_t)(colon - text) - 1, target);
}

static bool
is_own_direct(const struct session *session, const char *target)
{
	const char *user = session->person->name;
	const char *colon = strchr(target, ':');
	size_t len = strlen(user);

	return strcmp(colon + 1, user) == 0 ||
	    ((size_t)(colon - target) - 1 == len &&
		memcmp(target + 1, user, len) == 0);
}

bool
request_target(struct session *session, struct request *request,
    const char *key, const char *text, size_t len)
{
	if (text == NULL || !fold_target(session, text, len,
		request->target)) {
		request->target[0] = '\0';
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    key, "`%s` must be a group (\"#tea\") or a person "
		    "(\"@bob\")", key);
		return false;
	}
	if (request->target[0] == '@' &&
	    !is_own_direct(session, request->target)) {
		session_refuse(session, request_ref(request), CODE_FORBIDDEN,
		    key, "%s is a conversation of others", request->target);
		return false;
	}
	return true;
}

static bool
read_target(struct session *session, struct request *request)
{
	const char *text = NULL, *key = "conversation";
	size_t len = 0;

	if (!request_has(request, key) &&
	    (request->command->target == TARGET_PEER ||
		request_has(request, "to")))
		key = "to";
	if (!request_string(session, request, key, 256, &text, &len))
		return false;
	return (text == NULL &&
		   request->command->target == TARGET_OPTIONAL) ||
	    request_target(session, request, key, text, len);
}

/* Whether it goes to a conversation, once its members are checked. */
static bool
has_target(const struct request *request)
{
	return request->command->target != TARGET_NONE &&
	    request->target[0] != '\0';
}

static void
refuse_absent(struct session *session, const struct request *request)
{
	char other[NAME_BYTES_MAX + 1];

	if (request->target[0] == '#') {
		session_refuse(session, request_ref(request), CODE_NOT_FOUND,
		    "conversation", "there is no group %s; /join makes it",
		    request->target);
		return;
	}
	direct_other(request->target, session->person->name, other);
	session_refuse(session, request_ref(request), CODE_NOT_FOUND,
	    "conversation", "there is nobody called %s here, or no "
	    "conversation with them yet", other);
}

/* The head of the line again, with what the lookup found. */
static void
target_read(struct store_read *read)
{
	struct session *session = read_session(read);
	struct request *request;
	enum store_status status;

	if (session == NULL)
		goto out;
	request = session->requests;
	status = read->status;
	if (status == STORE_OK) {
		request->conversation = conversation_learn(session->chat,
		    &read->conversation);
		if (request->conversation == NULL)
			status = STORE_NOMEM;
	} else if (status == STORE_NOT_FOUND) {
		if (read->conversation.a != 0 && read->conversation.b != 0)
			request->peer = read->conversation.a == session->uid
			    ? read->conversation.b : read->conversation.a;
	}
	request->checked = true;
	if (status != STORE_OK && status != STORE_NOT_FOUND) {
		request->command = NULL; /* answered: it only leaves the line */
		session_refuse_store(session, request_ref(request), status);
	}
	session_unpark(session, PARK_ANSWER);
out:
	store_read_free(read);
}

/* False: parked until it is known. */
static bool
find_target(struct session *session, struct request *request)
{
	struct store_read *read;

	request->conversation =
	    conversation_by_name(session->chat, request->target);
	if (request->conversation != NULL) {
		request->checked = true;
		return true;
	}
	read = request_read(session, request, STORE_READ_CONVERSATION,
	    target_read, 0);
	if (read == NULL) {
		session_end(session, SESSION_END_ERROR);
		return false;
	}
	memcpy(read->name, request->target, sizeof(read->name));
	session_park(session, PARK_ANSWER);
	store_query(session->chat->store, read);
	return false;
}

/* --------------------------------------------------------------- one request */

static void
request_free(struct request *request)
{
	json_decref(request->json);
	free(request);
}

bool
request_within_rate(struct session *session, const char *ref)
{
	struct wire_error error = {.ref = ref, .code = CODE_RATE_LIMITED,
	    .message = "too many requests; wait and try again"};

	if (session->follows)
		return true;
	error.retry_after_ms = rates_take(session->person, RATE_REQUEST);
	if (error.retry_after_ms == 0)
		return true;
	session_fail(session, &error);
	if (session->state != SESSION_CLOSED && rates_abused(session->person))
		session_end(session, SESSION_END_ABUSE);
	return false;
}

/*
 * There is no such conversation.  Its name is looked up again each time, so
 * what is free otherwise counts here, but for messages, which count anyway.
 */
static bool
goes_without(struct session *session, const struct request *request)
{
	const struct command *command = request->command;
	bool may = command->target == TARGET_PEER && request->peer != 0;

	if (command->free && !(may && command->policy != NULL) &&
	    !request_within_rate(session, request_ref(request)))
		return false;
	if (!may)
		refuse_absent(session, request);
	return may;
}

/* What is refused here costs as much as what is done. */
static bool
is_allowed(struct session *session, const struct request *request)
{
	const struct command *command = request->command;
	bool lacks = command->scope != 0 &&
	    !(session->scopes & command->scope);

	if (!lacks && !(command->connected && session->quiet))
		return true;
	if (command->free &&
	    !request_within_rate(session, request_ref(request)))
		return false;
	if (lacks)
		session_refuse(session, request_ref(request), CODE_FORBIDDEN,
		    "type", "`%s` needs the scope `%s`, which this token does "
		    "not have", command->type,
		    scope_name((enum scope)command->scope));
	else
		session_refuse(session, request_ref(request),
		    CODE_BAD_REQUEST, "type", "`%s` needs a connection",
		    command->type);
	return false;
}

/* False: it waits at the head of the line. */
static bool
step(struct session *session, struct request *request)
{
	const struct command *command = request->command;

	if (!request->checked) {
		if (!command->automatic)
			presence_input(session);
		if (!command->free && !request_within_rate(session,
			request_ref(request)))
			return true;
		if (!is_allowed(session, request))
			return true;
		if (command->target != TARGET_NONE &&
		    !read_target(session, request))
			return true;
		if (command->check != NULL &&
		    !command->check(session, request))
			return true;
		if (has_target(request) && !find_target(session, request))
			return false;
	}
	if (command == NULL)
		return true;
	if (has_target(request) && request->conversation == NULL &&
	    !goes_without(session, request))
		return true;
	if (command->policy == NULL || command->policy(session, request))
		command->proceed(session, request);
	return true;
}

void
requests_run(struct session *session)
{
	struct request *request;

	while (!(session->parked & ~PARK_DRAIN) &&
	    session->state == SESSION_LIVE &&
	    (request = session->requests) != NULL) {
		if (!step(session, request))
			return;
		/* If the session ended, its requests went with it. */
		if (session->state != SESSION_LIVE)
			return;
		session->requests = request->next;
		request_free(request);
	}
}

void
requests_free(struct session *session)
{
	struct request *request;

	while ((request = session->requests) != NULL) {
		session->requests = request->next;
		request_free(request);
	}
}

/* ---------------------------------------------------------------- their making */

static bool
read_ref(struct session *session, struct request *request)
{
	struct flat_member ref;
	struct buf text = {0};

	if (!find_member(request, "ref", &ref))
		return true;
	if (ref.type == FLAT_INTEGER)
		buf_printf(&text, "%lld", (long long)ref.integer);
	else if (ref.type == FLAT_STRING && ref.len < REF_MAX)
		json_put_string(&text, ref.string, ref.len);
	if (!text.failed && text.len != 0 && text.len < REF_MAX)
		memcpy(request->ref, text.data, text.len);
	buf_fini(&text);
	if (request->ref[0] != '\0')
		return true;
	session_refuse(session, NULL, CODE_BAD_REQUEST, "ref",
	    "`ref` must be an integer or a string of at most 64 bytes");
	return false;
}

static bool
read_type(struct session *session, struct request *request)
{
	const char *type = NULL, *nearest;
	size_t len = 0;

	if (!request_string(session, request, "type", 256, &type, &len))
		return false;
	request->command = type != NULL ? command_find(type) : NULL;
	if (request->command != NULL)
		return true;
	if (!request_within_rate(session, request_ref(request)))
		return false;
	if (type == NULL) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "type", "`type` is missing: it says what is asked for");
		return false;
	}
	nearest = command_nearest(type);
	session_refuse(session, request_ref(request), CODE_UNKNOWN_TYPE,
	    "type", "there is no type `%.*s`%s%s%s",
	    (int)utf8_cut(type, len, 64), type,
	    nearest != NULL ? ": did you mean `" : "",
	    nearest != NULL ? nearest : "", nearest != NULL ? "`?" : "");
	return false;
}

/* Behind those that wait; what is wrong with it is answered. */
static void
enqueue(struct session *session, struct request *request, const char *ref)
{
	struct request **at;
	bool good;

	if (ref != NULL)
		memcpy(request->ref, ref, strlen(ref) + 1);
	good = (ref != NULL || read_ref(session, request)) &&
	    read_type(session, request);
	if (!good || session->state == SESSION_CLOSED) {
		request_free(request);
		return;
	}
	for (at = &session->requests; *at != NULL; at = &(*at)->next)
		continue;
	*at = request;
}

/* Without its members; room for a frame of size. */
static struct request *
request_new(size_t size)
{
	struct request *request = malloc(sizeof(*request) + size);

	if (request != NULL) {
		memset(request, 0, offsetof(struct request, flat));
		request->flat.n = 0;
	}
	return request;
}

void
request_add(struct session *session, json_t *json, const char *ref)
{
	struct request *request = request_new(0);

	if (request == NULL) {
		json_decref(json);
		session_end(session, SESSION_END_ERROR);
		return;
	}
	request->json = json;
	enqueue(session, request, ref);
}

/* The frames that come most are read here, all others by jansson. */
static void
receive_object(struct session *session, const char *text, size_t len)
{
	struct request *request = request_new(len + 1);
	struct error err;

	if (request == NULL) {
		session_end(session, SESSION_END_ERROR);
		return;
	}
	memcpy(request->frame, text, len);
	if (!flat_parse(request->frame, len, &request->flat)) {
		request->json = json_parse_object(text, len, &err);
		if (request->json == NULL) {
			request_free(request);
			if (request_within_rate(session, NULL))
				session_refuse(session, NULL, CODE_BAD_REQUEST,
				    NULL, "%s", err.text);
			return;
		}
	}
	enqueue(session, request, NULL);
}

/* A line is no request of the table. */
static bool
may_say_lines(struct session *session)
{
	if (session->scopes & SCOPE_SEND)
		return true;
	if (request_within_rate(session, NULL))
		session_refuse(session, NULL, CODE_FORBIDDEN, NULL,
		    "a line needs the scope `%s`, which this token does not "
		    "have", scope_name(SCOPE_SEND));
	return false;
}

void
session_receive(struct session *session, const char *text, size_t len)
{
	if (session->state != SESSION_LIVE)
		return;
	if (len == 0 || text[0] != '{') {
		presence_input(session);
		if (may_say_lines(session))
			line_run(session, text, len);
	} else {
		receive_object(session, text, len);
	}
	requests_run(session);
}

/* -------------------------------------------------------- reads and writes */

struct store_read *
request_read(struct session *session, const struct request *request,
    enum store_read_kind kind, store_read_done *done, size_t extra)
{
	struct store_read *read =
	    session_read(session, kind, done, EXTRA_REST + extra);

	if (read == NULL)
		return NULL;
	if (request->conversation != NULL) {
		read->conv = request->conversation->id;
		memcpy(read->name, request->conversation->name,
		    strlen(request->conversation->name) + 1);
	}
	memcpy(read->extra, request->ref, REF_MAX);
	return read;
}

struct store_write *
request_write(struct session *session, const struct request *request,
    enum store_write_kind kind, store_write_done *done, size_t extra)
{
	struct store_write *write = store_write_new(EXTRA_REST + extra);

	if (write == NULL)
		return NULL;
	write->kind = kind;
	write->worker = session->chat->worker;
	write->done = done;
	write->arg = session->chat;
	write->session = session->id;
	write->record.sender = session->uid;
	write->record.sender_name = write->extra + EXTRA_USER;
	write->record.transport = session->transport;
	memcpy(write->extra, request->ref, REF_MAX);
	memcpy(write->extra + EXTRA_USER, session->person->name,
	    sizeof(session->person->name));
	return write;
}

void
request_query(struct session *session, const struct request *request,
    struct store_read *read)
{
	if (read == NULL) {
		session_refuse_store(session, request_ref(request),
		    STORE_NOMEM);
		return;
	}
	session_park(session, PARK_ANSWER);
	store_query(session->chat->store, read);
}

void
request_submit(struct session *session, const struct request *request,
    struct store_write *write)
{
	if (write == NULL) {
		session_refuse_store(session, request_ref(request),
		    STORE_NOMEM);
		return;
	}
	session_park(session, PARK_ANSWER);
	store_submit(session->chat->store, write);
}

struct session *
read_session(const struct store_read *read)
{
	return chat_session(read->arg, read->asker, read->session);
}

struct session *
write_session(const struct store_write *write)
{
	return chat_session(write->arg, write->record.sender, write->session);
}

const char *
extra_ref(const char *extra)
{
	return extra[0] != '\0' ? extra : NULL;
}
