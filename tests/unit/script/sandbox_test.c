/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <lauxlib.h>
#include <lualib.h>

#include "fixture.h"

/* What a script cannot reach, and what it is told when it tries. */

static int
set_up(void **state)
{
	static struct fixture fixture;

	fixture_init(&fixture);
	*state = &fixture;
	return 0;
}

static int
tear_down(void **state)
{
	fixture_fini(*state);
	return 0;
}

static void
test_absent(void **state)
{
	static const char *const names[] = {"io", "package", "debug",
	    "dofile", "loadfile", "warn", "string.dump", "os.execute",
	    "os.exit", "os.getenv", "os.remove", "os.rename", "os.tmpname",
	    "os.setlocale", "os.difftime", "math.randomseed", "chat.x"};
	struct fixture *f = *state;
	struct buf body = {0};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		buf_reset(&body);
		buf_printf(&body, "c:notice(tostring(%s))", names[i]);
		if (strcmp(fixture_run(f, body.data), "notice nil") != 0)
			fail_msg("%s: %s", names[i], f->seen.data);
	}
	buf_fini(&body);
}

/* Pushes "chat.command coroutine.close …", what .luacheckrc knows of. */
static const char *
push_documented(lua_State *L)
{
	luaL_openlibs(L);
	if (luaL_dostring(L, "files = setmetatable({}, {__index = function() "
	    "return {} end})") != LUA_OK ||
	    luaL_dofile(L, SYNCTALK_SOURCEDIR "/.luacheckrc") != LUA_OK ||
	    luaL_dostring(L, "local t = {} for k, v in pairs(std.read_globals) "
	    "do if type(k) == 'number' then t[#t + 1] = v else for _, f in "
	    "ipairs(v.fields) do t[#t + 1] = k .. '.' .. f end end end "
	    "table.sort(t) return table.concat(t, ' ')") != LUA_OK)
		fail_msg("%s", lua_tostring(L, -1));
	return lua_tostring(L, -1);
}

/* All that is documented is there, and nothing else. */
static void
test_present(void **state)
{
	lua_State *L = luaL_newstate();
	const char *documented;

	assert_non_null(L);
	documented = push_documented(L);
	assert_memory_equal(fixture_run(*state, "local t = {} for k, v in "
	    "pairs(_G) do if type(v) == 'table' and k ~= '_G' then if "
	    "pcall(function() return v.x end) then for f in pairs(v) do t[#t + "
	    "1] = k .. '.' .. f end end else t[#t + 1] = k end end "
	    "table.sort(t) local s = table.concat(t, ' ') for _, later in "
	    "ipairs{ 'chat.bot', 'http.request', 'verdict.hold' } do s = s:gsub("
	    "later .. ' ?', '') end c:notice(s)"), "notice ", 7);
	assert_string_equal(((struct fixture *)*state)->seen.data + 7,
	    documented);
	lua_close(L);
}

/* body, and what pcall(body) says. */
static const char *const refused[][2] = {
    {"string.rep = nil", "string cannot be changed"},
    {"chat.command = nil", "chat cannot be changed"},
    {"table.insert(string, 1)", "string cannot be changed"},
    {"rawset(string, 'rep', 1)", "cannot write a protected table"},
    {"rawset(_G, 'x', 1)", "cannot write a protected table"},
    {"setmetatable(string, {})", "cannot change a protected metatable"},
    {"setmetatable(_G, {})", "cannot change a protected metatable"},
    {"json.array(string)", "protected"},
    {"getmetatable('').__index.rep = nil", "attempt to index"},
    {"getmetatable('').__index = nil", "attempt to index"},
    {"setmetatable({}, {__gc = function() end})", "__gc is not available"},
    {"x = 1", "\"x\" is a global, and globals are frozen after load"},
    {"x = 1", "in shared (all workers) or in store"},
    {"print = nil", "\"print\" is a global"},
    {"_G.x = 1", "\"x\" is a global"},
    {"_G._G.x = 1", "\"x\" is a global"},
    {"load('x = 1')()", "\"x\" is a global"},
    {"local _, t = pairs(string) t.rep = nil", "attempt to index"},
    {"load(string.char(27) .. 'Lua')()", "attempt to call a nil value"},
    {"load('return 1', 'x', 'b')", "text only, not compiled code"},
    {"load(function() return 'x' end)", "string expected"},
    {"require('lib.x')", "while scripts are loaded"},
    {"collectgarbage()", "collectgarbage is only for \"count\""},
    {"collectgarbage('stop')", "collectgarbage is only for \"count\""},
    {"chat.command{ name = 'y', summary = 'y', run = print }",
     "while scripts are loaded"},
    {"words.matcher{ 'x' }", "while scripts are loaded"},
    {"store.get('x')", "store is not available in this version"},
    {"store.x = 1", "store is not available in this version"},
    {"http.request{}", "http.request is not available in this version"},
    {"timer.after(1, print)", "timer is not available in this version"},
    {"chat.on('password_reset', print)", "while scripts are loaded"},
    {"http.post = nil", "http cannot be changed"},
    {"http.post{}", "url must be a string"},
    {"http.post{ url = 'https://x.example' }", "either json or body"},
    {"http.post{ url = 'x', body = 'y', json = {} }", "either json or body"},
    {"http.post{ body = 'y' }", "url must be a string"},
    {"http.post{ url = 'x', body = 'y', headers = { a = 'b\\nc' } }",
     "headers have no line ends"},
    {"http.post{ url = 'x', body = 'y', header = {} }", "unknown field"},
    {"chat.bot{}", "chat.bot is not available"},
    {"verdict.hold{ reason = 'x' }", "verdict.hold is not available"},
    {"coroutine.yield()", "outside a coroutine"},
    {"c.x = 1", "attempt to index"},
    {"return c.txt", "a command's c has no field \"txt\""},
    {"return c.usr", "(did you mean \"user\"?)"},
    {"return c.user.nam", "a user has no field \"nam\" (did you mean "
     "\"name\"?)"},
    {"return c.conversation.idd", "a conversation has no field \"idd\""},
    {"c.send('@bob', 'x')", "call it with a colon: c:send"},
    {"c:send('@bob')", "string expected, got no value"},
    {"c:send('@bob', '\\xff')", "must be UTF-8"},
    {"c:request{}", "c:request: type is missing"},
    {"c:request{ type = 'line', text = '/x' }", "cannot type a line"},
    {"c:send('@bob', 'x', { acton = true })", "the only option is"},
    {"log.info('a', 'b')", "one value is expected"},
    {"c:request{ type = 'x', f = print }", "c:request: only tables"},
    {"c:error('bad', 'x')", "invalid option 'bad'"},
    {"shared.set('x', {})", "a string, a number, a boolean or nil"},
    {"shared.set(('x'):rep(257), 1)", "at most 256 bytes"},
    {"shared.set('x', ('x'):rep(65537))", "at most 64 KiB"},
    {"shared.rate('x', 0, 1)", "above 0"},
    {"json.encode(print)", "only tables"},
    {"json.encode{ 1, x = 2 }", "either names or the places"},
    {"json.encode(0/0)", "no NaN"},
    {"json.encode('\\xff')", "no UTF-8"},
    {"verdict.reject()", "verdict.reject{ reason = "},
    {"verdict.reject{ reson = 'x' }", "did you mean \"reason\"?"},
    {"verdict.reject{ reason = '' }", "1 to 255 bytes"},
    {"verdict.rewrite{ text = ('x'):rep(20000) }", "1 to 16384 bytes"},
    {"verdict.shadow{ x = 1 }", "it has no fields"}};

static void
test_refused(void **state)
{
	struct fixture *f = *state;
	struct buf body = {0};
	size_t i;

	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		buf_reset(&body);
		buf_printf(&body, "local ok, why = pcall(function() %s end) "
		    "c:notice(ok and 'it worked' or why)", refused[i][0]);
		buf_putc(&body, '\0');
		if (strstr(fixture_run(f, body.data), refused[i][1]) == NULL)
			fail_msg("%s: %s", refused[i][0], f->seen.data);
	}
	buf_fini(&body);
}

/* Errors name the place in the script, not one in the server. */
static void
test_errors_have_places(void **state)
{
	struct fixture *f = *state;

	assert_contains(fixture_run(f, "local ok, why = pcall(function()\n"
	    "x = 1 end) c:notice(why)"), "commands/x.lua:3: ");
}

static void
test_globals_of_a_script(void **state)
{
	struct fixture *f = *state;

	fixture_write(f, "shipped/commands/a.lua", "helper = 1 "
	    "string = string assert(_G.helper == 1) return chat.command{ name "
	    "= \"a\", summary = \"a\", run = function(c) "
	    "c:notice(tostring(helper)) end }");
	fixture_write(f, "shipped/commands/b.lua", "assert(helper == nil) "
	    "return chat.command{ name = \"b\", summary = \"b\", run = "
	    "function(c) c:notice(tostring(helper)) end }");
	if (fixture_load(f) != 0)
		fail_msg("%s", f->err.text);
	assert_string_equal(fixture_type(f, "/a"), "notice 1");
	assert_string_equal(fixture_type(f, "/b"), "notice nil");
}

static void
test_libraries(void **state)
{
	struct fixture *f = *state;

	fixture_write(f, "shipped/lib/one.lua",
	    "return { n = 1, two = require(\"lib.two\") }");
	fixture_write(f, "shipped/lib/two.lua", "return 2");
	fixture_write(f, "own/local/lib/three.lua", "return 3");
	fixture_write(f, "own/lib/two.lua", "return 22");
	fixture_script(f, "local one, three = require \"lib.one\", require "
	    "\"local.lib.three\" assert(one == require \"lib.one\") return "
	    "chat.command{ name = \"x\", summary = \"x\", run = function(c) "
	    "c:notice(one.n .. one.two .. three) end }");
	assert_string_equal(fixture_type(f, "/x"), "notice 1223");
	assert_contains(fixture_refused(f, "require \"lib.none\""),
	    "commands/x.lua:1: require \"lib.none\": there is no lib/none.lua");
	assert_contains(fixture_refused(f, "require \"commands.x\""),
	    "is no library");
	fixture_write(f, "own/lib/two.lua", "require \"lib.one\"");
	assert_contains(fixture_refused(f, "require \"lib.one\""),
	    "lib/two.lua:1: require \"lib.one\": it requires itself");
}

static void
test_json(void **state)
{
	static const char *const cases[][2] = {
	    {"json.encode{ a = 1 }", "{\"a\":1}"},
	    {"json.encode{ 1, 2.5, 'x', true, json.null }",
	     "[1,2.5,\"x\",true,null]"},
	    {"json.encode{}", "{}"}, {"json.encode(json.array{})", "[]"},
	    {"json.encode(9007199254740993)", "9007199254740993"},
	    {"json.encode(math.mininteger)", "-9223372036854775808"},
	    {"math.type(json.decode('9223372036854775807'))", "integer"},
	    {"json.decode('9223372036854775807')", "9223372036854775807"},
	    {"json.decode('1.5')", "1.5"},
	    {"json.encode(json.decode('{\"a\":[],\"b\":{}}').a)", "[]"},
	    {"json.decode('{\"a\":[1,{\"b\":null}]}').a[2].b == json.null",
	     "true"},
	    {"select(2, json.decode('{\"a\":1,}'))", "byte "},
	    {"select(2, json.decode('{\"a\":1,\"a\":2}'))", "duplicate"}};
	struct fixture *f = *state;
	struct buf body = {0};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&body);
		buf_printf(&body, "c:notice(tostring((%s)))", cases[i][0]);
		assert_contains(fixture_run(f, body.data), cases[i][1]);
	}
	buf_fini(&body);
}

static void
test_shared(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(fixture_run(f, "c:notice(tostring(shared.get"
	    "'none')) shared.set('i', 1 << 62) shared.set('n', 0.5) "
	    "shared.set('b', false) shared.set('s', 'a\\0b') "
	    "c:notice(shared.get'i' .. ' ' .. math.type(shared.get'i') .. ' ' "
	    ".. shared.get'n' .. ' ' .. tostring(shared.get'b') .. ' ' .. "
	    "#shared.get's' .. ' ' .. shared.incr'k' .. shared.incr('k', 5)) "
	    "c:notice(tostring(pcall(shared.incr, 's')))"),
	    "notice nil; notice 4611686018427387904 integer 0.5 false 3 16; "
	    "notice false");
	/* Another generation sees it. */
	assert_string_equal(fixture_run(f, "c:notice(shared.get'k') "
	    "shared.set('k', nil) shared.set('t', 1, 10) shared.incr('u', 1, "
	    "10)"), "notice 6");
	assert_string_equal(fixture_run(f, "c:notice(tostring(shared.get'k') "
	    ".. shared.get't')"), "notice nil1");
	f->clock.now_us += 10000000;
	assert_string_equal(fixture_run(f, "c:notice(tostring(shared.get't') "
	    ".. shared.incr('u', 1, 10))"), "notice nil1");
	fixture_run(f, "local ok, wait = shared.rate('r', 0.5, 2) "
	    "c:notice(tostring(ok) .. ' ' .. tostring(wait))");
	assert_string_equal(fixture_type(f, "/x"), "notice true nil");
	assert_contains(fixture_type(f, "/x"), "notice false 2.0");
	f->clock.now_us += 2000000;
	assert_string_equal(fixture_type(f, "/x"), "notice true nil");
}

static void
test_time(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(fixture_run(f, "c:notice(os.time() .. os.date"
	    "('!%H:%M') .. ' ' .. c.at .. type(os.clock()))"),
	    "notice 176726880012:00 1767268800.0number");
	assert_string_equal(fixture_run(f, "c:notice(tostring(os.time{year="
	    "2026,month=1,day=1,hour=12} ~= nil) .. os.date('!%Y', 0))"),
	    "notice true1970");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {TEST(test_absent),
	    TEST(test_present), TEST(test_refused),
	    TEST(test_errors_have_places),
	    TEST(test_globals_of_a_script), TEST(test_libraries),
	    TEST(test_json), TEST(test_shared), TEST(test_time)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
