/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_ENGINE_H
#define SCRIPT_ENGINE_H

#include <lua.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "script/effects.h"
#include "script/health.h"
#include "script/registry.h"
#include "script/script.h"
#include "script/snapshot.h"
#include "script/watchdog.h"

/*
 * One Lua state with its limits.  Whatever runs in it is entered through
 * engine_call(), on one thread at a time.
 *
 * A call that is over its budget or out of memory is doomed: the error that
 * ends it cannot be caught by the script, and the limit stays armed until the
 * call has left the engine.
 */
enum doom { DOOM_NONE, DOOM_BUDGET, DOOM_MEMORY };

/* What the event or the context of a command speaks of; else all zero. */
struct subject {
	const struct policy_message *message;
	const struct policy_line *line;
	const char *text; /* of the message, perhaps rewritten */
	size_t text_len;
};

struct engine {
	lua_State *L;
	struct watch watch;
	lua_State *_Atomic running; /* the coroutine, for the watchdog */
	const struct script_options *options;
	const struct snapshot *snapshot;
	struct health *health;
	struct script_shared *shared;
	const struct clock *clock;
	struct registry registry;
	struct effects effects;
	struct subject subject;
	struct buf rewritten;	 /* what a filter made of the text */
	struct buf trail;	 /* what the filters said, a line each */
	struct testing *testing; /* NULL but while tests are loaded and run */
	struct module *module;	 /* whose code runs */
	uint32_t budget_ms;	 /* of the call under way */
	unsigned depth, calls, closing;
	unsigned declared; /* by constructors, returned or not */
	bool loading;
	enum doom doom;
	size_t memory, memory_max;
	char failure[400]; /* of the last call: "file:line: cause" */
	char trace[400];   /* "file:line (function) < file:line …" */
};

struct engine_options {
	const struct script_options *options;
	const struct snapshot *snapshot;
	struct health *health;
	struct script_shared *shared;
	const struct clock *clock;
	struct testing *testing; /* or NULL */
};

/* A state with the sandbox in it and no script.  options are copied. */
struct engine *engine_new(const struct engine_options *options,
    struct error *err);
void engine_free(struct engine *engine); /* NULL is allowed */

/*
 * Calls run(L) with arg as a light userdata at index 1, protected and under
 * the budget, for the module.  0, or -1 with failure and trace set; what it
 * left on the stack is gone either way.  Within a call, it shares that call's
 * budget.
 */
struct engine_entry {
	struct module *module;
	const char *what; /* for the log: "filter flood" */
	uint32_t budget_ms, warn_ms;
};
int engine_call(struct engine *engine, const struct engine_entry *entry,
    lua_CFunction run, void *arg);

static inline struct engine *
engine_of(lua_State *L)
{
	return *(struct engine **)lua_getextraspace(L);
}

/* For loops in C: raises the error when the call is over its budget. */
void engine_check(lua_State *L);

/* As engine_check(), without raising: for code that must clean up first. */
static inline bool
engine_expired(const struct engine *engine)
{
	return watch_expired(&engine->watch);
}

/*
 * After a protected call or resume with this status, its error on top of the
 * stack: raises it again if the call is doomed.
 */
void engine_rethrow(lua_State *L, int status);

/* From now on co runs; NULL: L itself again.  A limit goes with it. */
void engine_switch(lua_State *L, lua_State *co);

#endif
