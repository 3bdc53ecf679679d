/* SPDX-License-Identifier: MIT */
#include "chat/request.h"

#include <string.h>

/*
 * Lines go to the operator's commands, which answer with requests of the
 * protocol: they run behind the line, under the same checks as any other.
 */
struct line {
	struct session *session;
	const char *ref; /* for the first answer; NULL: none, or given */
	const char *client_msg_id;
	bool answered;
};

static const char *
take_ref(struct line *line)
{
	const char *ref = line->ref;

	line->ref = NULL;
	line->answered = true;
	return ref != NULL ? ref : "";
}

static void
host_request(void *arg, json_t *json)
{
	struct line *line = arg;

	if (line->session->state == SESSION_CLOSED) {
		json_decref(json);
		return;
	}
	request_add(line->session, json, take_ref(line));
}

static void
host_send(void *arg, const char *to, size_t to_len, const char *text,
    size_t text_len, bool action)
{
	struct line *line = arg;
	json_t *json;

	json = json_pack("{s:s, s:s%, s:s%}", "type", "send", "to", to,
	    to_len, "text", text, text_len);
	if (json == NULL) {
		session_refuse(line->session, line->ref, CODE_BAD_REQUEST,
		    "text", "the text is not valid UTF-8");
		take_ref(line);
		return;
	}
	if (action)
		json_object_set_new(json, "action", json_true());
	if (line->client_msg_id != NULL)
		json_object_set_new(json, "client_msg_id",
		    json_string(line->client_msg_id));
	line->client_msg_id = NULL;
	host_request(line, json);
}

static void
host_notice(void *arg, const char *text, size_t len)
{
	struct line *line = arg;

	if (line->session->state == SESSION_CLOSED)
		return;
	if (!request_within_rate(line->session, line->ref)) {
		take_ref(line); /* that was its answer */
		return;
	}
	session_wire(line->session)->notice(session_scratch(line->session),
	    text, len);
	session_answer(line->session);
}

static void
host_error(void *arg, const char *code, const char *message)
{
	struct line *line = arg;
	const char *ref = line->ref;

	take_ref(line);
	if (line->session->state != SESSION_CLOSED &&
	    request_within_rate(line->session, ref))
		session_refuse(line->session, ref, chat_code_parse(code), NULL,
		    "%s", message);
}

static void
run(struct session *session, struct line *line, const char *text, size_t len,
    const char *conversation)
{
	static const struct policy_host host = {
	    .send = host_send, .request = host_request,
	    .notice = host_notice, .error = host_error};
	struct policy *policy = session->chat->policy;
	struct policy_line typed = {
	    .text = text, .text_len = len, .uid = session->uid,
	    .user = session->person->name, .conversation = conversation,
	    .transport = (enum transport)session->transport,
	    .at_us = chat_now_us(session->chat), .host = &host, .arg = line};

	if (policy == NULL)
		host_error(line, "unavailable", "no commands are loaded");
	else
		policy->ops->line(policy, &typed);
}

void
line_run(struct session *session, const char *text, size_t len)
{
	struct line line = {.session = session};

	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	if (len == 0)
		return;
	run(session, &line, text, len, "#lobby");
}

bool
line_check(struct session *session, struct request *request)
{
	const char *to = NULL;
	size_t len = 0;

	if (!request_string(session, request, "text", SIZE_MAX, &request->text,
		&request->text_len) ||
	    !request_string(session, request, "conversation",
		CONVERSATION_NAME_MAX, &to, &len) ||
	    !request_string(session, request, "client_msg_id",
		CLIENT_MSG_ID_MAX, &request->client_msg_id, &len))
		return false;
	if (request->text == NULL || request->text_len == 0) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "text", "`text` is missing: what was typed?");
		return false;
	}
	memcpy(request->target, to != NULL ? to : "#lobby",
	    strlen(to != NULL ? to : "#lobby") + 1);
	return true;
}

void
line_proceed(struct session *session, struct request *request)
{
	struct line line = {
	    .session = session,
	    .ref = request_ref(request),
	    .client_msg_id = request->client_msg_id};

	run(session, &line, request->text, request->text_len,
	    request->target);
	if (!line.answered && line.ref != NULL &&
	    session->state != SESSION_CLOSED)
		session_ok(session, line.ref);
}

void
commands_proceed(struct session *session, struct request *request)
{
	struct policy *policy = session->chat->policy;
	struct buf items = {0};

	if (policy == NULL)
		buf_puts(&items, "[]");
	else
		policy->ops->commands(policy, &items);
	session_wire(session)->commands(session_scratch(session),
	    request_ref(request), &items);
	session_answer(session);
	buf_fini(&items);
}
