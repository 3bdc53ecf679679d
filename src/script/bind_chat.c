/* SPDX-License-Identifier: MIT */
#include "script/bind_chat.h"

#include "script/bind.h"
#include "script/engine.h"

/* chat: what declarations are made of, and what is known of the server. */

static void
set_string(lua_State *L, const char *name, const char *value)
{
	lua_pushstring(L, value);
	lua_setfield(L, -2, name);
}

static void
push_strings(lua_State *L, const char *const *strings)
{
	lua_Integer i;

	lua_newtable(L);
	for (i = 0; strings[i] != NULL; i++) {
		lua_pushstring(L, strings[i]);
		lua_rawseti(L, -2, i + 1);
	}
}

static void
push_command(lua_State *L, const struct command *command)
{
	lua_createtable(L, 0, 6);
	set_string(L, "name", command->name);
	set_string(L, "usage", command->usage);
	set_string(L, "summary", command->summary);
	set_string(L, "scope", command_scopes[command->scope]);
	set_string(L, "script", command->module->path);
	if (command->prefix != NULL)
		set_string(L, "prefix", command->prefix);
	push_strings(L, command->aliases);
	lua_setfield(L, -2, "aliases");
}

/* chat.commands(): a list of tables, by name. */
static int
chat_commands(lua_State *L)
{
	const struct registry *registry = &engine_of(L)->registry;
	size_t i;

	if (engine_of(L)->loading)
		return luaL_error(L, "chat.commands is known once all scripts "
		    "are loaded: call it within run");
	lua_createtable(L, (int)registry->command_count, 0);
	for (i = 0; i < registry->command_count; i++) {
		push_command(L, registry->commands[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

static int
chat_bot(lua_State *L)
{
	return luaL_error(L, "chat.bot is not available in this version");
}

static void
make_type(lua_State *L, const char *type)
{
	static const luaL_Reg none[] = {{NULL, NULL}};

	bind_type(L, type, none);
}

void
bind_chat(lua_State *L)
{
	static const luaL_Reg functions[] = {{"filter", bind_filter},
	    {"command", bind_command}, {"commands", chat_commands},
	    {"on", bind_on}, {"bot", chat_bot}, {NULL, NULL}};

	make_type(L, FILTER_TYPE);
	make_type(L, COMMAND_TYPE);
	make_type(L, HOOK_TYPE);
	lua_newtable(L);
	bind_functions(L, functions);
	lua_pushboolean(L, !engine_of(L)->options->limits_off);
	lua_setfield(L, -2, "limits");
	lua_setfield(L, -2, "chat");
}
