/* SPDX-License-Identifier: MIT */
#include "chat/request.h"

#include <string.h>

/* Whether this person may join, or make, one more group now. */
static bool
within_join_rate(struct session *session, const struct request *request)
{
	struct wire_error error = {.ref = request_ref(request),
	    .code = CODE_RATE_LIMITED,
	    .message = "you join groups faster than is allowed here"};

	error.retry_after_ms = rates_take(session->person, RATE_JOIN);
	if (error.retry_after_ms == 0)
		return true;
	session_fail(session, &error);
	if (session->state != SESSION_CLOSED && rates_abused(session->person))
		session_end(session, SESSION_END_ABUSE);
	return false;
}

/* The group's name, into request->target: it need not exist. */
static bool
read_group(struct session *session, struct request *request)
{
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
	if (strcmp(request->target, "#lobby") != 0)
		return true;
	session_refuse(session, request_ref(request), CODE_BAD_REQUEST, key,
	    "everyone is in #lobby already");
	return false;
}

bool
join_check(struct session *session, struct request *request)
{
	return read_group(session, request) &&
	    within_join_rate(session, request);
}

bool
create_check(struct session *session, struct request *request)
{
	struct store_settings *settings = &request->settings;

	if (!read_group(session, request) ||
	    !group_settings_read(session, request))
		return false;
	/* What is said among the invited is for them, unless said otherwise. */
	if (settings->private && !(settings->has & SETTING_SINCE_JOIN)) {
		settings->has |= SETTING_SINCE_JOIN;
		settings->since_join = true;
	}
	return within_join_rate(session, request);
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
		    person_join(session->person, conversation,
			write->joined_seq) != 0) {
			session_end(session, SESSION_END_ERROR);
			return;
		}
	}
	write_answered(write);
}

static void
submit_join(struct session *session, const struct request *request,
    struct store_write *write)
{
	if (write != NULL) {
		memcpy(write->name, request->target,
		    strlen(request->target) + 1);
		write->limit = session->chat->limits.group_members;
		write->groups_max = session->chat->limits.user_groups;
	}
	request_submit(session, request, write);
}

void
join_proceed(struct session *session, struct request *request)
{
	submit_join(session, request, request_write(session, request,
	    STORE_WRITE_JOIN, joined, 0));
}

void
create_proceed(struct session *session, struct request *request)
{
	submit_join(session, request, group_settings_write(session, request,
	    STORE_WRITE_CREATE, joined));
}

/* To a write about a group that is there. */
static void
submit_about(struct session *session, const struct request *request,
    struct store_write *write)
{
	const struct conversation *conversation = request->conversation;

	if (write != NULL) {
		write->record.conv = conversation->id;
		memcpy(write->name, conversation->name,
		    strlen(conversation->name) + 1);
	}
	request_submit(session, request, write);
}

void
leave_proceed(struct session *session, struct request *request)
{
	if (request->conversation->kind == CONVERSATION_GROUP)
		submit_about(session, request, request_write(session, request,
		    STORE_WRITE_LEAVE, write_answered, 0));
	else
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "conversation", "only groups can be left");
}

bool
update_check(struct session *session, struct request *request)
{
	if (!group_settings_read(session, request))
		return false;
	if (request->settings.has != 0)
		return true;
	session_refuse(session, request_ref(request), CODE_BAD_REQUEST, NULL,
	    "nothing is to be changed: name `title`, `description`, "
	    "`private`, `history` or `slow`");
	return false;
}

void
update_proceed(struct session *session, struct request *request)
{
	if (request->conversation->kind == CONVERSATION_GROUP)
		submit_about(session, request, group_settings_write(session,
		    request, STORE_WRITE_UPDATE, write_answered));
	else
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "conversation", "%s is no group with settings",
		    request->conversation->name);
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
