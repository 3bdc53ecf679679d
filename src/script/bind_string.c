/* SPDX-License-Identifier: MIT */
#include "script/bind.h"

#include <string.h>

#include "script/engine.h"
#include "script/pattern.h"

/* The functions of `string` that could take long, over script/pattern.h. */

static bool
is_over_budget(void *arg)
{
	return engine_expired(arg);
}

static void
compile(lua_State *L, struct pattern *pattern, const char *text, size_t len,
    bool anchors)
{
	const char *why = pattern_compile(pattern, text, len, anchors);

	if (why != NULL)
		luaL_error(L, "%s", why);
}

static void
search_init(lua_State *L, struct pattern_search *search,
    const struct pattern *pattern, const char *text, size_t len)
{
	pattern_search_init(search, pattern, text, len);
	search->stop = is_over_budget;
	search->arg = engine_of(L);
}

static bool
next_match(lua_State *L, struct pattern_search *search, size_t at)
{
	switch (pattern_next(search, at)) {
	case PATTERN_MATCH:
		return true;
	case PATTERN_NONE:
		return false;
	case PATTERN_STOPPED:
		engine_check(L);
		/* fall through */
	default:
		luaL_error(L, "the pattern is too complex for this text: "
		    "given up after %I steps", (LUAI_UACINT)search->steps_max);
		return false;
	}
}

/* i counts from 0; without captures, 0 is the whole match. */
static void
push_capture(lua_State *L, const struct pattern_search *s, unsigned i)
{
	const struct pattern_capture *capture = &s->capture[i];

	if (i >= s->pattern->captures) {
		if (i != 0)
			luaL_error(L, "invalid capture index %%%d",
			    (int)i + 1);
		lua_pushlstring(L, s->text + s->from, s->to - s->from);
	} else if (capture->position) {
		lua_pushinteger(L, capture->from - s->text + 1);
	} else {
		lua_pushlstring(L, capture->from, capture->len);
	}
}

static int
push_captures(lua_State *L, const struct pattern_search *s, bool whole)
{
	unsigned i, n = s->pattern->captures;

	if (n == 0 && whole)
		n = 1;
	luaL_checkstack(L, (int)n, "too many captures");
	for (i = 0; i < n; i++)
		push_capture(L, s, i);
	return (int)n;
}

/* Argument `arg` as an offset from 0, or -1: behind the end. */
static ptrdiff_t
start_of(lua_State *L, int arg, size_t len)
{
	lua_Integer init = luaL_optinteger(L, arg, 1);

	if (init > 0)
		return (lua_Unsigned)init - 1 > len ? -1 : init - 1;
	if (init == 0 || init < -(lua_Integer)len)
		return 0;
	return (ptrdiff_t)len + init;
}

static int
find_plain(lua_State *L, const char *text, size_t len, size_t at,
    const char *what, size_t what_len)
{
	const char *found = memmem(text + at, len - at, what, what_len);

	if (found == NULL) {
		lua_pushnil(L);
		return 1;
	}
	lua_pushinteger(L, found - text + 1);
	lua_pushinteger(L, found - text + (ptrdiff_t)what_len);
	return 2;
}

static int
find_or_match(lua_State *L, bool find)
{
	size_t len, pattern_len;
	const char *text = luaL_checklstring(L, 1, &len);
	const char *what = luaL_checklstring(L, 2, &pattern_len);
	ptrdiff_t at = start_of(L, 3, len);
	struct pattern_search search;
	struct pattern pattern;

	if (at < 0) {
		lua_pushnil(L);
		return 1;
	}
	if (find && (lua_toboolean(L, 4) ||
	    pattern_is_plain(what, pattern_len)))
		return find_plain(L, text, len, (size_t)at, what, pattern_len);
	compile(L, &pattern, what, pattern_len, true);
	search_init(L, &search, &pattern, text, len);
	if (!next_match(L, &search, (size_t)at)) {
		lua_pushnil(L);
		return 1;
	}
	if (!find)
		return push_captures(L, &search, true);
	lua_pushinteger(L, (lua_Integer)search.from + 1);
	lua_pushinteger(L, (lua_Integer)search.to);
	return 2 + push_captures(L, &search, false);
}

static int
string_find(lua_State *L)
{
	return find_or_match(L, true);
}

static int
string_match(lua_State *L)
{
	return find_or_match(L, false);
}

/* Upvalues: text, pattern, where to go on, end of the last match or -1. */
static int
gmatch_next(lua_State *L)
{
	size_t len, pattern_len;
	const char *text = lua_tolstring(L, lua_upvalueindex(1), &len);
	const char *what = lua_tolstring(L, lua_upvalueindex(2), &pattern_len);
	size_t at = (size_t)lua_tointeger(L, lua_upvalueindex(3));
	lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
	struct pattern_search search;
	struct pattern pattern;

	compile(L, &pattern, what, pattern_len, false);
	search_init(L, &search, &pattern, text, len);
	for (; at <= len; at = search.from + 1) {
		if (!next_match(L, &search, at))
			break;
		/* An empty match does not follow one that ends there. */
		if ((lua_Integer)search.to == last)
			continue;
		lua_pushinteger(L, (lua_Integer)search.to);
		lua_copy(L, -1, lua_upvalueindex(3));
		lua_replace(L, lua_upvalueindex(4));
		return push_captures(L, &search, true);
	}
	lua_pushinteger(L, (lua_Integer)len + 1);
	lua_replace(L, lua_upvalueindex(3));
	return 0;
}

static int
string_gmatch(lua_State *L)
{
	struct pattern pattern;
	size_t len, pattern_len;
	const char *what;
	ptrdiff_t at;

	luaL_checklstring(L, 1, &len);
	what = luaL_checklstring(L, 2, &pattern_len);
	at = start_of(L, 3, len);
	compile(L, &pattern, what, pattern_len, false);
	lua_settop(L, 2);
	lua_pushinteger(L, at < 0 ? (lua_Integer)len + 1 : at);
	lua_pushinteger(L, -1);
	lua_pushcclosure(L, gmatch_next, 4);
	return 1;
}

/* "%1" and the like in a replacement text. */
static void
add_text(lua_State *L, luaL_Buffer *out, const struct pattern_search *s)
{
	size_t len, i;
	const char *text = lua_tolstring(L, 3, &len);
	unsigned digit;

	for (i = 0; i < len; i++) {
		if (text[i] != '%') {
			luaL_addchar(out, text[i]);
			continue;
		}
		digit = ++i < len ? (unsigned char)text[i] : 0u;
		if (digit == '%') {
			luaL_addchar(out, '%');
		} else if (digit == '0') {
			luaL_addlstring(out, s->text + s->from,
			    s->to - s->from);
		} else if (digit >= '1' && digit <= '9') {
			push_capture(L, s, digit - '1');
			luaL_tolstring(L, -1, NULL);
			lua_remove(L, -2);
			luaL_addvalue(out);
		} else {
			luaL_error(L, "invalid use of '%%' in replacement "
			    "string");
		}
	}
}

/* What the table or function at 3 says; false keeps the match. */
static void
add_lookup(lua_State *L, luaL_Buffer *out, const struct pattern_search *s)
{
	int n;

	if (lua_type(L, 3) == LUA_TFUNCTION) {
		lua_pushvalue(L, 3);
		n = push_captures(L, s, true);
		lua_call(L, n, 1);
	} else {
		push_capture(L, s, 0);
		lua_gettable(L, 3);
	}
	if (!lua_toboolean(L, -1)) {
		lua_pop(L, 1);
		lua_pushlstring(L, s->text + s->from, s->to - s->from);
	} else if (!lua_isstring(L, -1)) {
		luaL_error(L, "invalid replacement value (a %s)",
		    luaL_typename(L, -1));
	}
	luaL_addvalue(out);
}

static void
replace_all(lua_State *L, luaL_Buffer *out, struct pattern_search *s,
    lua_Integer max, lua_Integer *count)
{
	size_t at = 0; /* of what is not in out yet */
	size_t from = 0;
	ptrdiff_t last = -1;

	while (*count < max && from <= s->len && next_match(L, s, from)) {
		if ((ptrdiff_t)s->to == last) {
			from = s->from + 1;
			if (s->pattern->anchored)
				break;
			continue;
		}
		luaL_addlstring(out, s->text + at, s->from - at);
		++*count;
		if (lua_type(L, 3) == LUA_TSTRING)
			add_text(L, out, s);
		else
			add_lookup(L, out, s);
		at = from = s->to;
		last = (ptrdiff_t)s->to;
		if (s->pattern->anchored)
			break;
	}
	luaL_addlstring(out, s->text + at, s->len - at);
}

static int
string_gsub(lua_State *L)
{
	size_t len, pattern_len;
	const char *text = luaL_checklstring(L, 1, &len);
	const char *what = luaL_checklstring(L, 2, &pattern_len);
	lua_Integer max = luaL_optinteger(L, 4, (lua_Integer)len + 1);
	int type = lua_type(L, 3);
	struct pattern_search search;
	struct pattern pattern;
	lua_Integer count = 0;
	luaL_Buffer out;

	luaL_argexpected(L, type == LUA_TNUMBER || type == LUA_TSTRING ||
	    type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
	    "string/function/table");
	if (type == LUA_TNUMBER)
		lua_tostring(L, 3);
	compile(L, &pattern, what, pattern_len, true);
	search_init(L, &search, &pattern, text, len);
	luaL_buffinit(L, &out);
	replace_all(L, &out, &search, max, &count);
	luaL_pushresult(&out);
	lua_pushinteger(L, count);
	return 2;
}

/* Doubles what is there, instead of n copies. */
static int
string_rep(lua_State *L)
{
	size_t len, gap, total, have, more;
	const char *text = luaL_checklstring(L, 1, &len);
	lua_Integer n = luaL_checkinteger(L, 2);
	const char *separator = luaL_optlstring(L, 3, "", &gap);
	luaL_Buffer out;
	char *room;

	if (n <= 0 || len + gap == 0) {
		lua_pushliteral(L, "");
		return 1;
	}
	if ((lua_Unsigned)n > engine_of(L)->memory_max / (len + gap))
		return luaL_error(L, "resulting string too large");
	total = (size_t)n * (len + gap) - gap;
	room = luaL_buffinitsize(L, &out, total);
	memcpy(room, text, len);
	if (n > 1)
		memcpy(room + len, separator, gap);
	for (have = len + gap; have < total; have += more) {
		more = total - have < have ? total - have : have;
		memcpy(room + have, room, more);
	}
	luaL_pushresultsize(&out, total);
	return 1;
}

void
bind_string(lua_State *L)
{
	static const luaL_Reg functions[] = {{"find", string_find},
	    {"match", string_match}, {"gmatch", string_gmatch},
	    {"gsub", string_gsub}, {"rep", string_rep}, {NULL, NULL}};

	lua_getfield(L, -1, "string");
	bind_functions(L, functions);
	lua_pop(L, 1);
}
