/* SPDX-License-Identifier: MIT */
#include "chat/request.h"

#include <string.h>

/* Marks, what others see of them, and who may not see them. */

/* The public room has everyone: it keeps no marks of anybody. */
static bool
keeps_marks(struct session *session, const struct request *request)
{
	if (request->conversation->kind != CONVERSATION_PUBLIC)
		return true;
	session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
	    "conversation", "%s keeps no marks; groups and direct "
	    "conversations do", request->conversation->name);
	return false;
}

static bool
required_seq(struct session *session, struct request *request,
    const char *what)
{
	if (!request_number(session, request, "seq", &request->seq))
		return false;
	if (request->seq != 0)
		return true;
	session_refuse(session, request_ref(request), CODE_BAD_REQUEST, "seq",
	    "`seq` must say %s", what);
	return false;
}

static bool
required_bool(struct session *session, struct request *request,
    const char *key, const char *what)
{
	if (!request_bool(session, request, key, &request->on))
		return false;
	if (request_given(request, key))
		return true;
	session_refuse(session, request_ref(request), CODE_BAD_REQUEST, key,
	    "`%s` must be true or false: %s", key, what);
	return false;
}

static void
answer(struct session *session, const struct store_write *write, bool quiet)
{
	const char *ref = extra_ref(write->extra);

	if (write->status != STORE_OK && write->status != STORE_DUPLICATE)
		session_refuse_store(session, ref, write->status);
	else if (ref != NULL || !quiet)
		session_ok(session, ref);
	session_unpark(session, PARK_ANSWER);
}

/* -------------------------------------------------------------------- read */

bool
read_check(struct session *session, struct request *request)
{
	return required_seq(session, request, "up to which event it is read");
}

static void
read_written(struct store_write *write)
{
	struct session *session = write_session(write);

	if (session != NULL)
		answer(session, write, true);
}

void
read_proceed(struct session *session, struct request *request)
{
	struct store_write *write;

	if (!keeps_marks(session, request))
		return;
	write = request_write(session, request, STORE_WRITE_MARK,
	    read_written, 0);
	if (write != NULL) {
		write->record.conv = request->conversation->id;
		write->mark.read = request->seq;
		write->urgent = true;
	}
	request_submit(session, request, write);
}

/* ------------------------------------------------------------------ unread */

bool
unread_check(struct session *session, struct request *request)
{
	return required_bool(session, request, "on",
	    "whether the conversation is marked as unread");
}

static void
written(struct store_write *write)
{
	struct session *session = write_session(write);

	if (session != NULL)
		answer(session, write, false);
}

void
unread_proceed(struct session *session, struct request *request)
{
	struct store_write *write;

	if (!keeps_marks(session, request))
		return;
	write = request_write(session, request, STORE_WRITE_UNREAD, written,
	    0);
	if (write != NULL) {
		write->record.conv = request->conversation->id;
		write->unread = request->on;
	}
	request_submit(session, request, write);
}

/* ---------------------------------------------------------------- receipts */

bool
receipts_check(struct session *session, struct request *request)
{
	return required_seq(session, request, "which message is meant") &&
	    request_number(session, request, "after", &request->after) &&
	    request_limit(session, request);
}

static void
receipts_read(struct store_read *read)
{
	struct session *session = read_session(read);
	const char *ref = extra_ref(read->extra);

	if (session == NULL)
		goto out;
	switch (read->status) {
	case STORE_OK:
		session_wire(session)->receipts(session_scratch(session), ref,
		    read);
		session_answer(session);
		break;
	case STORE_NO_MESSAGE:
		session_refuse(session, ref, CODE_NOT_FOUND, "seq",
		    "%s has no message with seq %llu", read->name,
		    (unsigned long long)read->after);
		break;
	default:
		session_refuse_store(session, ref, read->status);
	}
	session_unpark(session, PARK_ANSWER);
out:
	store_read_free(read);
}

void
receipts_proceed(struct session *session, struct request *request)
{
	struct store_read *read;

	if (!keeps_marks(session, request))
		return;
	read = request_read(session, request, STORE_READ_RECEIPTS,
	    receipts_read, 0);
	if (read != NULL) {
		read->after = request->seq;
		read->before = request->after;
		read->limit = (uint32_t)request->limit;
	}
	request_query(session, request, read);
}

/* ---------------------------------------------------------------- settings */

bool
settings_check(struct session *session, struct request *request)
{
	return request_bool(session, request, "read_receipts", &request->on);
}

static void
person_read(struct store_read *read)
{
	struct session *session = read_session(read);
	const char *ref = extra_ref(read->extra);

	if (session == NULL)
		goto out;
	if (read->status == STORE_OK) {
		session_wire(session)->settings(session_scratch(session), ref,
		    !read->person.hides_read);
		session_answer(session);
	} else {
		session_refuse_store(session, ref, read->status);
	}
	session_unpark(session, PARK_ANSWER);
out:
	store_read_free(read);
}

void
settings_proceed(struct session *session, struct request *request)
{
	struct store_write *write;

	if (!request_given(request, "read_receipts")) {
		request_query(session, request, request_read(session, request,
		    STORE_READ_USER, person_read, 0));
		return;
	}
	write = request_write(session, request, STORE_WRITE_HIDE_READ,
	    written, 0);
	if (write != NULL)
		write->hides_read = !request->on;
	request_submit(session, request, write);
}
