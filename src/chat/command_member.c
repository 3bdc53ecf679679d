/* SPDX-License-Identifier: MIT */
#include "chat/request.h"

#include <string.h>

#include "base/duration.h"

/*
 * What is done to somebody in a group.  The table says which write each type
 * is; the person is looked up first, and the writer knows who may.
 */
struct member_call {
	char conversation[CONVERSATION_NAME_MAX + 1];
	int64_t until_us;
	uint8_t write; /* enum store_write_kind */
	uint8_t role;
};

static bool
read_role(struct session *session, struct request *request)
{
	const char *text = NULL;
	size_t len = 0;
	int role;

	if (!request_string(session, request, "role", 16, &text, &len))
		return false;
	for (role = ROLE_MEMBER; text != NULL && role <= ROLE_OWNER; role++) {
		if (strcmp(text, role_name((enum role)role)) == 0) {
			request->role = (uint8_t)role;
			return true;
		}
	}
	session_refuse(session, request_ref(request), CODE_BAD_REQUEST, "role",
	    "`role` must be \"owner\", \"admin\", \"moderator\" or \"member\"");
	return false;
}

static bool
read_duration(struct session *session, struct request *request)
{
	bool wanted = request->command->write == STORE_WRITE_MUTE;

	if (!request_duration(session, request, "duration",
		&request->duration_s))
		return false;
	if (request->duration_s > 0 ||
	    (!wanted && !request_given(request, "duration")))
		return true;
	session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
	    "duration", "`duration` must say for how long: \"30s\", \"10m\", "
	    "\"2h\" or \"1d\"%s", wanted ? "" : "; without it, it is for good");
	return false;
}

bool
member_check(struct session *session, struct request *request)
{
	enum store_write_kind kind =
	    (enum store_write_kind)request->command->write;

	if (!request_user(session, request, "user", request->user))
		return false;
	if (strcmp(request->user, session->person->name) == 0 &&
	    kind != STORE_WRITE_ROLE) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "user", "`user` must be somebody else; `leave` is for "
		    "yourself");
		return false;
	}
	if (kind == STORE_WRITE_ROLE)
		return read_role(session, request);
	if (kind == STORE_WRITE_MUTE || kind == STORE_WRITE_BAN)
		return read_duration(session, request);
	return true;
}

/* The person is known now; still parked. */
static void
submit(struct session *session, const struct store_read *read)
{
	struct request request = {0};
	struct member_call call;
	struct store_write *write;

	memcpy(&call, read->extra + EXTRA_REST, sizeof(call));
	memcpy(request.ref, read->extra, REF_MAX);
	write = request_write(session, &request,
	    (enum store_write_kind)call.write, write_answered,
	    sizeof(read->person.name));
	if (write == NULL) {
		session_refuse_store(session, request_ref(&request),
		    STORE_NOMEM);
		session_unpark(session, PARK_ANSWER);
		return;
	}
	write->peer = read->person.uid;
	write->record.conv = read->conv;
	write->record.role = call.role;
	write->record.subject_name = write->extra + EXTRA_REST;
	memcpy(write->extra + EXTRA_REST, read->person.name,
	    sizeof(read->person.name));
	memcpy(write->name, call.conversation, sizeof(call.conversation));
	write->until_us = call.until_us;
	write->limit = session->chat->limits.group_members;
	write->groups_max = session->chat->limits.user_groups;
	store_submit(session->chat->store, write);
}

static void
subject_read(struct store_read *read)
{
	struct session *session = read_session(read);
	const char *ref = extra_ref(read->extra);

	if (session == NULL)
		goto out;
	if (read->status == STORE_OK) {
		submit(session, read);
		goto out;
	}
	if (read->status == STORE_NOT_FOUND)
		session_refuse(session, ref, CODE_NOT_FOUND, "user",
		    "there is nobody called %s here", read->name);
	else
		session_refuse_store(session, ref, read->status);
	session_unpark(session, PARK_ANSWER);
out:
	store_read_free(read);
}

void
member_proceed(struct session *session, struct request *request)
{
	const struct conversation *conversation = request->conversation;
	struct member_call call = {.write = request->command->write,
	    .role = request->role};
	struct store_read *read;

	if (conversation->kind != CONVERSATION_GROUP) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "conversation", "%s is no group with members and roles",
		    conversation->name);
		return;
	}
	if (request->duration_s != 0)
		call.until_us = chat_now_us(session->chat) +
		    request->duration_s * 1000000;
	memcpy(call.conversation, conversation->name,
	    strlen(conversation->name) + 1);
	read = request_read(session, request, STORE_READ_USER, subject_read,
	    sizeof(call));
	if (read != NULL) {
		memcpy(read->extra + EXTRA_REST, &call, sizeof(call));
		memcpy(read->name, request->user, sizeof(request->user));
		read->uid = 0;
	}
	request_query(session, request, read);
}
