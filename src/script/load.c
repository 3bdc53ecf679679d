/* SPDX-License-Identifier: MIT */
#include "script/load.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/bind_chat.h"
#include "script/sandbox.h"
#include "script/testing.h"

struct loading {
	const struct source *source;
	struct module *module;
	unsigned collected;
};

/* In the state's registry: what keeps the declarations alive. */
static const char declared_key;

static void
collect_filter(lua_State *L, struct loading *loading, struct filter *filter)
{
	struct error err = {0};

	filter->module = loading->module;
	if (registry_add_filter(&engine_of(L)->registry, filter, &err) != 0)
		luaL_error(L, "%s", err.text);
}

static void
collect_command(lua_State *L, struct loading *loading,
    struct command *command)
{
	struct error err = {0};

	command->module = loading->module;
	if (registry_add_command(&engine_of(L)->registry, command, &err) != 0)
		luaL_error(L, "%s", err.text);
}

static void
collect_hook(lua_State *L, struct loading *loading, struct hook *hook)
{
	struct error err = {0};

	hook->module = loading->module;
	if (registry_add_hook(&engine_of(L)->registry, hook, &err) != 0)
		luaL_error(L, "%s", err.text);
}

/* One declaration, at the top of the stack; popped. */
static bool
collect_one(lua_State *L, struct loading *loading)
{
	struct filter *filter = luaL_testudata(L, -1, FILTER_TYPE);
	struct command *command = luaL_testudata(L, -1, COMMAND_TYPE);
	struct hook *hook = luaL_testudata(L, -1, HOOK_TYPE);

	if (filter != NULL)
		collect_filter(L, loading, filter);
	else if (command != NULL)
		collect_command(L, loading, command);
	else if (hook != NULL)
		collect_hook(L, loading, hook);
	else
		return false;
	loading->collected++;
	lua_rawgetp(L, LUA_REGISTRYINDEX, &declared_key);
	lua_insert(L, -2);
	luaL_ref(L, -2);
	lua_pop(L, 1);
	return true;
}

static void
refuse_result(lua_State *L, const struct loading *loading, int index)
{
	luaL_error(L, "%s:1: the script returned a %s (it returns what "
	    "chat.filter, chat.command or chat.on made, a list of them, or "
	    "nothing)",
	    loading->source->path, luaL_typename(L, index));
}

static void
collect(lua_State *L, struct loading *loading, int index)
{
	lua_Unsigned i, n;

	if (lua_isnil(L, index))
		return;
	if (lua_istable(L, index)) {
		n = lua_rawlen(L, index);
		for (i = 1; i <= n; i++) {
			lua_rawgeti(L, index, (lua_Integer)i);
			if (!collect_one(L, loading))
				refuse_result(L, loading, -1);
		}
		lua_pushnil(L);
		if (n == 0 && lua_next(L, index) != 0)
			refuse_result(L, loading, index);
		return;
	}
	lua_pushvalue(L, index);
	if (!collect_one(L, loading))
		refuse_result(L, loading, index);
}

static int
run_script(lua_State *L)
{
	struct loading *loading = lua_touserdata(L, 1);
	int i, n;

	sandbox_compile(L, loading->source);
	lua_call(L, 0, LUA_MULTRET);
	n = lua_gettop(L);
	luaL_checkstack(L, 8, NULL);
	for (i = 2; i <= n; i++)
		collect(L, loading, i);
	return 0;
}

/* The place in the scripts that "path:12: …" speaks of. */
static const char *
find_place(const struct engine *engine, const char *failure, size_t *len)
{
	const char *colon = strchr(failure, ':'), *at, *end, *newline;
	const struct source *source;
	char path[256];
	long line;

	if (colon == NULL || (size_t)(colon - failure) >= sizeof(path))
		return NULL;
	memcpy(path, failure, (size_t)(colon - failure));
	path[colon - failure] = '\0';
	source = snapshot_find(engine->snapshot, path);
	if (source == NULL)
		return NULL;
	at = source->text;
	end = source->text + source->len;
	newline = memchr(at, '\n', source->len);
	for (line = strtol(colon + 1, NULL, 10); line > 1; line--) {
		if (newline == NULL)
			return NULL;
		at = newline + 1;
		newline = memchr(at, '\n', (size_t)(end - at));
	}
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	*len = (size_t)((newline != NULL && newline >= at ? newline : end) -
	    at);
	return at;
}

static void
report(struct engine *engine, struct error *err)
{
	size_t len = 0;
	const char *place = find_place(engine, engine->failure, &len);

	log_write(engine->options->log, LOG_LEVEL_ERROR, "script.load",
	    "error=\"%s\" source=\"%.*s\" trace=\"%s\"", engine->failure,
	    len > 160 ? 160 : (int)len, place != NULL ? place : "",
	    engine->trace);
	error_set(err, ERROR_CONFIG, "%s", engine->failure);
}

static void
warn_of_unused(struct engine *engine, const struct loading *loading,
    unsigned declared)
{
	if (declared > loading->collected && engine->testing != NULL)
		log_write(engine->options->log, LOG_LEVEL_WARN,
		    "script.unused", "script=%s hint=\"it declares %u and "
		    "returns %u: what is not returned does not exist\"",
		    loading->source->path, declared, loading->collected);
}

static int
load_one(struct engine *engine, size_t i, struct error *err)
{
	struct loading loading = {.source = &engine->snapshot->sources[i],
	    .module = &engine->health->modules[i]};
	struct engine_entry entry = {.module = loading.module,
	    .what = "load", .budget_ms = engine->options->load_ms};
	unsigned declared = engine->declared;

	if (engine_call(engine, &entry, run_script, &loading) != 0) {
		report(engine, err);
		return -1;
	}
	warn_of_unused(engine, &loading, engine->declared - declared);
	return 0;
}

static int
make_registry(lua_State *L)
{
	lua_newtable(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &declared_key);
	return 0;
}

static int
load_kind(struct engine *engine, enum source_kind kind, struct error *err)
{
	size_t i;

	for (i = 0; i < engine->snapshot->count; i++) {
		if (engine->snapshot->sources[i].kind == kind &&
		    load_one(engine, i, err) != 0)
			return -1;
	}
	return 0;
}

int
load_scripts(struct engine *engine, struct error *err)
{
	const struct engine_entry entry = {.what = "load",
	    .budget_ms = engine->options->load_ms};
	int rc;

	if (engine_call(engine, &entry, make_registry, NULL) != 0) {
		report(engine, err);
		return -1;
	}
	engine->loading = true;
	rc = load_kind(engine, SOURCE_SCRIPT, err);
	engine->loading = false;
	return rc == 0 ? registry_finish(&engine->registry, err) : -1;
}

static int
run_test_file(struct engine *engine, size_t i, struct error *err)
{
	int rc;

	engine->loading = true;
	rc = load_one(engine, i, err);
	engine->loading = false;
	if (rc == 0 && testing_run(engine, &engine->health->modules[i]) != 0) {
		report(engine, err);
		rc = -1;
	}
	return rc;
}

int
load_and_test(const struct engine_options *options, struct error *err)
{
	struct engine_options own = *options;
	struct testing testing = {.clock = {1, TESTING_BEGINS_US}};
	struct engine *engine = NULL;
	size_t i;
	int rc = -1;

	own.testing = &testing;
	own.clock = &testing.clock;
	own.shared = script_shared_new(0, err);
	if (own.shared != NULL)
		engine = engine_new(&own, err);
	if (engine != NULL)
		rc = load_scripts(engine, err);
	for (i = 0; i < options->snapshot->count && rc == 0; i++) {
		if (options->snapshot->sources[i].kind == SOURCE_TEST)
			rc = run_test_file(engine, i, err);
	}
	engine_free(engine);
	script_shared_free(own.shared);
	effects_fini(&testing.seen);
	return rc;
}
