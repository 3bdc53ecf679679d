/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "api/shape.h"
#include "base/name.h"

/* Groups, their members, and what is done to them. */

#define CURSOR 'g' /* of the list: before the id of an event */
#define CURSOR_NAME 'n' /* of members: behind this name */
#define PAGE_DEFAULT 50

static const char *const settings[] = {
    "title", "description", "private", "history", "slow", NULL};

/* ------------------------------------------------------------------- groups */

static bool
is_group(const json_t *conversation)
{
	const char *kind =
	    json_string_value(json_object_get(conversation, "kind"));

	return kind != NULL && strcmp(kind, "group") == 0;
}

static void
on_list(struct api_call *call, const json_t *answer)
{
	json_t *groups = json_array(), *item;
	size_t i;

	json_array_foreach(json_object_get(answer, "items"), i, item) {
		if (is_group(item) && json_array_append_new(groups,
			shape_conversation(item)) == -1) {
			json_decref(groups);
			groups = NULL;
		}
	}
	api_reply(call, 200, json_pack("{s:o,s:o}", "groups", groups, "next",
	    shape_next(answer, CURSOR)));
}

static void
list_groups(struct api_call *call)
{
	json_t *request = json_pack("{s:s}", "type", "conversations");

	if (shape_add_page(&request, call, "before", CURSOR))
		api_ask(call, request, on_list);
}

static void
on_group(struct api_call *call, const json_t *answer)
{
	const json_t *group = shape_first(answer);

	if (is_group(group))
		api_reply(call, 200, shape_conversation(group));
	else
		api_problem(call, CODE_NOT_FOUND, NULL, "%s is no group",
		    api_param(call, 0));
}

static void
get_group(struct api_call *call)
{
	api_ask(call, shape_ask("conversations", api_param(call, 0)),
	    on_group);
}

/* As it is now; without what a token may not read, its name alone. */
static void
on_changed_group(struct api_call *call, const json_t *answer)
{
	const char *name = call->state;
	enum chat_code code;
	json_t *group;

	if (api_is_refused(answer, &code))
		group = json_pack("{s:s+,s:s}", "conversation", "#", name,
		    "kind", "group");
	else
		group = shape_conversation(shape_first(answer));
	api_reply(call, call->route->status, group);
}

static void
on_changed(struct api_call *call, const json_t *answer)
{
	const char *name = call->state;

	(void)answer;
	if (call->route->status == 201)
		api_field(call, "Location", "/api/groups/%s", name);
	api_try(call, shape_ask("conversations", name), on_changed_group);
}

/* Its name, folded, into call->state.  False: it is none; answered. */
static bool
keep_name(struct api_call *call, const char *name, const char *field)
{
	char *folded = api_state_new(call, NAME_BYTES_MAX + 1);

	if (folded == NULL) {
		api_no_memory(call);
		return false;
	}
	name += name[0] == '#';
	if (name_fold(name, strlen(name), folded))
		return true;
	api_problem(call, CODE_BAD_REQUEST, field, "a group's name must have "
	    "2 to 32 of a-z 0-9 . _ -");
	return false;
}

static void
create_group(struct api_call *call)
{
	json_t *request;

	if (!keep_name(call, api_text(call, "name"), "name"))
		return;
	request = shape_ask("create", call->state);
	shape_add_body(&request, call, settings);
	api_ask(call, request, on_changed);
}

static void
update_group(struct api_call *call)
{
	json_t *request;

	if (!keep_name(call, api_param(call, 0), NULL))
		return;
	request = shape_ask("update", call->state);
	shape_add_body(&request, call, settings);
	api_ask(call, request, on_changed);
}

/* ------------------------------------------------------------- in, and out */

/* To join makes what is not there, which nobody expects of this path. */
static void
on_known(struct api_call *call, const json_t *answer)
{
	enum chat_code code;

	if (api_is_refused(answer, &code) && code == CODE_NOT_FOUND)
		api_problem(call, CODE_NOT_FOUND, NULL, "there is no group "
		    "#%s; POST /api/groups makes it",
		    (const char *)call->state);
	else if (api_is_refused(answer, &code) && code == CODE_RATE_LIMITED)
		api_refuse(call, answer);
	else
		api_ask(call, shape_ask("join", call->state), on_changed);
}

static void
join_group(struct api_call *call)
{
	if (keep_name(call, api_param(call, 0), NULL))
		api_try(call, shape_ask("conversations", call->state),
		    on_known);
}

static void
leave_group(struct api_call *call)
{
	api_ask(call, shape_ask("leave", api_param(call, 0)), shape_done);
}

/* ------------------------------------------------------------------ members */

static const char *
name_of(const json_t *member)
{
	return json_string_value(json_object_get(member, "user"));
}

/*
 * All of them are there, in the order of names: a page is cut out.  The
 * cursor is a name, so that who comes or goes does not shift it.
 */
static void
on_members(struct api_call *call, const json_t *answer)
{
	size_t limit = (size_t)api_query_number(call, "limit", PAGE_DEFAULT);
	const char *from = api_query(call, "cursor");
	json_t *members = json_array(), *next = json_null(), *item;
	size_t i;

	json_array_foreach(json_object_get(answer, "items"), i, item) {
		if (from != NULL && strcmp(name_of(item), from + 1) <= 0)
			continue;
		if (json_array_size(members) == limit) {
			next = json_sprintf("%c%s", CURSOR_NAME,
			    name_of(json_array_get(members, limit - 1)));
			break;
		}
		if (json_array_append(members, item) == -1) {
			json_decref(members);
			members = NULL;
			break;
		}
	}
	api_reply(call, 200, json_pack("{s:o,s:o}", "members", members,
	    "next", next));
}

static void
list_members(struct api_call *call)
{
	const char *cursor = api_query(call, "cursor");

	if (cursor != NULL && cursor[0] != CURSOR_NAME)
		api_problem(call, CODE_BAD_REQUEST, "cursor", "`cursor` must "
		    "be the `next` of an earlier answer");
	else
		api_ask(call, shape_ask("members", api_param(call, 0)),
		    on_members);
}

/* The person of the path, in the group of the path. */
static json_t *
about(const struct api_call *call, const char *type)
{
	json_t *request = shape_ask(type, api_param(call, 0));

	shape_add(&request, "user", json_string(api_param(call, 1)));
	return request;
}

static json_t *
with_body(const struct api_call *call, const char *type, const char *member)
{
	const char *const members[] = {member, NULL};
	json_t *request = about(call, type);

	shape_add_body(&request, call, members);
	return request;
}

static void
set_role(struct api_call *call)
{
	api_ask(call, with_body(call, "role", "role"), shape_done);
}

static void
on_added(struct api_call *call, const json_t *answer)
{
	if (api_text(call, "role") != NULL)
		set_role(call);
	else
		shape_done(call, answer);
}

static void
add_member(struct api_call *call)
{
	api_ask(call, about(call, "add"), on_added);
}

static void
remove_member(struct api_call *call)
{
	const char *user = api_param(call, 1);
	char folded[NAME_BYTES_MAX + 1];

	user += user[0] == '@';
	if (name_fold(user, strlen(user), folded) &&
	    strcmp(folded, call->caller.name) == 0)
		leave_group(call);
	else
		api_ask(call, about(call, "kick"), shape_done);
}

static void
invite(struct api_call *call)
{
	api_ask(call, about(call, "invite"), shape_done);
}

static void
ban(struct api_call *call)
{
	api_ask(call, with_body(call, "ban", "duration"), shape_done);
}

static void
unban(struct api_call *call)
{
	api_ask(call, about(call, "unban"), shape_done);
}

static void
mute(struct api_call *call)
{
	api_ask(call, with_body(call, "mute", "duration"), shape_done);
}

static void
unmute(struct api_call *call)
{
	api_ask(call, about(call, "unmute"), shape_done);
}

/* ------------------------------------------------------------------ schemas */

#define PAGE                                                                  \
	{.name = "limit", .type = API_INTEGER, .min = 1, .max = 200,          \
	    .doc = "how many at most; 50 unless said"},                       \
	{.name = "cursor", .type = API_STRING, .min = 1, .max = 64,           \
	    .doc = "`next` of the page before"}
#define NEXT                                                                  \
	{.name = "next", .type = API_STRING, .required = true,                \
	    .nullable = true,                                                 \
	    .doc = "the `cursor` of the next page; null: there is none"}

static const char *const histories[] = {"all", "since_join", NULL};
static const char *const roles[] = {
    "owner", "admin", "moderator", "member", NULL};

#define SETTINGS                                                              \
	{.name = "title", .type = API_STRING, .nullable = true,               \
	    .max = 256, .doc = "one line", .example = "\"Tea\""},             \
	{.name = "description", .type = API_STRING, .nullable = true,         \
	    .max = 2048, .doc = "one line"},                                  \
	{.name = "private", .type = API_BOOLEAN, .nullable = true,            \
	    .doc = "only who is invited joins"},                              \
	{.name = "history", .type = API_STRING, .nullable = true,             \
	    .choices = histories, .doc = "what a newcomer sees of it"},       \
	{.name = "slow", .type = API_INTEGER, .nullable = true,               \
	    .max = 86400,                                                     \
	    .doc = "seconds from one message of a member to the next"}

static const struct api_member page_query[] = {PAGE, {.name = NULL}};

static const struct api_member list_answer[] = {
    {.name = "groups", .type = API_ARRAY, .required = true,
	.of = "Conversation", .doc = "the latest activity first; a page may "
	"have fewer than `limit`"},
    NEXT, {.name = NULL}};
static const struct api_schema list_schema = {
    "GroupList", "A page of one's groups.", list_answer};

static const struct api_member new_members[] = {
    {.name = "name", .type = API_STRING, .required = true, .min = 2,
	.max = 33, .doc = "2 to 32 of a-z 0-9 . _ -", .example = "\"tea\""},
    SETTINGS, {.name = NULL}};
static const struct api_schema new_schema = {
    "NewGroup", "A group to make.", new_members};

static const struct api_member change_members[] = {SETTINGS, {.name = NULL}};
static const struct api_schema change_schema = {
    "GroupChange", "What is to be changed of a group.", change_members};

static const struct api_member members_members[] = {
    {.name = "members", .type = API_ARRAY, .required = true, .of = "Member",
	.doc = "in the order of names"},
    NEXT, {.name = NULL}};
static const struct api_schema members_schema = {
    "MemberList", "A page of a group's members.", members_members};

static const struct api_member add_members[] = {
    {.name = "role", .type = API_STRING, .nullable = true, .choices = roles,
	.doc = "\"member\" unless said"},
    {.name = NULL}};
static const struct api_schema add_schema = {
    "NewMember", "How somebody is added.", add_members};

static const struct api_member role_members[] = {
    {.name = "role", .type = API_STRING, .required = true, .choices = roles,
	.doc = "the new one"},
    {.name = NULL}};
static const struct api_schema role_schema = {
    "RoleChange", "Another role.", role_members};

static const struct api_member ban_members[] = {
    {.name = "duration", .type = API_STRING, .nullable = true, .min = 1,
	.max = 16, .doc = "for how long; for good unless said",
	.example = "\"1d\""},
    {.name = NULL}};
static const struct api_schema ban_schema = {
    "Ban", "For how long.", ban_members};

static const struct api_member mute_members[] = {
    {.name = "duration", .type = API_STRING, .required = true, .min = 1,
	.max = 16, .doc = "for how long", .example = "\"10m\""},
    {.name = NULL}};
static const struct api_schema mute_schema = {
    "Mute", "For how long.", mute_members};

/* -------------------------------------------------------------------- table */

#define REFUSED(code) (1U << CODE_##code)
#define PLACE (REFUSED(NOT_FOUND) | REFUSED(NOT_MEMBER) | REFUSED(FORBIDDEN))
#define JOINED (PLACE | REFUSED(BANNED) | REFUSED(RATE_LIMITED) |             \
    REFUSED(CONFLICT) | REFUSED(UNAVAILABLE))
#define DONE (PLACE | REFUSED(BLOCKED) | REFUSED(BANNED) |                    \
    REFUSED(CONFLICT) | REFUSED(UNAVAILABLE))
#define GROUP .auth = API_BEARER, .tag = "groups", .limited = true
#define CHANGE GROUP, .scope = SCOPE_GROUPS
#define PERSON CHANGE, .status = 204, .codes = DONE

static const struct api_route routes[] = {
    {GROUP, .method = HTTP_GET, .path = "/api/groups", .id = "listGroups",
	.summary = "One's groups", .scope = SCOPE_READ, .query = page_query,
	.conditional = true, .status = 200, .answer = &list_schema,
	.run = list_groups},
    {CHANGE, .method = HTTP_POST, .path = "/api/groups", .id = "createGroup",
	.summary = "Make a group", .doc = "Who makes it is its owner.",
	.body = &new_schema, .status = 201, .answer = &api_group_schema,
	.codes = JOINED | REFUSED(TOO_LARGE), .run = create_group},
    {GROUP, .method = HTTP_GET, .path = "/api/groups/:name",
	.id = "getGroup", .summary = "One of one's groups",
	.scope = SCOPE_READ, .conditional = true, .status = 200,
	.answer = &api_conversation_schema, .codes = PLACE, .run = get_group},
    {CHANGE, .method = HTTP_PATCH, .path = "/api/groups/:name",
	.id = "updateGroup", .summary = "Change what a group is like",
	.doc = "What is left out, or null, stays as it is.",
	.body = &change_schema, .status = 200, .answer = &api_group_schema,
	.codes = PLACE | REFUSED(TOO_LARGE), .run = update_group},
    {CHANGE, .method = HTTP_POST, .path = "/api/groups/:name/join",
	.id = "joinGroup", .summary = "Join a group",
	.doc = "Or accept an invitation to it.  Who is in it already stays.",
	.status = 200, .answer = &api_group_schema, .codes = JOINED,
	.run = join_group},
    {CHANGE, .method = HTTP_POST, .path = "/api/groups/:name/leave",
	.id = "leaveGroup", .summary = "Leave a group",
	.doc = "Or decline an invitation to it.  A group cannot be deleted: "
	    "it is when all have left.", .status = 204,
	.codes = PLACE | REFUSED(CONFLICT), .run = leave_group},
    {GROUP, .method = HTTP_GET, .path = "/api/groups/:name/members",
	.id = "listMembers", .summary = "Who is in a group",
	.scope = SCOPE_READ, .query = page_query, .conditional = true,
	.status = 200, .answer = &members_schema, .codes = PLACE,
	.run = list_members},
    {PERSON, .method = HTTP_PUT, .path = "/api/groups/:name/members/:user",
	.id = "addMember", .summary = "Add somebody, or give them a role",
	.body = &add_schema, .body_optional = true, .run = add_member},
    {PERSON, .method = HTTP_PATCH, .path = "/api/groups/:name/members/:user",
	.id = "setRole", .summary = "Give a member another role",
	.body = &role_schema, .run = set_role},
    {PERSON, .method = HTTP_DELETE,
	.path = "/api/groups/:name/members/:user", .id = "removeMember",
	.summary = "Put a member out",
	.doc = "They may come back.  Oneself: leave.",
	.run = remove_member},
    {PERSON, .method = HTTP_PUT,
	.path = "/api/groups/:name/invitations/:user", .id = "invite",
	.summary = "Invite somebody", .run = invite},
    {PERSON, .method = HTTP_PUT, .path = "/api/groups/:name/bans/:user",
	.id = "ban", .summary = "Put somebody out and keep them out",
	.body = &ban_schema, .body_optional = true, .run = ban},
    {PERSON, .method = HTTP_DELETE, .path = "/api/groups/:name/bans/:user",
	.id = "unban", .summary = "Let them come back", .run = unban},
    {PERSON, .method = HTTP_PUT, .path = "/api/groups/:name/mutes/:user",
	.id = "mute", .summary = "Keep a member from writing",
	.body = &mute_schema, .run = mute},
    {PERSON, .method = HTTP_DELETE, .path = "/api/groups/:name/mutes/:user",
	.id = "unmute", .summary = "Let them write again", .run = unmute}};
const struct api_routes api_group_routes = API_ROUTES(routes);
