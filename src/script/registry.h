/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_REGISTRY_H
#define SCRIPT_REGISTRY_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "script/arguments.h"
#include "script/health.h"

/*
 * What the scripts of one state declare.  Filters and commands live in Lua's
 * memory, as long as the state.
 */
struct matcher;

enum filter_phase {
	PHASE_NORMALISE,
	PHASE_SAFETY,
	PHASE_POLICY,
	PHASE_TRANSFORM
};
extern const char *const filter_phases[]; /* ends with NULL */

enum filter_on_error { ON_ERROR_ALLOW, ON_ERROR_REJECT };
extern const char *const filter_on_errors[];

struct filter {
	const char *name;
	struct module *module; /* set when it is collected */
	const char *file;      /* as in error messages */
	int line;
	enum filter_phase phase;
	enum filter_on_error on_error;
	bool observe;
	const char *const *before, *const *after; /* end with NULL */
	const char *conversations; /* "#pub-*", or NULL: all */
	const char *const *exempt; /* names of people; ends with NULL */
	const struct matcher *match; /* or NULL */
	int run; /* reference to the function */
};

enum command_scope { SCOPE_ANY, SCOPE_GROUP, SCOPE_DM };
extern const char *const command_scopes[];

struct command {
	const char *name;
	struct module *module;
	const char *file;
	int line;
	const char *prefix; /* "@", "" (plain text), or NULL: "/name" */
	const char *summary;
	const char *usage; /* "/dm user text" */
	const char *const *aliases;
	enum command_scope scope;
	struct argument *arguments;
	unsigned argument_count;
	int defaults; /* reference to a table by the arguments' names */
	double rate_n, rate_window; /* 0: none */
	int run;
};

struct command_name {
	const char *name; /* its own, or an alias */
	struct command *command;
};

/* What observers are told of. */
enum hook_event { HOOK_PASSWORD_RESET };
extern const char *const hook_events[]; /* ends with NULL */

struct hook {
	enum hook_event event;
	struct module *module;
	const char *file;
	int line;
	int run;
};

struct registry {
	struct hook **hooks; /* in the order of their files */
	size_t hook_count;
	struct filter **filters; /* in the order in which they run */
	size_t filter_count;
	struct command **commands; /* by name */
	size_t command_count;
	struct command_name *names; /* by name */
	size_t name_count;
	struct command **prefixes; /* the longest first */
	size_t prefix_count;
	char *json; /* the commands, for clients */
	size_t json_len;
};

void registry_fini(struct registry *registry);

/* -1 and err (file:line): declared twice, or no memory. */
int registry_add_filter(struct registry *registry, struct filter *filter,
    struct error *err);
int registry_add_hook(struct registry *registry, struct hook *hook,
    struct error *err);
int registry_add_command(struct registry *registry, struct command *command,
    struct error *err);

/* When all are added: orders them and checks what concerns several. */
int registry_finish(struct registry *registry, struct error *err);

/* By name or alias, without regard to case; NULL: there is none. */
struct command *registry_find(const struct registry *registry,
    const char *name, size_t len);

/* The name nearest to one that does not exist, or NULL. */
const char *registry_nearest(const struct registry *registry,
    const char *name);

#endif
