/* SPDX-License-Identifier: MIT */
#include "chat/request.h"

#include <string.h>

#include "base/hash.h"
#include "chat/refusals.h"
#include "chat/text.h"

/* Appends of one session under way before it has to wait for answers. */
#define IN_FLIGHT_MAX 1024

bool
send_text(struct session *session, struct request *request)
{
	text_trim(&request->text, &request->text_len);
	if (request->text_len == 0) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "text", "`text` must have at least one character that is "
		    "no space");
		return false;
	}
	if (request->text_len > TEXT_MAX) {
		session_refuse(session, request_ref(request), CODE_TOO_LARGE,
		    "text", "`text` is longer than %d bytes", TEXT_MAX);
		return false;
	}
	return true;
}

bool
send_check(struct session *session, struct request *request)
{
	size_t len = 0;
	bool action = false;

	if (!request_string(session, request, "text", SIZE_MAX, &request->text,
		&request->text_len) ||
	    !request_string(session, request, "client_msg_id",
		CLIENT_MSG_ID_MAX, &request->client_msg_id, &len) ||
	    !request_number(session, request, "reply_to",
		&request->before) ||
	    !request_bool(session, request, "action", &action))
		return false;
	if (request->client_msg_id != NULL &&
	    (len == 0 || strlen(request->client_msg_id) != len)) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "client_msg_id", "`client_msg_id` must have 1 to %d bytes "
		    "and no NUL", CLIENT_MSG_ID_MAX);
		return false;
	}
	if (request->text == NULL) {
		session_refuse(session, request_ref(request), CODE_BAD_REQUEST,
		    "text", "`text` is missing: what is to be sent?");
		return false;
	}
	if (!send_text(session, request))
		return false;
	request->flags = action ? RECORD_ACTION : 0;
	request->fingerprint = hash_bytes(request->text, request->text_len);
	return true;
}

/* ----------------------------------------------------------------- the policy */

/* What to answer if it is no repeat of a message that was stored. */
struct refusal {
	uint32_t retry_after_ms;
	enum chat_code code;
	char rule[64];
	char message[256];
};

/* client_msg_id may be NULL. */
static void
tell_refusal(struct session *session, const char *ref,
    const char *conversation, const char *client_msg_id,
    const struct refusal *refusal)
{
	struct wire_error error = {
	    .ref = ref,
	    .code = refusal->code,
	    .message = refusal->message,
	    .rule = refusal->rule[0] != '\0' ? refusal->rule : NULL,
	    .retry_after_ms = refusal->retry_after_ms};

	refusals_note(session, conversation, client_msg_id,
	    client_msg_id != NULL ? strlen(client_msg_id) : 0, &error);
	session_fail(session, &error);
	if (refusal->code == CODE_RATE_LIMITED &&
	    session->state != SESSION_CLOSED && rates_abused(session->person))
		session_end(session, SESSION_END_ABUSE);
}

static void
repeat_read(struct store_read *read)
{
	struct session *session = read_session(read);
	struct refusal refusal;
	struct wire_sent sent = {
	    .ref = extra_ref(read->extra),
	    .conversation = read->name,
	    .duplicate = true};

	if (session == NULL)
		goto out;
	memcpy(&refusal, read->extra + EXTRA_REST, sizeof(refusal));
	if (read->status == STORE_DUPLICATE) {
		sent.record = &read->records[0];
		session_wire(session)->sent(session_scratch(session), &sent);
		session_answer(session);
	} else if (read->status == STORE_CONFLICT) {
		session_refuse_store(session, sent.ref, read->status);
	} else {
		tell_refusal(session, sent.ref, read->name,
		    read->client_msg_id, &refusal);
	}
	session_unpark(session, PARK_ANSWER);
out:
	store_read_free(read);
}

/*
 * A repeat is answered as the first time, whatever rates and rules say now.
 * It only has to be looked up where they would refuse it: the writer finds
 * the others.
 */
static void
refuse_unless_repeat(struct session *session, const struct request *request,
    const struct refusal *refusal)
{
	struct store_read *read;

	if (request->client_msg_id == NULL || request->conversation == NULL) {
		tell_refusal(session, request_ref(request), request->target,
		    request->client_msg_id, refusal);
		return;
	}
	read = request_read(session, request, STORE_READ_CLIENT_MSG_ID,
	    repeat_read, sizeof(*refusal));
	if (read == NULL) {
		tell_refusal(session, request_ref(request), request->target,
		    request->client_msg_id, refusal);
		return;
	}
	memcpy(read->client_msg_id, request->client_msg_id,
	    strlen(request->client_msg_id) + 1);
	read->fingerprint = request->fingerprint;
	memcpy(read->extra + EXTRA_REST, refusal, sizeof(*refusal));
	session_park(session, PARK_ANSWER);
	store_query(session->chat->store, read);
}

static void
tell_shadowed(struct session *session, const struct request *request)
{
	struct record record = {
	    .at_us = chat_now_us(session->chat),
	    .client_msg_id = request->client_msg_id};
	struct wire_sent sent = {
	    .ref = request_ref(request),
	    .conversation = request->target,
	    .record = &record};

	if (request->client_msg_id != NULL)
		record.client_msg_id_len =
		    (uint8_t)strlen(request->client_msg_id);
	session_wire(session)->sent(session_scratch(session), &sent);
	session_answer(session);
}

static void
ask_policy(struct session *session, struct request *request,
    struct policy_result *result)
{
	struct policy *policy = session->chat->policy;
	const struct conversation *conversation = request->conversation;
	struct policy_message message = {
	    .text = request->text,
	    .text_len = request->text_len,
	    .uid = session->uid,
	    .user = session->person->name,
	    .conversation = request->target,
	    .kind = CONVERSATION_DIRECT,
	    .members = 2,
	    .transport = (enum transport)session->transport,
	    .edit = request->command->write == STORE_WRITE_EDIT,
	    .at_us = chat_now_us(session->chat)};

	if (conversation != NULL) {
		message.conv = conversation->id;
		message.kind = (enum conversation_kind)conversation->kind;
		message.members = conversation->members;
	}
	policy->ops->message(policy, &message, result);
	request->trail = result->trail;
	request->trail_len = result->trail_len;
}

static bool
judge(struct session *session, struct request *request)
{
	struct policy_result result = {.verdict = POLICY_PASS};
	struct refusal refusal = {.code = CODE_REJECTED};

	ask_policy(session, request, &result);
	switch (result.verdict) {
	case POLICY_PASS:
		return true;
	case POLICY_REWRITE:
		request->text = result.text;
		request->text_len = result.text_len;
		request->flags |= RECORD_REWRITTEN;
		return send_text(session, request);
	case POLICY_SHADOW:
		if (request->command->write != STORE_WRITE_EDIT) {
			tell_shadowed(session, request);
			return false;
		}
		/* The old text would stay for all others to see. */
		strcpy(result.reason, "it cannot be changed to that");
		break;
	case POLICY_REJECT:
		break;
	}
	memcpy(refusal.rule, result.rule, sizeof(refusal.rule));
	memcpy(refusal.message, result.reason, sizeof(refusal.message));
	refuse_unless_repeat(session, request, &refusal);
	return false;
}

/* The same for a direct conversation before and after it is made. */
static uint64_t
slow_key(const struct session *session, const struct request *request)
{
	const uint64_t direct = UINT64_C(1) << 63;
	const struct conversation *conversation = request->conversation;

	if (conversation == NULL)
		return direct | request->peer;
	if (conversation->kind != CONVERSATION_DIRECT)
		return conversation->id;
	return direct | (conversation->a == session->uid ? conversation->b :
	    conversation->a);
}

bool
send_policy(struct session *session, struct request *request)
{
	const struct policy *policy = session->chat->policy;
	uint64_t conv =
	    request->conversation != NULL ? request->conversation->id : 0;
	struct refusal refusal = {
	    .code = CODE_RATE_LIMITED,
	    .message = "you send faster than is allowed here; wait and try "
		       "again"};

	refusal.retry_after_ms = rates_take_message(session->person, conv);
	if (refusal.retry_after_ms == 0) {
		refusal.retry_after_ms =
		    rates_take_slow(session->person,
			slow_key(session, request));
		if (refusal.retry_after_ms != 0)
			refusal = (struct refusal){
			    .code = CODE_SLOW_MODE,
			    .retry_after_ms = refusal.retry_after_ms,
			    .message = "the whole server is in slow mode for "
				       "now; wait and try again"};
	}
	if (refusal.retry_after_ms != 0) {
		refuse_unless_repeat(session, request, &refusal);
		return false;
	}
	if (policy == NULL || !policy->wants_messages)
		return true;
	return judge(session, request);
}

/* ----------------------------------------------------------------- the append */

static void
answer_sent(struct session *session, const struct store_write *write)
{
	struct wire_sent sent = {
	    .ref = extra_ref(write->extra),
	    .conversation = write->conversation.name,
	    .record = &write->record,
	    .duplicate = write->status == STORE_DUPLICATE};
	const struct record *record = &write->record;

	session_wire(session)->sent(session_scratch(session), &sent);
	session_answer(session);
	if (session->state == SESSION_CLOSED)
		return;
	if (sent.duplicate)
		rates_give_back(session->person, record->conv);
	else if (record->conv != LOBBY_ID)
		cursors_sent(session, record,
		    write->conversation.kind == CONVERSATION_DIRECT);
}

static void
appended(struct store_write *write)
{
	struct chat *chat = write->arg;
	struct session *session = write_session(write);
	bool stored = write->status == STORE_OK ||
	    write->status == STORE_DUPLICATE;

	/* The feed of this write is right behind: it finds it by its id. */
	if (stored)
		conversation_learn(chat, &write->conversation);
	if (write->status == STORE_OK)
		chat->stats.appended++;
	if (session == NULL)
		return;
	session->in_flight--;
	if (stored)
		answer_sent(session, write);
	else
		write_refused(session, write);
	if (session->state == SESSION_CLOSED)
		return;
	session_settle(session);
	if (session->in_flight == IN_FLIGHT_MAX / 2)
		session_unpark(session, PARK_FLOW);
}

void
send_proceed(struct session *session, struct request *request)
{
	const struct policy *policy = session->chat->policy;
	struct store_write *write;
	struct record *record;
	size_t id_len = request->client_msg_id != NULL
	    ? strlen(request->client_msg_id) : 0;
	char *at;

	write = request_write(session, request, STORE_WRITE_APPEND, appended,
	    id_len + request->text_len + request->trail_len);
	if (write == NULL) {
		session_refuse_store(session, request_ref(request),
		    STORE_NOMEM);
		return;
	}
	at = write->extra + EXTRA_REST;
	record = &write->record;
	record->kind = RECORD_MESSAGE;
	record->flags = request->flags;
	record->reply_to = request->before;
	record->generation = policy != NULL ? policy->generation : 0;
	record->conv =
	    request->conversation != NULL ? request->conversation->id : 0;
	write->peer = request->peer;
	write->fingerprint = request->fingerprint;
	if (id_len != 0)
		memcpy(at, request->client_msg_id, id_len);
	record->client_msg_id = at;
	record->client_msg_id_len = (uint8_t)id_len;
	memcpy(at + id_len, request->text, request->text_len);
	record->text = at + id_len;
	record->text_len = (uint32_t)request->text_len;
	if (request->trail_len != 0) {
		at += id_len + request->text_len;
		memcpy(at, request->trail, request->trail_len);
		write->trail = at;
		write->trail_len = (uint32_t)request->trail_len;
	}
	if (++session->in_flight >= IN_FLIGHT_MAX)
		session_park(session, PARK_FLOW);
	store_submit(session->chat->store, write);
}
