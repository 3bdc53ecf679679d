/* SPDX-License-Identifier: MIT */
#include "script/bind.h"

#include "script/engine.h"

/* Closing does not count C calls, so a chain of it could use up the stack. */
#define CLOSING_MAX 8

/*
 * Coroutines that tell the engine which of them runs, so that a limit finds
 * it, and that let no doomed call go on.
 */

static lua_State *
check_coroutine(lua_State *L)
{
	lua_State *co = lua_tothread(L, 1);

	luaL_argexpected(L, co != NULL, 1, "coroutine");
	return co;
}

/*
 * What a hook ended keeps its hooks off for good: it must never be closed,
 * because what it has to close could not be ended.  It forgets its engine.
 */
static void
raise_if_doomed(lua_State *L, lua_State *co, int status)
{
	if (engine_of(L)->doom != DOOM_NONE)
		*(struct engine **)lua_getextraspace(co) = NULL;
	engine_rethrow(L, status);
}

/* n arguments are on L.  The number of results on L, or -1: the error is. */
static int
resume(lua_State *L, lua_State *co, int n)
{
	int status, results;

	if (!lua_checkstack(co, n)) {
		lua_pushliteral(L, "too many arguments to resume");
		return -1;
	}
	lua_xmove(L, co, n);
	engine_switch(L, co);
	status = lua_resume(co, L, n, &results);
	engine_switch(L, NULL);
	if (status != LUA_OK && status != LUA_YIELD) {
		lua_xmove(co, L, 1);
		raise_if_doomed(L, co, status);
		return -1;
	}
	if (!lua_checkstack(L, results + 1)) {
		lua_pop(co, results);
		lua_pushliteral(L, "too many results to resume");
		return -1;
	}
	lua_xmove(co, L, results);
	return results;
}

static int
co_resume(lua_State *L)
{
	lua_State *co = check_coroutine(L);
	int results = resume(L, co, lua_gettop(L) - 1);

	lua_pushboolean(L, results >= 0);
	if (results < 0) {
		lua_insert(L, -2);
		return 2;
	}
	lua_insert(L, -(results + 1));
	return results + 1;
}

/* Runs what the coroutine has to close, within the limit. */
static int
close_coroutine(lua_State *L, lua_State *co)
{
	struct engine *engine = engine_of(L);
	int status;

	if (engine_of(co) == NULL)
		return luaL_error(L, "the coroutine went over a limit");
	if (engine->closing == CLOSING_MAX)
		return luaL_error(L, "too many nested coroutine.close");
	engine->closing++;
	engine_switch(L, co);
	status = lua_resetthread(co);
	engine_switch(L, NULL);
	engine->closing--;
	return status;
}

static int
wrapped(lua_State *L)
{
	lua_State *co = lua_tothread(L, lua_upvalueindex(1));
	int results = resume(L, co, lua_gettop(L));

	if (results >= 0)
		return results;
	if (lua_status(co) != LUA_OK && lua_status(co) != LUA_YIELD) {
		close_coroutine(L, co);
		lua_settop(co, 0);
		engine_check(L);
	}
	if (lua_type(L, -1) == LUA_TSTRING) {
		luaL_where(L, 1);
		lua_insert(L, -2);
		lua_concat(L, 2);
	}
	return lua_error(L);
}

static int
co_wrap(lua_State *L)
{
	lua_State *co;

	luaL_checktype(L, 1, LUA_TFUNCTION);
	co = lua_newthread(L);
	lua_pushvalue(L, 1);
	lua_xmove(L, co, 1);
	lua_pushcclosure(L, wrapped, 1);
	return 1;
}

static int
co_close(lua_State *L)
{
	lua_State *co = check_coroutine(L);
	lua_Debug ar;
	int status;

	engine_check(L);
	if (co == L || (lua_status(co) == LUA_OK && lua_getstack(co, 0, &ar)))
		return luaL_error(L, "only a suspended or dead coroutine can "
		    "be closed");
	status = close_coroutine(L, co);
	if (status == LUA_OK) {
		lua_pushboolean(L, 1);
		return 1;
	}
	lua_xmove(co, L, 1);
	raise_if_doomed(L, co, status);
	lua_pushboolean(L, 0);
	lua_insert(L, -2);
	return 2;
}

static int
co_create(lua_State *L)
{
	lua_State *co;

	luaL_checktype(L, 1, LUA_TFUNCTION);
	co = lua_newthread(L);
	lua_pushvalue(L, 1);
	lua_xmove(L, co, 1);
	return 1;
}

void
bind_coroutine(lua_State *L)
{
	static const luaL_Reg functions[] = {{"create", co_create},
	    {"resume", co_resume}, {"wrap", co_wrap}, {"close", co_close},
	    {NULL, NULL}};

	lua_getfield(L, -1, "coroutine");
	bind_functions(L, functions);
	lua_pop(L, 1);
}
