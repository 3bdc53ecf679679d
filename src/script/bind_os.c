/* SPDX-License-Identifier: MIT */
#include "script/bind.h"

#include "script/engine.h"

/* os.time and os.date read the engine's clock, which tests can move. */

static lua_Integer
now(lua_State *L)
{
	return clock_realtime_us(engine_of(L)->clock) / 1000000;
}

/* Upvalue 1: Lua's own. */
static int
os_time(lua_State *L)
{
	if (lua_isnoneornil(L, 1)) {
		lua_pushinteger(L, now(L));
		return 1;
	}
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_pushvalue(L, 1);
	lua_call(L, 1, 1);
	return 1;
}

static int
os_date(lua_State *L)
{
	const char *format = luaL_optstring(L, 1, "%c");
	lua_Integer at = luaL_optinteger(L, 2, now(L));

	lua_pushvalue(L, lua_upvalueindex(1));
	lua_pushstring(L, format);
	lua_pushinteger(L, at);
	lua_call(L, 2, 1);
	return 1;
}

static void
wrap(lua_State *L, const char *name, lua_CFunction function)
{
	lua_getfield(L, -1, name);
	lua_pushcclosure(L, function, 1);
	lua_setfield(L, -2, name);
}

void
bind_os(lua_State *L)
{
	lua_getfield(L, -1, "os");
	wrap(L, "time", os_time);
	wrap(L, "date", os_date);
	lua_pop(L, 1);
}
