/* SPDX-License-Identifier: MIT */
#include "script/subject.h"

#include <string.h>

#include "base/utf8.h"
#include "chat/codes.h"
#include "script/bind.h"
#include "script/bind_chat.h"
#include "script/convert.h"
#include "script/engine.h"

/* c, what the run function of a command gets. */

/* In the state's registry: the one userdata, and its methods. */
static const char context_key;

static const char *const context_fields[] = {"user", "conversation",
    "transport", "at", "send", "request", "notice", "error", NULL};
static const char *const error_codes[] = {
#define X(name, text) text,
    CHAT_CODES(X)
#undef X
    NULL};

static struct engine *
check_context(lua_State *L, const char *method)
{
	struct engine *engine = engine_of(L);

	if (luaL_testudata(L, 1, CONTEXT_TYPE) == NULL)
		luaL_error(L, "call it with a colon: c:%s(…)", method);
	if (engine->subject.line == NULL)
		luaL_error(L, "c:%s: the command is over", method);
	return engine;
}

static const char *
check_text(lua_State *L, int arg, size_t *len)
{
	const char *text = luaL_checklstring(L, arg, len);

	luaL_argcheck(L, utf8_valid(text, *len), arg, "must be UTF-8");
	return text;
}

static int
done(lua_State *L, const char *why)
{
	return why == NULL ? 0 : luaL_error(L, "%s", why);
}

static bool
check_action(lua_State *L, int options)
{
	bool action = false;

	if (lua_isnoneornil(L, options))
		return false;
	luaL_checktype(L, options, LUA_TTABLE);
	for (lua_pushnil(L); lua_next(L, options) != 0; lua_pop(L, 1)) {
		if (lua_type(L, -2) != LUA_TSTRING ||
		    strcmp(lua_tostring(L, -2), "action") != 0)
			luaL_error(L, "c:send: the only option is { action = "
			    "true }");
		action = lua_toboolean(L, -1);
	}
	return action;
}

/* A name; c.conversation stands for its own, which takes its place. */
static const char *
check_to(lua_State *L, int arg, size_t *len)
{
	if (luaL_testudata(L, arg, CONVERSATION_TYPE) != NULL) {
		lua_getfield(L, arg, "id");
		lua_replace(L, arg);
	}
	return check_text(L, arg, len);
}

/* c:send(to, text[, {action=true}]) */
static int
context_send(lua_State *L)
{
	struct engine *engine = check_context(L, "send");
	size_t to_len, text_len;
	const char *to = check_to(L, 2, &to_len);
	const char *text = check_text(L, 3, &text_len);
	bool action = check_action(L, 4);

	return done(L, effects_send(&engine->effects, to, to_len, text,
	    text_len, action));
}

/* c:request{type="join", conversation="#tea"} */
static int
context_request(lua_State *L)
{
	struct engine *engine = check_context(L, "request");
	const char *why = NULL;
	json_t *request;

	luaL_checktype(L, 2, LUA_TTABLE);
	if (lua_getfield(L, 2, "type") != LUA_TSTRING)
		return luaL_error(L, "c:request: type is missing, as in "
		    "c:request{ type = \"join\", conversation = \"#tea\" }");
	/* It would run commands, which would run commands. */
	if (strcmp(lua_tostring(L, -1), "line") == 0)
		return luaL_error(L, "c:request: a command cannot type a line");
	request = convert_to_json(L, 2, &why);
	if (request == NULL)
		return luaL_error(L, "c:request: %s", why);
	return done(L, effects_request(&engine->effects, request));
}

static int
context_notice(lua_State *L)
{
	struct engine *engine = check_context(L, "notice");
	size_t len;
	const char *text = check_text(L, 2, &len);

	return done(L, effects_notice(&engine->effects, text, len));
}

/* c:error(code, message) */
static int
context_error(lua_State *L)
{
	struct engine *engine = check_context(L, "error");
	size_t len;
	const char *code, *message;

	luaL_checkstring(L, 2);
	code = error_codes[luaL_checkoption(L, 2, NULL, error_codes)];
	message = check_text(L, 3, &len);
	return done(L, effects_error(&engine->effects, code, message));
}

static int
context_index(lua_State *L)
{
	const char *key = luaL_checkstring(L, 2);

	lua_pushvalue(L, 2);
	if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
		return 1;
	if (subject_push_field(L, key))
		return 1;
	return subject_unknown_field(L, "a command's c", key, context_fields);
}

void
subject_push_context(lua_State *L)
{
	lua_rawgetp(L, LUA_REGISTRYINDEX, &context_key);
}

void
bind_context(lua_State *L)
{
	static const luaL_Reg methods[] = {{"send", context_send},
	    {"request", context_request}, {"notice", context_notice},
	    {"error", context_error}, {NULL, NULL}};
	static const luaL_Reg none[] = {{NULL, NULL}};

	bind_type(L, CONTEXT_TYPE, none);
	luaL_getmetatable(L, CONTEXT_TYPE);
	lua_newtable(L);
	bind_functions(L, methods);
	lua_pushcclosure(L, context_index, 1);
	lua_setfield(L, -2, "__index");
	lua_pop(L, 1);
	lua_newuserdatauv(L, 0, 0);
	luaL_setmetatable(L, CONTEXT_TYPE);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &context_key);
}
