/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_SUBJECT_H
#define SCRIPT_SUBJECT_H

#include <lua.h>

/*
 * The userdata that scripts get: `ev` of a filter, `c` of a command.  There
 * is one of each for a state, reading from the engine's subject, so that a
 * message costs no allocation; used after their call, they raise.
 */
void subject_push_event(lua_State *L);
void subject_push_context(lua_State *L);

/* Fields that event and context share; false: key is none of them. */
int subject_push_field(lua_State *L, const char *key);

/* Raises `an event has no field "txt" (did you mean "text"?)`. */
int subject_unknown_field(lua_State *L, const char *what, const char *key,
    const char *const *fields);

#endif
