/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "client/render.h"

/* 2026-11-22T20:00:00Z */
#define NOW INT64_C(1795377600)
#define AT "\"at\":\"2026-11-22T18:02:03.456Z\""

struct render_case {
	const char *event, *line;
};

static const struct render_case cases[] = {
    {"{\"type\":\"message\",\"conversation\":\"#lobby\",\"from\":\"bob\","
     "\"text\":\"Hello\"," AT "}", "18:02 #lobby bob: Hello"},
    {"{\"type\":\"message\",\"conversation\":\"@alice:bob\",\"from\":\"bob\","
     "\"text\":\"hi\"," AT "}", "18:02 @bob: hi"},
    {"{\"type\":\"message\",\"conversation\":\"@alice:bob\",\"from\":"
     "\"alice\",\"text\":\"hi\"," AT "}", "18:02 @bob you: hi"},
    {"{\"type\":\"message\",\"conversation\":\"#tea\",\"from\":\"bob\","
     "\"text\":\"old\",\"at\":\"2025-01-02T03:04:05.000Z\"}",
     "2025-01-02 03:04 #tea bob: old"},
    {"{\"type\":\"message\",\"conversation\":\"#tea\",\"from\":\"bob\","
     "\"text\":\"waves\",\"action\":true," AT "}",
     "18:02 #tea * bob waves"},
    {"{\"type\":\"message\",\"conversation\":\"@alice:bob\",\"from\":\"bob\","
     "\"text\":\"waves\",\"action\":true," AT "}",
     "18:02 @bob * bob waves"},
    {"{\"type\":\"message\",\"conversation\":\"#tea\",\"from\":\"bob\","
     "\"text\":\"\",\"deleted\":true," AT "}", "18:02 #tea bob: (deleted)"},
    {"{\"type\":\"message\",\"conversation\":\"#tea\",\"from\":\"bob\","
     "\"text\":\"a\\nb\\u001b[31m\\u0007c\\u009bd\\u202ee\\u2066f\\tg\\u00e9\","
     AT "}", "18:02 #tea bob: a\n      b[31mcdef g\xc3\xa9"},
    {"{\"type\":\"joined\",\"conversation\":\"#tea\",\"user\":\"bob\"," AT "}",
     "18:02 #tea: bob joined"},
    {"{\"type\":\"created\",\"conversation\":\"#tea\",\"user\":\"alice\","
     AT "}", "18:02 #tea: you created it"},
    {"{\"type\":\"kicked\",\"conversation\":\"#tea\",\"user\":\"bob\",\"by\":"
     "\"carol\"," AT "}", "18:02 #tea: carol kicked bob"},
    {"{\"type\":\"kicked\",\"conversation\":\"#tea\",\"user\":\"alice\","
     AT "}", "18:02 #tea: you were kicked"},
    {"{\"type\":\"joined\",\"conversation\":\"#tea\",\"user\":\"bob\",\"by\":"
     "\"alice\",\"role\":\"member\"," AT "}", "18:02 #tea: you added bob"},
    {"{\"type\":\"invited\",\"conversation\":\"#tea\",\"user\":\"bob\","
     "\"by\":\"carol\"," AT "}", "18:02 #tea: carol invited bob"},
    {"{\"type\":\"invited\",\"conversation\":\"#tea\",\"user\":\"alice\","
     "\"by\":\"carol\"," AT "}", "18:02 #tea: carol invited you; /join tea "
     "accepts, /leave tea declines"},
    {"{\"type\":\"banned\",\"conversation\":\"#tea\",\"user\":\"bob\",\"by\":"
     "\"carol\",\"until\":\"2026-11-22T19:00:00.000Z\"," AT "}",
     "18:02 #tea: carol banned bob until 19:00"},
    {"{\"type\":\"role\",\"conversation\":\"#tea\",\"user\":\"bob\",\"by\":"
     "\"carol\",\"role\":\"admin\"," AT "}",
     "18:02 #tea: carol made bob an admin"},
    {"{\"type\":\"created\",\"conversation\":\"#tea\",\"user\":\"bob\","
     "\"title\":\"Tea\",\"private\":true,\"slow\":10,\"history\":"
     "\"since_join\"," AT "}", "18:02 #tea: bob created it, title \"Tea\", "
     "by invitation, one message in 10 s, newcomers see what is said from "
     "then on"},
    {"{\"type\":\"updated\",\"conversation\":\"#tea\",\"user\":\"alice\","
     "\"slow\":0,\"description\":\"\"," AT "}", "18:02 #tea: you changed it, "
     "description \"\", no slow mode"},
    {"{\"type\":\"edited\",\"conversation\":\"#tea\",\"target\":7,\"user\":"
     "\"bob\",\"text\":\"new\"," AT "}", "18:02 #tea: bob edited 7: new"},
    {"{\"type\":\"edited\",\"conversation\":\"#tea\",\"target\":7,\"user\":"
     "\"bob\",\"deleted\":true," AT "}",
     "18:02 #tea: bob edited 7: (deleted)"},
    {"{\"type\":\"deleted\",\"conversation\":\"#tea\",\"target\":7,\"user\":"
     "\"bob\"," AT "}", "18:02 #tea: bob deleted 7"},
    {"{\"type\":\"deleted\",\"conversation\":\"#tea\",\"target\":7,\"user\":"
     "\"bob\",\"by\":\"carol\"," AT "}", "18:02 #tea: carol deleted 7 of bob"},
    {"{\"type\":\"reacted\",\"conversation\":\"#tea\",\"target\":7,\"user\":"
     "\"bob\",\"emoji\":\"+1\",\"on\":true," AT "}",
     "18:02 #tea: bob reacted +1 on 7"},
    {"{\"type\":\"reacted\",\"conversation\":\"#tea\",\"target\":7,\"user\":"
     "\"bob\",\"emoji\":\"+1\",\"on\":false," AT "}",
     "18:02 #tea: bob took back +1 on 7"},
    {"{\"type\":\"message\",\"conversation\":\"#tea\",\"from\":\"bob\","
     "\"text\":\"x\",\"reply_to\":3,\"edited_at\":\"y\",\"reactions\":["
     "{\"emoji\":\"+1\",\"n\":2,\"users\":[\"a\",\"b\"]},{\"emoji\":\"-1\","
     "\"users\":[\"a\"]},7]," AT "}",
     "18:02 #tea bob: (re 3) x (edited) [+1 2] [-1]"},
    {"{\"type\":\"unread\",\"conversation\":\"@alice:bob\",\"on\":true}",
     "* @bob is marked as unread"},
    {"{\"type\":\"unread\",\"conversation\":\"@alice:bob\",\"on\":false}",
     ""},
    {"{\"type\":\"settings\",\"read_receipts\":false}",
     "* others do not see what you have read"},
    {"{\"type\":\"read\",\"conversation\":\"@alice:bob\",\"seq\":4,"
     "\"user\":\"bob\"," AT "}", ""},
    {"{\"type\":\"receipts\",\"conversation\":\"#tea\",\"seq\":12,"
     "\"delivered_n\":2,\"read_n\":1,\"of_n\":3,\"items\":[{\"user\":"
     "\"bob\",\"delivered_at\":\"2026-11-22T18:02:04.000Z\",\"read_at\":"
     "\"2026-11-22T18:03:04.000Z\"},{\"user\":\"carol\",\"delivered_at\":"
     "\"2026-11-22T18:02:04.000Z\",\"by\":true},{\"user\":\"dave\"}],"
     "\"next\":9}", "* #tea 12: 2 delivered, 1 read, of 3\n  bob read "
     "18:03\n  carol delivered by 18:02\n  dave not yet\n  and more"},
    {"{\"type\":\"search\",\"items\":[{\"type\":\"message\","
     "\"conversation\":\"#tea\",\"from\":\"bob\",\"text\":\"x\"," AT "}],"
     "\"next\":5}", "* found 1, the newest\n18:02 #tea bob: x\n"
     "* there is more"},
    {"{\"type\":\"search\",\"items\":[]}", "* found 0"},
    {"{\"type\":\"versions\",\"seq\":4,\"items\":[{\"text\":\"old\"," AT
     "}]}", "* 4 said before:\n  until 18:02: old"},
    {"{\"type\":\"versions\",\"seq\":4,\"items\":[]}",
     "* no earlier version is kept"},
    {"{\"type\":\"presence\",\"user\":\"bob\",\"status\":\"online\"}",
     "* bob is online"},
    {"{\"type\":\"presence\",\"user\":\"bob\",\"status\":\"offline\","
     "\"last_seen\":\"2026-11-22T19:00:00.000Z\"}",
     "* bob is offline, last seen 19:00"},
    {"{\"type\":\"error\",\"code\":\"not_found\",\"message\":\"there is "
     "nobody called bob here\"}", "! there is nobody called bob here"},
    {"{\"type\":\"error\",\"code\":\"rejected\",\"message\":\"no\",\"rule\":"
     "\"flood\"}", "! no (rule flood)"},
    {"{\"type\":\"notice\",\"text\":\"one\\ntwo\"}", "* one\n  two"},
    {"{\"type\":\"sent\",\"conversation\":\"#tea\",\"seq\":1," AT "}", ""},
    {"{\"type\":\"sent\",\"conversation\":\"#tea\",\"text\":\"***\"," AT "}",
     "18:02 #tea you (changed by a rule): ***"},
    {"{\"type\":\"gap\",\"conversation\":\"#tea\",\"from\":5,\"to\":1204}",
     "* #tea: 1200 earlier ones are left out; /history shows them"},
    {"{\"type\":\"blocked\",\"user\":\"bob\"}", "* you have blocked bob"},
    {"{\"type\":\"hidden\",\"conversation\":\"#tea\",\"seq\":7}",
     "* #tea: a message of somebody you block"},
    {"{\"type\":\"history\",\"conversation\":\"#tea\",\"items\":[{\"type\":"
     "\"message\",\"from\":\"bob\",\"text\":\"x\"," AT "},{\"type\":\"odd\"},"
     "{\"type\":\"message\",\"from\":\"alice\",\"text\":\"y\"," AT "}],"
     "\"next\":1}",
     "18:02 #tea bob: x\n18:02 #tea you: y\n* there is more"},
    {"{\"type\":\"history\",\"conversation\":\"#tea\",\"items\":[]}",
     "* nothing was said there"},
    {"{\"type\":\"members\",\"conversation\":\"#tea\",\"items\":[{\"user\":"
     "\"alice\",\"role\":\"owner\"},{\"user\":\"bob\",\"role\":\"member\"}]}",
     "* in #tea: you (owner), bob"},
    {"{\"type\":\"conversations\",\"items\":[{\"conversation\":\"#tea\","
     "\"members\":3},{\"conversation\":\"@alice:bob\",\"members\":2,"
     "\"last_at\":\"2026-11-22T18:02:03.456Z\"}]}",
     "  #tea, 3 members\n  @bob, last at 18:02"},
    {"{\"type\":\"conversations\",\"items\":[{\"conversation\":\"#tea\","
     "\"kind\":\"group\",\"title\":\"Tea\",\"role\":\"owner\",\"members\":3,"
     "\"unread\":\"1000+\",\"mentions\":2},{\"conversation\":\"@alice:bob\","
     "\"role\":\"member\",\"unread\":3,\"mentions\":0,\"marked_unread\":"
     "true,\"other\":{\"user\":\"bob\",\"status\":\"idle\"}},"
     "{\"conversation\":\"#den\",\"role\":\"invited\",\"by\":\"bob\"}],"
     "\"next\":7}", "  #tea \"Tea\", 1000+ unread, 2 for you, 3 members, you "
     "are owner\n  @bob, 3 unread, marked as unread, idle\n  #den, you are "
     "invited by bob\n  and older ones"},
    {"{\"type\":\"bye\",\"reason\":\"draining\"}",
     "* the server says goodbye: draining"},
    {"{\"type\":\"typing\",\"conversation\":\"#tea\",\"user\":\"bob\","
     "\"on\":true}", ""},
    {"{\"type\":\"pong\",\"time\":\"x\"}", ""},
    {"{\"type\":\"welcome\"}", ""},
    {"{}", ""},
    /* what a broken server says must not break the client */
    {"{\"type\":\"message\"}", "  : "},
    {"{\"type\":\"message\",\"conversation\":7,\"from\":[],\"at\":\"x\","
     "\"text\":{}}", "  : "},
    {"{\"type\":\"history\",\"items\":7}", "* nothing was said there"},
};

static void
events_read_as_lines(void **state)
{
	struct render render = {.self = "alice", .now_s = NOW};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *event = json_loads(cases[i].event, 0, NULL);
		struct buf line = {0};

		assert_non_null(event);
		render_event(&render, event, &line);
		buf_putc(&line, '\0');
		if (strcmp(line.data, cases[i].line) != 0)
			fail_msg("%s:\n\"%s\"", cases[i].event, line.data);
		buf_fini(&line);
		json_decref(event);
	}
}

static void
colors_are_an_option(void **state)
{
	struct render render = {.self = "alice", .now_s = NOW, .color = true};
	json_t *event = json_loads(cases[0].event, 0, NULL);
	struct buf line = {0};

	(void)state;
	render_event(&render, event, &line);
	buf_putc(&line, '\0');
	assert_non_null(strchr(line.data, '\033'));
	assert_non_null(strstr(line.data, "Hello"));
	buf_fini(&line);
	json_decref(event);
}

struct mention_case {
	const char *text;
	bool named;
};

static void
mentions_are_whole_names(void **state)
{
	static const struct mention_case mentions[] = {
	    {"@alice", true}, {"hi @Alice, tea?", true}, {"(@alice.)", true},
	    {"@alice's", true}, {"@alicea", false}, {"x@alice", false},
	    {"@alice.b", false}, {"@bob @alice", true}, {"alice", false},
	    {"@", false}, {"", false}, {"\xc3\xa9@alice", true}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(mentions) / sizeof(mentions[0]); i++) {
		if (render_mentions(mentions[i].text, "alice") !=
		    mentions[i].named)
			fail_msg("%s", mentions[i].text);
	}
}

static void
numbers_show_on_demand(void **state)
{
	struct render render = {.self = "alice", .now_s = NOW, .ids = true};
	json_t *event = json_loads("{\"type\":\"message\",\"conversation\":"
	    "\"#tea\",\"from\":\"bob\",\"text\":\"x\",\"seq\":12," AT "}", 0,
	    NULL);
	struct buf line = {0};

	(void)state;
	render_event(&render, event, &line);
	buf_putc(&line, '\0');
	assert_string_equal(line.data, "18:02 [12] #tea bob: x");
	buf_fini(&line);
	json_decref(event);
}

static void
a_line_tells_what_is_unread(void **state)
{
	struct render render = {.self = "alice", .utf8 = true};
	struct buf line = {0};

	(void)state;
	render_separator(&render, "#tea", 3, 1, &line);
	buf_putc(&line, '|');
	render.utf8 = false;
	render_separator(&render, "@bob", 1000, 0, &line);
	buf_putc(&line, '|');
	render_separator(&render, "@bob", 0, 0, &line);
	buf_putc(&line, '\0');
	assert_string_equal(line.data, "── #tea: 3 unread, 1 for you ──|"
	    "-- @bob: 1000+ unread --|-- @bob --");
	buf_fini(&line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(events_read_as_lines),
	    cmocka_unit_test(colors_are_an_option),
	    cmocka_unit_test(mentions_are_whole_names),
	    cmocka_unit_test(numbers_show_on_demand),
	    cmocka_unit_test(a_line_tells_what_is_unread),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests_name("render", tests, NULL, NULL);
}
