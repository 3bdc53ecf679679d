/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_DEFINITION_H
#define SCRIPT_DEFINITION_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Reads the table that a script gives to a constructor, such as chat.filter,
 * into a C struct.  The struct is a userdata; what its pointers point to is
 * kept alive with it.  All raise errors that begin with the script's line and
 * say what is expected.
 */
struct definition {
	lua_State *L;
	const char *what; /* "chat.filter" */
	int table;	  /* index of the script's table */
	int object;	  /* of the userdata */
	int keep;	  /* of the table that keeps things alive */
};

/*
 * Argument 1 is the table; fields (ending with NULL) are the names it may
 * have.  Returns zeroed memory for the struct; the userdata has the
 * metatable named type and stays on the stack at d->object.
 */
void *definition_open(struct definition *d, lua_State *L, const char *what,
    const char *const *fields, size_t size, const char *type);

/* Zeroed memory that lives as long as the object. */
void *definition_alloc(struct definition *d, size_t size);

/* Raises "file:line: chat.filter: ..." */
void definition_error(struct definition *d, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

/* NULL when absent and not required. */
const char *definition_string(struct definition *d, const char *field,
    bool required);

/* As above; [a-z0-9][a-z0-9._-]*, at most 63 bytes. */
const char *definition_name(struct definition *d, const char *field,
    bool required);

/* One of choices (ending with NULL), as its index; absent: otherwise. */
int definition_choice(struct definition *d, const char *field,
    const char *const *choices, int otherwise);

/* A list of strings, ending with NULL; absent: an empty one. */
const char *const *definition_strings(struct definition *d,
    const char *field);

/* A number of at least min; absent: otherwise. */
double definition_number(struct definition *d, const char *field, double min,
    double otherwise);

bool definition_bool(struct definition *d, const char *field);

/* A reference (luaL_ref) to the function, which is required. */
int definition_function(struct definition *d, const char *field);

/*
 * Reads a table within the table: the fields of the inner one are read
 * through *inner, and it stays on top of the stack.  False when absent.
 */
bool definition_table(struct definition *d, const char *field,
    const char *const *fields, struct definition *inner);

/* As above, for the table that is on top of the stack already. */
void definition_inner(struct definition *d, const char *const *fields,
    struct definition *inner);

/* The value on top lives as long as the object; popped. */
void definition_keep(struct definition *d);

/* Where the script that called the constructor stands. */
void definition_place(struct definition *d, const char **file, int *line);

#endif
