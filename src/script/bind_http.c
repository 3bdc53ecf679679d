/* SPDX-License-Identifier: MIT */
#include "script/bind.h"

#include <string.h>

#include "fetch/fetch.h"
#include "script/engine.h"

/*
 * http.post{url = …, json = …}: a request that goes out, and of whose answer
 * only the log says something.
 */

static const char *
check_string(lua_State *L, const char *field)
{
	const char *text;
	size_t len;

	if (lua_getfield(L, 1, field) != LUA_TSTRING)
		luaL_error(L, "http.post: %s must be a string", field);
	text = lua_tolstring(L, -1, &len);
	if (strlen(text) != len)
		luaL_error(L, "http.post: %s must have no NUL", field);
	return text;
}

static void
check_fields(lua_State *L)
{
	static const char *const known[] = {"url", "json", "body", "headers"};
	size_t i;

	luaL_checktype(L, 1, LUA_TTABLE);
	for (lua_pushnil(L); lua_next(L, 1) != 0; lua_pop(L, 1)) {
		for (i = 0; i < 4; i++) {
			if (lua_type(L, -2) == LUA_TSTRING &&
			    strcmp(lua_tostring(L, -2), known[i]) == 0)
				break;
		}
		if (i == 4)
			luaL_error(L, "http.post: unknown field \"%s\" (url, "
			    "json or body, headers)",
			    luaL_tolstring(L, -2, NULL));
	}
}

/* Left on the stack. */
static const char *
check_body(lua_State *L, size_t *len)
{
	int json = lua_getfield(L, 1, "json");
	int body = lua_getfield(L, 1, "body");

	if ((json == LUA_TNIL) == (body == LUA_TNIL))
		luaL_error(L, "http.post: either json or body is needed");
	if (json == LUA_TNIL) {
		if (body != LUA_TSTRING)
			luaL_error(L, "http.post: body must be a string");
		return lua_tolstring(L, -1, len);
	}
	lua_pushcfunction(L, bind_json_encode);
	lua_pushvalue(L, -3);
	lua_call(L, 1, 1);
	return lua_tolstring(L, -1, len);
}

/* A field that would begin another is none. */
static const char *
make_field(lua_State *L)
{
	const char *c;

	if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING)
		luaL_error(L, "http.post: headers are strings by name");
	lua_pushfstring(L, "%s: %s", lua_tostring(L, -2),
	    lua_tostring(L, -1));
	for (c = lua_tostring(L, -1); *c != '\0'; c++) {
		if ((unsigned char)*c < ' ')
			luaL_error(L, "http.post: headers have no line ends");
	}
	return lua_tostring(L, -1);
}

/* fields has room for FETCH_FIELDS_MAX; what it borrows stays on the stack. */
static void
check_headers(lua_State *L, const char **fields)
{
	int type = lua_getfield(L, 1, "headers"), headers = lua_gettop(L);
	size_t n = 0;

	if (lua_getfield(L, 1, "json") != LUA_TNIL)
		fields[n++] = "Content-Type: application/json";
	else
		fields[n++] = "Content-Type: text/plain; charset=utf-8";
	lua_pop(L, 1);
	if (type == LUA_TNIL) {
		fields[n] = NULL;
		return;
	}
	if (type != LUA_TTABLE)
		luaL_error(L, "http.post: headers must be a table");
	luaL_checkstack(L, 2 * FETCH_FIELDS_MAX, NULL);
	for (lua_pushnil(L); lua_next(L, headers) != 0;) {
		if (n == FETCH_FIELDS_MAX)
			luaL_error(L, "http.post: at most %d headers",
			    FETCH_FIELDS_MAX - 1);
		fields[n++] = make_field(L);
		/* key, value, field: the field stays below the key. */
		lua_replace(L, -2);
		lua_insert(L, -2);
	}
	fields[n] = NULL;
}

static int
refuse(lua_State *L, const char *why)
{
	lua_pushnil(L);
	lua_pushstring(L, why);
	return 2;
}

static int
http_post(lua_State *L)
{
	struct engine *engine = engine_of(L);
	const char *fields[FETCH_FIELDS_MAX + 1];
	struct fetch_request request = {.fields = fields,
	    .who = engine->module != NULL ? engine->module->path : ""};
	struct error err;

	if (engine->loading)
		return luaL_error(L, "http.post is for functions that run: a "
		    "script has no effect while it is loaded");
	if (engine->subject.message != NULL)
		return luaL_error(L, "http.post is for commands and "
		    "observers: a filter decides, and nothing else");
	check_fields(L);
	request.url = check_string(L, "url");
	request.body = check_body(L, &request.len);
	check_headers(L, fields);
	if (engine->testing != NULL) {
		lua_pushboolean(L, true);
		return 1;
	}
	if (engine->options->fetch == NULL)
		return refuse(L, "nothing goes out of this server");
	if (fetch_post(engine->options->fetch, &request, &err) == -1)
		return refuse(L, err.text);
	lua_pushboolean(L, true);
	return 1;
}

static int
http_request(lua_State *L)
{
	return luaL_error(L, "http.request is not available in this version "
	    "(http.post sends without waiting for an answer)");
}

void
bind_http(lua_State *L)
{
	static const luaL_Reg functions[] = {{"post", http_post},
	    {"request", http_request},
	    {NULL, NULL}};

	lua_newtable(L);
	bind_functions(L, functions);
	lua_setfield(L, -2, "http");
}
