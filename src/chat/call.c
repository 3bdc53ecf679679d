/* SPDX-License-Identifier: MIT */
#include "chat/call.h"

#include <stdlib.h>

#include "chat/request.h"

/*
 * A call is a session that is quiet: nobody sees it, nothing is told to it,
 * and it has one request.  The first frame it is sent is the answer, since
 * every request with a ref gets one.
 *
 *	READING ── person ──> LIVE ── answer ──> posted ──> called
 *
 * The answer goes through the worker's own mailbox, so that the domain is
 * never entered from within itself.
 */
struct chat_call {
	struct session session; /* first: the ops cast back */
	struct mail mail;
	json_t *request; /* until it begins */
	json_t *answer;
	chat_called *called; /* NULL: forgotten */
	void *arg;
	bool posted;
};

/* Any: the answer is told without. */
#define REF "0"

static void
call_free(struct chat_call *call)
{
	session_close(&call->session);
	json_decref(call->request);
	json_decref(call->answer);
	free(call);
}

void
calls_free(struct chat *chat, uint64_t uid)
{
	struct person *person;

	/* The last one may take the person with it. */
	while ((person = person_find(chat, uid)) != NULL &&
	    person->sessions != NULL && person->sessions->quiet)
		call_free((struct chat_call *)person->sessions);
}

/* ------------------------------------------------------------- the answer */

static void
tell(struct mail *mail, void *owner)
{
	struct chat_call *call = (struct chat_call *)
	    ((char *)mail - offsetof(struct chat_call, mail));

	session_close(&call->session);
	if (owner != NULL && call->called != NULL)
		call->called(call->arg, call->answer);
	call_free(call);
}

static void
post(struct chat_call *call)
{
	if (call->posted)
		return;
	call->posted = true;
	call->mail.deliver = tell;
	mailbox_post(call->session.chat->mailbox, &call->mail);
}

static void
on_send(struct session *session, struct blob *frame, uint64_t id)
{
	struct chat_call *call = (struct chat_call *)session;
	struct error err;

	(void)id;
	if (call->posted)
		return;
	call->answer = json_parse_object((const char *)blob_payload(frame),
	    frame->len, &err);
	if (call->answer != NULL)
		json_object_del(call->answer, "ref");
	post(call);
}

static json_t *
unavailable(void)
{
	return json_pack("{s:s, s:s, s:s}", "type", "error", "code",
	    chat_code_name(CODE_UNAVAILABLE), "message",
	    "the server restarts; nothing was done, try again");
}

static void
on_end(struct session *session, enum session_end why)
{
	struct chat_call *call = (struct chat_call *)session;

	if (!call->posted && why == SESSION_END_DRAINING)
		call->answer = unavailable();
	post(call);
}

static void
on_park(struct session *session, bool parked)
{
	(void)session;
	(void)parked;
}

static size_t
on_queued(const struct session *session)
{
	(void)session;
	return 0;
}

static const struct session_ops call_ops = {.send = on_send, .end = on_end,
    .park = on_park, .queued = on_queued};

/* ------------------------------------------------------------ its request */

static void
start(struct chat_call *call)
{
	json_t *request = call->request;

	call->request = NULL;
	call->session.state = SESSION_LIVE;
	request_add(&call->session, request, REF);
	requests_run(&call->session);
}

/* Of those that wait for their person, the one that came first. */
static struct session *
first_waiting(struct chat *chat, uint64_t uid)
{
	struct session *session, *first = NULL;
	struct person *person = person_find(chat, uid);

	for (session = person != NULL ? person->sessions : NULL;
	     session != NULL; session = session->next) {
		if (session->quiet && session->state == SESSION_READING &&
		    (first == NULL || session->id < first->id))
			first = session;
	}
	return first;
}

static int read_person(struct session *session);

/* Of an account that is not there, and for all else that went wrong. */
static void
refuse(struct session *session, enum store_status status)
{
	if (status == STORE_NOT_FOUND)
		session_refuse(session, REF, CODE_UNAUTHORIZED, NULL,
		    "this account was erased");
	else
		session_refuse_store(session, REF, status);
	session_close(session);
}

/*
 * They all wait for the same, and begin in the order they came.  Each may end
 * the others: a person without memory does.
 */
static void
person_read(struct store_read *read)
{
	struct chat *chat = read->arg;
	struct session *session = first_waiting(chat, read->uid);
	enum store_status status = read->status;

	if (session != NULL && status == STORE_OK &&
	    !session->person->loaded) {
		if (session->stale) { /* it changed meanwhile */
			if (read_person(session) == 0)
				session = NULL;
			else
				status = STORE_NOMEM;
		} else if (person_load(session->person, read) != 0) {
			status = STORE_NOMEM;
		}
	}
	for (; session != NULL; session = first_waiting(chat, read->uid)) {
		if (status == STORE_OK)
			start((struct chat_call *)session);
		else
			refuse(session, status);
	}
	store_read_free(read);
}

static int
read_person(struct session *session)
{
	struct store_read *read;

	read = session_read(session, STORE_READ_PERSON, person_read, 0);
	if (read == NULL)
		return -1;
	session->stale = false;
	store_query(session->chat->store, read);
	return 0;
}

static int
begin(struct chat_call *call, struct chat *chat,
    const struct chat_call_options *options)
{
	const struct session_options session = {.uid = options->uid,
	    .device = "", .transport = options->transport,
	    .token = {.scopes = options->scopes}};
	bool first = first_waiting(chat, options->uid) == NULL;

	if (session_enter(&call->session, chat, &session) != 0)
		return -1;
	call->session.state = SESSION_READING;
	if (chat->drain_spread_ms != 0) {
		session_end(&call->session, SESSION_END_DRAINING);
		return 0;
	}
	if (call->session.person->loaded) {
		start(call);
		return 0;
	}
	return first ? read_person(&call->session) : 0;
}

struct chat_call *
chat_call(struct chat *chat, const struct chat_call_options *options,
    json_t *request)
{
	struct chat_call *call = calloc(1, sizeof(*call));

	if (call == NULL) {
		json_decref(request);
		return NULL;
	}
	call->session.ops = &call_ops;
	call->session.quiet = true;
	call->session.follows = options->follows;
	call->request = request;
	if (begin(call, chat, options) != 0) {
		call_free(call);
		return NULL;
	}
	call->called = options->called;
	call->arg = options->arg;
	return call;
}

void
chat_call_forget(struct chat_call *call)
{
	call->called = NULL;
}
