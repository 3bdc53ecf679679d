/* SPDX-License-Identifier: MIT */
#include "script/subject.h"

#include <string.h>

#include "base/nearest.h"
#include "script/bind.h"
#include "script/bind_chat.h"
#include "script/engine.h"

/* ev, and its parts ev.user and ev.conversation, which `c` has too. */

/* In the state's registry: the one userdata of each type. */
static const char event_key, user_key, conversation_key;

static const char *const event_fields[] = {"text", "user", "conversation",
    "transport", "at", "edit", NULL};
static const char *const user_fields[] = {"id", "name", NULL};
static const char *const conversation_fields[] = {"id", "kind", "members",
    NULL};
static const char *const kinds[] = {[CONVERSATION_PUBLIC] = "public",
    [CONVERSATION_GROUP] = "group", [CONVERSATION_DIRECT] = "direct"};
static const char *const transports[] = {[TRANSPORT_WEBSOCKET] = "websocket",
    [TRANSPORT_TEXT] = "text", [TRANSPORT_REST] = "rest",
    [TRANSPORT_SOCKETIO] = "socketio", [TRANSPORT_SSE] = "sse",
    [TRANSPORT_SERVER] = "server"};

int
subject_unknown_field(lua_State *L, const char *what, const char *key,
    const char *const *fields)
{
	const char *near = nearest(key, fields);

	if (near != NULL)
		return luaL_error(L, "%s has no field \"%s\" (did you mean "
		    "\"%s\"?)", what, key, near);
	return luaL_error(L, "%s has no field \"%s\"", what, key);
}

static const struct subject *
check_subject(lua_State *L)
{
	const struct subject *subject = &engine_of(L)->subject;

	if (subject->message == NULL && subject->line == NULL)
		luaL_error(L, "it is over: copy what is needed later into "
		    "locals while run is running");
	return subject;
}

static int
user_index(lua_State *L)
{
	const struct subject *s = check_subject(L);
	const char *key = luaL_checkstring(L, 2);

	if (strcmp(key, "id") == 0)
		lua_pushinteger(L, (lua_Integer)(s->message != NULL
		    ? s->message->uid : s->line->uid));
	else if (strcmp(key, "name") == 0)
		lua_pushstring(L, s->message != NULL ? s->message->user
		    : s->line->user);
	else
		return subject_unknown_field(L, "a user", key, user_fields);
	return 1;
}

static const char *
conversation_id(const struct subject *s)
{
	return s->message != NULL ? s->message->conversation
	    : s->line->conversation;
}

static enum conversation_kind
conversation_kind(const struct subject *s)
{
	const char *id = conversation_id(s);

	if (s->message != NULL)
		return s->message->kind;
	return id[0] == '@' ? CONVERSATION_DIRECT
	    : strcmp(id, "#lobby") == 0 ? CONVERSATION_PUBLIC
	    : CONVERSATION_GROUP;
}

static int
conversation_index(lua_State *L)
{
	const struct subject *s = check_subject(L);
	const char *key = luaL_checkstring(L, 2);

	if (strcmp(key, "id") == 0)
		lua_pushstring(L, conversation_id(s));
	else if (strcmp(key, "kind") == 0)
		lua_pushstring(L, kinds[conversation_kind(s)]);
	else if (strcmp(key, "members") == 0 && s->message != NULL)
		lua_pushinteger(L, s->message->members);
	else
		return subject_unknown_field(L, "a conversation", key,
		    conversation_fields);
	return 1;
}

int
subject_push_field(lua_State *L, const char *key)
{
	const struct subject *s = check_subject(L);

	if (strcmp(key, "user") == 0)
		lua_rawgetp(L, LUA_REGISTRYINDEX, &user_key);
	else if (strcmp(key, "conversation") == 0)
		lua_rawgetp(L, LUA_REGISTRYINDEX, &conversation_key);
	else if (strcmp(key, "transport") == 0)
		lua_pushstring(L, transports[s->message != NULL
		    ? s->message->transport : s->line->transport]);
	else if (strcmp(key, "at") == 0)
		lua_pushnumber(L, (lua_Number)(s->message != NULL
		    ? s->message->at_us : s->line->at_us) / 1e6);
	else
		return 0;
	return 1;
}

static int
event_index(lua_State *L)
{
	const struct subject *s = check_subject(L);
	const char *key = luaL_checkstring(L, 2);

	if (strcmp(key, "text") == 0)
		lua_pushlstring(L, s->text, s->text_len);
	else if (strcmp(key, "edit") == 0)
		lua_pushboolean(L, s->message->edit);
	else if (!subject_push_field(L, key))
		return subject_unknown_field(L, "an event", key, event_fields);
	return 1;
}

void
subject_push_event(lua_State *L)
{
	lua_rawgetp(L, LUA_REGISTRYINDEX, &event_key);
}

static void
make_one(lua_State *L, const char *type, lua_CFunction index, const char *key)
{
	const luaL_Reg metamethods[] = {{"__index", index}, {NULL, NULL}};

	bind_type(L, type, metamethods);
	lua_newuserdatauv(L, 0, 0);
	luaL_setmetatable(L, type);
	lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

void
bind_event(lua_State *L)
{
	make_one(L, EVENT_TYPE, event_index, &event_key);
	make_one(L, USER_TYPE, user_index, &user_key);
	make_one(L, CONVERSATION_TYPE, conversation_index, &conversation_key);
}
