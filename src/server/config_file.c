/* SPDX-License-Identifier: MIT */
#include "server/config_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "server/config_option.h"

#define FILE_MAX (1024 * 1024)
#define STEPS_MAX 100000 /* instructions: assignments need few, loops many */
#define NAME_ROOM 128

/*
 * One reading of one file.  The chunk's globals are an empty table whose
 * __newindex is assign(): each assignment is checked where it stands.
 */
struct reading {
	const char *path;
	struct buf text;
	struct config *config;
	struct error *err;
};

static int
read_file(struct reading *reading)
{
	struct stat st;
	ssize_t got = -1;
	char *room;
	int fd;

	fd = open(reading->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		goto fail;
	errno = S_ISDIR(st.st_mode) ? EISDIR : EFBIG;
	if (S_ISDIR(st.st_mode))
		goto fail;
	do {
		room = buf_reserve(&reading->text, 4096);
		if (room == NULL || reading->text.len > FILE_MAX)
			goto fail;
		got = read(fd, room, 4096);
		if (got > 0)
			reading->text.len += (size_t)got;
	} while (got > 0 || (got < 0 && errno == EINTR));
	if (got < 0)
		goto fail;
	buf_putc(&reading->text, '\0');
	close(fd);
	return 0;
fail:
	error_set_errno(reading->err, "cannot read %s", reading->path);
	reading->err->code = ERROR_CONFIG;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Does `key =` (or `["key"] =`) stand in this line, outside a comment? */
static bool
line_assigns(const char *line, size_t len, const char *key)
{
	size_t i, after, key_len = strlen(key);

	for (i = 0; i + key_len <= len; i++) {
		if (line[i] == '-' && i + 1 < len && line[i + 1] == '-')
			return false;
		if (strncmp(line + i, key, key_len) != 0 ||
		    (i > 0 && (isalnum((unsigned char)line[i - 1]) ||
		    line[i - 1] == '_')))
			continue;
		after = i + key_len;
		while (after < len && strchr("\"'] \t", line[after]) != NULL)
			after++;
		if (after < len && line[after] == '=')
			return true;
	}
	return false;
}

/*
 * The line of the assignment to key: Lua knows only where the outermost
 * statement ends, so the text is searched upwards from there.
 */
static int
line_of(const struct reading *reading, const char *key, int last)
{
	const char *line = reading->text.data, *end;
	int number, found = last;

	for (number = 1; number <= last; number++) {
		end = strchr(line, '\n');
		if (end == NULL)
			end = line + strlen(line);
		if (line_assigns(line, (size_t)(end - line), key))
			found = number;
		if (*end == '\0')
			break;
		line = end + 1;
	}
	return found;
}

static int
current_line(lua_State *lua)
{
	lua_Debug at;

	if (lua_getstack(lua, 1, &at) == 0 || lua_getinfo(lua, "l", &at) == 0)
		return 0;
	return at.currentline;
}

/*
 * Says where, and raises.  luaL_error() would put the line in front that the
 * outermost statement ends in.
 */
static int
fail_in_line(lua_State *lua, const struct reading *reading, int line,
    const char *why)
{
	lua_pushfstring(lua, "%s:%d: %s", reading->path, line, why);
	return lua_error(lua);
}

/* The same, of what was to be set. */
static int
fail_at(lua_State *lua, const struct reading *reading, const char *key,
    const char *why)
{
	return fail_in_line(lua, reading,
	    line_of(reading, key, current_line(lua)), why);
}

static int
fail_unknown(lua_State *lua, const struct reading *reading, const char *name,
    const char *key)
{
	const char *nearest = config_option_nearest(name);
	char why[256];

	if (nearest != NULL)
		snprintf(why, sizeof(why), "unknown option \"%s\" "
		    "(did you mean \"%s\"?)", name, nearest);
	else
		snprintf(why, sizeof(why), "unknown option \"%s\"", name);
	return fail_at(lua, reading, key, why);
}

/* The list at index; its strings stay on the stack's table. */
static bool
read_list(lua_State *lua, int index, struct config_value *value)
{
	lua_Integer i, n = (lua_Integer)lua_rawlen(lua, index);

	if (n > CONFIG_LIST_MAX)
		return false;
	for (i = 1; i <= n; i++) {
		if (lua_rawgeti(lua, index, i) != LUA_TSTRING) {
			lua_pop(lua, 1);
			return false;
		}
		value->list[i - 1] = lua_tostring(lua, -1);
		lua_pop(lua, 1);
	}
	lua_pushnil(lua);
	for (i = 0; lua_next(lua, index) != 0; i++)
		lua_pop(lua, 1);
	value->kind = CONFIG_VALUE_LIST;
	value->list_n = (size_t)n;
	return i == n; /* no members beside the items */
}

static bool
read_value(lua_State *lua, int index, struct config_value *value)
{
	switch (lua_type(lua, index)) {
	case LUA_TSTRING:
		value->kind = CONFIG_VALUE_TEXT;
		value->text = lua_tostring(lua, index);
		return strlen(value->text) == lua_rawlen(lua, index);
	case LUA_TNUMBER:
		value->kind = CONFIG_VALUE_NUMBER;
		value->number = lua_tonumber(lua, index);
		return true;
	case LUA_TBOOLEAN:
		value->kind = CONFIG_VALUE_BOOL;
		value->flag = lua_toboolean(lua, index);
		return true;
	case LUA_TTABLE:
		return read_list(lua, index, value);
	default:
		return false;
	}
}

static void
set_option(lua_State *lua, struct reading *reading,
    const struct config_option *option, const char *key, int index)
{
	struct config_value value = {0};
	struct error why = {0};
	char text[640];

	if (lua_isnil(lua, index)) /* as if it were not there */
		return;
	if (!read_value(lua, index, &value))
		/* A type that no option takes: let it say what it takes. */
		value = (struct config_value){.kind =
		    option->type == CONFIG_BOOL ? CONFIG_VALUE_NUMBER :
		    CONFIG_VALUE_BOOL};
	if (config_option_set(option, &value, reading->config, &why) == 0)
		return;
	snprintf(text, sizeof(text), "%s: %s", option->name, why.text);
	fail_at(lua, reading, key, text);
}

/* section = { key = value, ... } */
static void
set_section(lua_State *lua, struct reading *reading, const char *section,
    int index)
{
	const struct config_option *option;
	char name[NAME_ROOM], why[256];
	const char *key;

	if (!lua_istable(lua, index)) {
		snprintf(why, sizeof(why), "%s: a table of options is "
		    "expected, %s = { ... }", section, section);
		fail_at(lua, reading, section, why);
	}
	lua_pushnil(lua);
	while (lua_next(lua, index) != 0) {
		if (lua_type(lua, -2) != LUA_TSTRING) {
			snprintf(why, sizeof(why), "%s: name = value is "
			    "expected in it", section);
			fail_at(lua, reading, section, why);
		}
		key = lua_tostring(lua, -2);
		snprintf(name, sizeof(name), "%s.%s", section, key);
		option = config_option_find(name);
		if (option == NULL)
			fail_unknown(lua, reading, name, key);
		else
			set_option(lua, reading, option, key,
			    lua_gettop(lua));
		lua_pop(lua, 1);
	}
}

/* __newindex of the chunk's globals. */
static int
assign(lua_State *lua)
{
	struct reading *reading = lua_touserdata(lua, lua_upvalueindex(1));
	const struct config_option *option;
	const char *name;

	if (lua_type(lua, 2) != LUA_TSTRING)
		return fail_in_line(lua, reading, current_line(lua),
		    "name = value is expected");
	name = lua_tostring(lua, 2);
	option = config_option_find(name);
	if (option != NULL && strchr(name, '.') == NULL)
		set_option(lua, reading, option, name, 3);
	else if (config_section_exists(name))
		set_section(lua, reading, name, 3);
	else
		return fail_unknown(lua, reading, name, name);
	return 0;
}

static int
env(lua_State *lua)
{
	struct reading *reading = lua_touserdata(lua, lua_upvalueindex(1));
	const char *name, *value;

	if (lua_type(lua, 1) != LUA_TSTRING || lua_gettop(lua) > 2)
		return fail_in_line(lua, reading, current_line(lua),
		    "env(\"NAME\") or env(\"NAME\", default) is expected");
	name = lua_tostring(lua, 1);
	value = getenv(name);
	if (value != NULL)
		lua_pushstring(lua, value);
	else if (lua_gettop(lua) == 2)
		lua_settop(lua, 2);
	else
		return fail_in_line(lua, reading, current_line(lua),
		    lua_pushfstring(lua, "the environment has no %s "
		    "(env(\"%s\", \"default\") would do without)", name,
		    name));
	return 1;
}

/* __index of the chunk's globals: there is nothing but env. */
static int
look_up(lua_State *lua)
{
	struct reading *reading = lua_touserdata(lua, lua_upvalueindex(1));

	if (lua_type(lua, 2) == LUA_TSTRING &&
	    strcmp(lua_tostring(lua, 2), "env") == 0) {
		lua_pushlightuserdata(lua, reading);
		lua_pushcclosure(lua, env, 1);
		return 1;
	}
	return fail_in_line(lua, reading, current_line(lua),
	    lua_pushfstring(lua, "\"%s\" cannot be used here: a "
	    "configuration has names, values and env(\"NAME\")",
	    luaL_tolstring(lua, 2, NULL)));
}

static void
too_long(lua_State *lua, lua_Debug *at)
{
	lua_getinfo(lua, "Sl", at);
	lua_pushfstring(lua, "%s:%d: this goes on for too long",
	    at->short_src, at->currentline);
	lua_error(lua);
}

/* Protected: compiles and runs the text against guarded globals. */
static int
run(lua_State *lua)
{
	struct reading *reading = lua_touserdata(lua, 1);
	char name[1024];

	if (reading->text.data[0] == LUA_SIGNATURE[0])
		return fail_in_line(lua, reading, 1, "this is not text");
	snprintf(name, sizeof(name), "@%s", reading->path);
	if (luaL_loadbufferx(lua, reading->text.data, reading->text.len - 1,
	    name, "t") != LUA_OK)
		return lua_error(lua);
	lua_newtable(lua); /* the globals */
	lua_newtable(lua); /* their metatable */
	lua_pushlightuserdata(lua, reading);
	lua_pushcclosure(lua, assign, 1);
	lua_setfield(lua, -2, "__newindex");
	lua_pushlightuserdata(lua, reading);
	lua_pushcclosure(lua, look_up, 1);
	lua_setfield(lua, -2, "__index");
	lua_setmetatable(lua, -2);
	lua_setupvalue(lua, -2, 1); /* _ENV */
	lua_sethook(lua, too_long, LUA_MASKCOUNT, STEPS_MAX);
	lua_call(lua, 0, 1);
	if (lua_isnil(lua, -1))
		return 0;
	lua_pushfstring(lua, "%s: options are set by name = value; nothing "
	    "is returned", reading->path);
	return lua_error(lua);
}

int
config_file_read(const char *path, struct config *config, struct error *err)
{
	struct reading reading = {.path = path, .config = config, .err = err};
	lua_State *lua = NULL;
	const char *why;
	int rc = -1;

	if (read_file(&reading) != 0)
		goto end;
	lua = luaL_newstate();
	if (lua == NULL || reading.text.failed) {
		error_set(err, ERROR_NOMEM, "no memory for %s", path);
		goto end;
	}
	lua_pushcfunction(lua, run);
	lua_pushlightuserdata(lua, &reading);
	if (lua_pcall(lua, 1, 0, 0) == LUA_OK) {
		rc = 0;
		goto end;
	}
	why = lua_tostring(lua, -1);
	error_set(err, ERROR_CONFIG, "%s%s", why != NULL ? "" : path,
	    why != NULL ? why : ": it raised something that is no text");
end:
	if (lua != NULL)
		lua_close(lua);
	buf_fini(&reading.text);
	return rc;
}
