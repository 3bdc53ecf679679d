/* SPDX-License-Identifier: MIT */
#include "script/lines.h"

#include <assert.h>
#include <lauxlib.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "script/shared.h"
#include "script/subject.h"

struct command_call {
	const struct command *command;
	struct argument_value values[ARGUMENTS_MAX];
};

/* A part of a line. */
struct span {
	const char *text;
	size_t len;
};

static void refuse(const struct policy_line *line, const char *code,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

static void
refuse(const struct policy_line *line, const char *code, const char *format,
    ...)
{
	char text[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	line->host->error(line->arg, code, text);
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct span
trim(struct span span)
{
	while (span.len > 0 && is_space(span.text[0])) {
		span.text++;
		span.len--;
	}
	while (span.len > 0 && is_space(span.text[span.len - 1]))
		span.len--;
	return span;
}

static void
push_value(lua_State *L, const struct argument *a,
    const struct argument_value *value)
{
	switch (a->type) {
	case ARGUMENT_INT:
	case ARGUMENT_DURATION:
	case ARGUMENT_TIME:
		lua_pushinteger(L, value->integer);
		break;
	case ARGUMENT_NUMBER:
		lua_pushnumber(L, value->number);
		break;
	case ARGUMENT_BOOL:
		lua_pushboolean(L, value->truth);
		break;
	default:
		lua_pushlstring(L, value->text, value->len);
	}
}

static void
push_arguments(lua_State *L, const struct command_call *call)
{
	const struct command *command = call->command;
	unsigned i;

	lua_createtable(L, 0, (int)command->argument_count);
	lua_rawgeti(L, LUA_REGISTRYINDEX, command->defaults);
	for (i = 0; i < command->argument_count; i++) {
		const struct argument *a = &command->arguments[i];

		if (call->values[i].given)
			push_value(L, a, &call->values[i]);
		else
			lua_getfield(L, -1, a->name);
		lua_setfield(L, -3, a->name);
	}
	lua_pop(L, 1);
}

static int
call_command(lua_State *L)
{
	const struct command_call *call = lua_touserdata(L, 1);

	lua_rawgeti(L, LUA_REGISTRYINDEX, call->command->run);
	subject_push_context(L);
	push_arguments(L, call);
	lua_call(L, 2, 0);
	return 0;
}

/* "/dm" or "@user" in a sentence. */
static void
name_command(const struct command *command, char name[80])
{
	if (command->prefix == NULL)
		snprintf(name, 80, "/%s", command->name);
	else
		snprintf(name, 80, "%s", command->usage);
}

static int
run(struct engine *engine, const struct command_call *call,
    const struct policy_line *line)
{
	const struct command *command = call->command;
	struct engine_entry entry = {.module = command->module,
	    .what = command->name, .budget_ms = engine->options->command_ms};
	char name[80];
	int rc;

	assert(engine->effects.count == 0);
	engine->subject = (struct subject){.line = line};
	rc = engine_call(engine, &entry, call_command, (void *)call);
	engine->subject = (struct subject){0};
	if (rc == 0) {
		effects_carry_out(&engine->effects, line->host, line->arg);
		return 0;
	}
	effects_clear(&engine->effects);
	if (engine->testing == NULL)
		health_failed(engine->health, command->module, command->name,
		    engine->failure, engine->trace);
	name_command(command, name);
	refuse(line, "internal", "%s failed, and did nothing: the server's "
	    "log says why", name);
	return -1;
}

/* False, and answered: not here, or not now. */
static bool
may_run(const struct command *command, const struct policy_line *line)
{
	bool group = line->conversation[0] == '#';
	char name[80];

	name_command(command, name);
	if (module_disabled(command->module)) {
		refuse(line, "unavailable", "%s is switched off after repeated "
		    "errors", name);
		return false;
	}
	if ((command->scope == SCOPE_GROUP && !group) ||
	    (command->scope == SCOPE_DM && group)) {
		refuse(line, "bad_request", "%s works in %s only", name,
		    command->scope == SCOPE_GROUP ? "groups"
		    : "direct conversations");
		return false;
	}
	return true;
}

/* False, and answered: too often. */
static bool
within_rate(struct engine *engine, const struct command *command,
    const struct policy_line *line)
{
	char text[128], name[80];
	/* The NUL in front keeps it apart from the keys of scripts. */
	struct shared_key key = {.text = text, .now_us = line->at_us};
	int64_t wait_us;

	if (command->rate_n == 0 || engine->options->limits_off)
		return true;
	key.len = 1 + (size_t)snprintf(text + 1, sizeof(text) - 1,
	    "rate:%s:%llu", command->name, (unsigned long long)line->uid);
	text[0] = '\0';
	wait_us = shared_rate(engine->shared, &key,
	    command->rate_n / command->rate_window, command->rate_n);
	if (wait_us == 0)
		return true;
	name_command(command, name);
	refuse(line, "rate_limited", "%s: %g times in %g s are enough; try "
	    "again in %lld s", name, command->rate_n, command->rate_window,
	    (long long)(wait_us + 999999) / 1000000);
	return false;
}

static int
run_command(struct engine *engine, const struct command *command,
    struct span rest, const struct policy_line *line)
{
	struct command_call call = {.command = command};
	char why[256];

	if (!may_run(command, line))
		return 0;
	if (arguments_parse(command->arguments, command->argument_count,
	    rest.text, rest.len, line->at_us, call.values, why) != 0) {
		refuse(line, "bad_request", "%s; usage: %s", why,
		    command->usage);
		return 0;
	}
	if (!within_rate(engine, command, line))
		return 0;
	return run(engine, &call, line);
}

static void
refuse_unknown(struct engine *engine, struct span name,
    const struct policy_line *line)
{
	char word[33];
	const char *near = NULL;
	size_t len = utf8_cut(name.text, name.len, sizeof(word) - 1);

	memcpy(word, name.text, len);
	word[len] = '\0';
	if (len == name.len)
		near = registry_nearest(&engine->registry, word);
	if (near != NULL)
		refuse(line, "unknown_command", "unknown command /%s: did you "
		    "mean /%s?", word, near);
	else
		refuse(line, "unknown_command", "unknown command /%s: /help "
		    "lists those there are", word);
}

/* "/name rest", behind the slash. */
static int
run_slash(struct engine *engine, struct span span,
    const struct policy_line *line)
{
	const struct command *command;
	struct span name = span;

	name.len = 0;
	while (name.len < span.len && !is_space(span.text[name.len]))
		name.len++;
	if (name.len == 0) {
		refuse(line, "unknown_command", "a command's name is missing: "
		    "/help lists those there are");
		return 0;
	}
	command = registry_find(&engine->registry, name.text, name.len);
	if (command == NULL) {
		refuse_unknown(engine, name, line);
		return 0;
	}
	span.text += name.len;
	span.len -= name.len;
	return run_command(engine, command, span, line);
}

/* plain: only the empty prefix will do. */
static int
run_prefix(struct engine *engine, struct span span, bool plain,
    const struct policy_line *line)
{
	const struct registry *registry = &engine->registry;
	const struct command *command;
	size_t i, len;

	for (i = 0; i < registry->prefix_count; i++) {
		command = registry->prefixes[i];
		len = strlen(command->prefix);
		if ((plain && len > 0) || len > span.len ||
		    memcmp(span.text, command->prefix, len) != 0)
			continue;
		span.text += len;
		span.len -= len;
		return run_command(engine, command, span, line);
	}
	refuse(line, "unknown_command", "plain text is not taken here: /help "
	    "lists the commands");
	return 0;
}

int
lines_run(struct engine *engine, const struct policy_line *line)
{
	struct span span = trim((struct span){line->text, line->text_len});

	if (span.len == 0) {
		refuse(line, "bad_request", "the line is empty");
		return 0;
	}
	if (span.text[0] != '/')
		return run_prefix(engine, span, false, line);
	span.text++;
	span.len--;
	if (span.len > 0 && span.text[0] == '/')
		return run_prefix(engine, span, true, line);
	return run_slash(engine, span, line);
}
