/* SPDX-License-Identifier: MIT */
#include "script/definition.h"

#include <lauxlib.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "script/engine.h"

#define NAME_LEN_MAX 63
#define STRINGS_MAX 10000

void
definition_error(struct definition *d, const char *format, ...)
{
	char text[320];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	luaL_error(d->L, "%s: %s", d->what, text);
	__builtin_unreachable();
}

static bool
is_among(const char *word, const char *const *choices)
{
	for (; *choices != NULL; choices++) {
		if (strcmp(word, *choices) == 0)
			return true;
	}
	return false;
}

/* Fields that are to come; said when they are used. */
static const char *const later[] = {"permission", "roles", NULL};

static void
check_fields(struct definition *d, const char *const *fields)
{
	lua_State *L = d->L;
	const char *field, *near;

	for (lua_pushnil(L); lua_next(L, d->table) != 0; lua_pop(L, 1)) {
		if (lua_type(L, -2) != LUA_TSTRING)
			definition_error(d, "fields have names, such as %s = "
			    "…", fields[0]);
		field = lua_tostring(L, -2);
		if (is_among(field, fields))
			continue;
		if (is_among(field, later))
			definition_error(d, "%s is not available in this "
			    "version", field);
		near = nearest(field, fields);
		if (near != NULL)
			definition_error(d, "unknown field \"%s\" (did you "
			    "mean \"%s\"?)", field, near);
		definition_error(d, "unknown field \"%s\"", field);
	}
}

void *
definition_open(struct definition *d, lua_State *L, const char *what,
    const char *const *fields, size_t size, const char *type)
{
	void *object;

	*d = (struct definition){.L = L, .what = what, .table = 1};
	if (!engine_of(L)->loading)
		definition_error(d, "declarations are made while scripts are "
		    "loaded, at the top of a file");
	if (lua_type(L, 1) != LUA_TTABLE)
		definition_error(d, "a table is expected: %s{ %s = … }", what,
		    fields[0]);
	lua_settop(L, 1);
	luaL_checkstack(L, 20, NULL);
	check_fields(d, fields);
	object = lua_newuserdatauv(L, size, 1);
	memset(object, 0, size);
	d->object = lua_gettop(L);
	luaL_setmetatable(L, type);
	lua_newtable(L);
	d->keep = lua_gettop(L);
	lua_pushvalue(L, -1);
	lua_setiuservalue(L, d->object, 1);
	return object;
}

void
definition_keep(struct definition *d)
{
	luaL_ref(d->L, d->keep);
}

void *
definition_alloc(struct definition *d, size_t size)
{
	void *memory = lua_newuserdatauv(d->L, size > 0 ? size : 1, 0);

	memset(memory, 0, size);
	definition_keep(d);
	return memory;
}

const char *
definition_string(struct definition *d, const char *field, bool required)
{
	const char *text;
	int type = lua_getfield(d->L, d->table, field);

	if (type == LUA_TNIL && !required) {
		lua_pop(d->L, 1);
		return NULL;
	}
	if (type == LUA_TNIL)
		definition_error(d, "%s is missing", field);
	if (type != LUA_TSTRING)
		definition_error(d, "%s must be a string, not a %s", field,
		    lua_typename(d->L, type));
	text = lua_tostring(d->L, -1);
	definition_keep(d);
	return text;
}

const char *
definition_name(struct definition *d, const char *field, bool required)
{
	const char *name = definition_string(d, field, required);
	size_t len;

	if (name == NULL)
		return NULL;
	len = strlen(name);
	if (len == 0 || len > NAME_LEN_MAX || len != strspn(name,
	    "abcdefghijklmnopqrstuvwxyz0123456789._-") ||
	    strchr("._-", name[0]) != NULL)
		definition_error(d, "%s \"%s\" must be 1 to %d of a-z, 0-9, "
		    "'.', '_' and '-'", field, name, NAME_LEN_MAX);
	return name;
}

int
definition_choice(struct definition *d, const char *field,
    const char *const *choices, int otherwise)
{
	const char *text = definition_string(d, field, false), *near;
	int i;

	if (text == NULL)
		return otherwise;
	for (i = 0; choices[i] != NULL; i++) {
		if (strcmp(text, choices[i]) == 0)
			return i;
	}
	near = nearest(text, choices);
	definition_error(d, "unknown %s \"%s\" (%s \"%s\"%s)", field, text,
	    near != NULL ? "did you mean" : "there is, for example,",
	    near != NULL ? near : choices[0], near != NULL ? "?" : "");
}

const char *const *
definition_strings(struct definition *d, const char *field)
{
	lua_State *L = d->L;
	int type = lua_getfield(L, d->table, field), list = lua_gettop(L);
	lua_Unsigned i, n;
	const char **strings;

	if (type != LUA_TNIL && type != LUA_TTABLE)
		definition_error(d, "%s must be a list of strings, not a %s",
		    field, lua_typename(L, type));
	n = type == LUA_TNIL ? 0 : lua_rawlen(L, list);
	if (n > STRINGS_MAX)
		definition_error(d, "%s is longer than %d", field,
		    STRINGS_MAX);
	strings = definition_alloc(d, (size_t)(n + 1) * sizeof(*strings));
	for (i = 0; i < n; i++) {
		if (lua_rawgeti(L, list, (lua_Integer)i + 1) != LUA_TSTRING)
			definition_error(d, "%s must be a list of strings, "
			    "but item %d is a %s", field, (int)i + 1,
			    luaL_typename(L, -1));
		strings[i] = lua_tostring(L, -1);
		definition_keep(d);
	}
	lua_settop(L, list - 1);
	return strings;
}

double
definition_number(struct definition *d, const char *field, double min,
    double otherwise)
{
	int type = lua_getfield(d->L, d->table, field);
	double number = lua_tonumber(d->L, -1);

	lua_pop(d->L, 1);
	if (type == LUA_TNIL)
		return otherwise;
	if (type != LUA_TNUMBER || !(number >= min))
		definition_error(d, "%s must be a number of at least %g",
		    field, min);
	return number;
}

bool
definition_bool(struct definition *d, const char *field)
{
	int type = lua_getfield(d->L, d->table, field);
	bool value = lua_toboolean(d->L, -1);

	lua_pop(d->L, 1);
	if (type != LUA_TNIL && type != LUA_TBOOLEAN)
		definition_error(d, "%s must be true or false", field);
	return value;
}

int
definition_function(struct definition *d, const char *field)
{
	int type = lua_getfield(d->L, d->table, field);

	if (type == LUA_TNIL)
		definition_error(d, "%s is missing (a function)", field);
	if (type != LUA_TFUNCTION)
		definition_error(d, "%s must be a function, not a %s", field,
		    lua_typename(d->L, type));
	return luaL_ref(d->L, LUA_REGISTRYINDEX);
}

void
definition_inner(struct definition *d, const char *const *fields,
    struct definition *inner)
{
	*inner = *d;
	inner->table = lua_gettop(d->L);
	check_fields(inner, fields);
}

bool
definition_table(struct definition *d, const char *field,
    const char *const *fields, struct definition *inner)
{
	int type = lua_getfield(d->L, d->table, field);

	if (type == LUA_TNIL) {
		lua_pop(d->L, 1);
		return false;
	}
	if (type != LUA_TTABLE)
		definition_error(d, "%s must be a table, not a %s", field,
		    lua_typename(d->L, type));
	definition_inner(d, fields, inner);
	return true;
}

void
definition_place(struct definition *d, const char **file, int *line)
{
	lua_Debug ar;

	*line = 0;
	ar.short_src[0] = '\0';
	if (lua_getstack(d->L, 1, &ar) && lua_getinfo(d->L, "Sl", &ar))
		*line = ar.currentline;
	*file = lua_pushstring(d->L, ar.short_src);
	definition_keep(d);
}
