/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/profile.h"
#include "api/shape.h"
#include "base/clock.h"
#include "base/name.h"

/* Other people, whom one blocks, and one's own devices. */

#define CURSOR_BLOCKS 'b' /* behind this uid */
#define PAGE_DEFAULT 50

/* ------------------------------------------------------------------- people */

/* What one may see of their presence: of those one talks with directly. */
static void
on_direct(struct api_call *call, const json_t *answer)
{
	json_t *profile = call->body;
	const json_t *other = json_object_get(shape_first(answer), "other");
	enum chat_code code;
	json_t *value;

	if (!api_is_refused(answer, &code)) {
		value = json_object_get(other, "status");
		if (value != NULL)
			json_object_set(profile, "status", value);
		value = json_object_get(other, "last_seen");
		if (value != NULL)
			json_object_set(profile, "last_seen", value);
	}
	api_reply(call, 200, json_incref(profile));
}

static void
on_account(struct api_call *call, struct store_read *read)
{
	char direct[NAME_BYTES_MAX + 2];

	if (read->status == STORE_NOT_FOUND) {
		api_problem(call, CODE_NOT_FOUND, NULL,
		    "there is nobody called %s here", read->name);
		return;
	}
	if (read->status != STORE_OK) {
		api_problem_store(call, read->status);
		return;
	}
	/* A call of GET has no body of its own: it holds what is answered. */
	call->body = profile_public(&read->person, &read->account);
	if (call->body == NULL) {
		api_no_memory(call);
	} else if (read->person.uid == call->caller.uid) {
		api_reply(call, 200, json_incref(call->body));
	} else {
		snprintf(direct, sizeof(direct), "@%s", read->person.name);
		api_try(call, shape_ask("conversations", direct), on_direct);
	}
}

static void
get_user(struct api_call *call)
{
	const char *name = api_param(call, 0);
	struct store_read *read;

	if (!api_charge(call))
		return;
	read = api_read_new(call, STORE_READ_ACCOUNT, 0);
	if (read != NULL) {
		read->uid = 0;
		name += name[0] == '@';
		if (!name_fold(name, strlen(name), read->name)) {
			store_read_free(read);
			api_problem(call, CODE_NOT_FOUND, NULL,
			    "a name has 2 to 32 of a-z 0-9 . _ -");
			return;
		}
	}
	api_read(call, read, on_account);
}

/* ------------------------------------------------------------------- blocks */

static json_t *
next_block(const struct store_read *read)
{
	char cursor[API_CURSOR_SIZE];

	if (!read->more || read->people_n == 0)
		return json_null();
	api_cursor_put(read->people[read->people_n - 1].uid, CURSOR_BLOCKS,
	    cursor);
	return json_string(cursor);
}

static void
on_blocks(struct api_call *call, struct store_read *read)
{
	json_t *blocks;
	size_t i;

	if (read->status != STORE_OK) {
		api_problem_store(call, read->status);
		return;
	}
	blocks = json_array();
	for (i = 0; i < read->people_n && blocks != NULL; i++) {
		if (json_array_append_new(blocks,
			json_string(read->people[i].name)) == -1) {
			json_decref(blocks);
			blocks = NULL;
		}
	}
	api_reply(call, 200, json_pack("{s:o,s:o}", "blocks", blocks, "next",
	    next_block(read)));
}

static void
list_blocks(struct api_call *call)
{
	const char *cursor = api_query(call, "cursor");
	struct store_read *read;
	uint64_t after = 0;

	if (cursor != NULL &&
	    api_cursor_get(cursor, CURSOR_BLOCKS, &after) == -1) {
		api_problem(call, CODE_BAD_REQUEST, "cursor", "`cursor` must "
		    "be the `next` of an earlier answer");
		return;
	}
	if (!api_charge(call))
		return;
	read = api_read_new(call, STORE_READ_BLOCKS, 0);
	if (read != NULL) {
		read->after = after;
		read->limit = (uint32_t)api_query_number(call, "limit",
		    PAGE_DEFAULT);
	}
	api_read(call, read, on_blocks);
}

static void
set_block(struct api_call *call)
{
	bool on = call->route->method == HTTP_PUT;

	api_ask(call, json_pack("{s:s,s:s}", "type", on ? "block" : "unblock",
	    "user", api_param(call, 0)), shape_done);
}

/* ------------------------------------------------------------------ schemas */

static const char *const statuses[] = {"online", "idle", "offline", NULL};

static const struct api_member user_members[] = {
    PROFILE_MEMBERS,
    {.name = "status", .type = API_STRING, .choices = statuses,
	.doc = "of those one talks with directly"},
    {.name = "last_seen", .type = API_STRING, .format = "date-time",
	.doc = "while they are offline"},
    {.name = NULL}};
const struct api_schema api_user_schema = {
    "User", "Somebody, as others see them.", user_members};

static const struct api_member page_query[] = {
    {.name = "limit", .type = API_INTEGER, .min = 1, .max = 200,
	.doc = "how many at most; 50 unless said"},
    {.name = "cursor", .type = API_STRING, .min = 1, .max = 64,
	.doc = "`next` of the page before"},
    {.name = NULL}};

static const struct api_member block_members[] = {
    {.name = "blocks", .type = API_ARRAY, .required = true,
	.doc = "names", .example = "[\"bob\"]"},
    {.name = "next", .type = API_STRING, .required = true, .nullable = true,
	.doc = "the `cursor` of the next page; null: there is none"},
    {.name = NULL}};
static const struct api_schema block_schema = {
    "BlockList", "A page of those whom one blocks.", block_members};

/* -------------------------------------------------------------------- table */

#define NOBODY (1U << CODE_NOT_FOUND)

static const struct api_route routes[] = {
    {.method = HTTP_GET, .path = "/api/users/:name", .id = "getUser",
	.tag = "users", .summary = "Somebody's profile",
	.auth = API_BEARER, .scope = SCOPE_READ, .limited = true,
	.conditional = true, .status = 200, .answer = &api_user_schema,
	.codes = NOBODY, .run = get_user},
    {.method = HTTP_GET, .path = "/api/blocks", .id = "listBlocks",
	.tag = "users", .summary = "Whom one blocks", .auth = API_BEARER,
	.scope = SCOPE_ACCOUNT, .query = page_query, .limited = true,
	.conditional = true, .status = 200, .answer = &block_schema,
	.run = list_blocks},
    {.method = HTTP_PUT, .path = "/api/blocks/:name", .id = "block",
	.tag = "users", .summary = "Block somebody",
	.doc = "Their direct messages, presence and typing are kept away.",
	.auth = API_BEARER, .scope = SCOPE_ACCOUNT, .limited = true,
	.status = 204, .codes = NOBODY, .run = set_block},
    {.method = HTTP_DELETE, .path = "/api/blocks/:name", .id = "unblock",
	.tag = "users", .summary = "End a block", .auth = API_BEARER,
	.scope = SCOPE_ACCOUNT, .limited = true, .status = 204,
	.codes = NOBODY, .run = set_block}};
const struct api_routes api_people_routes = API_ROUTES(routes);
