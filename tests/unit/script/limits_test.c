/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fixture.h"
#include "script/set.h"

/*
 * Nothing that a script does may hold its worker up.  A limit that does not
 * work hangs the test, and the alarm ends it.
 */

static int
set_up(void **state)
{
	static struct fixture fixture;

	fixture_init(&fixture);
	fixture.options.command_ms = 20;
	fixture.options.filter_ms = 20;
	fixture.options.load_ms = 500;
	*state = &fixture;
	alarm(120);
	return 0;
}

static int
tear_down(void **state)
{
	fixture_fini(*state);
	return 0;
}

static const char *
failure(struct fixture *f)
{
	return f->set->workers[0].engine->failure;
}

static const char *const endless[] = {
    "while true do end",
    "for i = 1, math.huge do end",
    "repeat until false",
    "::again:: goto again",
    "local function f() return f() end f()",
    "while true do pcall(function() while true do end end) end",
    "while true do pcall(error) end",
    "while true do pcall(pcall, error) end",
    "local t = setmetatable({}, {__index = function(t, k) while true do end "
    "end}) return pcall(function() return t.x end)",
    "coroutine.wrap(function() while true do end end)()",
    "local co = coroutine.create(function() while true do end end) "
    "while true do coroutine.resume(co) end",
    "local function nest(n) if n == 0 then while true do end end "
    "return coroutine.wrap(nest)(n - 1) end nest(20)",
    "while true do coroutine.wrap(function() coroutine.yield() end)() end",
    "local co = coroutine.wrap(function() while true do coroutine.yield() end "
    "end) while true do co() end",
    "local co = coroutine.wrap(function() pcall(function() while true do "
    "coroutine.yield() end end) end) while true do co() end",
    "table.sort({3, 1, 2}, function() while true do end end)",
    "table.sort({3, 1, 2}, function() while true do pcall(error) end end)",
    "('a'):gsub('a', function() while true do end end)",
    "for w in ('a'):gmatch('a') do while true do end end",
    "xpcall(function() while true do end end, function() while true do end "
    "end)",
    "while true do xpcall(error, function() while true do end end) end",
    "xpcall(error, function() while true do end end)",
    "local x <close> = setmetatable({}, {__close = function() while true do "
    "end end}) while true do end",
    "local x <close> = setmetatable({}, {__close = function() while true do "
    "end end}) error('x')",
    "local co = coroutine.create(function() local x <close> = setmetatable({}, "
    "{__close = function() while true do end end}) coroutine.yield() end) "
    "coroutine.resume(co) coroutine.close(co)",
    "local co = coroutine.create(function() local x <close> = setmetatable({}, "
    "{__close = function() while true do end end}) while true do end end) "
    "local y <close> = setmetatable({}, {__close = function() "
    "coroutine.close(co) end}) coroutine.resume(co)",
    "local t = {} while true do t[#t % 8 + 1] = ('x'):rep(100) end",
    "tostring(setmetatable({}, {__tostring = function() while true do end "
    "end}))",
    "error(setmetatable({}, {__tostring = function() while true do end end}))",
    "load('while true do end')()",
    "for _ in pairs(setmetatable({}, {__pairs = function() return function() "
    "return 1 end end})) do end",
    /* Loops in C, where Lua's hooks do not look. */
    "table.move({}, 1, 1 << 40, 2)",
    "table.insert(setmetatable({}, {__len = function() return 1 << 40 end}), "
    "1, 'x')",
    "table.remove(setmetatable({}, {__len = function() return 1 << 40 end}), "
    "1)",
    "table.concat(setmetatable({}, {__len = function() return 1 << 40 end, "
    "__index = type}))",
    "table.sort(setmetatable({}, {__len = function() return (1 << 30) end, "
    "__index = rawlen, __newindex = type}), rawequal)",
    "while true do ('x'):rep(1 << 20):reverse() end",
    "while true do pcall(string.find, ('x'):rep(3000), '.-.-.-y') end"};

static void
test_budget(void **state)
{
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(endless) / sizeof(endless[0]); i++) {
		const char *seen = fixture_run(f, endless[i]);

		if (strcmp(seen, "error internal: /x failed, and did nothing: "
		    "the server's log says why") != 0 ||
		    strstr(failure(f), "took longer than 20 ms") == NULL)
			fail_msg("%s\nended with: %s\nbecause: %s", endless[i],
			    seen, failure(f));
		/* The state is as good as before. */
		assert_contains(fixture_type(f, "/nothing"),
		    "unknown_command");
	}
}

static void
test_budget_of_filter(void **state)
{
	struct fixture *f = *state;

	fixture_script(f, "return chat.filter{ name = \"slow\", run = function("
	    "ev) if ev.text == \"x\" then while true do end end end }");
	assert_string_equal(fixture_say(f, "#tea", "x"), "pass");
	assert_contains(failure(f), "commands/x.lua:1: took longer than 20 ms");
	assert_int_equal(script_set_errors(f->set), 1);
	assert_string_equal(fixture_say(f, "#tea", "y"), "pass");
	assert_int_equal(script_set_errors(f->set), 1);
}

static void
test_budget_of_load(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(fixture_refused(f, "local x\nwhile true do end"),
	    "commands/x.lua:2: took longer than 500 ms and was ended");
}

/* A coroutine that a limit ended keeps nothing from the next call. */
static void
test_killed_coroutine_stays_dead(void **state)
{
	struct fixture *f = *state;

	fixture_script(f, "local co\n"
	    "return chat.command{ name = \"x\", summary = \"x\", args = "
	    "{{\"n\", \"int\"}}, run = function(c, a)\n"
	    "if a.n == 1 then co = coroutine.create(function() local y <close> "
	    "= setmetatable({}, {__close = function() while true do end end}) "
	    "while true do end end) coroutine.resume(co) end\n"
	    "c:notice(select(2, pcall(coroutine.close, co))) end }");
	assert_contains(fixture_type(f, "/x 1"), "internal");
	assert_string_equal(fixture_type(f, "/x 2"),
	    "notice the coroutine went over a limit");
}

/* A hook that is left in a coroutine does nothing to the next call. */
static void
test_no_stale_limit(void **state)
{
	struct fixture *f = *state;

	fixture_script(f, "local co = coroutine.wrap(function() while true do "
	    "for i = 1, 100 do end coroutine.yield(1) end end)\n"
	    "return chat.command{ name = \"x\", summary = \"x\", args = "
	    "{{\"n\", \"int\"}}, run = function(c, a)\n"
	    "if a.n == 1 then while true do co() end end\n"
	    "local ok, why = pcall(co) c:notice(tostring(why)) end }");
	assert_string_equal(fixture_type(f, "/x 2"), "notice 1");
	assert_contains(fixture_type(f, "/x 1"), "internal");
	/* Ended within the coroutine, or outside of it. */
	assert_contains(fixture_type(f, "/x 2"), "notice ");
}

static const char *const greedy[] = {
    "local t = {} while true do t[#t + 1] = {} end",
    "local s = 'x' while true do s = s .. s end",
    "local t = {} while true do pcall(function() while true do t[#t + 1] = "
    "('x'):rep(1000) .. #t end end) end",
    "local t = {} while true do xpcall(function() while true do t[#t + 1] = "
    "('x'):rep(1000) .. #t end end, print) end",
    "local t = {} while true do coroutine.wrap(function() while true do t[#t "
    "+ 1] = ('x'):rep(1000) .. #t end end)() end",
    "local function f() return 1 + f() end pcall(f)",
    "local s = ('x'):rep(1 << 20) local t = {} for i = 1, 100 do t[i] = s .. "
    "i end"};

static void
test_memory(void **state)
{
	struct fixture *f = *state;
	size_t i;

	f->options.command_ms = 20000;
	f->options.memory_max = (size_t)8 << 20;
	for (i = 0; i < sizeof(greedy) / sizeof(greedy[0]); i++) {
		const char *seen = fixture_run(f, greedy[i]);

		if (strstr(seen, "internal") == NULL || strstr(failure(f),
		    "needs more than 8 MiB of memory") == NULL)
			fail_msg("%s\nended with: %s\nbecause: %s", greedy[i],
			    seen, failure(f));
		/* What it held is free again. */
		assert_true(f->set->workers[0].engine->memory < 2 << 20);
	}
}

static void
test_memory_of_load(void **state)
{
	struct fixture *f = *state;

	f->options.load_ms = 20000;
	f->options.memory_max = (size_t)4 << 20;
	assert_contains(fixture_refused(f, "local t = {} while true do t[#t + "
	    "1] = {} end"), "needs more than 4 MiB of memory");
}

/* Wherever memory ends, the load fails and nothing else. */
static void
test_memory_ends_while_loading(void **state)
{
	struct fixture *f = *state;
	unsigned refused = 0;

	f->options.shipped_folder = SYNCTALK_SOURCEDIR "/lua";
	f->options.operator_folder = SYNCTALK_SOURCEDIR "/tests/lua";
	f->options.load_ms = 20000;
	f->options.workers = 1;
	for (f->options.memory_max = 4096; fixture_load(f) != 0;
	    f->options.memory_max += 1000) {
		if (strstr(f->err.text, "memory") == NULL)
			fail_msg("%s", f->err.text);
		refused++;
	}
	assert_true(refused > 50);
}

/* Wherever memory ends, a line is done as a whole or not at all. */
static void
test_memory_ends_while_running(void **state)
{
	static const char script[] = "return chat.command{ name = \"x\", "
	    "summary = \"x\", args = {{\"n\", \"int\"}, {\"t\", \"rest\"}}, "
	    "run = function(c, a) c:send(\"@bob\", a.t .. a.n) c:request{ type "
	    "= \"join\", conversation = \"#tea\", list = { {1}, {2} } } "
	    "c:notice(json.encode(json.decode('{\"a\":[1,2,{\"b\":3}]}'))) end "
	    "}";
	struct fixture *f = *state;
	struct engine *engine;
	bool done = false;
	size_t room;

	fixture_script(f, script);
	engine = f->set->workers[0].engine;
	for (room = 0; !done; room += 24) {
		const char *seen;

		lua_gc(engine->L, LUA_GCCOLLECT);
		engine->memory_max = engine->memory + room;
		seen = fixture_type(f, "/x 7 hello to everybody who reads it");
		done = strncmp(seen, "send @bob: hello", 16) == 0;
		if (!done)
			assert_string_equal(seen, "error internal: /x failed, "
			    "and did nothing: the server's log says why");
	}
	assert_true(room > 500);
	assert_contains(f->seen.data, "notice {\"a\":[1,2,{\"b\":3}]}");
}

static void
test_bounded_errors(void **state)
{
	static const char *const bodies[][2] = {
	    {"c:notice(tostring(#(''):rep(1 << 40)))", "notice 0"},
	    {"c:notice(tostring(#(''):rep(1 << 62, '')))", "notice 0"},
	    {"('x'):rep(1 << 40)", "internal"},
	    {"('x'):rep(1 << 60, 'yy')", "internal"},
	    {"local s = ('a'):rep(20000) c:notice(tostring((s:find(s .. 'b', 1,"
	     " true))))", "notice nil"},
	    {"local ok, why = pcall(string.find, ('a'):rep(2000), "
	     "'a-a-a-a-b') c:notice(why)", "too complex"},
	    {"local ok, why = pcall(load, ('x'):rep(65537)) c:notice(why)",
	     "at most 64 KiB"},
	    {"local ok, why = pcall(table.unpack, {}, 1, 1e8) c:notice(why)",
	     "too many results"},
	    {"local t = {} t.t = t local ok, why = pcall(json.encode, t) "
	     "c:notice(why)", "nested too deeply"},
	    {"local t = {} for i = 1, 40 do t = {t, t} end local ok, why = "
	     "pcall(json.encode, t) c:notice(why)", "more than 100000"},
	    {"local function f() return coroutine.wrap(f)() end local ok, why "
	     "= pcall(f) c:notice(why)", "C stack overflow"},
	    {"for i = 1, 65 do c:notice('x') end", "internal"},
	    {"c:notice(('x'):rep(300000))", "internal"}};
	struct fixture *f = *state;
	size_t i;

	f->options.command_ms = 2000;
	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		assert_contains(fixture_run(f, bodies[i][0]), bodies[i][1]);
}

static void
test_disabled_after_errors(void **state)
{
	struct fixture *f = *state;
	int i;

	fixture_script(f, "return { chat.filter{ name = \"bad\", run = "
	    "function(ev) error(\"x\") end },\n"
	    "chat.filter{ name = \"closed\", on_error = \"reject\", "
	    "conversations = \"#closed\", run = function(ev) error(\"x\") end "
	    "} }");
	/* On probation errors are counted, no more. */
	for (i = 0; i < 25; i++)
		assert_string_equal(fixture_say(f, "#tea", "x"), "pass");
	assert_int_equal(script_set_errors(f->set), 25);
	script_set_settle(f->set);
	f->clock.now_us += INT64_C(61000000);
	for (i = 0; i < 30; i++)
		assert_string_equal(fixture_say(f, "#tea", "x"), "pass");
	assert_int_equal(script_set_errors(f->set), 25 + 20);
	assert_string_equal(fixture_say(f, "#closed", "x"),
	    "reject closed: it could not be checked; try later");
	fixture_write(f, "shipped/commands/y.lua", "return chat.command{ name "
	    "= \"y\", summary = \"y\", run = function() error() end }");
	assert_int_equal(fixture_load(f), 0);
	script_set_settle(f->set);
	for (i = 0; i < 20; i++)
		assert_contains(fixture_type(f, "/y"), "internal");
	assert_string_equal(fixture_type(f, "/y"), "error unavailable: /y is "
	    "switched off after repeated errors");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {TEST(test_budget),
	    TEST(test_budget_of_filter), TEST(test_budget_of_load),
	    TEST(test_killed_coroutine_stays_dead), TEST(test_no_stale_limit),
	    TEST(test_memory), TEST(test_memory_of_load),
	    TEST(test_memory_ends_while_loading),
	    TEST(test_memory_ends_while_running),
	    TEST(test_bounded_errors), TEST(test_disabled_after_errors)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
