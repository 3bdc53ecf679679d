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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(events_read_as_lines),
	    cmocka_unit_test(colors_are_an_option),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests_name("render", tests, NULL, NULL);
}
