/* SPDX-License-Identifier: MIT */
#include "script/engine.h"

#include <assert.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/sandbox.h"

#define GC_PAUSE 150
#define GC_STEP_MUL 200
#define GC_EVERY 16
#define GC_STEP_KB 8
#define TRACE_LEVELS 8

/* ThreadSanitizer holds signals back until the thread blocks: poll instead. */
#if defined(__SANITIZE_THREAD__)
#define STANDING_HOOK 1000
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define STANDING_HOOK 1000
#endif
#endif
#ifndef STANDING_HOOK
#define STANDING_HOOK 0
#endif

static void *
allocate(void *arg, void *old, size_t old_size, size_t size)
{
	struct engine *engine = arg;
	void *block;

	if (old == NULL)
		old_size = 0; /* it says what kind of object it will be */
	if (size == 0) {
		free(old);
		engine->memory -= old_size;
		return NULL;
	}
	if (size > old_size &&
	    size - old_size > engine->memory_max - engine->memory)
		return NULL;
	block = realloc(old, size);
	if (block != NULL)
		engine->memory += size - old_size;
	return block;
}

static int
raise_doom(lua_State *L, int level)
{
	struct engine *engine = engine_of(L);

	luaL_where(L, level);
	if (engine->doom == DOOM_BUDGET)
		lua_pushfstring(L, "took longer than %d ms and was ended",
		    (int)engine->budget_ms);
	else
		lua_pushfstring(L, "needs more than %d MiB of memory",
		    (int)(engine->memory_max >> 20));
	lua_concat(L, 2);
	return lua_error(L);
}

static void
on_count(lua_State *L, lua_Debug *ar)
{
	struct engine *engine = engine_of(L);

	(void)ar;
	if (engine->doom == DOOM_NONE && !engine_expired(engine)) {
		/* Left in a coroutine by a call that is over. */
		lua_sethook(L, STANDING_HOOK != 0 ? on_count : NULL,
		    STANDING_HOOK != 0 ? LUA_MASKCOUNT : 0, STANDING_HOOK);
		return;
	}
	if (engine->doom == DOOM_NONE)
		engine->doom = DOOM_BUDGET;
	raise_doom(L, 0);
}

static void
arm(lua_State *L)
{
	lua_sethook(L, on_count, LUA_MASKCOUNT, 1);
}

static void
disarm(lua_State *L)
{
	lua_sethook(L, STANDING_HOOK != 0 ? on_count : NULL,
	    STANDING_HOOK != 0 ? LUA_MASKCOUNT : 0, STANDING_HOOK);
}

/* In the signal handler: lua_sethook() is made for that. */
static void
interrupt(struct watch *watch)
{
	struct engine *engine = (struct engine *)
	    ((char *)watch - offsetof(struct engine, watch));

	arm(atomic_load_explicit(&engine->running, memory_order_relaxed));
}

void
engine_check(lua_State *L)
{
	struct engine *engine = engine_of(L);

	if (!engine_expired(engine))
		return;
	if (engine->doom == DOOM_NONE)
		engine->doom = DOOM_BUDGET;
	raise_doom(L, 1);
}

void
engine_rethrow(lua_State *L, int status)
{
	struct engine *engine = engine_of(L);

	if (status == LUA_ERRMEM && engine->doom == DOOM_NONE)
		engine->doom = DOOM_MEMORY;
	if (engine->doom == DOOM_NONE)
		return;
	/* What runs while the stack unwinds (__close) is limited too. */
	arm(L);
	lua_error(L);
}

void
engine_switch(lua_State *L, lua_State *co)
{
	struct engine *engine = engine_of(L);
	lua_State *next = co != NULL ? co : L;

	/* First this, then the question: a signal in between arms next. */
	atomic_store_explicit(&engine->running, next, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
	if (engine_expired(engine))
		arm(next);
}

static void
write_trace(struct engine *engine, lua_State *L)
{
	char *trace = engine->trace;
	size_t used = 0, room = sizeof(engine->trace);
	lua_Debug ar;
	int level, n;

	trace[0] = '\0';
	for (level = 1; level < TRACE_LEVELS && lua_getstack(L, level, &ar);
	    level++) {
		lua_getinfo(L, "Sln", &ar);
		if (ar.currentline <= 0)
			continue;
		n = snprintf(trace + used, room - used, "%s%s:%d%s%s%s",
		    used > 0 ? " < " : "", ar.short_src, ar.currentline,
		    ar.name != NULL ? " (" : "",
		    ar.name != NULL ? ar.name : "",
		    ar.name != NULL ? ")" : "");
		if (n < 0 || (size_t)n >= room - used)
			break;
		used += (size_t)n;
	}
}

/* The message handler of every call. */
static int
on_error(lua_State *L)
{
	struct engine *engine = engine_of(L);
	const char *text;

	if (!lua_isstring(L, 1) && engine->doom == DOOM_NONE)
		luaL_tolstring(L, 1, NULL); /* may call __tostring */
	text = lua_tostring(L, -1);
	snprintf(engine->failure, sizeof(engine->failure), "%s",
	    text != NULL ? text : "an error that is no text");
	write_trace(engine, L);
	return 1;
}

static void
begin(struct engine *engine, const struct engine_entry *entry)
{
	engine->doom = DOOM_NONE;
	engine->budget_ms = entry->budget_ms;
	atomic_store_explicit(&engine->running, engine->L,
	    memory_order_relaxed);
	watch_enter(&engine->watch, entry->budget_ms, entry->warn_ms);
}

static void
end(struct engine *engine, const struct engine_entry *entry)
{
	bool slow = watch_leave(&engine->watch);

	if (engine->doom != DOOM_NONE || engine_expired(engine))
		disarm(engine->L);
	if (slow && engine->doom == DOOM_NONE &&
	    health_may_log(engine->health, entry->module))
		log_write(engine->options->log, LOG_LEVEL_WARN, "script.slow",
		    "script=%s in=\"%s\" over_ms=%u", entry->module->path,
		    entry->what, entry->warn_ms);
	if (engine->doom == DOOM_MEMORY)
		lua_gc(engine->L, LUA_GCCOLLECT);
	else if (++engine->calls % GC_EVERY == 0)
		lua_gc(engine->L, LUA_GCSTEP, GC_STEP_KB);
}

static void
describe_failure(struct engine *engine, int status)
{
	const char *path = engine->module != NULL
	    ? engine->module->path : "sandbox";

	if (engine->failure[0] != '\0')
		return;
	if (status == LUA_ERRMEM || engine->doom == DOOM_MEMORY)
		snprintf(engine->failure, sizeof(engine->failure),
		    "%s: needs more than %zu MiB of memory", path,
		    engine->memory_max >> 20);
	else
		snprintf(engine->failure, sizeof(engine->failure),
		    "%s: failed while it handled an error", path);
}

int
engine_call(struct engine *engine, const struct engine_entry *entry,
    lua_CFunction run, void *arg)
{
	lua_State *L = engine->depth == 0 ? engine->L : engine->running;
	struct module *outer = engine->module;
	int top = lua_gettop(L), status;

	if (engine->depth++ == 0)
		begin(engine, entry);
	engine->module = entry->module;
	engine->failure[0] = engine->trace[0] = '\0';
	/* Nothing here allocates: an error would have no handler yet. */
	lua_pushcfunction(L, on_error);
	lua_pushcfunction(L, run);
	lua_pushlightuserdata(L, arg);
	status = lua_pcall(L, 1, 0, top + 1);
	lua_settop(L, top);
	if (status == LUA_ERRMEM && engine->doom == DOOM_NONE)
		engine->doom = DOOM_MEMORY;
	if (--engine->depth == 0)
		end(engine, entry);
	if (status != LUA_OK)
		describe_failure(engine, status);
	engine->module = outer;
	return status == LUA_OK ? 0 : -1;
}

static int
open_sandbox(lua_State *L)
{
	sandbox_open(L);
	return 0;
}

struct engine *
engine_new(const struct engine_options *options, struct error *err)
{
	static const struct engine_entry entry = {.what = "sandbox",
	    .budget_ms = UINT32_MAX};
	struct engine *engine = calloc(1, sizeof(*engine));

	if (engine == NULL)
		goto fail;
	engine->options = options->options;
	engine->snapshot = options->snapshot;
	engine->health = options->health;
	engine->shared = options->shared;
	engine->clock = options->clock;
	engine->testing = options->testing;
	engine->memory_max = options->options->memory_max;
	engine->watch.interrupt = interrupt;
	engine->L = lua_newstate(allocate, engine);
	if (engine->L == NULL)
		goto fail;
	*(struct engine **)lua_getextraspace(engine->L) = engine;
	disarm(engine->L);
	lua_gc(engine->L, LUA_GCINC, GC_PAUSE, GC_STEP_MUL, 0);
	watchdog_add(options->options->watchdog, &engine->watch);
	if (engine_call(engine, &entry, open_sandbox, NULL) == 0)
		return engine;
fail:
	error_set(err, ERROR_NOMEM, "no memory for a Lua state (limit %zu KiB)",
	    options->options->memory_max >> 10);
	engine_free(engine);
	return NULL;
}

void
engine_free(struct engine *engine)
{
	if (engine == NULL)
		return;
	if (engine->watch.prev != NULL)
		watchdog_remove(engine->options->watchdog, &engine->watch);
	if (engine->L != NULL)
		lua_close(engine->L);
	effects_fini(&engine->effects);
	buf_fini(&engine->rewritten);
	buf_fini(&engine->trail);
	registry_fini(&engine->registry);
	free(engine);
}
