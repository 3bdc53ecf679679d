/* SPDX-License-Identifier: MIT */
#include "chat/request.h"
#include "chat/search_query.h"

/* Read twice, for it is larger than what every request can carry along. */
static bool
parse(struct session *session, const struct request *request,
    struct search_query *query)
{
	struct error err = {0};

	if (search_query_parse(request->text, request->text_len, query,
		&err) == 0)
		return true;
	session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
	    "query", "%s", err.text);
	return false;
}

bool
search_check(struct session *session, struct request *request)
{
	struct search_query query;

	if (!request_string(session, request, "query", SEARCH_QUERY_MAX,
		&request->text, &request->text_len) ||
	    !request_number(session, request, "before", &request->before) ||
	    !request_limit(session, request))
		return false;
	if (request->text == NULL) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "query", "`query` is missing: what is searched for?");
		return false;
	}
	if (!parse(session, request, &query))
		return false;
	if (query.in == NULL)
		return true;
	if (request->target[0] != '\0') {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "query", "in: goes without `conversation`");
		return false;
	}
	return request_target(session, request, "query", query.in,
	    query.in_len);
}

static bool
hides(const void *arg, uint64_t uid)
{
	const struct person *person = arg;

	return person_blocks(person, uid);
}

static void
search_read(struct store_read *read)
{
	struct session *session = read_session(read);
	struct wire_page page = {
	    .ref = extra_ref(read->extra),
	    .records = read->records,
	    .records_n = read->records_n,
	    .blocked = hides};

	if (session == NULL)
		goto out;
	if (read->status != STORE_OK) {
		session_refuse_store(session, page.ref, read->status);
	} else {
		hide_reactions(session->person, read);
		page.uid = session->uid;
		page.arg = session->person;
		if (read->more)
			page.next = read->next;
		session_wire(session)->search(session_scratch(session), &page);
		session_answer(session);
	}
	session_unpark(session, PARK_ANSWER);
out:
	store_read_free(read);
}

void
search_proceed(struct session *session, struct request *request)
{
	struct search_query query;
	struct store_read *read;

	if (!parse(session, request, &query))
		return;
	read = request_read(session, request, STORE_READ_SEARCH, search_read,
	    0);
	if (read != NULL) {
		read->search = query.search;
		read->before = request->before;
		read->limit = (uint32_t)request->limit;
	}
	request_query(session, request, read);
}
