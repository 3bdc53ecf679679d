/* SPDX-License-Identifier: MIT */
#include "chat/request.h"

#include <string.h>

/* Of `key`, and of what it goes without. */
static bool
goes_alone(struct session *session, const struct request *request,
    const char *key, const char *other)
{
	if (!request_given(request, key) || !request_given(request, other))
		return true;
	session_refuse(session, request_ref(request), CODE_BAD_REQUEST, key,
	    "`%s` goes without `%s`", key, other);
	return false;
}

bool
history_check(struct session *session, struct request *request)
{
	static const char *const alone[][2] = {{"around", "before"},
	    {"around", "after"}, {"offset", "before"}, {"offset", "after"},
	    {"offset", "around"}};
	size_t i;

	if (!request_number(session, request, "before", &request->before) ||
	    !request_number(session, request, "after", &request->after) ||
	    !request_number(session, request, "around", &request->around) ||
	    !request_number(session, request, "offset", &request->offset) ||
	    !request_bool(session, request, "messages", &request->messages) ||
	    !request_limit(session, request))
		return false;
	for (i = 0; i < sizeof(alone) / sizeof(alone[0]); i++) {
		if (!goes_alone(session, request, alone[i][0], alone[i][1]))
			return false;
	}
	request->on = request_given(request, "after");
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
hide_reactions_to(const struct person *person, struct record *record)
{
	uint32_t i, n = 0;

	for (i = 0; i < record->reactions_n; i++) {
		if (!person_blocks(person, record->reactions[i].uid))
			record->reactions[n++] = record->reactions[i];
	}
	record->reactions_n = n;
}

void
hide_reactions(const struct person *person, struct store_read *read)
{
	const char *conversation;
	size_t i;

	for (i = 0; person->blocks != NULL && i < read->records_n; i++) {
		conversation = read->records[i].conversation_name;
		if (conversation == NULL)
			conversation = read->name;
		if (conversation[0] != '@')
			hide_reactions_to(person, &read->records[i]);
	}
}

static void
history_read(struct store_read *read)
{
	struct session *session = read_session(read);
	struct wire_page page = {
	    .ref = extra_ref(read->extra),
	    .conversation = read->name,
	    .records = read->records,
	    .records_n = read->records_n,
	    .read = read};

	if (session == NULL)
		goto out;
	if (read->status != STORE_OK) {
		session_refuse_store(session, page.ref, read->status);
	} else {
		hide_reactions(session->person, read);
		page.uid = session->uid;
		page.blocked = read->name[0] == '@' ? hides_nobody : hides;
		page.arg = session->person;
		if (read->more && read->records_n != 0 && !read->by_offset)
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

	/* Whether the person is in it, and since when, the store checks. */
	read = request_read(session, request, STORE_READ_HISTORY,
	    history_read, 0);
	if (read != NULL) {
		read->limit = (uint32_t)request->limit;
		read->by_offset = request_given(request, "offset");
		read->messages = request->messages;
		read->offset = request->offset;
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
