/* SPDX-License-Identifier: MIT */
#include "script/bind.h"

#include "script/engine.h"

/*
 * The functions of `table` that loop: with a __len or an __index that lies,
 * Lua's own would do so for hours without running an instruction that a limit
 * could stop.
 */
#define CHECK_MASK 255

static lua_Integer
check_length(lua_State *L)
{
	lua_Integer n;

	luaL_checktype(L, 1, LUA_TTABLE);
	n = luaL_len(L, 1);
	luaL_argcheck(L, n < LUA_MAXINTEGER, 1, "too long");
	return n;
}

static void
check_limit(lua_State *L, lua_Integer i)
{
	if ((i & CHECK_MASK) == 0)
		engine_check(L);
}

static int
table_insert(lua_State *L)
{
	lua_Integer n = check_length(L), at = n + 1, i;

	if (lua_gettop(L) != 2 && lua_gettop(L) != 3)
		return luaL_error(L, "wrong number of arguments to 'insert'");
	if (lua_gettop(L) == 3) {
		at = luaL_checkinteger(L, 2);
		luaL_argcheck(L, at >= 1 && at <= n + 1, 2,
		    "position out of bounds");
		for (i = n; i >= at; i--) {
			check_limit(L, i);
			lua_geti(L, 1, i);
			lua_seti(L, 1, i + 1);
		}
	}
	lua_seti(L, 1, at);
	return 0;
}

static int
table_remove(lua_State *L)
{
	lua_Integer n = check_length(L), at = luaL_optinteger(L, 2, n);

	if (at != n)
		luaL_argcheck(L, (lua_Unsigned)at - 1u <= (lua_Unsigned)n, 2,
		    "position out of bounds");
	lua_geti(L, 1, at);
	for (; at < n; at++) {
		check_limit(L, at);
		lua_geti(L, 1, at + 1);
		lua_seti(L, 1, at);
	}
	lua_pushnil(L);
	lua_seti(L, 1, at);
	return 1;
}

static int
table_move(lua_State *L)
{
	lua_Integer from = luaL_checkinteger(L, 2);
	lua_Integer last = luaL_checkinteger(L, 3);
	lua_Integer to = luaL_checkinteger(L, 4), n, i, at;
	int target = lua_isnoneornil(L, 5) ? 1 : 5;
	bool backwards;

	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checktype(L, target, LUA_TTABLE);
	lua_settop(L, 5);
	n = 0;
	if (last >= from) {
		luaL_argcheck(L, from > 0 || last < LUA_MAXINTEGER + from, 3,
		    "too many elements to move");
		n = last - from + 1;
		luaL_argcheck(L, to <= LUA_MAXINTEGER - n + 1, 4,
		    "destination wrap around");
	}
	backwards = to <= last && to > from && lua_rawequal(L, 1, target);
	for (i = 0; i < n; i++) {
		at = backwards ? n - 1 - i : i;
		check_limit(L, i);
		lua_geti(L, 1, from + at);
		lua_seti(L, target, to + at);
	}
	lua_pushvalue(L, target);
	return 1;
}

static int
table_concat(lua_State *L)
{
	lua_Integer n = check_length(L), i;
	size_t len;
	const char *separator = luaL_optlstring(L, 2, "", &len);
	lua_Integer first = luaL_optinteger(L, 3, 1);
	lua_Integer last = luaL_optinteger(L, 4, n);
	luaL_Buffer text;

	luaL_buffinit(L, &text);
	for (i = first; i <= last; i++) {
		check_limit(L, i);
		lua_geti(L, 1, i);
		if (!lua_isstring(L, -1))
			return luaL_error(L, "invalid value (at index %I) in "
			    "table for 'concat'", (LUAI_UACINT)i);
		luaL_addvalue(&text);
		if (i == last)
			break;
		luaL_addlstring(&text, separator, len);
	}
	luaL_pushresult(&text);
	return 1;
}

/* Is the value at a less than the one at b?  2 is the order, or nil. */
static bool
is_less(lua_State *L, int a, int b)
{
	bool less;

	if (lua_isnil(L, 2))
		return lua_compare(L, a, b, LUA_OPLT);
	a = lua_absindex(L, a);
	b = lua_absindex(L, b);
	lua_pushvalue(L, 2);
	lua_pushvalue(L, a);
	lua_pushvalue(L, b);
	lua_call(L, 2, 1);
	less = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return less;
}

/* The value on top sinks from i to its place in a heap of n; popped. */
static void
sift(lua_State *L, lua_Integer i, lua_Integer n)
{
	lua_Integer child;

	for (; (child = 2 * i) <= n; i = child) {
		engine_check(L);
		lua_geti(L, 1, child);
		if (child < n) {
			lua_geti(L, 1, child + 1);
			if (is_less(L, -2, -1)) {
				lua_remove(L, -2);
				child++;
			} else {
				lua_pop(L, 1);
			}
		}
		if (!is_less(L, -2, -1)) {
			lua_pop(L, 1);
			break;
		}
		lua_seti(L, 1, i);
	}
	lua_seti(L, 1, i);
}

/* Heap sort: no order, however wrong, makes it take longer or read astray. */
static int
table_sort(lua_State *L)
{
	lua_Integer n = check_length(L), i;

	luaL_argcheck(L, n < INT32_MAX, 1, "array too big");
	if (!lua_isnoneornil(L, 2))
		luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_settop(L, 2);
	for (i = n / 2; i >= 1; i--) {
		lua_geti(L, 1, i);
		sift(L, i, n);
	}
	for (i = n; i >= 2; i--) {
		lua_geti(L, 1, i);
		lua_geti(L, 1, 1);
		lua_seti(L, 1, i);
		sift(L, 1, i - 1);
	}
	return 0;
}

void
bind_table(lua_State *L)
{
	static const luaL_Reg functions[] = {{"concat", table_concat},
	    {"insert", table_insert}, {"move", table_move},
	    {"remove", table_remove}, {"sort", table_sort}, {NULL, NULL}};

	lua_getfield(L, -1, "table");
	bind_functions(L, functions);
	lua_pop(L, 1);
}
