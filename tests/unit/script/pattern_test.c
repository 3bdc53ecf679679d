/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <lauxlib.h>
#include <lualib.h>

#include "fixture.h"

/*
 * The sandbox's find, match, gmatch and gsub against Lua's own: one chunk
 * runs in both, and what it writes down must be the same.
 */

/* Ends with NULL, since a string of C cannot be as long as all of them. */
static const char *const chunk[] = {
    "local out = {}\n"
    "local function note(what, ...)\n"
    "local t = table.pack(pcall(...))\n"
    "for i = 1, t.n do t[i] = tostring(t[i]) end\n"
    "if t[1] == 'false' then t = {'error'} end\n"
    "out[#out + 1] = what .. ': ' .. table.concat(t, ' | ')\n"
    "end\n"
    "local function each(s, p) local t = {} for a, b in s:gmatch(p) do t[#t + "
    "1] = tostring(a) .. ',' .. tostring(b) end return table.concat(t, ';') "
    "end\n"
    "local function all(s, p)\n"
    "local what = ('%q %q'):format(s, p)\n"
    "note('find ' .. what, string.find, s, p)\n"
    "note('find2 ' .. what, string.find, s, p, 2)\n"
    "note('find-1 ' .. what, string.find, s, p, -1)\n"
    "note('plain ' .. what, string.find, s, p, 1, true)\n"
    "note('match ' .. what, string.match, s, p)\n"
    "note('gmatch ' .. what, each, s, p)\n"
    "note('gsub ' .. what, string.gsub, s, p, '<%0>')\n"
    "note('gsub1 ' .. what, string.gsub, s, p, '<%1>', 1)\n"
    "note('gsubf ' .. what, string.gsub, s, p, function(a, b) if a == 'a' "
    "then return nil end return '{' .. tostring(b) .. '}' end)\n"
    "note('gsubt ' .. what, string.gsub, s, p, {a = 'A', b = 1, ab = false})\n"
    "end\n",
    "local subjects = {'', 'a', 'ab', 'aab', 'hello world', 'key = value', "
    "'(a(b)c)d', 'x1y22z333', '  trim me  ', 'THE (quick) fox', "
    "'a,b,,c', 'aaa', 'abcabc', '%d', 'a.b', '[x]', ']', 'a-b', '\\0a\\0', "
    "'\\xe4\\xf6', 'f(a,b)', '((', 'x^2', 'a$b', '\\n\\t'}\n"
    "local patterns = {'', 'a', 'b', 'ab', '.', '.*', '.-', 'a*', 'a+', 'a-', "
    "'a?', '^a', 'a$', '^a$', '^', '$', '%a', '%A', '%d+', '%w+', '%s*', "
    "'%S+', '%u', '%l+', '%p', '%c', '%x+', '%g+', '%z', '[ab]', '[^ab]', "
    "'[a-c]+', '[^a-c]+', '[%a_]+', '[%w%.]', '[]]', '[^]]', '[]%-a]', "
    "'[a-]', '[-a]', '[%a-z]', '[a-%d]', '[+-]', '()', '(a)', '(a)(b)', "
    "'(a*(b))', '()a()', '(.)%1', '(a)%1', '(%w+) = (%w+)', '^%s*(.-)%s*$', "
    "'%b()', '%b()$', '%f[%a]%a+', '%f[%w]%w+%f[%W]', 'a.-b', 'a.*b', "
    "'([^,]*),?', '%%', '%.', 'x?y?z?', '.-$', '^.-$', 'a-$', '^^', '^^a', "
    "'$$', 'a^', 'a$b', 'x%^', '-', '+', '*a', '?', "
    "'(.)(.)(.)%3%2%1', '(.-)%1', '((a))%2', '\\0', '[\\0]', "
    "'[^\\0]', 'a--', 'a-b', '[[]', '[a-a]', '[b-a]', '.a.', "
    "'[^%s]+', '%D', '%bxx', '%b((', '()%b()()', '%f[\\0]', '%f[^\\0]'}\n"
    "for _, s in ipairs(subjects) do for _, p in ipairs(patterns) do all(s, "
    "p) end end\n",
    "local seed = 12345\n"
    "local function random(n) seed = (seed * 1103515245 + 12345) % 2147483648 "
    "return seed // 65536 % n + 1 end\n"
    "local letters = {'a', 'b', 'c', '1', ' ', '.', '(', ')', '-', '\\0'}\n"
    "local singles = {'a', 'b', '.', '%a', '%d', '%w', '[ab]', '[^a]', "
    "'[a-c]', '%.', '%(', '%s', '[%d%s]', '%W', '[^%w]', '[]a]'}\n"
    "local suffixes = {'', '', '', '*', '+', '-', '?'}\n"
    "for i = 1, 3000 do\n"
    "local s, p, open, closed, n = {}, {}, {}, {}, 0\n"
    "for j = 1, random(12) - 1 do s[j] = letters[random(#letters)] end\n"
    "if random(6) == 1 then p[1] = '^' end\n"
    "for j = 1, random(6) do\n"
    "local what = random(12)\n"
    "if what == 1 then n = n + 1 open[#open + 1] = n p[#p + 1] = '(' .. "
    "singles[random(#singles)]\n"
    "elseif what == 2 and #open > 0 then closed[#closed + 1] = "
    "table.remove(open) p[#p + 1] = ')'\n"
    "elseif what == 3 and #closed > 0 then p[#p + 1] = '%' .. "
    "closed[random(#closed)]\n"
    "elseif what == 4 then n = n + 1 p[#p + 1] = '()'\n"
    "elseif what == 5 then p[#p + 1] = '%b()'\n"
    "elseif what == 6 then p[#p + 1] = '%f[%w]'\n"
    "else p[#p + 1] = singles[random(#singles)] .. "
    "suffixes[random(#suffixes)] end\n"
    "end\n"
    "for _ = 1, #open do p[#p + 1] = ')' end\n"
    "if random(6) == 1 then p[#p + 1] = '$' end\n"
    "all(table.concat(s), table.concat(p))\n"
    "end\n",
    "for i = -3, 5 do note('rep', string.rep, 'ab', i) note('rep,', "
    "string.rep, 'ab', i, ',') end\n"
    "note('rep', string.rep, '', 5, 'x') note('rep', string.rep, 'x', 3, "
    "'')\n"
    "for i = -5, 8 do note('find i', string.find, 'hello', 'l', i) "
    "note('find e', string.find, 'hello', '', i) "
    "note('match i', string.match, 'hello', '^l', i) end\n"
    "note('gsub n', string.gsub, 'hello', 'l', 'L', 0)\n"
    "note('gsub n', string.gsub, 'hello', '', '-', 3)\n"
    "note('gsub n', string.gsub, 'hello', '', '-')\n"
    "note('gsub %', string.gsub, 'hello', 'l', '%')\n"
    "note('gsub %', string.gsub, 'hello', 'l', '%x')\n"
    "note('gsub %%', string.gsub, 'hello', 'l', '%%')\n"
    "note('gsub 2', string.gsub, 'hello', '(l)', '%2')\n"
    "note('gsub n', string.gsub, 'hello', 'l', 7)\n"
    "note('gsub b', string.gsub, 'hello', 'l', true)\n"
    "note('gsub r', string.gsub, 'hello', 'l', function() return {} end)\n"
    "note('gsub p', string.gsub, 'hello', '()l', '%1')\n"
    "note('gmatch i', function() local t = {} for w in ('abcabc')"
    ":gmatch('%a', 4) do t[#t + 1] = w end return table.concat(t) end)\n"
    "local t = {5, 2, 8, 1, 9, 3, 3, 7}\n"
    "note('sort', function() table.sort(t) return table.concat(t, ',') end)\n"
    "note('sort', function() table.sort(t, function(a, b) return a > b end) "
    "return table.concat(t, ',') end)\n"
    "for n = 0, 40 do note('sort', function() local u = {} for i = 1, n do "
    "u[i] = random(20) end table.sort(u) return table.concat(u, ',') end) "
    "end\n"
    "note('sort', table.sort, {1, 'a'}) note('sort', table.sort, {1}, 1)\n"
    "local function show(f, ...) local u = {1, 2, 3, 4} local r = f(u, ...) "
    "if r == u then r = 'same' end return tostring(r), table.concat(u, ',') "
    "end\n"
    "for i = -1, 6 do note('insert', show, table.insert, i, 9) "
    "note('remove', show, table.remove, i) "
    "note('move', show, table.move, 1, 3, i) "
    "note('move', show, table.move, i, 4, 1) "
    "note('concat', function() return table.concat({1, 2, 3}, '-', i) end) "
    "note('concat', function() return table.concat({1, 2, 3}, '-', 1, i) end) "
    "end\n"
    "note('insert', show, table.insert, 9) note('insert', show, "
    "table.insert) note('remove', show, table.remove)\n"
    "note('remove', table.remove, {}) note('remove', table.remove, {}, 0) "
    "note('remove', table.remove, {}, 1) note('remove', table.remove, {}, 2)\n"
    "note('concat', table.concat, {1, {}, 3}) note('concat', table.concat, "
    "{}, 'x')\n"
    "note('move', table.move, {1}, 1, math.maxinteger, 2)\n"
    "note('pcall', pcall) note('pcall', pcall, error, 'x')\n"
    "note('xpcall', xpcall, error, function(m) return m .. '!' end, 'x')\n"
    "note('xpcall', xpcall, function(...) return ... end, print, 1, 2)\n"
    "note('co', function() local co = coroutine.create(function(a) local b = "
    "coroutine.yield(a + 1) error(b) end) local r = table.pack(coroutine"
    ".resume(co, 1)) local q = table.pack(coroutine.resume(co, 'x')) return "
    "tostring(r[2]), tostring(q[1]), tostring(q[2]):match('x$'), "
    "coroutine.status(co), tostring(coroutine.resume(co)) end)\n"
    "note('co', function() local co co = coroutine.create(function() return "
    "coroutine.resume(co) end) return coroutine.resume(co) end)\n"
    "note('co', function() local co = coroutine.wrap(function() return "
    "pcall(coroutine.yield, 1) end) return co(), co(2) end)\n"
    "note('co', function() local co = coroutine.create(function() "
    "coroutine.yield() end) coroutine.resume(co) return coroutine.close(co), "
    "coroutine.status(co) end)\n"
    "note('co', function() local log = '' local co = coroutine.create("
    "function() local x <close> = setmetatable({}, {__close = function() log "
    "= 'closed' end}) coroutine.yield() end) coroutine.resume(co) "
    "coroutine.close(co) return log end)\n"
    "note('meta', setmetatable, {}, 1) note('meta', setmetatable, 1, {})\n"
    "note('rawset', function() local t = setmetatable({}, {__newindex = "
    "error}) rawset(t, 'a', 1) return t.a end)\n",
    NULL};

static char *
join(const char *end)
{
	struct buf text = {0};
	size_t i;

	for (i = 0; chunk[i] != NULL; i++)
		buf_puts(&text, chunk[i]);
	buf_puts(&text, end);
	buf_putc(&text, '\0');
	return text.data;
}

static int
first_difference(const char *a, const char *b, int from)
{
	while (a[from] != '\0' && a[from] == b[from])
		from++;
	while (from > 0 && a[from - 1] != '\n')
		from--;
	return from;
}

/* The answers are too long for one notice: they come by the piece. */
static void
test_same_as_lua(void **state)
{
	static struct fixture f;
	lua_State *L = luaL_newstate();
	char *own = join("return function(from, to) return table.concat(out, "
	    "'\\n', from, math.min(to, #out)), #out end");
	char *body, request[64];
	int from, total = 1, at;

	(void)state;
	assert_non_null(L);
	luaL_openlibs(L);
	assert_int_equal(luaL_dostring(L, own), LUA_OK);
	free(own);
	fixture_init(&f);
	f.options.load_ms = 60000;
	f.options.command_ms = 60000;
	f.options.workers = 1;
	body = join("return chat.command{ name = 'x', summary = '', args = "
	    "{{'from', 'int'}, {'to', 'int'}}, run = function(c, a) "
	    "c:notice((table.concat(out, '\\n', a.from, math.min(a.to, #out))"
	    ":gsub('\\xe4', '?'):gsub('\\xf6', '?'))) end }");
	fixture_script(&f, body);
	free(body);
	for (from = 1; from <= total; from += 1000) {
		const char *lua, *seen;

		lua_pushvalue(L, -1);
		lua_pushinteger(L, from);
		lua_pushinteger(L, from + 999);
		lua_call(L, 2, 2);
		total = (int)lua_tointeger(L, -1);
		luaL_gsub(L, lua_tostring(L, -2), "\xe4", "?");
		lua = luaL_gsub(L, lua_tostring(L, -1), "\xf6", "?");
		snprintf(request, sizeof(request), "/x %d %d", from,
		    from + 999);
		seen = fixture_type(&f, request);
		assert_memory_equal(seen, "notice ", 7);
		if (strcmp(lua, seen + 7) != 0) {
			at = first_difference(lua, seen + 7, 0);
			fail_msg("Lua: %.*s\nwe:  %.*s",
			    (int)strcspn(lua + at, "\n"), lua + at,
			    (int)strcspn(seen + 7 + at, "\n"), seen + 7 + at);
		}
		lua_settop(L, 1);
	}
	assert_true(total > 50000);
	fixture_fini(&f);
	lua_close(L);
}

/* Refused even where Lua would not have got that far. */
static void
test_malformed(void **state)
{
	static const char *const patterns[] = {"(", ")", "(a", "a)", "[a", "[",
	    "[^", "[%", "%", "a%", "%b", "%bx", "%f", "%fa", "(()", "%1",
	    "(%1)", "(a)%2", "[]", "[^]", "a[%]"};
	struct buf body = {0};
	struct fixture f;
	size_t i;

	(void)state;
	fixture_init(&f);
	buf_puts(&body, "for _, p in ipairs{");
	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		buf_printf(&body, "'%s',", patterns[i]);
	buf_printf(&body, "(('(a)'):rep(33)), (('a?'):rep(300))} do local ok, "
	    "why = pcall(string.match, 'x', p) if ok or not (why:find('pattern'"
	    ") or why:find('capture')) then c:notice(p .. tostring(why)) end "
	    "end");
	assert_string_equal(fixture_run(&f, body.data), "");
	buf_fini(&body);
	fixture_fini(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_as_lua),
	    cmocka_unit_test(test_malformed)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
