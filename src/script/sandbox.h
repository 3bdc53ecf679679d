/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_SANDBOX_H
#define SCRIPT_SANDBOX_H

#include <lua.h>

#include "script/snapshot.h"

/*
 * What a script sees.  Each file has globals of its own: those of the sandbox
 * and, while it is loaded, those it sets.  All may raise.
 */

/* Makes the globals that every script gets; once for a state. */
void sandbox_open(lua_State *L);

/*
 * Pushes the file's function, compiled within globals of its own.  Raises
 * what the compiler says.
 */
void sandbox_compile(lua_State *L, const struct source *source);

/*
 * Replaces the table on top by one that reads as it and cannot be written,
 * not even by rawset().
 */
void sandbox_freeze(lua_State *L, const char *name);

#endif
