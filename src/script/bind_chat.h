/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_BIND_CHAT_H
#define SCRIPT_BIND_CHAT_H

#include <lauxlib.h>
#include <lua.h>

/*
 * The types that scripts hand around, by the names of their metatables, and
 * the constructors behind `chat`.
 */
#define FILTER_TYPE "chat.filter"	/* struct filter */
#define COMMAND_TYPE "chat.command"	/* struct command */
#define HOOK_TYPE "chat.on"		/* struct hook */
#define MATCHER_TYPE "words.matcher"	/* struct matcher *, the rest behind */
#define VERDICT_TYPE "verdict"		/* struct verdict */
#define EVENT_TYPE "event"		/* no data: the engine's subject */
#define CONTEXT_TYPE "command context"
#define USER_TYPE "user"
#define CONVERSATION_TYPE "conversation"

int bind_filter(lua_State *L);
int bind_command(lua_State *L);
int bind_on(lua_State *L);

#endif
