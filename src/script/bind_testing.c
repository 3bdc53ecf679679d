/* SPDX-License-Identifier: MIT */
#include "script/testing.h"

#include <stdio.h>
#include <string.h>

#include "script/bind.h"
#include "script/convert.h"
#include "script/filters.h"
#include "script/lines.h"

#define SERVER_TYPE "test.server"
#define PERSON_TYPE "test.user"

/* In the state's registry: {name, function, name, function, …} */
static const char tests_key;

static int
add_test(lua_State *L)
{
	lua_Integer n;

	luaL_checkstring(L, 1);
	luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_settop(L, 2);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &tests_key);
	n = (lua_Integer)lua_rawlen(L, 3);
	lua_pushvalue(L, 1);
	lua_rawseti(L, 3, n + 1);
	lua_pushvalue(L, 2);
	lua_rawseti(L, 3, n + 2);
	return 0;
}

/* s:user"alice" is the same person within a test. */
static int
server_user(lua_State *L)
{
	const char *name = luaL_checkstring(L, 2);
	char folded[NAME_BYTES_MAX + 1];

	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_argcheck(L, name_fold(name, strlen(name), folded), 2,
	    "a person's name is expected");
	if (lua_getfield(L, 1, folded) == LUA_TTABLE)
		return 1;
	lua_newtable(L);
	lua_pushstring(L, folded);
	lua_setfield(L, -2, "name");
	lua_pushinteger(L, (lua_Integer)++engine_of(L)->testing->people);
	lua_setfield(L, -2, "id");
	luaL_setmetatable(L, PERSON_TYPE);
	lua_pushvalue(L, -1);
	lua_setfield(L, 1, folded);
	return 1;
}

static int
server_advance(lua_State *L)
{
	lua_Number seconds = luaL_checknumber(L, 2);

	luaL_argcheck(L, seconds >= 0 && seconds < 1e9, 2,
	    "seconds are expected");
	engine_of(L)->testing->clock.now_us += (int64_t)(seconds * 1e6);
	return 0;
}

static void
get_person(lua_State *L, uint64_t *uid, const char **name)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_getfield(L, 1, "id");
	lua_getfield(L, 1, "name");
	*uid = (uint64_t)luaL_checkinteger(L, -2);
	*name = luaL_checkstring(L, -1); /* the person keeps it */
	lua_pop(L, 2);
}

/* "@bob" of alice is "@alice:bob". */
static void
name_conversation(lua_State *L, const char *to, const char *user,
    char out[CONVERSATION_NAME_MAX + 1])
{
	char name[NAME_BYTES_MAX + 1];
	bool first;

	if ((to[0] != '@' && to[0] != '#') ||
	    !name_fold(to + 1, strlen(to + 1), name))
		luaL_error(L, "\"%s\": #group or @person is expected", to);
	first = strcmp(user, name) <= 0;
	if (to[0] == '#')
		snprintf(out, CONVERSATION_NAME_MAX + 1, "#%s", name);
	else
		snprintf(out, CONVERSATION_NAME_MAX + 1, "@%s:%s",
		    first ? user : name, first ? name : user);
}

static void
raise_failure(lua_State *L)
{
	struct engine *engine = engine_of(L);

	lua_pushstring(L, engine->failure);
	engine_rethrow(L, LUA_OK);
	lua_error(L);
}

static void
push_result(lua_State *L, const struct policy_result *result)
{
	static const char *const kinds[] = {[POLICY_PASS] = "deliver",
	    [POLICY_REJECT] = "reject", [POLICY_SHADOW] = "shadow",
	    [POLICY_REWRITE] = "rewrite"};

	outcome_push(L);
	lua_pushstring(L, kinds[result->verdict]);
	if (result->verdict == POLICY_REWRITE)
		lua_pushlstring(L, result->text, result->text_len);
	else
		lua_pushstring(L, result->rule);
	lua_pushstring(L, result->reason);
	outcome_add(L, 3);
}

/* person:say(conversation, text): what the filters make of it. */
static int
person_say(lua_State *L)
{
	struct engine *engine = engine_of(L);
	struct policy_message message = {.transport = TRANSPORT_WEBSOCKET,
	    .members = 2};
	struct policy_result result = {0};
	char conversation[CONVERSATION_NAME_MAX + 1];

	get_person(L, &message.uid, &message.user);
	name_conversation(L, luaL_checkstring(L, 2), message.user,
	    conversation);
	message.text = luaL_checklstring(L, 3, &message.text_len);
	message.conversation = conversation;
	message.kind = conversation[0] == '@' ? CONVERSATION_DIRECT
	    : strcmp(conversation, "#lobby") == 0 ? CONVERSATION_PUBLIC
	    : CONVERSATION_GROUP;
	message.at_us = engine->testing->clock.now_us;
	if (filters_run(engine, &message, &result) != 0)
		raise_failure(L);
	push_result(L, &result);
	return 1;
}

static void
see_send(void *arg, const char *to, size_t to_len, const char *text,
    size_t text_len, bool action)
{
	effects_send(arg, to, to_len, text, text_len, action);
}

static void
see_request(void *arg, json_t *request)
{
	effects_request(arg, request);
}

static void
see_notice(void *arg, const char *text, size_t len)
{
	effects_notice(arg, text, len);
}

static void
see_error(void *arg, const char *code, const char *message)
{
	effects_error(arg, code, message);
}

static void
push_effect(lua_State *L, const struct effects *effects,
    const struct effect *effect)
{
	static const char *const kinds[] = {[EFFECT_SEND] = "send",
	    [EFFECT_REQUEST] = "request", [EFFECT_NOTICE] = "notice",
	    [EFFECT_ERROR] = "error"};

	lua_pushstring(L, kinds[effect->kind]);
	if (effect->kind == EFFECT_REQUEST)
		convert_push(L, effect->request);
	else
		lua_pushlstring(L, effects_text(effects, effect->a),
		    effect->a_len);
	lua_pushlstring(L, effects_text(effects, effect->b), effect->b_len);
	lua_pushstring(L, effect->action ? "action" : "");
	outcome_add(L, 4);
}

/* person:type(line[, conversation]): what the command does. */
static int
person_type(lua_State *L)
{
	static const struct policy_host host = {see_send, see_request,
	    see_notice, see_error};
	struct engine *engine = engine_of(L);
	struct effects *seen = &engine->testing->seen;
	struct policy_line line = {.transport = TRANSPORT_TEXT,
	    .host = &host, .arg = seen};
	char conversation[CONVERSATION_NAME_MAX + 1];
	unsigned i;

	get_person(L, &line.uid, &line.user);
	line.text = luaL_checklstring(L, 2, &line.text_len);
	name_conversation(L, luaL_optstring(L, 3, "#lobby"), line.user,
	    conversation);
	line.conversation = conversation;
	line.at_us = engine->testing->clock.now_us;
	effects_clear(seen);
	if (lines_run(engine, &line) != 0)
		raise_failure(L);
	outcome_push(L);
	for (i = 0; i < seen->count; i++)
		push_effect(L, seen, &seen->list[i]);
	return 1;
}

struct test_call {
	lua_Integer number; /* from 1 */
	lua_Integer count;
	char name[80];
};

static int
count_tests(lua_State *L)
{
	struct test_call *call = lua_touserdata(L, 1);

	lua_rawgetp(L, LUA_REGISTRYINDEX, &tests_key);
	call->count = (lua_Integer)lua_rawlen(L, -1) / 2;
	return 0;
}

static int
call_test(lua_State *L)
{
	struct test_call *call = lua_touserdata(L, 1);

	lua_rawgetp(L, LUA_REGISTRYINDEX, &tests_key);
	lua_rawgeti(L, -1, 2 * call->number - 1);
	snprintf(call->name, sizeof(call->name), "%s", lua_tostring(L, -1));
	lua_rawgeti(L, -2, 2 * call->number);
	lua_newtable(L);
	luaL_setmetatable(L, SERVER_TYPE);
	lua_call(L, 1, 0);
	return 0;
}

static int
forget_tests(lua_State *L)
{
	lua_newtable(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &tests_key);
	return 0;
}

int
testing_run(struct engine *engine, struct module *module)
{
	const struct engine_entry entry = {.module = module, .what = "test",
	    .budget_ms = engine->options->load_ms};
	struct test_call call = {0};
	char failure[sizeof(engine->failure)];

	if (engine_call(engine, &entry, count_tests, &call) != 0)
		return -1;
	while (++call.number <= call.count) {
		if (engine_call(engine, &entry, call_test, &call) == 0)
			continue;
		memcpy(failure, engine->failure, sizeof(failure));
		snprintf(engine->failure, sizeof(engine->failure),
		    "%.250s (test \"%s\")", failure, call.name);
		return -1;
	}
	return engine_call(engine, &entry, forget_tests, NULL);
}

void
bind_testing(lua_State *L)
{
	static const luaL_Reg server[] = {{"user", server_user},
	    {"advance", server_advance}, {NULL, NULL}};
	static const luaL_Reg person[] = {{"say", person_say},
	    {"type", person_type}, {NULL, NULL}};

	if (engine_of(L)->testing == NULL)
		return;
	bind_class(L, SERVER_TYPE, server);
	bind_class(L, PERSON_TYPE, person);
	bind_outcome(L);
	lua_newtable(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &tests_key);
	lua_pushcfunction(L, add_test);
	lua_setfield(L, -2, "test");
}
