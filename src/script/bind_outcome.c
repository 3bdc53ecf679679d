/* SPDX-License-Identifier: MIT */
#include "script/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/bind.h"
#include "script/convert.h"

/* What happened, item by item, and expect(), which looks at the next one. */

#define OUTCOME_TYPE "test.outcome"

void
outcome_push(lua_State *L)
{
	lua_newtable(L);
	lua_pushinteger(L, 1);
	lua_setfield(L, -2, "next");
	luaL_setmetatable(L, OUTCOME_TYPE);
}

void
outcome_add(lua_State *L, int n)
{
	int list = lua_gettop(L) - n, i;

	lua_createtable(L, n, 0);
	lua_insert(L, list + 1);
	for (i = n; i >= 1; i--)
		lua_rawseti(L, list + 1, i);
	lua_rawseti(L, list, (lua_Integer)lua_rawlen(L, list) + 1);
}

static bool is_like(lua_State *L, int wanted, int seen, bool partly);

/* Each field of the wanted table is in the one seen. */
static bool
has_fields(lua_State *L, int wanted, int seen)
{
	bool like = lua_istable(L, seen);

	luaL_checkstack(L, 8, "nested too deeply");
	for (lua_pushnil(L); like && lua_next(L, wanted) != 0;) {
		lua_pushvalue(L, -2);
		lua_gettable(L, seen);
		like = is_like(L, lua_gettop(L) - 1, lua_gettop(L), false);
		lua_pop(L, like ? 2 : 3);
	}
	return like;
}

static bool
is_like(lua_State *L, int wanted, int seen, bool partly)
{
	if (lua_istable(L, wanted))
		return has_fields(L, wanted, seen);
	if (partly && lua_type(L, wanted) == LUA_TSTRING &&
	    lua_type(L, seen) == LUA_TSTRING)
		return strstr(lua_tostring(L, seen),
		    lua_tostring(L, wanted)) != NULL;
	return lua_rawequal(L, wanted, seen);
}

/* Pushes what was seen, as text. */
static const char *
describe(lua_State *L, int item)
{
	const char *why;
	json_t *json;
	char text[240];

	if (lua_isnil(L, item))
		return lua_pushliteral(L, "nothing");
	json = convert_to_json(L, item, &why);
	text[0] = '\0';
	if (json != NULL) {
		char *dump = json_dumps(json, JSON_COMPACT);

		snprintf(text, sizeof(text), "%s", dump != NULL ? dump : "");
		free(dump);
		json_decref(json);
	}
	return lua_pushstring(L, text);
}

/*
 * outcome:expect(kind, …) compares with the next thing that happened.  What
 * is not said is not compared; of a notice's or an error's text, a part will
 * do; of a request, some fields; for reject, the rule or the reason.
 */
static int
outcome_expect(lua_State *L)
{
	int n = lua_gettop(L), item = n + 1, i;
	const char *kind = luaL_checkstring(L, 2);
	bool like, texts;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_getfield(L, 1, "next");
	lua_pushinteger(L, lua_tointeger(L, -1) + 1);
	lua_setfield(L, 1, "next");
	lua_rawgeti(L, 1, lua_tointeger(L, -1));
	lua_remove(L, item);
	like = lua_istable(L, item);
	if (strcmp(kind, "nothing") == 0 && !like)
		return 0;
	texts = strcmp(kind, "notice") == 0 || strcmp(kind, "error") == 0;
	for (i = 2; i <= n && like; i++) {
		lua_rawgeti(L, item, i - 1);
		like = is_like(L, i, lua_gettop(L), texts && i > 2);
		if (!like && i == 3) {
			lua_rawgeti(L, item, 3);
			like = lua_rawequal(L, i, -1);
		}
		lua_settop(L, item);
	}
	if (!like)
		return luaL_error(L, "expected %s, but there is %s", kind,
		    describe(L, item));
	lua_settop(L, 1);
	return 1;
}

void
bind_outcome(lua_State *L)
{
	static const luaL_Reg methods[] = {{"expect", outcome_expect},
	    {NULL, NULL}};

	bind_class(L, OUTCOME_TYPE, methods);
}
