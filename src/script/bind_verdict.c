/* SPDX-License-Identifier: MIT */
#include "script/verdict.h"

#include <string.h>

#include "base/nearest.h"
#include "base/utf8.h"
#include "script/bind.h"
#include "script/bind_chat.h"

static const char *const verdict_names[] = {
    [POLICY_PASS] = "pass", [POLICY_REJECT] = "reject",
    [POLICY_SHADOW] = "shadow", [POLICY_REWRITE] = "rewrite"};

/* The one field that a verdict has: "reason", or "text". */
static const char *
field(lua_State *L, enum policy_verdict kind, const char *name, size_t *len)
{
	const char *const names[] = {name, NULL};
	const char *verdict = verdict_names[kind], *key;

	if (!lua_istable(L, 1))
		luaL_error(L, "verdict.%s: a table is expected: verdict.%s{ "
		    "%s = \"…\" }", verdict, verdict, name);
	for (lua_pushnil(L); lua_next(L, 1) != 0; lua_pop(L, 1)) {
		key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2)
		    : "[…]";
		if (strcmp(key, name) != 0)
			luaL_error(L, "verdict.%s: unknown field \"%s\" (%s "
			    "\"%s\"?)", verdict, key, nearest(key, names) !=
			    NULL ? "did you mean" : "is it", name);
	}
	if (lua_getfield(L, 1, name) != LUA_TSTRING)
		luaL_error(L, "verdict.%s: %s must be a string, not a %s",
		    verdict, name, luaL_typename(L, -1));
	return lua_tolstring(L, -1, len);
}

static struct verdict *
new_verdict(lua_State *L, enum policy_verdict kind)
{
	struct verdict *verdict = lua_newuserdatauv(L, sizeof(*verdict), 1);

	verdict->kind = kind;
	verdict->reason[0] = '\0';
	luaL_setmetatable(L, VERDICT_TYPE);
	return verdict;
}

static int
verdict_reject(lua_State *L)
{
	size_t len;
	const char *reason = field(L, POLICY_REJECT, "reason", &len);

	if (len == 0 || len >= sizeof(((struct verdict *)0)->reason) ||
	    memchr(reason, '\0', len) != NULL || !utf8_valid(reason, len))
		return luaL_error(L, "verdict.reject: reason must be 1 to 255 "
		    "bytes of UTF-8");
	memcpy(new_verdict(L, POLICY_REJECT)->reason, reason, len + 1);
	return 1;
}

static int
verdict_hold(lua_State *L)
{
	return luaL_error(L, "verdict.hold is not available in this version");
}

static int
verdict_shadow(lua_State *L)
{
	lua_settop(L, 1);
	if (lua_istable(L, 1)) {
		lua_pushnil(L);
		if (lua_next(L, 1) == 0)
			lua_settop(L, 0);
	}
	if (!lua_isnoneornil(L, 1))
		return luaL_error(L, "verdict.shadow: it has no fields: "
		    "verdict.shadow{}");
	new_verdict(L, POLICY_SHADOW);
	return 1;
}

static int
verdict_rewrite(lua_State *L)
{
	size_t len;
	const char *text = field(L, POLICY_REWRITE, "text", &len);

	if (len == 0 || len > TEXT_MAX || !utf8_valid(text, len))
		return luaL_error(L, "verdict.rewrite: text must be 1 to %d "
		    "bytes of UTF-8", TEXT_MAX);
	new_verdict(L, POLICY_REWRITE);
	lua_pushvalue(L, -2);
	lua_setiuservalue(L, -2, 1);
	return 1;
}

const struct verdict *
verdict_check(lua_State *L, const struct filter *filter)
{
	const struct verdict *verdict;

	if (lua_isnil(L, -1))
		return NULL;
	verdict = luaL_testudata(L, -1, VERDICT_TYPE);
	if (verdict == NULL)
		luaL_error(L, "%s:%d: filter \"%s\" returned a %s: return "
		    "nil to abstain, or a verdict such as verdict.reject{ "
		    "reason = \"…\" }", filter->file, filter->line,
		    filter->name, luaL_typename(L, -1));
	else if (verdict->kind == POLICY_REWRITE)
		lua_getiuservalue(L, -1, 1);
	return verdict;
}

void
bind_verdict(lua_State *L)
{
	static const luaL_Reg none[] = {{NULL, NULL}};
	static const luaL_Reg functions[] = {{"reject", verdict_reject},
	    {"hold", verdict_hold}, {"shadow", verdict_shadow},
	    {"rewrite", verdict_rewrite}, {NULL, NULL}};

	bind_type(L, VERDICT_TYPE, none);
	lua_newtable(L);
	bind_functions(L, functions);
	lua_setfield(L, -2, "verdict");
}
