/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

/* Filters and commands at work, through the policy they implement. */

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
test_verdicts(void **state)
{
	struct fixture *f = *state;

	fixture_script(f, "return chat.filter{ name = \"f\", run = "
	    "function(ev) local t = ev.text\n"
	    "if t == \"reject\" then return verdict.reject{ reason = \"no\" } "
	    "end\n"
	    "if t == \"shadow\" then return verdict.shadow{} end\n"
	    "if t == \"rewrite\" then return verdict.rewrite{ text = "
	    "t:upper() } end end }");
	assert_string_equal(fixture_say(f, "#tea", "hello"), "pass");
	assert_string_equal(fixture_say(f, "#tea", "reject"), "reject f: no");
	assert_string_equal(fixture_say(f, "#tea", "shadow"), "shadow f");
	assert_string_equal(fixture_say(f, "#tea", "rewrite"),
	    "rewrite f: REWRITE");
	assert_true(script_set_policy(f->set, 0)->wants_messages);
}

static void
test_event(void **state)
{
	struct fixture *f = *state;

	fixture_script(f, "return chat.filter{ name = \"f\", run = "
	    "function(ev) local u, v = ev.user, ev.conversation "
	    "return verdict.reject{ reason = table.concat({u.id, u.name, "
	    "v.id, v.kind, v.members, ev.transport, ev.at, ev.text}, \" \") } "
	    "end }");
	assert_string_equal(fixture_say(f, "@ann:bob", "x"), "reject f: 7 ann "
	    "@ann:bob direct 3 websocket 1767268800.0 x");
}

/* The event is gone once run has returned. */
static void
test_event_is_over(void **state)
{
	struct fixture *f = *state;

	fixture_script(f, "local kept, user\n"
	    "return chat.filter{ name = \"f\", run = function(ev) kept, user = "
	    "ev, ev.user end },\nchat.command{ name = \"x\", summary = \"x\", "
	    "run = function(c) kept = c end },\n"
	    "chat.filter{ name = \"g\", run = function() end },\n"
	    "chat.filter{ name = \"z\", conversations = \"@*\", run = "
	    "function(ev) kept:send(\"@bob\", \"x\") end }");
	assert_string_equal(fixture_say(f, "#tea", "x"), "pass");
	fixture_type(f, "/x");
	assert_string_equal(fixture_say(f, "@ann:bob", "x"), "pass");
	assert_int_equal(script_set_errors(f->set), 1);
}

static void
test_chain(void **state)
{
	struct fixture *f = *state;

	fixture_script(f, "local function add(name, phase, what) return "
	    "chat.filter{ name = name, phase = phase, run = function(ev) if "
	    "ev.text:find(\"stop\") then return verdict.reject{ reason = "
	    "ev.text } end return verdict.rewrite{ text = ev.text .. what } "
	    "end } end\n"
	    "return { add(\"b\", \"transform\", \"2\"), add(\"a\", "
	    "\"normalise\", \"1\"), add(\"c\", \"policy\", \" stop\") }");
	assert_string_equal(fixture_say(f, "#tea", "x"),
	    "reject b: x1 stop");
	assert_string_equal(fixture_say(f, "#tea", "stop"),
	    "reject a: stop");
}

static void
test_bad_verdict(void **state)
{
	struct fixture *f = *state;

	fixture_script(f, "return chat.filter{ name = \"f\", on_error = "
	    "\"reject\", run = function(ev) return true end }");
	assert_string_equal(fixture_say(f, "#tea", "x"),
	    "reject f: it could not be checked; try later");
	fixture_script(f, "return chat.filter{ name = \"f\", run = "
	    "function(ev) return true end }");
	assert_string_equal(fixture_say(f, "#tea", "x"), "pass");
	assert_int_equal(script_set_errors(f->set), 1);
}

static void
test_observe(void **state)
{
	struct fixture *f = *state;

	fixture_script(f, "return chat.filter{ name = \"f\", mode = "
	    "\"observe\", run = function(ev) return ev.text == \"w\" "
	    "and verdict.rewrite{ text = \"y\" } or verdict.reject{ reason = "
	    "\"no\" } end }");
	assert_string_equal(fixture_say(f, "#tea", "x"), "pass");
	assert_string_equal(fixture_say(f, "#tea", "w"), "pass");
}

static void
test_selection(void **state)
{
	struct fixture *f = *state;

	fixture_script(f, "return { chat.filter{ name = \"rooms\", "
	    "conversations = \"#pub-*\", run = function() return "
	    "verdict.shadow{} end },\n"
	    "chat.filter{ name = \"words\", match = words.matcher{ \"spam\", "
	    "\"Eggs\", whole = true }, run = function() return "
	    "verdict.shadow{} end },\n"
	    "chat.filter{ name = \"people\", exempt = { users = {\"ann\"} }, "
	    "run = function() return verdict.shadow{} end } }");
	assert_string_equal(fixture_say(f, "#pub-tea", "x"), "shadow rooms");
	assert_string_equal(fixture_say(f, "#pubs", "x"), "pass");
	assert_string_equal(fixture_say(f, "#tea", "SPAM!"), "shadow words");
	assert_string_equal(fixture_say(f, "#tea", "green eggs"),
	    "shadow words");
	assert_string_equal(fixture_say(f, "#tea", "spammer"), "pass");
}

static const char arguments_script[] =
    "return { chat.command{ name = \"x\", aliases = {\"ex\"}, summary = "
    "\"s\", args = { {\"who\", \"user\", required=true}, {\"n\", \"int\", "
    "default=3, max=10}, {\"text\", \"rest\"} }, run = function(c, a) "
    "c:notice(a.who .. \" \" .. a.n .. \" \" .. tostring(a.text)) end },\n"
    "chat.command{ name = \"grp\", scope = \"group\", summary = \"s\", run = "
    "function(c) c:notice(c.conversation.id .. c.conversation.kind) end },\n"
    "chat.command{ name = \"one\", scope = \"dm\", summary = \"s\", run = "
    "function(c) c:notice(c.conversation.kind) end },\n"
    "chat.command{ name = \"few\", rate = {per=\"user\", n=2, window=60}, "
    "summary = \"s\", run = function(c) c:notice(\"ok\") end },\n"
    "chat.command{ name = \"bang\", prefix = \"!\", summary = \"s\", args = "
    "{{\"t\", \"rest\", required=true}}, run = function(c, a) c:notice(\"! \" "
    ".. a.t) end },\n"
    "chat.command{ name = \"bangs\", prefix = \"!!\", summary = \"s\", args = "
    "{{\"t\", \"rest\", required=true}}, run = function(c, a) c:notice(\"!! "
    "\" .. a.t) end } }";

static void
test_commands(void **state)
{
	static const char *const cases[][2] = {
	    {"/x @Bob 4 and more ", "notice bob 4 and more"},
	    {"/EX bob", "notice bob 3 nil"},
	    {"  /x bob  ", "notice bob 3 nil"},
	    {"/x", "error bad_request: who is missing; usage: /x who [n] "
	     "[text]"},
	    {"/x b", "error bad_request: who: a person's name is expected, not "
	     "\"b\"; usage: /x who [n] [text]"},
	    {"/x bob 11", "error bad_request: n: must be at most 10; usage: /x "
	     "who [n] [text]"},
	    {"/x bob y", "error bad_request: n: a whole number is expected, "
	     "not \"y\"; usage: /x who [n] [text]"},
	    {"/grp", "notice #teagroup"},
	    {"/one", "error bad_request: /one works in direct conversations "
	     "only"},
	    {"/fwe", "error unknown_command: unknown command /fwe: did you "
	     "mean /few?"},
	    {"/zzzzzz", "error unknown_command: unknown command /zzzzzz: /help "
	     "lists those there are"},
	    {"/", "error unknown_command: a command's name is missing: /help "
	     "lists those there are"},
	    {"! hi", "notice ! hi"}, {"!!hi", "notice !! hi"},
	    {"!", "error bad_request: t is missing; usage: !t"},
	    {"hello", "error unknown_command: plain text is not taken here: "
	     "/help lists the commands"},
	    {"//x", "error unknown_command: plain text is not taken here: "
	     "/help lists the commands"},
	    {" ", "error bad_request: the line is empty"},
	    {"/few", "notice ok"}, {"/few", "notice ok"},
	    {"/few", "error rate_limited: /few: 2 times in 60 s are enough; "
	     "try again in 30 s"}};
	struct fixture *f = *state;
	size_t i;

	fixture_script(f, arguments_script);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(fixture_type_in(f, cases[i][0], "#tea"),
		    cases[i][1]);
	assert_string_equal(fixture_type_in(f, "/one", "@ann:bob"),
	    "notice direct");
	f->clock.now_us += 31000000;
	assert_string_equal(fixture_type(f, "/few"), "notice ok");
}

static void
test_effects(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(fixture_run(f, "c:send('@bob', 'Hello') "
	    "c:send('#tea', 'waves', {action=true}) c:notice('done') "
	    "c:error('not_found', 'nobody') c:request{ type = 'join', "
	    "conversation = '#tea', n = 9007199254740993, list = {1, 2} }"),
	    "send @bob: Hello; act #tea: waves; notice done; "
	    "error not_found: nobody; request {\"conversation\":\"#tea\","
	    "\"list\":[1,2],\"n\":9007199254740993,\"type\":\"join\"}");
	assert_string_equal(fixture_run(f, "c:send(c.conversation, 'here') "
	    "c:send(c.conversation.id, 'there')"),
	    "send #lobby: here; send #lobby: there");
	assert_string_equal(fixture_run(f, "local ok, why = pcall(c.send, c, "
	    "c.user, 'x') c:notice(why:match('string expected'))"),
	    "notice string expected");
	/* What fails has done nothing. */
	assert_string_equal(fixture_run(f, "c:send('@bob', 'Hello') "
	    "c:request{ type = 'x' } error('x')"), "error internal: /x "
	    "failed, and did nothing: the server's log says why");
}

static void
test_list_of_commands(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(fixture_run(f, "local x = chat.commands()[1] "
	    "c:notice(#chat.commands() .. x.name .. x.usage .. x.summary .. "
	    "x.scope .. x.script .. #x.aliases .. tostring(x.prefix))"),
	    "notice 1x/xxanycommands/x.lua0nil");
}

static const char *
trail(struct fixture *f, const char *conversation, const char *text)
{
	static char trail[POLICY_TRAIL_MAX + 1];

	fixture_say(f, conversation, text);
	assert_in_range(f->result.trail_len, 0, POLICY_TRAIL_MAX);
	if (f->result.trail_len != 0)
		memcpy(trail, f->result.trail, f->result.trail_len);
	trail[f->result.trail_len] = '\0';
	return trail;
}

/* What each filter that saw the message said of it, for its story. */
static void
test_trail(void **state)
{
	struct fixture *f = *state;

	fixture_script(f, "return {\n"
	    "chat.filter{ name = \"a\", run = function(ev) if ev.text == \"x\" "
	    "then error(\"oh\") end end },\n"
	    "chat.filter{ name = \"b\", mode = \"observe\", run = function(ev) "
	    "return verdict.reject{ reason = \"two\\nlines\" } end },\n"
	    "chat.filter{ name = \"c\", conversations = \"@*\", run = "
	    "function() end },\n"
	    "chat.filter{ name = \"d\", run = function(ev) return "
	    "verdict.rewrite{ text = \"y\" } end } }");
	assert_string_equal(trail(f, "#tea", "w"), "a commands/x.lua:2 pass\n"
	    "b commands/x.lua:3 observe reject two lines\n"
	    "d commands/x.lua:5 rewrite");
	assert_string_equal(trail(f, "@ann:bob", "x"),
	    "a commands/x.lua:2 error\nb commands/x.lua:3 observe reject two lines\n"
	    "c commands/x.lua:4 pass\nd commands/x.lua:5 rewrite");
	fixture_script(f, "return chat.filter{ name = \"f\", conversations = "
	    "\"@*\", run = function() end }");
	assert_string_equal(trail(f, "#tea", "w"), "");
	fixture_script(f, "local all = {} for i = 1, 100 do all[i] = "
	    "chat.filter{ name = \"f\" .. i, run = function() end } end "
	    "return all");
	assert_in_range(strlen(trail(f, "#tea", "w")), POLICY_TRAIL_MAX - 30,
	    POLICY_TRAIL_MAX);
}

/* Each worker has its own state, and all see the same `shared`. */
static void
test_workers(void **state)
{
	struct fixture *f = *state;
	struct policy_message message = {.text = "x", .text_len = 1,
	    .user = "ann", .conversation = "#tea",
	    .kind = CONVERSATION_GROUP, .transport = TRANSPORT_WEBSOCKET};
	struct policy_result result = {0};
	struct policy *second;

	fixture_script(f, "local n = 0\nreturn chat.filter{ name = \"f\", run "
	    "= function(ev) n = n + 1 return verdict.reject{ reason = n "
	    ".. \" \" .. shared.incr(\"n\") } end }");
	assert_string_equal(fixture_say(f, "#tea", "x"), "reject f: 1 1");
	assert_string_equal(fixture_say(f, "#tea", "x"), "reject f: 2 2");
	second = script_set_policy(f->set, 1);
	second->ops->message(second, &message, &result);
	assert_string_equal(result.reason, "1 3");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {TEST(test_verdicts),
	    TEST(test_event), TEST(test_event_is_over), TEST(test_chain),
	    TEST(test_bad_verdict), TEST(test_observe), TEST(test_selection),
	    TEST(test_commands), TEST(test_effects),
	    TEST(test_list_of_commands), TEST(test_trail),
	    TEST(test_workers)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
