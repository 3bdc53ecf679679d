/* SPDX-License-Identifier: MIT */
#include "api/message.h"

#include <stdlib.h>
#include <string.h>

#include "api/etag.h"
#include "base/clock.h"

#define CURSOR_RECEIPTS 'r'

/* Which message the path means, once the store was asked. */
struct place {
	char conversation[CONVERSATION_NAME_MAX + 1];
	uint64_t seq;
	void (*then)(struct api_call *call); /* found */
	void (*seen)(struct api_call *call, json_t *message);
	bool compare; /* it must be as it was at edited_at */
	char edited_at[CLOCK_TEXT_SIZE]; /* "": never edited */
};

static struct place *
place_of(const struct api_call *call)
{
	return call->state;
}

/* ---------------------------------------------------------------- the place */

static void
refuse_absent(struct api_call *call)
{
	api_problem(call, CODE_NOT_FOUND, NULL,
	    "there is no message %s that you may see", api_param(call, 0));
}

static void
on_event(struct api_call *call, struct store_read *read)
{
	struct place *place = place_of(call);
	bool found = read->status == STORE_OK && read->records_n == 1 &&
	    read->records[0].kind == RECORD_MESSAGE;

	if (read->status != STORE_OK && read->status != STORE_NO_MESSAGE) {
		api_problem_store(call, read->status);
	} else if (!found) {
		refuse_absent(call);
	} else {
		memcpy(place->conversation, read->conversation.name,
		    strlen(read->conversation.name) + 1);
		place->seq = read->records[0].seq;
		place->then(call);
	}
}

static bool
read_id(const char *text, uint64_t *id)
{
	if (text[0] == '\0' || strlen(text) > 16 ||
	    strspn(text, "0123456789") != strlen(text))
		return false;
	*id = strtoull(text, NULL, 10);
	return *id != 0;
}

/* Then `then`, which may ask the engine about place_of(call). */
static struct place *
find(struct api_call *call, void (*then)(struct api_call *call))
{
	struct place *place;
	struct store_read *read;
	uint64_t id;

	if (!api_charge(call))
		return NULL;
	place = api_state_new(call, sizeof(*place));
	if (place == NULL) {
		api_no_memory(call);
		return NULL;
	}
	place->then = then;
	if (!read_id(api_param(call, 0), &id)) {
		refuse_absent(call);
		return NULL;
	}
	read = api_read_new(call, STORE_READ_EVENT, 0);
	if (read != NULL)
		read->before = id;
	api_read(call, read, on_event);
	return place;
}

static json_t *
ask(const struct api_call *call, const char *type)
{
	const struct place *place = place_of(call);
	json_t *request = shape_ask(type, place->conversation);

	shape_add(&request, "seq", json_integer((json_int_t)place->seq));
	return request;
}

/* ------------------------------------------------------ the message itself */

static json_t *
history_of(const struct api_call *call)
{
	const struct place *place = place_of(call);
	json_t *request = shape_ask("history", place->conversation);

	shape_add(&request, "before",
	    json_integer((json_int_t)place->seq + 1));
	shape_add(&request, "limit", json_integer(1));
	shape_add(&request, "messages", json_true());
	return request;
}

/* Borrowed; NULL: it is gone, or of somebody whom the caller blocks. */
static json_t *
message_in(const struct api_call *call, const json_t *answer)
{
	json_t *item = shape_first(answer);
	const char *type = json_string_value(json_object_get(item, "type"));
	const json_t *seq = json_object_get(item, "seq");

	if (type == NULL || strcmp(type, "message") != 0 ||
	    (uint64_t)json_integer_value(seq) != place_of(call)->seq)
		return NULL;
	return item;
}

static void
on_seen(struct api_call *call, const json_t *answer)
{
	json_t *message = message_in(call, answer);

	if (message == NULL)
		refuse_absent(call);
	else
		place_of(call)->seen(call, message);
}

static void
reply_message(struct api_call *call, json_t *message)
{
	api_reply(call, 200, json_incref(message));
}

static void
look(struct api_call *call)
{
	api_ask(call, history_of(call), on_seen);
}

void
message_get(struct api_call *call)
{
	struct place *place = find(call, look);

	if (place != NULL)
		place->seen = reply_message;
}

/* ------------------------------------------------------------------ changes */

static bool
matches(const struct api_call *call, const json_t *message)
{
	struct buf text = {0};
	bool same;

	api_put_json(&text, message);
	same = !text.failed && etag_listed(call->if_match, text.data,
	    text.len, false);
	buf_fini(&text);
	return same;
}

static void
refuse_changed(struct api_call *call)
{
	api_problem_status(call, 412, CODE_CONFLICT, "If-Match",
	    "the message is not what If-Match says any more; read it again");
}

static void change(struct api_call *call);

/* The tag is of all of it; the text it had is compared as it is changed. */
static void
on_compared(struct api_call *call, json_t *message)
{
	struct place *place = place_of(call);
	const char *edited_at =
	    json_string_value(json_object_get(message, "edited_at"));

	if (!matches(call, message)) {
		refuse_changed(call);
		return;
	}
	place->compare = strcmp(call->if_match, "*") != 0;
	if (edited_at != NULL && strlen(edited_at) < CLOCK_TEXT_SIZE)
		memcpy(place->edited_at, edited_at, strlen(edited_at) + 1);
	change(call);
}

static void
compare(struct api_call *call)
{
	if (call->if_match == NULL) {
		change(call);
		return;
	}
	place_of(call)->seen = on_compared;
	look(call);
}

static void
on_edited(struct api_call *call, const json_t *answer)
{
	enum chat_code code;
	json_t *message;

	/* Who may not read it is told that it was done. */
	if (api_is_refused(answer, &code) ||
	    (message = message_in(call, answer)) == NULL)
		api_reply(call, 204, NULL);
	else
		reply_message(call, message);
}

static void
on_changed(struct api_call *call, const json_t *answer)
{
	enum chat_code code;

	if (!api_is_refused(answer, &code)) {
		if (call->route->method == HTTP_DELETE)
			api_reply(call, 204, NULL);
		else
			api_try(call, history_of(call), on_edited);
	} else if (code == CODE_CONFLICT && place_of(call)->compare) {
		refuse_changed(call);
	} else {
		api_refuse(call, answer);
	}
}

static void
change(struct api_call *call)
{
	const struct place *place = place_of(call);
	bool delete = call->route->method == HTTP_DELETE;
	json_t *request = ask(call, delete ? "delete" : "edit");

	if (!delete)
		shape_add(&request, "text", json_incref(
		    json_object_get(call->body, "text")));
	if (place->compare)
		shape_add(&request, "edited_at", place->edited_at[0] != '\0'
		    ? json_string(place->edited_at) : json_null());
	api_try(call, request, on_changed);
}

void
message_edit(struct api_call *call)
{
	find(call, compare);
}

void
message_delete(struct api_call *call)
{
	find(call, compare);
}

/* ---------------------------------------------------------------- reactions */

static void
react(struct api_call *call)
{
	json_t *request = ask(call, "react");

	shape_add(&request, "emoji", json_string(api_param(call, 1)));
	shape_add(&request, "on",
	    json_boolean(call->route->method == HTTP_PUT));
	api_ask(call, request, shape_done);
}

void
message_react(struct api_call *call)
{
	find(call, react);
}

void
message_unreact(struct api_call *call)
{
	find(call, react);
}

/* ----------------------------------------------------------------- receipts */

static void
on_receipts(struct api_call *call, const json_t *answer)
{
	api_reply(call, 200, json_pack("{s:O,s:O,s:O,s:O,s:o}", "receipts",
	    json_object_get(answer, "items"), "delivered_n",
	    json_object_get(answer, "delivered_n"), "read_n",
	    json_object_get(answer, "read_n"), "of_n",
	    json_object_get(answer, "of_n"), "next",
	    shape_next(answer, CURSOR_RECEIPTS)));
}

static void
receipts(struct api_call *call)
{
	json_t *request = ask(call, "receipts");

	if (shape_add_page(&request, call, "after", CURSOR_RECEIPTS))
		api_ask(call, request, on_receipts);
}

void
message_receipts(struct api_call *call)
{
	find(call, receipts);
}

const struct api_member message_receipts_query[] = {
    {.name = "limit", .type = API_INTEGER, .min = 1, .max = 200,
	.doc = "how many at most; 50 unless said"},
    {.name = "cursor", .type = API_STRING, .min = 1, .max = 64,
	.doc = "`next` of the page before"},
    {.name = NULL}};

static const struct api_member receipts_members[] = {
    {.name = "receipts", .type = API_ARRAY, .required = true,
	.of = "Receipt", .doc = "of those who were there, but its author"},
    {.name = "delivered_n", .type = API_INTEGER, .required = true,
	.doc = "how many have it"},
    {.name = "read_n", .type = API_INTEGER, .required = true,
	.doc = "how many have read it, as far as they show it"},
    {.name = "of_n", .type = API_INTEGER, .required = true,
	.doc = "how many there are"},
    {.name = "next", .type = API_STRING, .required = true, .nullable = true,
	.doc = "the `cursor` of the next page; null: there is none"},
    {.name = NULL}};
const struct api_schema message_receipts_schema = {
    "ReceiptList", "Who has a message.", receipts_members};

/* ----------------------------------------------------------------- versions */

static void
on_versions(struct api_call *call, const json_t *answer)
{
	api_reply(call, 200, json_pack("{s:O,s:b}", "versions",
	    json_object_get(answer, "items"), "has_more",
	    json_is_true(json_object_get(answer, "has_more"))));
}

static void
versions(struct api_call *call)
{
	api_ask(call, ask(call, "versions"), on_versions);
}

void
message_versions(struct api_call *call)
{
	find(call, versions);
}

static const struct api_member versions_members[] = {
    {.name = "versions", .type = API_ARRAY, .required = true,
	.of = "Version", .doc = "the oldest first"},
    {.name = "has_more", .type = API_BOOLEAN, .required = true,
	.doc = "there are later ones that are not listed"},
    {.name = NULL}};
const struct api_schema message_versions_schema = {
    "VersionList", "What a message said before.", versions_members};

static const struct api_member edit_members[] = {
    {.name = "text", .type = API_STRING, .required = true, .min = 1,
	.max = 16384, .doc = "what it is to say"},
    {.name = NULL}};
const struct api_schema message_edit_schema = {
    "MessageEdit", "Another text.", edit_members};
