/* SPDX-License-Identifier: MIT */
#include "chat/request.h"

#include <string.h>

#define HISTORY_DEFAULT 50
#define HISTORY_MAX 200

bool
history_check(struct session *session, struct request *request)
{
	request->limit = HISTORY_DEFAULT;
	if (!request_number(session, request, "before", &request->before) ||
	    !request_number(session, request, "after", &request->after) ||
	    !request_number(session, request, "around", &request->around) ||
	    !request_number(session, request, "limit", &request->limit))
		return false;
	if (request_has(request, "around") &&
	    (request_has(request, "before") ||
		request_has(request, "after"))) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "around", "`around` goes without `before` and `after`");
		return false;
	}
	if (request->limit < 1 || request->limit > HISTORY_MAX) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "limit", "`limit` must be 1 to %d", HISTORY_MAX);
		return false;
	}
	request->on = request_has(request, "after");
	return true;
}

static bool
hides(const void *arg, uint64_t uid)
{
	const struct person *person = arg;

	return person_blocks(person, uid);
}

static bool
hides_nobody(const void *arg, uint64_t uid)
{
	(void)arg;
	(void)uid;
	return false;
}

static void
history_read(struct store_read *read)
{
	struct session *session = read_session(read);
	struct wire_page page = {
	    .ref = extra_ref(read->extra),
	    .conversation = read->name,
	    .records = read->records,
	    .records_n = read->records_n};

	if (session == NULL)
		goto out;
	if (read->status != STORE_OK) {
		session_refuse_store(session, page.ref, read->status);
	} else {
		page.uid = session->uid;
		page.blocked = read->name[0] == '@' ? hides_nobody : hides;
		page.arg = session->person;
		if (read->more && read->records_n != 0)
			page.next = read->newest ? read->records[0].seq :
			    read->records[read->records_n - 1].seq;
		session_wire(session)->history(session_scratch(session),
		    &page);
		session_answer(session);
	}
	session_unpark(session, PARK_ANSWER);
out:
	store_read_free(read);
}

void
history_proceed(struct session *session, struct request *request)
{
	struct store_read *read;
	uint64_t half = request->limit / 2 + 1;

	if (!person_is_in(session->person, request->conversation)) {
		session_refuse_store(session, request_ref(request),
		    STORE_NOT_MEMBER);
		return;
	}
	read = request_read(session, request, STORE_READ_HISTORY,
	    history_read, 0);
	if (read != NULL) {
		read->limit = (uint32_t)request->limit;
		read->newest = !request->on && request->around == 0;
		read->after = request->after;
		read->before = UINT64_MAX;
		if (request->before != 0)
			read->before = request->before;
		if (request->around > half)
			read->after = request->around - half;
	}
	request_query(session, request, read);
}

/* The newest message of a group is left out where it is to be hidden. */
static void
hide_newest(const struct person *person, struct store_read *read)
{
	size_t i;

	for (i = 0; i < read->memberships_n; i++) {
		if (read->memberships[i].conversation.kind !=
			CONVERSATION_DIRECT &&
		    person_blocks(person, read->records[i].sender))
			read->records[i].kind = 0;
	}
}

static void
conversations_read(struct store_read *read)
{
	struct session *session = read_session(read);
	const char *ref = extra_ref(read->extra);

	if (session == NULL)
		goto out;
	if (read->status == STORE_OK) {
		hide_newest(session->person, read);
		session_wire(session)->conversations(session_scratch(session),
		    ref, read);
		session_answer(session);
	} else {
		session_refuse_store(session, ref, read->status);
	}
	session_unpark(session, PARK_ANSWER);
out:
	store_read_free(read);
}

void
conversations_proceed(struct session *session, struct request *request)
{
	request_query(session, request, request_read(session, request,
	    STORE_READ_CONVERSATIONS, conversations_read, 0));
}
