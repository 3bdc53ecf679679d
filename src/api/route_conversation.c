/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "api/shape.h"
#include "chat/session.h"

/* One's conversations, and what is found in them. */

#define CURSOR 'c' /* of the list: before the id of an event */
#define CURSOR_SEARCH 's'

/* -------------------------------------------------------------------- lists */

static void
on_list(struct api_call *call, const json_t *answer)
{
	json_t *conversations = json_array(), *item;
	size_t i;

	json_array_foreach(json_object_get(answer, "items"), i, item) {
		if (json_array_append_new(conversations,
			shape_conversation(item)) == -1) {
			json_decref(conversations);
			conversations = NULL;
		}
	}
	api_reply(call, 200, json_pack("{s:o,s:o,s:O}", "conversations",
	    conversations, "next", shape_next(answer, CURSOR), "upto",
	    json_object_get(answer, "upto")));
}

static void
list_conversations(struct api_call *call)
{
	json_t *request = json_pack("{s:s}", "type", "conversations");

	if (api_query_number(call, "unread", 0) != 0)
		shape_add(&request, "unread", json_true());
	if (shape_add_page(&request, call, "before", CURSOR))
		api_ask(call, request, on_list);
}

static void
on_one(struct api_call *call, const json_t *answer)
{
	api_reply(call, 200, shape_conversation(shape_first(answer)));
}

static void
get_conversation(struct api_call *call)
{
	api_ask(call, shape_ask("conversations", api_param(call, 0)), on_one);
}

/* -------------------------------------------------------------------- marks */

static void
set_unread(struct api_call *call, bool on)
{
	json_t *request = shape_ask("unread", api_param(call, 0));

	shape_add(&request, "on", json_boolean(on));
	api_ask(call, request, shape_done);
}

static void
mark_unread(struct api_call *call)
{
	set_unread(call, true);
}

static void
unmark_unread(struct api_call *call)
{
	set_unread(call, false);
}

/* ------------------------------------------------------------------- search */

static void
on_search(struct api_call *call, const json_t *answer)
{
	api_reply(call, 200, json_pack("{s:o,s:o}", "messages",
	    shape_messages(answer), "next",
	    shape_next(answer, CURSOR_SEARCH)));
}

static void
search(struct api_call *call)
{
	const char *conversation = api_query(call, "conversation_id");
	json_t *request = conversation != NULL
	    ? shape_ask("search", conversation)
	    : json_pack("{s:s}", "type", "search");

	shape_add(&request, "query", json_string(api_query(call, "query")));
	if (shape_add_page(&request, call, "before", CURSOR_SEARCH))
		api_ask(call, request, on_search);
}

/* -------------------------------------------------------------------- table */

#define PAGE                                                                  \
	{.name = "limit", .type = API_INTEGER, .min = 1, .max = 200,          \
	    .doc = "how many at most; 50 unless said"},                       \
	{.name = "cursor", .type = API_STRING, .min = 1, .max = 64,           \
	    .doc = "`next` of the page before"}

static const struct api_member list_query[] = {
    PAGE,
    {.name = "unread", .type = API_BOOLEAN,
	.doc = "only those in which something is unread"},
    {.name = NULL}};

static const struct api_member list_members[] = {
    {.name = "conversations", .type = API_ARRAY, .required = true,
	.of = "Conversation",
	.doc = "the latest activity first; invitations before them"},
    {.name = "next", .type = API_STRING, .required = true, .nullable = true,
	.doc = "the `cursor` of the next page; null: there is none"},
    {.name = "upto", .type = API_INTEGER, .required = true,
	.doc = "the `id` of the newest event that is counted in it"},
    {.name = NULL}};
static const struct api_schema list_schema = {
    "ConversationList", "A page of one's conversations.", list_members};

static const struct api_member search_query[] = {
    {.name = "query", .type = API_STRING, .required = true, .min = 1,
	.max = 1000, .doc = "words, all of which must be there; also "
	"from:bob, in:#tea, after:2026-11-22, before:2026-11-22",
	.example = "\"kettle from:bob\""},
    {.name = "conversation_id", .type = API_STRING, .min = 1, .max = 256,
	.doc = "in this conversation alone", .example = "\"#tea\""},
    PAGE,
    {.name = NULL}};

static const struct api_member found_members[] = {
    {.name = "messages", .type = API_ARRAY, .required = true,
	.of = "Message", .doc = "the newest first"},
    {.name = "next", .type = API_STRING, .required = true, .nullable = true,
	.doc = "the `cursor` of the next page, which may be empty; null: "
	"there is none"},
    {.name = NULL}};
static const struct api_schema found_schema = {
    "Found", "A page of the messages that were found.", found_members};

#define REFUSED(code) (1U << CODE_##code)
#define MEMBERS (REFUSED(NOT_FOUND) | REFUSED(NOT_MEMBER) |                   \
    REFUSED(FORBIDDEN))

static const struct api_route routes[] = {
    {.method = HTTP_GET, .path = "/api/conversations",
	.id = "listConversations", .tag = "conversations",
	.summary = "One's conversations",
	.doc = "With the last message and how many are unread.",
	.auth = API_BEARER, .scope = SCOPE_READ, .query = list_query,
	.limited = true, .conditional = true, .status = 200,
	.answer = &list_schema, .run = list_conversations},
    {.method = HTTP_GET, .path = "/api/conversations/:conversation",
	.id = "getConversation", .tag = "conversations",
	.summary = "One conversation", .auth = API_BEARER,
	.scope = SCOPE_READ, .limited = true, .conditional = true,
	.status = 200, .answer = &api_conversation_schema, .codes = MEMBERS,
	.run = get_conversation},
    {.method = HTTP_PUT, .path = "/api/conversations/:conversation/unread",
	.id = "markUnread", .tag = "conversations",
	.summary = "Flag a conversation as unread",
	.doc = "A private flag, `marked_unread`, until it is read.",
	.auth = API_BEARER, .scope = SCOPE_SEND, .limited = true,
	.status = 204, .codes = MEMBERS, .run = mark_unread},
    {.method = HTTP_DELETE,
	.path = "/api/conversations/:conversation/unread",
	.id = "unmarkUnread", .tag = "conversations",
	.summary = "Take the flag away", .auth = API_BEARER,
	.scope = SCOPE_SEND, .limited = true, .status = 204,
	.codes = MEMBERS, .run = unmark_unread},
    {.method = HTTP_GET, .path = "/api/search", .id = "searchMessages",
	.tag = "messages", .summary = "Find messages",
	.doc = "In the conversations one is in.", .auth = API_BEARER,
	.scope = SCOPE_READ, .query = search_query, .limited = true,
	.conditional = true, .status = 200, .answer = &found_schema,
	.codes = MEMBERS, .run = search}};
const struct api_routes api_conversation_routes = API_ROUTES(routes);
