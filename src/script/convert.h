/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_CONVERT_H
#define SCRIPT_CONVERT_H

#include <jansson.h>
#include <lua.h>

/*
 * Between Lua and JSON.  Integers of 64 bits stay what they are.  A table
 * with the keys 1..n is an array, one with names an object, an empty one an
 * object unless json.array{} made it.  json.null is a light NULL.
 */
#define CONVERT_DEPTH 64
#define CONVERT_VALUES 100000
#define ARRAY_TYPE "json.array"

/* A new reference; NULL and why.  Raises nothing. */
json_t *convert_to_json(lua_State *L, int index, const char **why);

/* Pushes the value.  May raise for lack of memory: see bind_json.c. */
void convert_push(lua_State *L, const json_t *json);

#endif
