/* SPDX-License-Identifier: MIT */
#include "script/bind.h"

#include <stdlib.h>

#include "script/convert.h"

/* json.encode, json.decode, json.array, json.null */

#define BOX_TYPE "json.box"
#define TEXT_SIZE_MAX (1 << 20)

/* What would leak if pushing the result raised. */
struct box {
	json_t *json;
	char *text;
};

static int
box_gc(lua_State *L)
{
	struct box *box = luaL_checkudata(L, 1, BOX_TYPE);

	json_decref(box->json);
	free(box->text);
	box->json = NULL;
	box->text = NULL;
	return 0;
}

static struct box *
new_box(lua_State *L)
{
	struct box *box = lua_newuserdatauv(L, sizeof(*box), 0);

	box->json = NULL;
	box->text = NULL;
	luaL_setmetatable(L, BOX_TYPE);
	return box;
}

/* Frees at once what the collector would free later. */
static void
empty_box(struct box *box)
{
	json_decref(box->json);
	free(box->text);
	box->json = NULL;
	box->text = NULL;
}

int
bind_json_encode(lua_State *L)
{
	const char *why;
	struct box *box;

	luaL_checkany(L, 1);
	box = new_box(L);
	box->json = convert_to_json(L, 1, &why);
	if (box->json == NULL)
		return luaL_error(L, "json.encode: %s", why);
	box->text = json_dumps(box->json, JSON_COMPACT | JSON_ENCODE_ANY);
	if (box->text == NULL)
		return luaL_error(L, "json.encode: out of memory");
	lua_pushstring(L, box->text);
	empty_box(box);
	return 1;
}

/* json.decode(text): the value, or nil and why. */
static int
json_decode(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);
	json_error_t why;
	struct box *box;

	luaL_argcheck(L, len <= TEXT_SIZE_MAX, 1, "more than 1 MiB");
	box = new_box(L);
	box->json = json_loadb(text, len, JSON_REJECT_DUPLICATES |
	    JSON_DECODE_ANY, &why);
	if (box->json == NULL) {
		lua_pushnil(L);
		lua_pushfstring(L, "byte %d: %s", why.position, why.text);
		return 2;
	}
	convert_push(L, box->json);
	empty_box(box);
	return 1;
}

/* json.array(t): t becomes an array even when it is empty. */
static int
json_make_array(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
		return luaL_error(L, "json.array: the table is protected");
	lua_settop(L, 1);
	luaL_setmetatable(L, ARRAY_TYPE);
	return 1;
}

void
bind_json(lua_State *L)
{
	static const luaL_Reg functions[] = {{"encode", bind_json_encode},
	    {"decode", json_decode}, {"array", json_make_array},
	    {NULL, NULL}};
	static const luaL_Reg none[] = {{NULL, NULL}};
	static const luaL_Reg box[] = {{"__gc", box_gc}, {NULL, NULL}};

	luaL_newmetatable(L, ARRAY_TYPE);
	bind_functions(L, none);
	lua_pop(L, 1);
	bind_type(L, BOX_TYPE, box);
	lua_newtable(L);
	bind_functions(L, functions);
	lua_pushlightuserdata(L, NULL);
	lua_setfield(L, -2, "null");
	lua_setfield(L, -2, "json");
}
