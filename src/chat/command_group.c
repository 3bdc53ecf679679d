/* SPDX-License-Identifier: MIT */
#include "chat/request.h"

#include <string.h>

bool
join_check(struct session *session, struct request *request)
{
	struct wire_error error = {.ref = request_ref(request),
	    .code = CODE_RATE_LIMITED,
	    .message = "you join groups faster than is allowed here"};
	const char *key = "conversation", *text = NULL;
	size_t len = 0;

	if (!request_has(request, key) && request_has(request, "to"))
		key = "to";
	if (!request_string(session, request, key, 256, &text, &len))
		return false;
	if (text == NULL || text[0] != '#' ||
	    !name_fold(text + 1, len - 1, request->target + 1)) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    key, "`%s` must be a group: \"#\" and 2 to 32 of a-z 0-9 "
		    ". _ -", key);
		return false;
	}
	request->target[0] = '#';
	if (strcmp(request->target, "#lobby") == 0) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    key, "everyone is in #lobby already");
		return false;
	}
	error.retry_after_ms = rates_take(session->person, RATE_JOIN);
	if (error.retry_after_ms == 0)
		return true;
	session_fail(session, &error);
	if (session->state != SESSION_CLOSED && rates_abused(session->person))
		session_end(session, SESSION_END_ABUSE);
	return false;
}

static void
answer(struct session *session, const struct store_write *write)
{
	const char *ref = extra_ref(write->extra);

	if (write->status == STORE_OK || write->status == STORE_DUPLICATE)
		session_ok(session, ref);
	else
		session_refuse_store(session, ref, write->status);
	session_unpark(session, PARK_ANSWER);
}

static void
joined(struct store_write *write)
{
	struct session *session = write_session(write);
	struct conversation *conversation;

	if (session == NULL)
		return;
	if (write->status == STORE_OK) {
		/* Known before the next request, which may be about it. */
		conversation = conversation_learn(session->chat,
		    &write->conversation);
		if (conversation == NULL ||
		    person_join(session->person, conversation) != 0) {
			session_end(session, SESSION_END_ERROR);
			return;
		}
	}
	answer(session, write);
}

static void
left(struct store_write *write)
{
	struct session *session = write_session(write);

	if (session != NULL)
		answer(session, write);
}

void
join_proceed(struct session *session, struct request *request)
{
	struct store_write *write;

	write = request_write(session, request, STORE_WRITE_JOIN, joined, 0);
	if (write != NULL) {
		memcpy(write->name, request->target,
		    strlen(request->target) + 1);
		write->limit = session->chat->limits.group_members;
	}
	request_submit(session, request, write);
}

void
leave_proceed(struct session *session, struct request *request)
{
	struct store_write *write;

	if (request->conversation->kind != CONVERSATION_GROUP) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "conversation", "only groups can be left");
		return;
	}
	write = request_write(session, request, STORE_WRITE_LEAVE, left, 0);
	if (write != NULL)
		write->record.conv = request->conversation->id;
	request_submit(session, request, write);
}

static void
members_read(struct store_read *read)
{
	struct session *session = read_session(read);
	const char *ref = extra_ref(read->extra);

	if (session == NULL)
		goto out;
	if (read->status == STORE_OK) {
		session_wire(session)->members(session_scratch(session), ref,
		    read->name, read->members, read->members_n);
		session_answer(session);
	} else {
		session_refuse_store(session, ref, read->status);
	}
	session_unpark(session, PARK_ANSWER);
out:
	store_read_free(read);
}

void
members_proceed(struct session *session, struct request *request)
{
	if (!person_is_in(session->person, request->conversation))
		session_refuse_store(session, request_ref(request),
		    STORE_NOT_MEMBER);
	else if (request->conversation->kind == CONVERSATION_PUBLIC)
		roster_ask(session, request_ref(request));
	else
		request_query(session, request, request_read(session, request,
		    STORE_READ_MEMBERS, members_read, 0));
}
