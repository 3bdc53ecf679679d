/* SPDX-License-Identifier: MIT */
#include "chat/request.h"

#include <string.h>

#define PRESENCE_USERS_MAX 100

/* --------------------------------------------------------- block and unblock */

bool
user_check(struct session *session, struct request *request)
{
	char name[NAME_BYTES_MAX + 1];

	if (!request_user(session, request, "user", name))
		return false;
	if (strcmp(name, session->person->name) == 0) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "user", "nobody can block themselves");
		return false;
	}
	memcpy(request->target, name, sizeof(name));
	return true;
}

static void
block_written(struct store_write *write)
{
	struct session *session = write_session(write);
	const char *ref = extra_ref(write->extra);

	if (session == NULL)
		return;
	if (write->status == STORE_OK || write->status == STORE_DUPLICATE)
		session_ok(session, ref);
	else
		session_refuse_store(session, ref, write->status);
	session_unpark(session, PARK_ANSWER);
}

/* The person is known now: (un)block them, still parked. */
static void
block_write(struct session *session, const struct store_read *read)
{
	struct request request = {0};
	struct store_write *write;

	memcpy(request.ref, read->extra, REF_MAX);
	write = request_write(session, &request,
	    read->newest ? STORE_WRITE_BLOCK : STORE_WRITE_UNBLOCK,
	    block_written, 0);
	if (write == NULL) {
		session_refuse_store(session, request_ref(&request),
		    STORE_NOMEM);
		session_unpark(session, PARK_ANSWER);
		return;
	}
	write->peer = read->person.uid;
	memcpy(write->name, read->person.name, sizeof(read->person.name));
	store_submit(session->chat->store, write);
}

static void
block_read(struct store_read *read)
{
	struct session *session = read_session(read);

	if (session == NULL)
		goto out;
	if (read->status == STORE_OK) {
		block_write(session, read);
		goto out;
	}
	if (read->status == STORE_NOT_FOUND)
		session_refuse(session, extra_ref(read->extra),
		    CODE_NOT_FOUND, "user", "there is nobody called %s here",
		    read->name);
	else
		session_refuse_store(session, extra_ref(read->extra),
		    read->status);
	session_unpark(session, PARK_ANSWER);
out:
	store_read_free(read);
}

static void
find_user(struct session *session, struct request *request, bool block)
{
	struct store_read *read;

	read = request_read(session, request, STORE_READ_USER, block_read, 0);
	if (read != NULL) {
		read->uid = 0;
		read->newest = block;
		memcpy(read->name, request->target, NAME_BYTES_MAX + 1);
	}
	request_query(session, request, read);
}

void
block_proceed(struct session *session, struct request *request)
{
	find_user(session, request, true);
}

void
unblock_proceed(struct session *session, struct request *request)
{
	find_user(session, request, false);
}

/* ------------------------------------------------------------------ presence */

bool
presence_check(struct session *session, struct request *request)
{
	const json_t *users = json_object_get(request->json, "users");

	if (!json_is_array(users) || json_array_size(users) == 0 ||
	    json_array_size(users) > PRESENCE_USERS_MAX) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "users", "`users` must be an array of 1 to %d names",
		    PRESENCE_USERS_MAX);
		return false;
	}
	return true;
}

static void
people_read(struct store_read *read)
{
	struct session *session = read_session(read);
	const char *ref = extra_ref(read->extra);
	size_t i;

	if (session == NULL)
		goto out;
	if (read->status != STORE_OK) {
		session_refuse_store(session, ref, read->status);
		goto unpark;
	}
	for (i = 0; i < read->people_n; i++) {
		if (read->people[i].uid == 0) {
			session_refuse(session, ref, CODE_NOT_FOUND, "users",
			    "there is nobody called %s here", read->names[i]);
			goto unpark;
		}
	}
	session_ok(session, ref);
	for (i = 0; i < read->people_n && session->state == SESSION_LIVE; i++)
		presence_watch(session->person, &read->people[i]);
unpark:
	session_unpark(session, PARK_ANSWER);
out:
	store_read_free(read);
}

void
presence_proceed(struct session *session, struct request *request)
{
	const json_t *users = json_object_get(request->json, "users");
	size_t n = json_array_size(users), i;
	char (*names)[NAME_BYTES_MAX + 1];
	struct store_read *read;
	const json_t *user;

	read = request_read(session, request, STORE_READ_PEOPLE, people_read,
	    n * sizeof(*names));
	if (read == NULL) {
		session_refuse_store(session, request_ref(request),
		    STORE_NOMEM);
		return;
	}
	names = (char (*)[NAME_BYTES_MAX + 1])(read->extra + EXTRA_REST);
	read->names = (const char (*)[NAME_BYTES_MAX + 1])names;
	read->names_n = n;
	for (i = 0; i < n; i++) {
		user = json_array_get(users, i);
		if (json_is_string(user) &&
		    name_fold(json_string_value(user),
			json_string_length(user), names[i]))
			continue;
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "users", "`users` must hold names of people");
		store_read_free(read);
		return;
	}
	request_query(session, request, read);
}

bool
status_check(struct session *session, struct request *request)
{
	const char *status = "";
	size_t len = 0;

	if (!request_string(session, request, "status", 16, &status, &len))
		return false;
	request->on = strcmp(status, "idle") == 0;
	if (!request->on && strcmp(status, "online") != 0) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "status", "`status` must be \"online\" or \"idle\"");
		return false;
	}
	return true;
}

void
status_proceed(struct session *session, struct request *request)
{
	presence_status(session, request->on);
	session_ok(session, request_ref(request));
}

/* ------------------------------------------- received, typing, ping and auth */

bool
received_check(struct session *session, struct request *request)
{
	if (!request_number(session, request, "seq", &request->seq))
		return false;
	if (request->seq == 0) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "seq", "`seq` must say up to which event it was received");
		return false;
	}
	return true;
}

void
received_proceed(struct session *session, struct request *request)
{
	cursors_received(session, request->conversation->id, request->seq);
	if (request_ref(request) != NULL)
		session_ok(session, request_ref(request));
}

bool
typing_check(struct session *session, struct request *request)
{
	request->on = true;
	return request_bool(session, request, "on", &request->on);
}

void
typing_proceed(struct session *session, struct request *request)
{
	const struct conversation *conversation = request->conversation;
	uint64_t conv = 0, peer = request->peer;

	if (conversation != NULL) {
		if (!person_is_in(session->person, conversation)) {
			session_refuse_store(session, request_ref(request),
			    STORE_NOT_MEMBER);
			return;
		}
		conv = conversation->id;
		if (conversation->kind == CONVERSATION_DIRECT)
			peer = conversation->a == session->uid
			    ? conversation->b : conversation->a;
	}
	typing_set(session->person, conv, peer, request->target, request->on);
	if (request_ref(request) != NULL)
		session_ok(session, request_ref(request));
}

void
ping_proceed(struct session *session, struct request *request)
{
	session_wire(session)->pong(session_scratch(session),
	    request_ref(request), chat_now_us(session->chat));
	session_answer(session);
}

/* The token that a session is to go on with. */
struct renewal {
	struct session_token token;
	uint32_t access_changes; /* before it was asked about */
};

static void
token_checked(struct store_read *read)
{
	struct session *session = read_session(read);
	const char *ref = extra_ref(read->extra);
	struct session_token token;
	struct renewal renewal;
	enum session_end why;

	if (session == NULL)
		goto out;
	memcpy(&renewal, read->extra + EXTRA_REST, sizeof(renewal));
	token = renewal.token;
	if (read->status != STORE_OK) {
		session_refuse_store(session, ref, read->status);
	} else if (sign_out_why(session->chat, &read->access, &token, &why)) {
		session_refuse(session, ref, CODE_UNAUTHORIZED, "token",
		    "this token was signed out: sign in again");
	} else if (renewal.access_changes != session->person->access_changes) {
		/* Perhaps of this one, after it was looked for. */
		session_refuse_store(session, ref, STORE_RETRY);
	} else {
		session->family = token.family;
		session->scopes = (uint8_t)token.scopes;
		session->ops->renew(session, &token);
		session_ok(session, ref);
	}
	session_unpark(session, PARK_ANSWER);
out:
	store_read_free(read);
}

void
auth_proceed(struct session *session, struct request *request)
{
	struct renewal renewal = {.access_changes = session->person->access_changes};
	struct store_read *read;
	const char *text = NULL;
	struct error err = {0};
	size_t len = 0;

	if (!request_string(session, request, "token", 4096, &text, &len))
		return;
	if (text == NULL) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "token", "`token` is missing");
		return;
	}
	if (session->ops->verify(session, text, len, &renewal.token,
		&err) != 0) {
		session_refuse(session, request_ref(request),
		    CODE_UNAUTHORIZED, "token", "%s", err.text);
		return;
	}
	read = request_read(session, request, STORE_READ_USER, token_checked,
	    sizeof(renewal));
	if (read != NULL) {
		read->family = renewal.token.family;
		memcpy(read->extra + EXTRA_REST, &renewal, sizeof(renewal));
	}
	request_query(session, request, read);
}
