/* SPDX-License-Identifier: MIT */
#include "script/bind.h"

#include "script/engine.h"
#include "script/shared.h"

/* shared.get, set, incr, rate */

#define TTL_MAX 1e9 /* seconds */

static struct shared_key
check_key(lua_State *L)
{
	struct shared_key key;

	key.text = luaL_checklstring(L, 1, &key.len);
	luaL_argcheck(L, key.len <= SHARED_KEY_MAX, 1,
	    "a key has at most 256 bytes");
	if (engine_of(L)->loading)
		luaL_error(L, "shared is for functions that run: a script "
		    "has no effect while it is loaded");
	key.now_us = clock_realtime_us(engine_of(L)->clock);
	return key;
}

static int64_t
check_ttl(lua_State *L, int arg)
{
	lua_Number ttl = luaL_optnumber(L, arg, 0);

	luaL_argcheck(L, ttl >= 0 && ttl <= TTL_MAX, arg,
	    "seconds to live: 0 to 1e9");
	return (int64_t)(ttl * 1e6);
}

static int
shared_get_value(lua_State *L)
{
	struct shared_key key = check_key(L);
	char room[SHARED_VALUE_MAX];
	struct shared_value value;

	if (!shared_get(engine_of(L)->shared, &key, &value, room)) {
		lua_pushnil(L);
		return 1;
	}
	switch (value.type) {
	case SHARED_INTEGER:
		lua_pushinteger(L, value.integer);
		break;
	case SHARED_NUMBER:
		lua_pushnumber(L, value.number);
		break;
	case SHARED_TRUTH:
		lua_pushboolean(L, value.integer != 0);
		break;
	default:
		lua_pushlstring(L, value.text, value.len);
	}
	return 1;
}

static struct shared_value
check_value(lua_State *L, int arg)
{
	struct shared_value value = {.text = ""};

	switch (lua_type(L, arg)) {
	case LUA_TNIL:
		break;
	case LUA_TBOOLEAN:
		value.type = SHARED_TRUTH;
		value.integer = lua_toboolean(L, arg);
		break;
	case LUA_TNUMBER:
		value.type = lua_isinteger(L, arg) ? SHARED_INTEGER
		    : SHARED_NUMBER;
		if (value.type == SHARED_INTEGER)
			value.integer = lua_tointeger(L, arg);
		value.number = lua_tonumber(L, arg);
		break;
	case LUA_TSTRING:
		value.type = SHARED_TEXT;
		value.text = lua_tolstring(L, arg, &value.len);
		luaL_argcheck(L, value.len <= SHARED_VALUE_MAX, arg,
		    "a value has at most 64 KiB");
		break;
	default:
		luaL_argerror(L, arg, "a string, a number, a boolean or nil "
		    "is expected (json.encode makes a string of a table)");
	}
	return value;
}

static int
shared_set_value(lua_State *L)
{
	struct shared_key key = check_key(L);
	int64_t ttl = check_ttl(L, 3);
	struct shared_value value;

	luaL_checkany(L, 2);
	value = check_value(L, 2);
	if (shared_set(engine_of(L)->shared, &key, &value, ttl) != 0)
		return luaL_error(L, "shared.set: out of memory");
	return 0;
}

static int
shared_incr_value(lua_State *L)
{
	struct shared_key key = check_key(L);
	lua_Integer by = luaL_optinteger(L, 2, 1);
	int64_t ttl = check_ttl(L, 3), result;

	if (shared_incr(engine_of(L)->shared, &key, by, ttl, &result) != 0)
		return luaL_error(L, "shared.incr: \"%s\" holds no integer",
		    key.text);
	lua_pushinteger(L, result);
	return 1;
}

/* shared.rate(key, per_s, burst): true, or false and seconds to wait. */
static int
shared_take(lua_State *L)
{
	struct shared_key key = check_key(L);
	lua_Number per_s = luaL_checknumber(L, 2);
	lua_Number burst = luaL_checknumber(L, 3);
	int64_t wait_us;

	luaL_argcheck(L, per_s > 1e-9 && per_s < 1e9, 2,
	    "a number above 0 is expected");
	luaL_argcheck(L, burst >= 1 && burst < 1e9, 3,
	    "a number of at least 1 is expected");
	wait_us = shared_rate(engine_of(L)->shared, &key, per_s, burst);
	lua_pushboolean(L, wait_us == 0);
	if (wait_us == 0)
		return 1;
	lua_pushnumber(L, (lua_Number)wait_us / 1e6);
	return 2;
}

void
bind_shared(lua_State *L)
{
	static const luaL_Reg functions[] = {{"get", shared_get_value},
	    {"set", shared_set_value}, {"incr", shared_incr_value},
	    {"rate", shared_take}, {NULL, NULL}};

	lua_newtable(L);
	bind_functions(L, functions);
	lua_setfield(L, -2, "shared");
}
