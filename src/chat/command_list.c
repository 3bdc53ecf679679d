/* SPDX-License-Identifier: MIT */
#include "chat/request.h"

/* The list of one's conversations. */

bool
conversations_check(struct session *session, struct request *request)
{
	return request_number(session, request, "before", &request->before) &&
	    request_limit(session, request);
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

	if (session == NULL)
		goto out;
	if (read->status == STORE_OK) {
		hide_newest(session->person, read);
		listing_begin(session, read); /* which is its own now */
		return;
	}
	session_refuse_store(session, extra_ref(read->extra), read->status);
	session_unpark(session, PARK_ANSWER);
out:
	store_read_free(read);
}

void
conversations_proceed(struct session *session, struct request *request)
{
	struct store_read *read;

	read = request_read(session, request, STORE_READ_CONVERSATIONS,
	    conversations_read, 0);
	if (read != NULL) {
		read->before = request->before;
		read->limit = (uint32_t)request->limit;
	}
	request_query(session, request, read);
}
