/* SPDX-License-Identifier: MIT */
#include "api/message.h"

/* Messages: listed, sent, read. */

#define CURSOR 'm' /* of a list: the seq of a message */
#define PAGE_DEFAULT 50
#define SEQ_MAX ((INT64_C(1) << 53) - 1)

/* --------------------------------------------------------------------- list */

static json_t *
cursor_of(const json_t *message)
{
	const json_t *seq = json_object_get(message, "seq");
	char cursor[API_CURSOR_SIZE];

	api_cursor_put((uint64_t)json_integer_value(seq), CURSOR, cursor);
	return json_string(cursor);
}

/*
 * The cursors of what is older and what is newer than this page.  An empty
 * one goes on where it began.
 */
static void
add_cursors(json_t **body, const struct api_call *call, const json_t *items)
{
	const char *before = api_query(call, "before");
	const char *after = api_query(call, "after");
	size_t n = json_array_size(items);

	if (n != 0) {
		shape_add(body, "before", cursor_of(json_array_get(items, 0)));
		shape_add(body, "after",
		    cursor_of(json_array_get(items, n - 1)));
		return;
	}
	shape_add(body, "before", before != NULL ? json_string(before)
						 : json_null());
	shape_add(body, "after", after != NULL ? json_string(after)
					       : json_null());
}

/* By offset it says so; else there is a next page. */
static bool
has_more(const json_t *answer)
{
	return json_is_true(json_object_get(answer, "has_more")) ||
	    json_object_get(answer, "next") != NULL;
}

static void
on_list(struct api_call *call, const json_t *answer)
{
	json_t *body = json_pack("{s:o,s:O,s:b}", "messages",
	    shape_messages(answer), "total", json_object_get(answer, "total"),
	    "has_more", has_more(answer));

	add_cursors(&body, call, json_object_get(answer, "items"));
	api_reply(call, 200, body);
}

/* False: it is none of ours, and that is answered. */
static bool
add_cursor(json_t **request, struct api_call *call, const char *name)
{
	const char *text = api_query(call, name);
	uint64_t seq;

	if (text == NULL)
		return true;
	if (api_cursor_get(text, CURSOR, &seq) == 0) {
		shape_add(request, name, json_integer((json_int_t)seq));
		return true;
	}
	json_decref(*request);
	*request = NULL;
	api_problem(call, CODE_BAD_REQUEST, name, "`%s` must be the `%s` of "
	    "an earlier answer", name, name);
	return false;
}

static void
list_messages(struct api_call *call)
{
	json_t *request = shape_ask("history",
	    api_query(call, "conversation_id"));
	bool by_cursor = api_query(call, "before") != NULL ||
	    api_query(call, "after") != NULL;
	int64_t offset = api_query_number(call, "offset", -1);

	shape_add(&request, "limit", json_integer(
	    api_query_number(call, "limit", PAGE_DEFAULT)));
	shape_add(&request, "messages", json_true());
	if (offset >= 0 || !by_cursor)
		shape_add(&request, "offset",
		    json_integer(offset >= 0 ? offset : 0));
	if (add_cursor(&request, call, "before") &&
	    add_cursor(&request, call, "after"))
		api_ask(call, request, on_list);
}

/* --------------------------------------------------------------------- send */

static void
on_sent(struct api_call *call, const json_t *answer)
{
	const json_t *id = json_object_get(answer, "id");
	bool again = json_is_true(json_object_get(answer, "duplicate"));
	enum chat_code code;

	if (api_is_refused(answer, &code)) {
		/* The same key with another text. */
		if (code == CODE_CONFLICT && call->idempotency_key != NULL &&
		    api_text(call, "client_msg_id") == NULL)
			api_problem_status(call, 422, CODE_CONFLICT,
			    "Idempotency-Key", "this Idempotency-Key was used "
			    "for another message; choose a new one");
		else
			api_refuse(call, answer);
		return;
	}
	api_field(call, "Location", "/api/messages/%" JSON_INTEGER_FORMAT,
	    json_integer_value(id));
	if (again && call->idempotency_key != NULL)
		api_field(call, "Idempotency-Replayed", "true");
	api_reply(call, again ? 200 : 201, shape_answer(answer));
}

static void
send_message(struct api_call *call)
{
	static const char *const members[] = {
	    "to", "text", "client_msg_id", "reply_to", "action", NULL};
	json_t *request = json_pack("{s:s}", "type", "send");

	shape_add_body(&request, call, members);
	/* So it is kept with the message, for as long. */
	if (api_text(call, "client_msg_id") == NULL &&
	    call->idempotency_key != NULL)
		shape_add(&request, "client_msg_id",
		    json_string(call->idempotency_key));
	api_try(call, request, on_sent);
}

/* --------------------------------------------------------------------- read */

static void
on_read(struct api_call *call, const json_t *answer)
{
	const json_int_t *marked = call->state;

	(void)answer;
	api_reply(call, 200, json_pack("{s:b,s:I}", "success", true, "marked",
	    *marked));
}

/* Up to what was seen when it was counted: what comes meanwhile stays. */
static json_t *
newest_of(const json_t *conversation)
{
	json_t *seq = json_object_get(
	    json_object_get(conversation, "last_message"), "seq");

	return seq != NULL ? json_incref(seq) : json_integer(SEQ_MAX);
}

static void
on_unread(struct api_call *call, const json_t *answer)
{
	json_t *conversation = shape_conversation(shape_first(answer)), *seq;
	json_t *request = shape_ask("read",
	    api_query(call, "conversation_id"));
	json_int_t *marked = api_state_new(call, sizeof(*marked));

	if (marked == NULL || conversation == NULL) {
		json_decref(conversation);
		json_decref(request);
		api_no_memory(call);
		return;
	}
	*marked = json_integer_value(json_object_get(conversation, "unread"));
	seq = json_object_get(call->body, "seq");
	shape_add(&request, "seq", seq != NULL ? json_incref(seq)
					       : newest_of(conversation));
	json_decref(conversation);
	api_ask(call, request, on_read);
}

static void
mark_read(struct api_call *call)
{
	api_ask(call, shape_ask("conversations",
	    api_query(call, "conversation_id")), on_unread);
}

/* ------------------------------------------------------------------ queries */

#define CONVERSATION_ID                                                       \
	{.name = "conversation_id", .type = API_STRING, .required = true,     \
	    .min = 1, .max = 256, .example = "\"#tea\"",                      \
	    .doc = "\"#tea\" or \"tea\", \"@bob\", or \"@alice:bob\""}

static const struct api_member list_query[] = {
    CONVERSATION_ID,
    {.name = "limit", .type = API_INTEGER, .min = 1, .max = 200,
	.doc = "how many at most; 50 unless said"},
    {.name = "offset", .type = API_INTEGER, .min = 0, .max = SEQ_MAX,
	.doc = "so many before the newest; not with a cursor"},
    {.name = "before", .type = API_STRING, .min = 1, .max = 64,
	.doc = "the `before` of a page: what is older than it"},
    {.name = "after", .type = API_STRING, .min = 1, .max = 64,
	.doc = "the `after` of a page: what is newer than it"},
    {.name = NULL}};

static const struct api_member list_members[] = {
    {.name = "messages", .type = API_ARRAY, .required = true,
	.of = "Message", .doc = "the oldest first; those of people one blocks "
	"are left out"},
    {.name = "total", .type = API_INTEGER, .required = true,
	.doc = "messages of the conversation, deleted ones too"},
    {.name = "has_more", .type = API_BOOLEAN, .required = true,
	.doc = "there are older ones; with `after`, newer ones"},
    {.name = "before", .type = API_STRING, .required = true,
	.nullable = true, .doc = "the cursor of what is older"},
    {.name = "after", .type = API_STRING, .required = true,
	.nullable = true, .doc = "the cursor of what is newer"},
    {.name = NULL}};
static const struct api_schema list_schema = {
    "MessageList", "A page of a conversation's messages.", list_members};

static const struct api_member send_members[] = {
    {.name = "to", .type = API_STRING, .required = true, .min = 1,
	.max = 256, .example = "\"@bob\"",
	.doc = "a person, \"@bob\", or a group, \"#tea\""},
    {.name = "text", .type = API_STRING, .required = true, .min = 1,
	.max = 16384, .example = "\"Hello!\"",
	.doc = "in UTF-8; space around it is taken away"},
    {.name = "client_msg_id", .type = API_STRING, .nullable = true,
	.min = 1, .max = 64,
	.doc = "one's own name of the message: it is stored once"},
    {.name = "reply_to", .type = API_INTEGER, .nullable = true, .min = 1,
	.max = SEQ_MAX, .doc = "the `seq` of a message of the conversation"},
    {.name = "action", .type = API_BOOLEAN, .nullable = true,
	.doc = "what `/me` says"},
    {.name = NULL}};
static const struct api_schema send_schema = {
    "NewMessage", "A message to send.", send_members};

static const struct api_member sent_members[] = {
    {.name = "conversation", .type = API_STRING, .required = true,
	.doc = "where it went", .example = "\"@alice:bob\""},
    {.name = "seq", .type = API_INTEGER, .required = true,
	.doc = "its place in the conversation"},
    {.name = "id", .type = API_INTEGER, .required = true,
	.doc = "its number on the server"},
    {.name = "at", .type = API_STRING, .required = true,
	.format = "date-time", .doc = "when it was stored"},
    {.name = "client_msg_id", .type = API_STRING,
	.doc = "as it was given"},
    {.name = "text", .type = API_STRING,
	.doc = "what it says, if a rule changed it"},
    {.name = "duplicate", .type = API_BOOLEAN,
	.doc = "it was stored before, and this is the first answer"},
    {.name = NULL}};
static const struct api_schema sent_schema = {
    "Sent", "A message that is on disk.", sent_members};

static const struct api_member read_query[] = {CONVERSATION_ID, {.name = NULL}};

static const struct api_member read_members[] = {
    {.name = "seq", .type = API_INTEGER, .min = 1, .max = SEQ_MAX,
	.doc = "up to this; the newest message unless said"},
    {.name = NULL}};
static const struct api_schema read_schema = {
    "ReadMark", "Up to where it is read.", read_members};

static const struct api_member marked_members[] = {
    {.name = "success", .type = API_BOOLEAN, .required = true,
	.doc = "true"},
    {.name = "marked", .type = API_INTEGER, .required = true,
	.doc = "how many were unread before; 1000 stands for more too"},
    {.name = NULL}};
static const struct api_schema marked_schema = {
    "Marked", "What was read.", marked_members};

/* -------------------------------------------------------------------- table */

#define REFUSED(code) (1U << CODE_##code)
#define PLACE (REFUSED(NOT_FOUND) | REFUSED(NOT_MEMBER) | REFUSED(FORBIDDEN))
#define WRITTEN (PLACE | REFUSED(BLOCKED) | REFUSED(MUTED) |                  \
    REFUSED(REJECTED) | REFUSED(RATE_LIMITED) | REFUSED(SLOW_MODE) |          \
    REFUSED(TOO_LARGE) | REFUSED(UNAVAILABLE))
#define MESSAGE .auth = API_BEARER, .tag = "messages", .limited = true

static const struct api_route routes[] = {
    {MESSAGE, .method = HTTP_GET, .path = "/api/messages",
	.id = "listMessages", .summary = "Page through a conversation",
	.doc = "The newest `limit` messages, or those at `offset`, or those "
	    "beyond a cursor.  Cursors stay good while messages come in.",
	.scope = SCOPE_READ, .query = list_query, .conditional = true,
	.status = 200, .answer = &list_schema, .codes = PLACE,
	.run = list_messages},
    {MESSAGE, .method = HTTP_POST, .path = "/api/messages",
	.id = "sendMessage", .summary = "Send a message",
	.doc = "201 once it is on disk; 200 if it was already.  An "
	    "Idempotency-Key serves as `client_msg_id`.",
	.scope = SCOPE_SEND, .body = &send_schema, .own_key = true,
	.status = 201, .status_other = 200, .answer = &sent_schema,
	.codes = WRITTEN | REFUSED(CONFLICT), .run = send_message},
    {MESSAGE, .method = HTTP_POST, .path = "/api/messages/read",
	.id = "markRead", .summary = "Mark a conversation as read",
	.scope = SCOPE_SEND, .query = read_query, .body = &read_schema,
	.body_optional = true, .status = 200, .answer = &marked_schema,
	.codes = PLACE, .run = mark_read},
    {MESSAGE, .method = HTTP_GET, .path = "/api/messages/:id",
	.id = "getMessage", .summary = "One message", .scope = SCOPE_READ,
	.conditional = true, .status = 200, .answer = &api_message_schema,
	.codes = PLACE, .run = message_get},
    {MESSAGE, .method = HTTP_PATCH, .path = "/api/messages/:id",
	.id = "editMessage", .summary = "Give it another text",
	.doc = "One's own, for a time.  With If-Match only if it still is as "
	    "one knows it, else 412.  204 where the token may not read.",
	.scope = SCOPE_SEND, .body = &message_edit_schema,
	.conditional = true, .status = 200, .status_other = 204,
	.answer = &api_message_schema, .codes = WRITTEN,
	.run = message_edit},
    {MESSAGE, .method = HTTP_DELETE, .path = "/api/messages/:id",
	.id = "deleteMessage", .summary = "Delete a message",
	.doc = "Its text goes, for good; its place stays.  With If-Match as "
	    "an edit.", .scope = SCOPE_SEND, .conditional = true,
	.status = 204, .codes = WRITTEN, .run = message_delete},
    {MESSAGE, .method = HTTP_PUT, .path = "/api/messages/:id/reactions/:emoji",
	.id = "addReaction", .summary = "React to a message",
	.scope = SCOPE_SEND, .status = 204, .codes = WRITTEN,
	.run = message_react},
    {MESSAGE, .method = HTTP_DELETE,
	.path = "/api/messages/:id/reactions/:emoji",
	.id = "removeReaction", .summary = "Take a reaction back",
	.scope = SCOPE_SEND, .status = 204, .codes = WRITTEN,
	.run = message_unreact},
    {MESSAGE, .method = HTTP_GET, .path = "/api/messages/:id/receipts",
	.id = "listReceipts", .summary = "Who has it, and who has read it",
	.scope = SCOPE_READ, .query = message_receipts_query,
	.conditional = true, .status = 200,
	.answer = &message_receipts_schema, .codes = PLACE,
	.run = message_receipts},
    {MESSAGE, .method = HTTP_GET, .path = "/api/messages/:id/versions",
	.id = "listVersions", .summary = "What it said before",
	.doc = "For moderators, where the operator keeps it.",
	.scope = SCOPE_READ, .conditional = true, .status = 200,
	.answer = &message_versions_schema, .codes = PLACE,
	.run = message_versions}};
const struct api_routes api_message_routes = API_ROUTES(routes);
