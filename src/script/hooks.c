/* SPDX-License-Identifier: MIT */
#include "script/hooks.h"

#include <lauxlib.h>
#include <string.h>

#include "script/bind_chat.h"
#include "script/definition.h"

/* ------------------------------------------------- chat.on(event, function) */

/* The event's index; what is none is an error with a hint. */
static enum hook_event
check_event(lua_State *L)
{
	if (!engine_of(L)->loading)
		luaL_error(L, "chat.on: declarations are made while scripts "
		    "are loaded, at the top of a file");
	if (strcmp(luaL_checkstring(L, 1), "message") == 0)
		luaL_error(L, "chat.on: messages are seen by chat.filter with "
		    "mode = \"observe\"");
	luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_settop(L, 2);
	return (enum hook_event)luaL_checkoption(L, 1, NULL, hook_events);
}

int
bind_on(lua_State *L)
{
	enum hook_event event = check_event(L);
	struct hook *hook = lua_newuserdatauv(L, sizeof(*hook), 1);
	lua_Debug ar;

	*hook = (struct hook){.event = event};
	luaL_setmetatable(L, HOOK_TYPE);
	ar.short_src[0] = '\0';
	if (lua_getstack(L, 1, &ar) && lua_getinfo(L, "Sl", &ar))
		hook->line = ar.currentline;
	/* The name of its file lives as long as the hook. */
	hook->file = lua_pushstring(L, ar.short_src);
	lua_setiuservalue(L, 3, 1);
	lua_pushvalue(L, 2);
	hook->run = luaL_ref(L, LUA_REGISTRYINDEX);
	engine_of(L)->declared++;
	return 1;
}

/* ------------------------------------------------------------------ running */

struct code_call {
	const struct hook *hook;
	const struct policy_code *code;
};

static int
call_code(lua_State *L)
{
	const struct code_call *call = lua_touserdata(L, 1);
	const struct policy_code *code = call->code;

	lua_rawgeti(L, LUA_REGISTRYINDEX, call->hook->run);
	lua_createtable(L, 0, 4);
	lua_pushstring(L, code->user);
	lua_setfield(L, -2, "user");
	lua_pushstring(L, code->email);
	lua_setfield(L, -2, "email");
	lua_pushstring(L, code->code);
	lua_setfield(L, -2, "code");
	lua_pushnumber(L, (lua_Number)code->expires_us / 1e6);
	lua_setfield(L, -2, "expires");
	lua_call(L, 1, 0);
	return 0;
}

static int
run_code(struct engine *engine, const struct hook *hook,
    const struct policy_code *code)
{
	struct code_call call = {hook, code};
	const struct engine_entry entry = {.module = hook->module,
	    .what = hook_events[hook->event],
	    .budget_ms = engine->options->filter_ms,
	    .warn_ms = engine->options->filter_warn_ms};

	if (module_disabled(hook->module))
		return -1;
	if (code == NULL)
		return 0;
	if (engine_call(engine, &entry, call_code, &call) == 0)
		return 0;
	if (engine->testing == NULL)
		health_failed(engine->health, hook->module,
		    hook_events[hook->event], engine->failure, engine->trace);
	return -1;
}

int
hooks_send_code(struct engine *engine, const struct policy_code *code)
{
	const struct registry *registry = &engine->registry;
	int rc = -1;
	size_t i;

	for (i = 0; i < registry->hook_count; i++) {
		if (registry->hooks[i]->event == HOOK_PASSWORD_RESET &&
		    (code == NULL ||
			run_code(engine, registry->hooks[i], code) == 0))
			rc = 0;
	}
	return rc;
}
