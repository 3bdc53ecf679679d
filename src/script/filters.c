/* SPDX-License-Identifier: MIT */
#include "script/filters.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "script/matcher.h"
#include "script/subject.h"
#include "script/verdict.h"

struct filter_call {
	const struct filter *filter;
	struct verdict verdict;
};

bool
filters_glob(const char *pattern, const char *text)
{
	const char *star = NULL, *retry = NULL;

	while (*text != '\0') {
		if (*pattern == '*') {
			star = ++pattern;
			retry = text;
		} else if (*pattern == '?' || *pattern == *text) {
			pattern++;
			text++;
		} else if (star != NULL) {
			/* The last star takes one more. */
			pattern = star;
			text = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static bool
concerns(const struct filter *filter, const struct subject *subject)
{
	const struct policy_message *message = subject->message;
	const char *const *name;

	if (filter->conversations != NULL &&
	    !filters_glob(filter->conversations, message->conversation))
		return false;
	for (name = filter->exempt; *name != NULL; name++) {
		if (strcmp(*name, message->user) == 0)
			return false;
	}
	return filter->match == NULL || matcher_find(filter->match,
	    subject->text, subject->text_len, NULL);
}

static int
call_filter(lua_State *L)
{
	struct filter_call *call = lua_touserdata(L, 1);
	struct engine *engine = engine_of(L);
	const struct verdict *verdict;
	const char *text;
	size_t len;

	lua_rawgeti(L, LUA_REGISTRYINDEX, call->filter->run);
	subject_push_event(L);
	lua_call(L, 1, 1);
	verdict = verdict_check(L, call->filter);
	if (verdict == NULL)
		return 0;
	if (verdict->kind == POLICY_REWRITE && !call->filter->observe) {
		text = lua_tolstring(L, -1, &len);
		buf_reset(&engine->rewritten);
		buf_append(&engine->rewritten, text, len);
		if (engine->rewritten.failed)
			return luaL_error(L, "the server is out of memory");
	}
	call->verdict = *verdict;
	return 0;
}

static const char *const verdicts[] = {[POLICY_PASS] = "pass",
    [POLICY_REJECT] = "reject", [POLICY_SHADOW] = "shadow",
    [POLICY_REWRITE] = "rewrite"};

/*
 * "flood rules/flood.lua:12 pass": for the story of the message.  One that
 * does not fit is left out whole.
 */
static void
note(struct engine *engine, const struct filter *filter, const char *what,
    const struct verdict *verdict)
{
	struct buf *trail = &engine->trail;
	size_t before = trail->len;
	const char *at;

	if (before != 0)
		buf_putc(trail, '\n');
	buf_puts(trail, filter->name);
	buf_putc(trail, ' ');
	buf_puts(trail, filter->module->path);
	buf_putc(trail, ':');
	buf_put_u64(trail, (uint64_t)filter->line);
	buf_putc(trail, ' ');
	buf_puts(trail, what);
	if (verdict != NULL)
		buf_puts(trail, verdicts[verdict->kind]);
	if (verdict != NULL && verdict->reason[0] != '\0')
		buf_putc(trail, ' ');
	for (at = verdict != NULL ? verdict->reason : ""; *at != '\0'; at++)
		buf_putc(trail, (unsigned char)*at < ' ' ? ' ' : *at);
	if (trail->len > POLICY_TRAIL_MAX)
		trail->len = before;
}

static void
set_result(struct policy_result *result, enum policy_verdict kind,
    const struct filter *filter, const char *reason)
{
	result->verdict = kind;
	snprintf(result->rule, sizeof(result->rule), "%s", filter->name);
	snprintf(result->reason, sizeof(result->reason), "%s", reason);
}

/* True if the chain ends. */
static bool
apply_on_error(const struct filter *filter, struct policy_result *result)
{
	if (filter->on_error == ON_ERROR_ALLOW)
		return false;
	set_result(result, POLICY_REJECT, filter,
	    "it could not be checked; try later");
	return true;
}

static void
log_observed(struct engine *engine, const struct filter_call *call)
{
	const struct policy_message *message = engine->subject.message;

	if (call->verdict.kind != POLICY_PASS &&
	    health_may_log(engine->health, call->filter->module))
		log_write(engine->options->log, LOG_LEVEL_INFO,
		    "script.observe", "filter=%s verdict=%s user=%s "
		    "conversation=%s reason=\"%s\"", call->filter->name,
		    verdicts[call->verdict.kind], message->user,
		    message->conversation, call->verdict.reason);
}

/* True if the chain ends. */
static bool
apply(struct engine *engine, const struct filter_call *call,
    struct policy_result *result)
{
	note(engine, call->filter, call->filter->observe ? "observe " : "",
	    &call->verdict);
	if (call->filter->observe) {
		log_observed(engine, call);
		return false;
	}
	if (call->verdict.kind == POLICY_PASS)
		return false;
	set_result(result, call->verdict.kind, call->filter,
	    call->verdict.reason);
	if (call->verdict.kind != POLICY_REWRITE)
		return true;
	engine->subject.text = engine->rewritten.data;
	engine->subject.text_len = engine->rewritten.len;
	return false;
}

/* 1: the chain ends; 0: it goes on; -1: the filter failed. */
static int
run_one(struct engine *engine, struct filter *filter,
    struct policy_result *result)
{
	struct filter_call call = {.filter = filter};
	struct engine_entry entry = {.module = filter->module,
	    .what = filter->name, .budget_ms = engine->options->filter_ms,
	    .warn_ms = engine->options->filter_warn_ms};

	if (engine_call(engine, &entry, call_filter, &call) == 0)
		return apply(engine, &call, result);
	if (engine->testing == NULL)
		health_failed(engine->health, filter->module, filter->name,
		    engine->failure, engine->trace);
	return -1;
}

int
filters_run(struct engine *engine, const struct policy_message *message,
    struct policy_result *result)
{
	struct subject *subject = &engine->subject;
	struct filter *filter;
	int rc = 0, ended = 0;
	size_t i;

	*subject = (struct subject){.message = message,
	    .text = message->text, .text_len = message->text_len};
	buf_reset(&engine->trail);
	for (i = 0; i < engine->registry.filter_count && ended != 1; i++) {
		filter = engine->registry.filters[i];
		if (!concerns(filter, subject))
			continue;
		ended = module_disabled(filter->module) ? -1
		    : run_one(engine, filter, result);
		if (ended < 0) {
			rc = -1;
			note(engine, filter, module_disabled(filter->module)
			    ? "disabled" : "error", NULL);
			ended = apply_on_error(filter, result);
		}
	}
	if (!engine->trail.failed && engine->trail.len != 0) {
		result->trail = engine->trail.data;
		result->trail_len = engine->trail.len;
	}
	if (result->verdict == POLICY_REWRITE) {
		result->text = subject->text;
		result->text_len = subject->text_len;
	}
	*subject = (struct subject){0};
	return rc;
}
