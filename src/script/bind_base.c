/* SPDX-License-Identifier: MIT */
#include "script/bind.h"

#include <string.h>

#include "script/engine.h"
#include "script/sandbox.h"

/* In the state's registry: what each library returned, by path. */
static const char libraries_key;

/* status is on the stack's base, the results above it. */
static int
finish_pcall(lua_State *L, int status, lua_KContext extra)
{
	if (status != LUA_OK && status != LUA_YIELD) {
		engine_rethrow(L, status);
		lua_pushboolean(L, 0);
		lua_pushvalue(L, -2);
		return 2;
	}
	return lua_gettop(L) - (int)extra;
}

static int
base_pcall(lua_State *L)
{
	int status;

	luaL_checkany(L, 1);
	lua_pushboolean(L, 1);
	lua_insert(L, 1);
	status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0,
	    finish_pcall);
	return finish_pcall(L, status, 0);
}

/*
 * Lua runs message handlers with its hooks off when a hook raised the error,
 * so a loop in one could not be ended: a doomed call skips it.
 */
static int
guarded_handler(lua_State *L)
{
	if (engine_of(L)->doom != DOOM_NONE || engine_expired(engine_of(L)))
		return 1;
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, 1);
	return 1;
}

/* xpcall(f, handler, ...): the stack becomes handler, true, f, ... */
static int
base_xpcall(lua_State *L)
{
	int status, n = lua_gettop(L);

	luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_pushvalue(L, 2);
	lua_pushcclosure(L, guarded_handler, 1);
	lua_replace(L, 2);
	lua_pushvalue(L, 2);
	lua_insert(L, 1);
	lua_remove(L, 3);
	lua_pushboolean(L, 1);
	lua_insert(L, 2);
	status = lua_pcallk(L, n - 2, LUA_MULTRET, 1, 1, finish_pcall);
	return finish_pcall(L, status, 1);
}

static int
base_setmetatable(lua_State *L)
{
	int type = lua_type(L, 2);

	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2,
	    "nil or table");
	if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
		return luaL_error(L, "cannot change a protected metatable");
	if (type == LUA_TTABLE) {
		lua_pushliteral(L, "__gc");
		if (lua_rawget(L, 2) != LUA_TNIL)
			return luaL_error(L, "__gc is not available: a "
			    "finalizer could not be ended (use __close)");
	}
	lua_settop(L, 2);
	lua_setmetatable(L, 1);
	return 1;
}

/* rawset() is for one's own tables: proxies have a protected metatable. */
static int
base_rawset(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checkany(L, 2);
	luaL_checkany(L, 3);
	if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
		return luaL_error(L, "cannot write a protected table");
	lua_settop(L, 3);
	lua_rawset(L, 1);
	return 1;
}

static int
base_print(lua_State *L)
{
	int i, n = lua_gettop(L);
	luaL_Buffer line;

	luaL_buffinit(L, &line);
	for (i = 1; i <= n; i++) {
		if (i > 1)
			luaL_addchar(&line, ' ');
		luaL_tolstring(L, i, NULL);
		luaL_addvalue(&line);
	}
	luaL_pushresult(&line);
	bind_write_log(L, LOG_LEVEL_INFO, "script.print",
	    lua_tostring(L, -1));
	return 0;
}

static int
base_collectgarbage(lua_State *L)
{
	const char *what = luaL_optstring(L, 1, "collect");

	if (strcmp(what, "count") != 0)
		return luaL_error(L, "collectgarbage is only for \"count\": "
		    "the server collects by itself");
	lua_pushnumber(L, (lua_Number)engine_of(L)->memory / 1024);
	return 1;
}

/* "lib.words" is lib/words.lua, of the operator or shipped. */
static const struct source *
find_library(lua_State *L, const char *name)
{
	const struct source *source;
	const char *path = luaL_gsub(L, name, ".", "/");

	path = lua_pushfstring(L, "%s.lua", path);
	source = snapshot_find(engine_of(L)->snapshot, path);
	if (source == NULL)
		luaL_error(L, "require \"%s\": there is no %s among the "
		    "scripts", name, path);
	if (source->kind != SOURCE_LIBRARY)
		luaL_error(L, "require \"%s\": %s is no library (libraries "
		    "are in a folder lib/)", name, path);
	return source;
}

static int
base_require(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);
	const struct source *source;

	if (!engine_of(L)->loading)
		return luaL_error(L, "require works while scripts are loaded: "
		    "call it at the top of the file");
	source = find_library(L, name);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &libraries_key);
	if (lua_getfield(L, -1, source->path) == LUA_TBOOLEAN &&
	    !lua_toboolean(L, -1))
		return luaL_error(L, "require \"%s\": it requires itself",
		    name);
	if (!lua_isnil(L, -1))
		return 1;
	lua_pop(L, 1);
	lua_pushboolean(L, 0); /* under way */
	lua_setfield(L, -2, source->path);
	sandbox_compile(L, source);
	lua_call(L, 0, 1);
	if (!lua_toboolean(L, -1)) {
		lua_pop(L, 1);
		lua_pushboolean(L, 1);
	}
	lua_pushvalue(L, -1);
	lua_setfield(L, -3, source->path);
	return 1;
}

void
bind_base(lua_State *L)
{
	static const luaL_Reg functions[] = {{"pcall", base_pcall},
	    {"xpcall", base_xpcall}, {"setmetatable", base_setmetatable},
	    {"rawset", base_rawset}, {"print", base_print},
	    {"collectgarbage", base_collectgarbage},
	    {"require", base_require}, {NULL, NULL}};

	bind_functions(L, functions);
	lua_newtable(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &libraries_key);
}
