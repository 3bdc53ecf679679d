/* SPDX-License-Identifier: MIT */
#include "api/shape.h"

#include <string.h>

#define UNREAD_MORE 1000 /* "1000+": it was not counted any further */

json_t *
shape_ask(const char *type, const char *conversation)
{
	const char *mark =
	    conversation[0] == '#' || conversation[0] == '@' ? "" : "#";

	return json_pack("{s:s,s:s+}", "type", type, "conversation", mark,
	    conversation);
}

void
shape_add(json_t **request, const char *name, json_t *value)
{
	if (*request == NULL) {
		json_decref(value);
	} else if (value != NULL &&
	    json_object_set_new(*request, name, value) == -1) {
		json_decref(*request);
		*request = NULL;
	}
}

void
shape_add_body(json_t **request, const struct api_call *call,
    const char *const *names)
{
	json_t *value;

	for (; *names != NULL; names++) {
		value = json_object_get(call->body, *names);
		if (value != NULL && !json_is_null(value))
			shape_add(request, *names, json_incref(value));
	}
}

bool
shape_add_page(json_t **request, struct api_call *call, const char *from,
    char which)
{
	int64_t limit = api_query_number(call, "limit", 0);
	const char *cursor = api_query(call, "cursor");
	uint64_t at;

	if (limit != 0)
		shape_add(request, "limit", json_integer(limit));
	if (cursor == NULL)
		return true;
	if (api_cursor_get(cursor, which, &at) == 0) {
		shape_add(request, from, json_integer((json_int_t)at));
		return true;
	}
	json_decref(*request);
	*request = NULL;
	api_problem(call, CODE_BAD_REQUEST, "cursor",
	    "`cursor` must be the `next` of an earlier answer");
	return false;
}

json_t *
shape_next(const json_t *answer, char which)
{
	const json_t *next = json_object_get(answer, "next");
	char cursor[API_CURSOR_SIZE];

	if (next == NULL)
		return json_null();
	api_cursor_put((uint64_t)json_integer_value(next), which, cursor);
	return json_string(cursor);
}

json_t *
shape_answer(const json_t *answer)
{
	json_t *body = json_copy((json_t *)(uintptr_t)answer);

	if (body != NULL)
		json_object_del(body, "type");
	return body;
}

json_t *
shape_messages(const json_t *answer)
{
	const json_t *items = json_object_get(answer, "items");
	json_t *messages = json_array(), *item;
	const char *type;
	size_t i;

	json_array_foreach(items, i, item) {
		type = json_string_value(json_object_get(item, "type"));
		if (type != NULL && strcmp(type, "message") == 0 &&
		    json_array_append(messages, item) == -1) {
			json_decref(messages);
			return NULL;
		}
	}
	return messages;
}

json_t *
shape_conversation(const json_t *item)
{
	json_t *copy = json_copy((json_t *)(uintptr_t)item);

	if (copy == NULL ||
	    !json_is_string(json_object_get(copy, "unread")))
		return copy;
	if (json_object_set_new(copy, "unread",
		json_integer(UNREAD_MORE)) == 0 &&
	    json_object_set_new(copy, "unread_more", json_true()) == 0)
		return copy;
	json_decref(copy);
	return NULL;
}

json_t *
shape_first(const json_t *answer)
{
	return json_array_get(json_object_get(answer, "items"), 0);
}

void
shape_done(struct api_call *call, const json_t *answer)
{
	(void)answer;
	api_reply(call, 204, NULL);
}
