/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/shown.h"

#define AT "\"at\":\"2026-11-22T18:02:03.456Z\""
#define HELLO "{\"type\":\"message\",\"conversation\":\"@alice:bob\"," \
    "\"seq\":5,\"id\":50,\"from\":\"alice\",\"text\":\"Hello\"," AT "}"

static struct shown_ring ring;

static struct shown *
add(const char *room, const char *text)
{
	json_t *event = json_loads(text, 0, NULL);
	struct shown *shown;

	assert_non_null(event);
	shown = shown_add(&ring, 7, room, event, "alice");
	assert_non_null(shown);
	json_decref(event);
	return shown;
}

static void
change(struct shown *shown, const char *text)
{
	json_t *event = json_loads(text, 0, NULL);

	assert_non_null(event);
	assert_true(shown_change(shown, event));
	json_decref(event);
}

static void
reads(const struct shown *shown, const char *line)
{
	const struct render render = {.self = "alice", .utf8 = true};
	struct buf out = {0};

	render_event(&render, shown->event, &out);
	buf_putc(&out, '\0');
	assert_non_null(strstr(out.data, line));
	assert_string_equal(strstr(out.data, line), line);
	buf_fini(&out);
}

static int
empty(void **state)
{
	(void)state;
	shown_fini(&ring);
	return 0;
}

static void
messages_change_as_events_say(void **state)
{
	struct shown *shown = add("@bob", HELLO);

	(void)state;
	change(shown, "{\"type\":\"edited\",\"target\":5,\"text\":\"Hullo\","
	    AT "}");
	reads(shown, "you: Hullo (edited)");
	change(shown, "{\"type\":\"reacted\",\"user\":\"bob\",\"emoji\":"
	    "\":)\",\"on\":true}");
	reads(shown, "Hullo (edited) [:)]");
	change(shown, "{\"type\":\"reacted\",\"user\":\"bob\",\"emoji\":"
	    "\":)\",\"on\":true}"); /* again: it is there */
	change(shown, "{\"type\":\"reacted\",\"user\":\"alice\",\"emoji\":"
	    "\":)\",\"on\":true}");
	change(shown, "{\"type\":\"reacted\",\"user\":\"bob\",\"emoji\":"
	    "\"+1\",\"on\":true}");
	reads(shown, "Hullo (edited) [:) 2] [+1]");
	change(shown, "{\"type\":\"reacted\",\"user\":\"bob\",\"emoji\":"
	    "\":)\",\"on\":false}");
	change(shown, "{\"type\":\"reacted\",\"user\":\"bob\",\"emoji\":"
	    "\"+1\",\"on\":false}");
	change(shown, "{\"type\":\"reacted\",\"user\":\"bob\",\"emoji\":"
	    "\"+1\",\"on\":false}");
	reads(shown, "Hullo (edited) [:)]");
	change(shown, "{\"type\":\"deleted\",\"target\":5," AT "}");
	reads(shown, "you: (deleted)");
}

static void
an_edit_of_what_was_deleted_since_is_a_deletion(void **state)
{
	struct shown *shown = add("@bob", HELLO);

	(void)state;
	change(shown, "{\"type\":\"edited\",\"target\":5,\"deleted\":true,"
	    AT "}");
	reads(shown, "you: (deleted)");
}

static void
reactions_of_many_are_counted_beyond_their_names(void **state)
{
	struct shown *shown = add("#tea", "{\"type\":\"message\",\"seq\":1,"
	    "\"text\":\"x\",\"from\":\"bob\",\"reactions\":[{\"emoji\":\"+1\","
	    "\"n\":120,\"users\":[\"bob\"]}]}");

	(void)state;
	change(shown, "{\"type\":\"reacted\",\"user\":\"carol\",\"emoji\":"
	    "\"+1\",\"on\":false}");
	reads(shown, "x [+1 119]");
}

struct typed_case {
	const char *typed, *line;
};

static const struct typed_case typed_cases[] = {
    {"Hello", "you: Hello"},
    {"@bob Hello there", "you: Hello there"},
    {"#tea  Hello", "you: Hello"},
    {"//slash", "you: /slash"},
    {"/me waves", "* you waves"},
    {"/dm bob  Hello", "you: Hello"},
    {"/shrug", "you: /shrug"},
};

static void
what_was_typed_becomes_a_message(void **state)
{
	json_t *sent = json_loads("{\"type\":\"sent\",\"conversation\":"
	    "\"#tea\",\"seq\":3,\"id\":30," AT "}", 0, NULL);
	struct shown *shown;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(typed_cases) / sizeof(typed_cases[0]); i++) {
		shown = shown_add_typed(&ring, i + 1, "#lobby",
		    typed_cases[i].typed);
		assert_ptr_equal(shown_typed(&ring, i + 1), shown);
		assert_int_equal(shown_become(shown, "#tea", sent, "alice"),
		    0);
		assert_null(shown_typed(&ring, i + 1));
		reads(shown, typed_cases[i].line);
		assert_ptr_equal(shown_find(&ring, "#tea", 3), shown);
	}
	json_decref(sent);
}

static void
what_a_rule_made_of_it_shows(void **state)
{
	json_t *sent = json_loads("{\"type\":\"sent\",\"conversation\":"
	    "\"#tea\",\"seq\":3,\"id\":30,\"text\":\"***\"," AT "}", 0, NULL);
	struct shown *shown = shown_add_typed(&ring, 1, "#tea", "damn");

	(void)state;
	assert_int_equal(shown_become(shown, "#tea", sent, "alice"), 0);
	reads(shown, "you: ***");
	json_decref(sent);
}

static void
assert_tick(const struct shown *shown, const struct room *room,
    const char *expected)
{
	const struct render render = {.self = "alice", .utf8 = true};
	const struct render ascii = {.self = "alice"};
	struct ticks ticks = shown_ticks(shown, room, "alice");
	struct buf out = {0};

	render_ticks(&render, &ticks, &out);
	buf_putc(&out, '|');
	render_ticks(&ascii, &ticks, &out);
	buf_putc(&out, '\0');
	assert_string_equal(out.data, expected);
	buf_fini(&out);
}

static void
ticks_follow_the_marks_of_the_other_person(void **state)
{
	struct shown *shown = add("@bob", HELLO);
	struct room room = {.name = "@bob", .other_delivered_seq = 4};

	(void)state;
	assert_tick(shown, NULL, " ✓| (sent)");
	assert_tick(shown, &room, " ✓| (sent)");
	room.other_delivered_seq = 5;
	assert_tick(shown, &room, " ✓✓| (delivered)");
	room.other_read_seq = 9;
	assert_tick(shown, &room, " ✓✓ read| (read)");
	change(shown, "{\"type\":\"deleted\",\"target\":5}");
	assert_tick(shown, &room, "|");
}

static void
ticks_count_the_members_of_a_group(void **state)
{
	struct shown *shown = add("#tea", "{\"type\":\"message\",\"seq\":1,"
	    "\"text\":\"x\",\"from\":\"alice\"}");

	(void)state;
	assert_tick(shown, NULL, " ✓| (sent)");
	shown->of_n = 7;
	shown->delivered_n = 5;
	assert_tick(shown, NULL, " ✓ delivered 5/7| delivered 5/7");
	shown->delivered_n = 7;
	assert_tick(shown, NULL, " ✓✓| (delivered)");
	shown->read_n = 3;
	assert_tick(shown, NULL, " ✓✓ read 3/7| read 3/7");
	shown->read_n = 7;
	assert_tick(shown, NULL, " ✓✓ read| (read)");
}

static void
only_ones_own_have_ticks(void **state)
{
	struct room room = {.name = "@bob"};
	struct room notes = {.name = "@alice", .other_read_seq = 9};
	struct shown *shown = add("@bob", "{\"type\":\"message\",\"seq\":1,"
	    "\"text\":\"x\",\"from\":\"bob\"}");

	(void)state;
	assert_tick(shown, &room, "|");
	assert_tick(add("@alice", HELLO), &notes, " ✓| (sent)");
}

static void
messages_of_others_are_counted_from_an_id_on(void **state)
{
	uint32_t mentions;

	(void)state;
	add("#tea", "{\"type\":\"message\",\"seq\":1,\"id\":10,\"text\":\"x\","
	    "\"from\":\"bob\"}");
	add("#tea", "{\"type\":\"message\",\"seq\":2,\"id\":20,\"text\":"
	    "\"hi @Alice, tea?\",\"from\":\"bob\"}");
	add("#tea", "{\"type\":\"message\",\"seq\":3,\"id\":30,\"text\":\"x\","
	    "\"from\":\"alice\"}");
	add("@bob", "{\"type\":\"message\",\"seq\":1,\"id\":40,\"text\":\"x\","
	    "\"from\":\"bob\"}");
	assert_int_equal(shown_count(&ring, "#tea", 0, "alice", &mentions), 2);
	assert_int_equal(mentions, 1);
	assert_int_equal(shown_count(&ring, "#tea", 10, "alice", &mentions), 1);
	assert_int_equal(shown_count(&ring, "#tea", 20, "alice", &mentions), 0);
	assert_int_equal(mentions, 0);
	assert_true(shown_has(&ring, "@bob"));
	assert_false(shown_has(&ring, "@carol"));
}

static void
the_oldest_are_forgotten(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SHOWN_MAX + 1; i++)
		add("#tea", i == 0 ? "{\"seq\":1,\"id\":1,\"from\":\"bob\"}" :
		    "{\"seq\":2,\"id\":2,\"from\":\"bob\"}");
	assert_null(shown_find(&ring, "#tea", 1));
	assert_non_null(shown_find(&ring, "#tea", 2));
	assert_null(shown_at(&ring, SHOWN_MAX));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(messages_change_as_events_say, empty),
	    cmocka_unit_test_teardown(
		an_edit_of_what_was_deleted_since_is_a_deletion, empty),
	    cmocka_unit_test_teardown(
		reactions_of_many_are_counted_beyond_their_names, empty),
	    cmocka_unit_test_teardown(what_was_typed_becomes_a_message, empty),
	    cmocka_unit_test_teardown(what_a_rule_made_of_it_shows, empty),
	    cmocka_unit_test_teardown(
		ticks_follow_the_marks_of_the_other_person, empty),
	    cmocka_unit_test_teardown(
		ticks_count_the_members_of_a_group, empty),
	    cmocka_unit_test_teardown(only_ones_own_have_ticks, empty),
	    cmocka_unit_test_teardown(
		messages_of_others_are_counted_from_an_id_on, empty),
	    cmocka_unit_test_teardown(the_oldest_are_forgotten, empty),
	};

	return cmocka_run_group_tests_name("shown", tests, NULL, NULL);
}
