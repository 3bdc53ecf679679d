/* SPDX-License-Identifier: MIT */
#include "script/convert.h"

#include <lauxlib.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct conversion {
	lua_State *L;
	unsigned values, depth;
	const char *why;
};

static json_t *convert(struct conversion *c);

/* Takes the value over. */
static bool
append(struct conversion *c, json_t *array, json_t *value)
{
	if (value == NULL)
		return false;
	if (json_array_append_new(array, value) != 0)
		c->why = "out of memory";
	return c->why == NULL;
}

/* The table is on top. */
static json_t *
convert_array(struct conversion *c, lua_Unsigned n)
{
	json_t *array = json_array();
	lua_Unsigned i;
	bool good = array != NULL;

	for (i = 1; good && i <= n; i++) {
		lua_rawgeti(c->L, -1, (lua_Integer)i);
		good = append(c, array, convert(c));
		lua_pop(c->L, 1);
	}
	if (good)
		return array;
	json_decref(array);
	return NULL;
}

static bool
set(struct conversion *c, json_t *object)
{
	const char *key;
	size_t len;
	json_t *value;

	if (lua_type(c->L, -2) != LUA_TSTRING) {
		c->why = "a table has either names or the places 1 to n";
		return false;
	}
	key = lua_tolstring(c->L, -2, &len);
	if (memchr(key, '\0', len) != NULL) {
		c->why = "a name contains a NUL";
		return false;
	}
	value = convert(c);
	if (value == NULL)
		return false;
	if (json_object_set_new(object, key, value) != 0)
		c->why = "a name is no UTF-8";
	return c->why == NULL;
}

static json_t *
convert_object(struct conversion *c)
{
	json_t *object = json_object();
	bool good = object != NULL;

	lua_pushnil(c->L);
	while (good && lua_next(c->L, -2) != 0) {
		good = set(c, object);
		lua_pop(c->L, 1);
	}
	if (good)
		return object;
	json_decref(object);
	return NULL;
}

/* Names beside the places 1 to n would be lost. */
static bool
is_pure_array(struct conversion *c, lua_Unsigned n)
{
	lua_Unsigned count = 0;

	for (lua_pushnil(c->L); lua_next(c->L, -2) != 0; lua_pop(c->L, 1))
		count++;
	if (count != n)
		c->why = "a table has either names or the places 1 to n";
	return count == n;
}

static bool
is_marked(lua_State *L)
{
	bool marked = false;

	if (lua_getmetatable(L, -1)) {
		luaL_getmetatable(L, ARRAY_TYPE);
		marked = lua_rawequal(L, -1, -2);
		lua_pop(L, 2);
	}
	return marked;
}

/* The table is on top; the stack is as it was afterwards. */
static json_t *
convert_table(struct conversion *c)
{
	lua_Unsigned n = lua_rawlen(c->L, -1);
	int top = lua_gettop(c->L);
	json_t *json = NULL;

	if (c->depth == CONVERT_DEPTH || !lua_checkstack(c->L, 6)) {
		c->why = "nested too deeply (or within itself)";
		return NULL;
	}
	c->depth++;
	if (n > 0 || is_marked(c->L)) {
		if (is_pure_array(c, n))
			json = convert_array(c, n);
	} else {
		json = convert_object(c);
	}
	c->depth--;
	lua_settop(c->L, top);
	return json;
}

static json_t *
convert_number(struct conversion *c)
{
	if (lua_isinteger(c->L, -1))
		return json_integer(lua_tointeger(c->L, -1));
	if (!isfinite(lua_tonumber(c->L, -1))) {
		c->why = "JSON has no infinity and no NaN";
		return NULL;
	}
	return json_real(lua_tonumber(c->L, -1));
}

static json_t *
convert_string(struct conversion *c)
{
	size_t len;
	const char *text = lua_tolstring(c->L, -1, &len);
	json_t *json = json_stringn(text, len);

	if (json == NULL)
		c->why = "a string is no UTF-8";
	return json;
}

/* The value on top, which stays. */
static json_t *
convert(struct conversion *c)
{
	if (++c->values > CONVERT_VALUES) {
		c->why = "more than 100000 values";
		return NULL;
	}
	switch (lua_type(c->L, -1)) {
	case LUA_TBOOLEAN:
		return json_boolean(lua_toboolean(c->L, -1));
	case LUA_TNUMBER:
		return convert_number(c);
	case LUA_TSTRING:
		return convert_string(c);
	case LUA_TTABLE:
		return convert_table(c);
	case LUA_TLIGHTUSERDATA:
		if (lua_touserdata(c->L, -1) == NULL)
			return json_null();
		/* fall through */
	default:
		c->why = "only tables, strings, numbers, booleans and "
		    "json.null can become JSON";
		return NULL;
	}
}

json_t *
convert_to_json(lua_State *L, int index, const char **why)
{
	struct conversion c = {.L = L};
	json_t *json;

	*why = "out of memory";
	if (!lua_checkstack(L, 2))
		return NULL;
	lua_pushvalue(L, index);
	json = convert(&c);
	lua_pop(L, 1);
	if (json == NULL && c.why != NULL)
		*why = c.why;
	return json;
}

static void
push_object(lua_State *L, const json_t *json)
{
	const char *key;
	json_t *value;

	lua_createtable(L, 0, (int)json_object_size(json));
	/* The iteration macro wants an object it might change. */
	json_object_foreach((json_t *)(uintptr_t)json, key, value) {
		lua_pushstring(L, key);
		convert_push(L, value);
		lua_rawset(L, -3);
	}
}

static void
push_array(lua_State *L, const json_t *json)
{
	size_t i, n = json_array_size(json);

	lua_createtable(L, (int)n, 0);
	for (i = 0; i < n; i++) {
		convert_push(L, json_array_get(json, i));
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	luaL_setmetatable(L, ARRAY_TYPE);
}

void
convert_push(lua_State *L, const json_t *json)
{
	luaL_checkstack(L, 4, "nested too deeply");
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		push_object(L, json);
		break;
	case JSON_ARRAY:
		push_array(L, json);
		break;
	case JSON_STRING:
		lua_pushlstring(L, json_string_value(json),
		    json_string_length(json));
		break;
	case JSON_INTEGER:
		lua_pushinteger(L, json_integer_value(json));
		break;
	case JSON_REAL:
		lua_pushnumber(L, json_real_value(json));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		lua_pushboolean(L, json_is_true(json));
		break;
	case JSON_NULL:
		lua_pushlightuserdata(L, NULL);
		break;
	}
}
