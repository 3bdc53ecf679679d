/* SPDX-License-Identifier: MIT */
#include "script/sandbox.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

#include "script/bind.h"
#include "script/engine.h"

/* In the state's registry: the globals every script starts with. */
static const char globals_key;

static const struct {
	const char *name;
	lua_CFunction open;
	const char *functions[32]; /* ends with NULL */
} libraries[] = {
    {NULL, luaopen_base, {"assert", "error", "getmetatable", "ipairs", "next",
	"pairs", "rawequal", "rawget", "rawlen", "select", "tonumber",
	"tostring", "type", "_VERSION"}},
    {"coroutine", luaopen_coroutine, {"isyieldable", "running", "status",
	"yield"}},
    {"string", luaopen_string, {"byte", "char", "format", "len", "lower",
	"pack", "packsize", "reverse", "sub", "unpack", "upper"}},
    {"table", luaopen_table, {"pack", "unpack"}},
    {"math", luaopen_math, {"abs", "acos", "asin", "atan", "ceil", "cos",
	"deg", "exp", "floor", "fmod", "huge", "log", "max", "maxinteger",
	"min", "mininteger", "modf", "pi", "rad", "random", "sin", "sqrt",
	"tan", "tointeger", "type", "ult"}},
    {"utf8", luaopen_utf8, {"char", "charpattern", "codepoint", "codes",
	"len", "offset"}},
    {"os", luaopen_os, {"clock", "date", "time"}},
};

static void (*const bindings[])(lua_State *) = {
    bind_base, bind_coroutine, bind_string, bind_table, bind_os, bind_chat,
    bind_verdict, bind_words, bind_json, bind_http, bind_log, bind_shared, bind_event,
    bind_context, bind_testing};

/* Part of the product, but not of this version: said when it is used. */
static const char *const absent[] = {"store", "timer", "config",
    "metrics"};

/* Tables a script may keep but not change; see sandbox_freeze(). */
static const char *const frozen[] = {"coroutine", "string", "table", "math",
    "utf8", "os", "chat", "verdict", "words", "json", "http", "log", "shared"};

void
bind_functions(lua_State *L, const luaL_Reg *functions)
{
	luaL_setfuncs(L, functions, 0);
}

void
bind_type(lua_State *L, const char *name, const luaL_Reg *metamethods)
{
	luaL_newmetatable(L, name);
	luaL_setfuncs(L, metamethods, 0);
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
}

void
bind_class(lua_State *L, const char *name, const luaL_Reg *methods)
{
	static const luaL_Reg none[] = {{NULL, NULL}};

	bind_type(L, name, none);
	luaL_getmetatable(L, name);
	lua_newtable(L);
	luaL_setfuncs(L, methods, 0);
	lua_setfield(L, -2, "__index");
	lua_pop(L, 1);
}

static int
refuse_write(lua_State *L)
{
	return luaL_error(L, "%s cannot be changed: keep what is yours in a "
	    "local", lua_tostring(L, lua_upvalueindex(1)));
}

static int
frozen_next(lua_State *L)
{
	lua_settop(L, 2);
	lua_pushvalue(L, 2);
	if (lua_next(L, lua_upvalueindex(1)) == 0)
		lua_pushnil(L);
	return lua_type(L, -1) == LUA_TNIL ? 1 : 2;
}

/* Iterates without handing out the table itself. */
static int
frozen_pairs(lua_State *L)
{
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_pushcclosure(L, frozen_next, 1);
	return 1;
}

/* From the table (below) and its name: the rest of a proxy's metatable. */
static void
push_guard(lua_State *L, int table, const char *name)
{
	lua_createtable(L, 0, 4);
	lua_pushvalue(L, table);
	lua_setfield(L, -2, "__index");
	lua_pushvalue(L, table);
	lua_pushcclosure(L, frozen_pairs, 1);
	lua_setfield(L, -2, "__pairs");
	lua_pushstring(L, name);
	lua_pushcclosure(L, refuse_write, 1);
	lua_setfield(L, -2, "__newindex");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
}

void
sandbox_freeze(lua_State *L, const char *name)
{
	int table = lua_gettop(L);

	lua_newtable(L);
	push_guard(L, table, name);
	lua_setmetatable(L, -2);
	lua_replace(L, table);
}

static int
refuse_absent(lua_State *L)
{
	return luaL_error(L, "%s is not available in this version",
	    lua_tostring(L, lua_upvalueindex(1)));
}

static void
set_absent(lua_State *L, const char *name)
{
	static const char *const events[] = {"__index", "__newindex",
	    "__call"};
	size_t i;

	lua_newtable(L);
	lua_newtable(L);
	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		lua_pushstring(L, name);
		lua_pushcclosure(L, refuse_absent, 1);
		lua_setfield(L, -2, events[i]);
	}
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_setmetatable(L, -2);
	lua_setfield(L, -2, name);
}

/* Copies what is allowed of a library into the globals on top. */
static void
copy_library(lua_State *L, size_t which)
{
	const char *name = libraries[which].name;
	size_t i;

	if (name != NULL && lua_getfield(L, -1, name) == LUA_TNIL) {
		lua_pop(L, 1);
		lua_newtable(L);
		lua_pushvalue(L, -1);
		lua_setfield(L, -3, name);
	}
	luaL_requiref(L, name != NULL ? name : LUA_GNAME,
	    libraries[which].open, 0);
	for (i = 0; libraries[which].functions[i] != NULL; i++) {
		lua_getfield(L, -1, libraries[which].functions[i]);
		lua_setfield(L, -3, libraries[which].functions[i]);
	}
	lua_pop(L, name != NULL ? 2 : 1);
}

/* Nothing of the real globals stays reachable. */
static void
forget_real_globals(lua_State *L)
{
	lua_newtable(L);
	lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
	lua_pushnil(L);
	lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
}

/* ("x"):rep() finds our functions, and nobody can change them. */
static void
protect_string_metatable(lua_State *L)
{
	lua_pushliteral(L, "");
	lua_getmetatable(L, -1);
	lua_getfield(L, -3, "string");
	lua_setfield(L, -2, "__index");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 2);
}

void
sandbox_open(lua_State *L)
{
	size_t i;

	lua_newtable(L);
	for (i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++)
		copy_library(L, i);
	for (i = 0; i < sizeof(bindings) / sizeof(bindings[0]); i++)
		bindings[i](L);
	protect_string_metatable(L);
	for (i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		set_absent(L, absent[i]);
	for (i = 0; i < sizeof(frozen) / sizeof(frozen[0]); i++) {
		lua_getfield(L, -1, frozen[i]);
		sandbox_freeze(L, frozen[i]);
		lua_setfield(L, -2, frozen[i]);
	}
	forget_real_globals(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &globals_key);
}

/* Upvalue 1 holds the script's globals. */
static int
set_global(lua_State *L)
{
	if (!engine_of(L)->loading)
		return luaL_error(L, "\"%s\" is a global, and globals are "
		    "frozen after load: keep it in a local (this worker's "
		    "cache), in shared (all workers) or in store (kept over "
		    "restarts)", luaL_tolstring(L, 2, NULL));
	lua_settop(L, 3);
	lua_rawset(L, lua_upvalueindex(1));
	return 0;
}

/* load(text, name, mode, env): text only; upvalue 1 is the script's _G. */
static int
load_text(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);
	const char *name = luaL_optstring(L, 2, "=(load)");
	const char *mode = luaL_optstring(L, 3, "t");

	if (len > 65536)
		return luaL_error(L, "load takes at most 64 KiB of text");
	if (strchr(mode, 't') == NULL)
		return luaL_error(L, "load takes text only, not compiled code");
	if (luaL_loadbufferx(L, text, len, name, "t") != LUA_OK) {
		lua_pushnil(L);
		lua_insert(L, -2);
		return 2;
	}
	lua_pushvalue(L, lua_isnone(L, 4) ? lua_upvalueindex(1) : 4);
	lua_setupvalue(L, -2, 1);
	return 1;
}

/* Pushes new globals: an empty table before a hidden one. */
static void
push_environment(lua_State *L)
{
	int env, hidden;

	lua_newtable(L);
	env = lua_gettop(L);
	lua_newtable(L);
	hidden = env + 1;
	lua_rawgetp(L, LUA_REGISTRYINDEX, &globals_key);
	for (lua_pushnil(L); lua_next(L, -2) != 0;) {
		lua_pushvalue(L, -2);
		lua_insert(L, -2);
		lua_rawset(L, hidden);
	}
	lua_pop(L, 1);
	lua_pushvalue(L, env);
	lua_setfield(L, hidden, "_G");
	lua_pushvalue(L, env);
	lua_pushcclosure(L, load_text, 1);
	lua_setfield(L, hidden, "load");
	push_guard(L, hidden, "_G");
	lua_pushvalue(L, hidden);
	lua_pushcclosure(L, set_global, 1);
	lua_setfield(L, -2, "__newindex");
	lua_setmetatable(L, env);
	lua_settop(L, env);
}

void
sandbox_compile(lua_State *L, const struct source *source)
{
	const char *name = lua_pushfstring(L, "@%s", source->path);

	if (luaL_loadbufferx(L, source->text, source->len, name, "t") !=
	    LUA_OK)
		lua_error(L);
	push_environment(L);
	lua_setupvalue(L, -2, 1);
	lua_remove(L, -2);
}
