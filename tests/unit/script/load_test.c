/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/json.h"
#include "fixture.h"

/* Loading: what is read, what is refused and how, and in which order. */

#define COMMAND(name, answer) "return chat.command{ name = \"" name "\", "    \
	"summary = \"s\", run = function(c) c:notice(\"" answer "\") end }\n"
#define FILTER(name, fields) "chat.filter{ name = \"" name "\", " fields      \
	" run = function(ev) end }"

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
load(struct fixture *f)
{
	if (fixture_load(f) != 0)
		fail_msg("%s", f->err.text);
}

/* A script, and what is wrong with it: each says where, what and how. */
static const char *const bad[][2] = {
    {"x = = 1", "commands/x.lua:1: unexpected symbol near '='"},
    {"\n\nerror('broken')", "commands/x.lua:3: broken"},
    {"\nlocal x = nil + 1", "commands/x.lua:2: attempt to perform arithmetic"},
    {"return 1", "commands/x.lua:1: the script returned a number (it returns "
     "what chat.filter, chat.command or chat.on made, a list of them, or "
     "nothing)"},
    {"return {1}", "the script returned a number"},
    {"return {x=1}", "the script returned a table"},
    {"\nreturn chat.filter{ name = 'f', on = 'mesage', run = print }",
     "commands/x.lua:2: chat.filter: unknown on \"mesage\" (did you mean "
     "\"message\"?)"},
    {"return chat.filter{ nam = 'f' }", "chat.filter: unknown field \"nam\" "
     "(did you mean \"name\"?)"},
    {"return chat.filter{ 'f' }", "chat.filter: fields have names, such as "
     "name = …"},
    {"return chat.filter 'f'", "chat.filter: a table is expected"},
    {"return chat.filter{ run = print }", "chat.filter: name is missing"},
    {"return chat.filter{ name = 'F', run = print }", "must be 1 to 63"},
    {"return chat.filter{ name = 'f' }", "chat.filter: run is missing"},
    {"return chat.filter{ name = 'f', run = 1 }", "run must be a function, "
     "not a number"},
    {"return chat.filter{ name = 'f', run = print, phase = 'saftey' }",
     "unknown phase \"saftey\" (did you mean \"safety\"?)"},
    {"return chat.filter{ name = 'f', run = print, before = 'x' }",
     "before must be a list of strings"},
    {"return chat.filter{ name = 'f', run = print, before = {1} }",
     "item 1 is a number"},
    {"return chat.filter{ name = 'f', run = print, before = {'g'} }",
     "commands/x.lua:1: before = \"g\": there is no filter of that name (did "
     "you mean \"f\"?)"},
    {"return chat.filter{ name = 'f', run = print, conversations = 'pub-*' }",
     "conversations \"pub-*\" matches none: names begin with # or @"},
    {"return chat.filter{ name = 'f', run = print, conversations = '#Pub' }",
     "names are lower case"},
    {"return chat.filter{ name = 'f', run = print, exempt = {users={'Ann'}} }",
     "exempt: \"Ann\" is no name"},
    {"return chat.filter{ name = 'f', run = print, exempt = {roles={}} }",
     "roles is not available in this version"},
    {"return chat.filter{ name = 'f', run = print, match = 'x' }",
     "match must be made by words.matcher"},
    {"return chat.filter{ name = 'f', run = print, on_error = 'hold' }",
     "unknown on_error \"hold\""},
    {"return { chat.filter{ name = 'f', run = print },\n chat.filter{ name = "
     "'f', run = print } }", "commands/x.lua:2: filter \"f\" is declared twice "
     "(also at commands/x.lua:1)"},
    {"return chat.command{ name = 'a b', summary = '', run = print }",
     "name \"a b\" must be"},
    {"return chat.command{ name = 'a', run = print }", "summary is missing"},
    {"return chat.command{ name = 'a', summary = '', run = print, permission "
     "= 'x' }", "permission is not available in this version"},
    {"return chat.command{ name = 'a', summary = '', run = print, aliases = "
     "{'b c'} }", "alias \"b c\" must be"},
    {"return chat.command{ name = 'a', summary = '', run = print, scope = "
     "'room' }", "unknown scope \"room\""},
    {"return chat.command{ name = 'a', summary = '', run = print, prefix = "
     "'/a' }", "prefix \"/a\" must be"},
    {"return chat.command{ name = 'a', summary = '', run = print, rate = "
     "{n=5} }", "rate needs n and window"},
    {"return chat.command{ name = 'a', summary = '', run = print, rate = "
     "{n=0, window=1} }", "n must be a number of at least 1"},
    {"return chat.command{ name = 'a', summary = '', run = print, args = "
     "{'x'} }", "each of args is a table"},
    {"return chat.command{ name = 'a', summary = '', run = print, args = "
     "{{'x'}} }", "x: its type is missing"},
    {"return chat.command{ name = 'a', summary = '', run = print, args = "
     "{{'x', 'itn'}} }", "unknown type \"itn\" (did you mean \"int\"?)"},
    {"return chat.command{ name = 'a', summary = '', run = print, args = "
     "{{'x', 'int', requird=true}} }", "unknown field \"requird\" (did you "
     "mean \"required\"?)"},
    {"return chat.command{ name = 'a', summary = '', run = print, args = "
     "{{'x', 'rest'}, {'y', 'int'}} }", "nothing can follow it"},
    {"return chat.command{ name = 'a', summary = '', run = print, args = "
     "{{'x', 'int'}, {'y', 'int', required=true}} }", "y is required, but x "
     "before it is not"},
    {"return chat.command{ name = 'a', summary = '', run = print, args = "
     "{{'x', 'int'}, {'x', 'int'}} }", "two args are named x"},
    {"return chat.command{ name = 'a', summary = '', run = print, args = "
     "{{'x', 'enum'}} }", "values is missing"},
    {"return chat.command{ name = 'a', summary = '', run = print, args = "
     "{{'x', 'string', values={'a'}}} }", "only an enum has values"},
    {"return chat.command{ name = 'a', summary = '', run = print, args = "
     "{{'x', 'string', min=1}} }", "only int, number and duration"},
    {"return chat.command{ name = 'a', summary = '', run = print, args = "
     "{{'x', 'int', required=true, default=1}} }", "would have no effect"},
    {"return chat.command{ name = 'a', summary = '', run = print, args = "
     "{{'x', 'int', default={}}} }", "default must be a string, a number"},
    {"return { chat.command{ name = 'a', summary = '', run = print },\n"
     "chat.command{ name = 'b', summary = '', aliases = {'A'}, run = print } "
     "}", "commands/x.lua:2: command \"A\" is declared twice"},
    {"return { chat.command{ name = 'a', prefix = '!', summary = '', run = "
     "print },\nchat.command{ name = 'b', prefix = '!', summary = '', run = "
     "print } }", "prefix \"!\" is declared twice"},
    {"return words.matcher{}", "there are no words"},
    {"return words.matcher{ '' }", "word 1 is empty"},
    {"return words.matcher{ 'a', whol = true }", "unknown field \"whol\" (did "
     "you mean \"whole\"?)"},
    {"shared.set('x', 1)", "no effect while it is loaded"},
    {"chat.commands()", "once all scripts are loaded"}};

static void
test_errors_teach(void **state)
{
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *why = fixture_refused(f, bad[i][0]);

		if (strstr(why, bad[i][1]) == NULL ||
		    strncmp(why, "commands/x.lua:", 15) != 0)
			fail_msg("%s\nsays: %s", bad[i][0], why);
	}
}

static void
test_broken_script_changes_nothing(void **state)
{
	struct fixture *f = *state;

	fixture_write(f, "shipped/commands/a.lua", COMMAND("a", "one"));
	load(f);
	fixture_write(f, "shipped/commands/a.lua", COMMAND("a", "two"));
	fixture_write(f, "shipped/commands/b.lua", "error(\"broken\")");
	assert_int_equal(fixture_load(f), -1);
	assert_string_equal(fixture_type(f, "/a"), "notice one");
	fixture_write(f, "shipped/commands/b.lua", COMMAND("b", "b"));
	load(f);
	assert_string_equal(fixture_type(f, "/a"), "notice two");
	assert_int_equal(script_set_policy(f->set, 1)->generation,
	    script_set_policy(f->set, 0)->generation);
}

static void
test_overrides(void **state)
{
	struct fixture *f = *state;
	struct buf text = {0};

	fixture_write(f, "shipped/commands/a.lua", COMMAND("a", "shipped"));
	fixture_write(f, "shipped/commands/b.lua", COMMAND("b", "shipped"));
	fixture_write(f, "shipped/meta/x.lua", "this is for editors");
	fixture_write(f, "shipped/README", "no script");
	fixture_write(f, "own/commands/a.lua", COMMAND("a", "own"));
	fixture_write(f, "own/commands/b.lua", "-- switched off\n");
	fixture_write(f, "own/local/c.lua", COMMAND("c", "own"));
	fixture_write(f, "own/local/.hidden.lua", "error()");
	load(f);
	assert_string_equal(fixture_type(f, "/a"), "notice own");
	assert_contains(fixture_type(f, "/b"), "unknown_command");
	assert_string_equal(fixture_type(f, "/c"), "notice own");
	script_set_describe(f->set, &text);
	buf_putc(&text, '\0');
	assert_contains(text.data, "script commands/a.lua: ");
	assert_contains(text.data, "own/commands/a.lua\n    shadows ");
	assert_contains(text.data, "declares nothing: switched off");
	buf_fini(&text);
}

static void
test_stray_file(void **state)
{
	struct fixture *f = *state;

	fixture_write(f, "shipped/commands/dm.lua", COMMAND("dm", "x"));
	fixture_write(f, "own/commands/md.lua", COMMAND("md", "x"));
	assert_int_equal(fixture_load(f), -1);
	assert_contains(f->err.text, "own/commands/md.lua: shadows no shipped "
	    "script (did you mean commands/dm.lua?");
	assert_int_equal(f->err.code, ERROR_CONFIG);
}

static void
test_missing_folder(void **state)
{
	struct fixture *f = *state;

	f->options.operator_folder = "/nowhere";
	assert_int_equal(fixture_load(f), -1);
	assert_contains(f->err.text, "/nowhere/: cannot be opened: No such");
	assert_int_equal(f->err.code, ERROR_CONFIG);
}

static void
test_compiled_code(void **state)
{
	struct fixture *f = *state;

	assert_contains(fixture_refused(f, "\x1bLua"), "binary");
}

/* The names of the filters, in order. */
static const char *
order(struct fixture *f)
{
	static char names[256];
	struct buf json = {0};
	json_t *hooks, *filter;
	size_t i;

	script_set_hooks(f->set, &json);
	hooks = json_parse_object(json.data, json.len, NULL);
	assert_non_null(hooks);
	names[0] = '\0';
	json_array_foreach(json_object_get(hooks, "filters"), i, filter) {
		strcat(names, json_string_value(json_object_get(filter,
		    "name")));
		strcat(names, " ");
	}
	json_decref(hooks);
	buf_fini(&json);
	return names;
}

static void
test_order(void **state)
{
	struct fixture *f = *state;

	fixture_script(f, "return { "
	    FILTER("t", "phase = \"transform\",") ","
	    FILTER("n", "phase = \"normalise\",") ","
	    FILTER("s", "phase = \"safety\",") ","
	    FILTER("c", "") "," FILTER("a", "after = {\"b\"},") ","
	    FILTER("b", "") ","
	    FILTER("d", "before = {\"b\", \"t\", \"switched-off\"},") "}");
	assert_string_equal(order(f), "n s c d b a t ");
	assert_contains(fixture_refused(f, "return { "
	    FILTER("a", "before = {\"b\"},") ",\n"
	    FILTER("b", "before = {\"a\"},") "}"),
	    "commands/x.lua:1: filter \"a\": before and after make a circle");
	assert_contains(fixture_refused(f, "return { "
	    FILTER("a", "phase = \"safety\", after = {\"b\"},") ",\n"
	    FILTER("b", "") "}"), "filter \"a\" of phase safety cannot run "
	    "after \"b\" of phase policy");
}

static void
test_hooks(void **state)
{
	struct fixture *f = *state;
	struct buf json = {0};

	fixture_script(f, "return { " FILTER("f", "mode = \"observe\", ")
	    ",\nchat.command{ name = \"y\", summary = \"s\", args = {{\"n\", "
	    "\"enum\", values = {\"a\", \"b\"}}}, run = print } }");
	script_set_hooks(f->set, &json);
	buf_putc(&json, '\0');
	assert_contains(json.data, "{\"name\":\"f\",\"on\":\"message\","
	    "\"phase\":\"policy\",\"mode\":\"observe\",\"on_error\":\"allow\","
	    "\"conversations\":\"*\",\"script\":\"commands/x.lua\"");
	assert_contains(json.data, "\"line\":1,\"errors\":0,"
	    "\"disabled\":false}");
	assert_contains(json.data, "{\"name\":\"y\",\"usage\":\"/y [n]\"");
	buf_reset(&json);
	script_set_policy(f->set, 0)->ops->commands(
	    script_set_policy(f->set, 0), &json);
	buf_putc(&json, '\0');
	assert_string_equal(json.data, "[{\"name\":\"y\",\"usage\":\"/y [n]\","
	    "\"summary\":\"s\",\"aliases\":[],\"args\":[{\"name\":\"n\","
	    "\"type\":\"enum\",\"required\":false,\"choices\":[\"a\",\"b\"]}]"
	    "}]");
	buf_fini(&json);
}

static void
test_limits_off(void **state)
{
	struct fixture *f = *state;

	fixture_write(f, "shipped/rules/x.lua", "if not chat.limits then "
	    "return end return " FILTER("f", ""));
	load(f);
	assert_true(script_set_policy(f->set, 0)->wants_messages);
	f->options.limits_off = true;
	load(f);
	assert_false(script_set_policy(f->set, 0)->wants_messages);
}

/* A script's own tests are run, and one that fails keeps it out. */
static void
test_own_tests(void **state)
{
	struct fixture *f = *state;

	fixture_write(f, "shipped/commands/a.lua", COMMAND("a", "one"));
	fixture_write(f, "shipped/commands/a_test.lua",
	    "test(\"a answers\", function(s)\n"
	    "s:user\"ann\":type\"/a\":expect(\"notice\", \"one\")"
	    ":expect\"nothing\"\nend)");
	load(f);
	fixture_write(f, "own/commands/a.lua", COMMAND("a", "two"));
	assert_int_equal(fixture_load(f), -1);
	assert_contains(f->err.text, "commands/a_test.lua:2: expected notice, "
	    "but there is [\"notice\",\"two\"");
	assert_contains(f->err.text, "(test \"a answers\")");
	fixture_write(f, "own/commands/a_test.lua",
	    "test(\"endless\", function(s) while true do end end)");
	f->options.load_ms = 50;
	assert_int_equal(fixture_load(f), -1);
	assert_contains(f->err.text, "took longer than 50 ms");
}

/* What tests do stays with them: shared, errors, log. */
static void
test_own_tests_stay_apart(void **state)
{
	struct fixture *f = *state;

	fixture_write(f, "shipped/commands/a_test.lua",
	    "test(\"x\", function(s) s:user\"ann\":type\"/x\" end)");
	fixture_script(f, "return chat.command{ name = \"x\", summary = \"s\", "
	    "run = function(c) c:notice(tostring(shared.incr(\"n\"))) end }");
	assert_string_equal(fixture_type(f, "/x"), "notice 1");
	assert_int_equal(script_set_errors(f->set), 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {TEST(test_errors_teach),
	    TEST(test_broken_script_changes_nothing), TEST(test_overrides),
	    TEST(test_stray_file), TEST(test_missing_folder),
	    TEST(test_compiled_code), TEST(test_order), TEST(test_hooks),
	    TEST(test_limits_off), TEST(test_own_tests),
	    TEST(test_own_tests_stay_apart)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
