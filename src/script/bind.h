/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_BIND_H
#define SCRIPT_BIND_H

#include <lauxlib.h>
#include <lua.h>

#include "base/log.h"

/*
 * The bindings, one type a file; sandbox.c lists them.  Each bind_x() works
 * on the globals table on top of the stack.  Check all arguments before
 * acquiring anything: a Lua error jumps.
 */
void bind_base(lua_State *L);	   /* pcall, setmetatable, print, require … */
void bind_coroutine(lua_State *L);
void bind_string(lua_State *L);
void bind_table(lua_State *L);
void bind_os(lua_State *L);
void bind_chat(lua_State *L);	   /* chat.filter, chat.command … */
void bind_verdict(lua_State *L);
void bind_words(lua_State *L);
void bind_json(lua_State *L);
void bind_http(lua_State *L);
void bind_log(lua_State *L);
void bind_shared(lua_State *L);
void bind_event(lua_State *L);	   /* types only, no global */
void bind_context(lua_State *L);   /* types only, no global */
void bind_testing(lua_State *L);   /* test(), while testing */
void bind_outcome(lua_State *L);   /* of bind_testing() */

/* json.encode, for other bindings. */
int bind_json_encode(lua_State *L);

/* Writes a line for the module that runs; while loading, one state does. */
void bind_write_log(lua_State *L, enum log_level level, const char *event,
    const char *text);

/* Sets the functions in the table on top. */
void bind_functions(lua_State *L, const luaL_Reg *functions);

/* Pushes a metatable made before by bind_type(). */
void bind_type(lua_State *L, const char *name, const luaL_Reg *metamethods);

/* As above, with these methods and no other metamethod. */
void bind_class(lua_State *L, const char *name, const luaL_Reg *methods);

#endif
