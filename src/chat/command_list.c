/* SPDX-License-Identifier: MIT */
#include "chat/request.h"

/* The list of one's conversations. */

bool
conversations_check(struct session *session, struct request *request)
{
	return request_number(session, request, "before", &request->before) &&
	    request_bool(session, request, "unread", &request->on) &&
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

/* Those in which nothing waits to be read are left out. */
static void
keep_unread(struct store_read *read)
{
	const struct store_membership *membership;
	size_t i, n = 0;

	for (i = 0; i < read->memberships_n; i++) {
		membership = &read->memberships[i];
		if (membership->unread == 0 && !membership->marked_unread)
			continue;
		read->memberships[n] = *membership;
		read->records[n++] = read->records[i];
	}
	read->memberships_n = n;
}

static void
conversations_read(struct store_read *read)
{
	struct session *session = read_session(read);

	if (session == NULL)
		goto out;
	if (read->status == STORE_OK) {
		hide_newest(session->person, read);
		if (read->more && read->memberships_n != 0)
			read->next = read->memberships[read->memberships_n - 1]
			    .conversation.last_id;
		if (read->extra[EXTRA_REST])
			keep_unread(read);
		listing_begin(session, read); /* which is its own now */
		return;
	}
	read_refused(session, read);
	session_unpark(session, PARK_ANSWER);
out:
	store_read_free(read);
}

void
conversations_proceed(struct session *session, struct request *request)
{
	struct store_read *read;

	if (request->conversation != NULL &&
	    request->conversation->kind == CONVERSATION_PUBLIC) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "conversation", "%s is in no list: everyone is in it",
		    request->conversation->name);
		return;
	}
	read = request_read(session, request, STORE_READ_CONVERSATIONS,
	    conversations_read, 1);
	if (read != NULL) {
		read->extra[EXTRA_REST] = request->on;
		read->before = request->before;
		read->limit = (uint32_t)request->limit;
	}
	request_query(session, request, read);
}
