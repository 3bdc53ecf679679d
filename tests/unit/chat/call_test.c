/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chat/call.h"
#include "chat/state.h"
#include "world.h"

/* A call, and what became of it. */
struct asked {
	struct world *world;
	struct chat_call *call;
	json_t *answer;
	unsigned answers;
	unsigned *order, place; /* the how-manieth answer of a test it was */
};

static void
called(void *arg, const json_t *answer)
{
	struct asked *asked = arg;

	asked->answers++;
	asked->answer = json_deep_copy(answer);
	if (asked->order != NULL)
		asked->place = ++*asked->order;
}

static struct chat *
chat_of(struct world *world, uint64_t uid)
{
	return world->slots[uid % WORLD_WORKERS].chat;
}

static void
ask_scoped(struct world *world, struct asked *asked, uint64_t uid,
    uint32_t scopes, const char *request)
{
	const struct chat_call_options options = {.uid = uid,
	    .transport = TRANSPORT_REST, .scopes = scopes, .called = called,
	    .arg = asked};
	json_t *json = json_loads(request, 0, NULL);

	assert_non_null(json);
	asked->world = world;
	asked->call = chat_call(chat_of(world, uid), &options, json);
	assert_non_null(asked->call);
	assert_int_equal(0, asked->answers); /* never from within */
}

static void
ask(struct world *world, struct asked *asked, uint64_t uid,
    const char *request)
{
	ask_scoped(world, asked, uid, SCOPE_ALL, request);
}

static bool
is_answered(void *arg)
{
	return ((struct asked *)arg)->answers != 0;
}

/* The type of the answer, which stays in *asked. */
static const char *
answer(struct asked *asked)
{
	world_until(asked->world, is_answered, asked);
	assert_int_equal(1, asked->answers);
	assert_non_null(asked->answer);
	assert_null(json_object_get(asked->answer, "ref"));
	return text_in(asked->answer, "type");
}

/* Asks and expects this: a type, or the code of an error. */
static void
expect(struct world *world, uint64_t uid, uint32_t scopes,
    const char *request, const char *what)
{
	struct asked asked = {0};
	const char *type;

	ask_scoped(world, &asked, uid, scopes, request);
	type = answer(&asked);
	if (strcmp(type, "error") == 0)
		type = text_in(asked.answer, "code");
	if (strcmp(type, what) != 0)
		fail_msg("%s: %s instead of %s", request, type, what);
	json_decref(asked.answer);
}

static void
a_message_reaches_sessions(void **state)
{
	struct world *world = *state;
	struct client *bob = client_open(world, "bob", "p", false);
	struct client *ann = client_open(world, "ann", "p", false);
	struct asked asked = {0};
	json_t *said;

	ask(world, &asked, ann->session.uid, "{\"type\":\"send\","
	    "\"to\":\"@bob\",\"text\":\"x\",\"client_msg_id\":\"k\"}");
	assert_string_equal("sent", answer(&asked));
	assert_int_equal(1, number_in(asked.answer, "seq"));
	said = client_next(bob, "message");
	assert_int_equal(number_in(said, "id"), number_in(asked.answer, "id"));
	said = client_next(ann, "message");
	assert_string_equal("k", text_in(said, "client_msg_id"));
	json_decref(asked.answer);
	client_close(ann);
	client_close(bob);
}

/* All of the table. */
static const struct {
	const char *request, *answer;
} all[] = {
    {"{\"type\":\"create\",\"conversation\":\"#tea\"}", "ok"},
    {"{\"type\":\"join\",\"conversation\":\"#tea\"}", "ok"},
    {"{\"type\":\"send\",\"to\":\"#tea\",\"text\":\"x\","
     "\"ref\":{}}", "sent"},
    {"{\"type\":\"message\",\"to\":\"@bob\",\"text\":\"x\"}", "sent"},
    {"{\"type\":\"add\",\"conversation\":\"#tea\","
     "\"user\":\"bob\"}", "ok"},
    {"{\"type\":\"invite\",\"conversation\":\"#tea\","
     "\"user\":\"bob\"}", "ok"},
    {"{\"type\":\"role\",\"conversation\":\"#tea\",\"user\":\"bob\","
     "\"role\":\"admin\"}", "ok"},
    {"{\"type\":\"mute\",\"conversation\":\"#tea\",\"user\":\"bob\","
     "\"duration\":\"1h\"}", "ok"},
    {"{\"type\":\"unmute\",\"conversation\":\"#tea\","
     "\"user\":\"bob\"}", "ok"},
    {"{\"type\":\"kick\",\"conversation\":\"#tea\","
     "\"user\":\"bob\"}", "ok"},
    {"{\"type\":\"ban\",\"conversation\":\"#tea\","
     "\"user\":\"bob\"}", "ok"},
    {"{\"type\":\"unban\",\"conversation\":\"#tea\","
     "\"user\":\"bob\"}", "ok"},
    {"{\"type\":\"update\",\"conversation\":\"#tea\","
     "\"title\":\"T\"}", "ok"},
    {"{\"type\":\"edit\",\"conversation\":\"#tea\",\"last\":true,"
     "\"text\":\"y\"}", "ok"},
    {"{\"type\":\"react\",\"conversation\":\"#tea\",\"seq\":3,"
     "\"emoji\":\"x\"}", "ok"},
    {"{\"type\":\"versions\",\"conversation\":\"#tea\",\"seq\":3}",
     "versions"},
    {"{\"type\":\"delete\",\"conversation\":\"#tea\",\"seq\":3}",
     "ok"},
    {"{\"type\":\"history\",\"conversation\":\"#tea\"}", "history"},
    {"{\"type\":\"members\",\"conversation\":\"#tea\"}", "members"},
    {"{\"type\":\"members\",\"conversation\":\"#lobby\"}", "members"},
    {"{\"type\":\"conversations\"}", "conversations"},
    {"{\"type\":\"commands\"}", "commands"},
    {"{\"type\":\"search\",\"query\":\"x\"}", "search"},
    {"{\"type\":\"read\",\"conversation\":\"@bob\",\"seq\":1}", "ok"},
    {"{\"type\":\"unread\",\"conversation\":\"@bob\",\"on\":true}",
     "ok"},
    {"{\"type\":\"receipts\",\"conversation\":\"@bob\",\"seq\":1}",
     "receipts"},
    {"{\"type\":\"settings\"}", "settings"},
    {"{\"type\":\"settings\",\"read_receipts\":false}", "ok"},
    {"{\"type\":\"typing\",\"to\":\"@bob\"}", "ok"},
    {"{\"type\":\"ping\"}", "pong"},
    {"{\"type\":\"block\",\"user\":\"bob\"}", "ok"},
    {"{\"type\":\"unblock\",\"user\":\"bob\"}", "ok"},
    {"{\"type\":\"leave\",\"conversation\":\"#tea\"}", "ok"},
    {"{\"type\":\"group_join\",\"conversation\":\"#milk\"}", "ok"},
    {"{\"type\":\"send\",\"to\":\"#nowhere\",\"text\":\"x\"}",
     "not_found"},
    {"{\"type\":\"nonsense\"}", "unknown_type"},
    {"{\"type\":7}", "bad_request"},
    {"{}", "bad_request"},
    /* These are about a connection. */
    {"{\"type\":\"auth\",\"token\":\"x\"}", "bad_request"},
    {"{\"type\":\"line\",\"text\":\"x\"}", "bad_request"},
    {"{\"type\":\"presence\",\"users\":[\"bob\"]}", "bad_request"},
    {"{\"type\":\"received\",\"conversation\":\"@bob\",\"seq\":1}",
     "bad_request"},
    {"{\"type\":\"status\",\"status\":\"idle\"}", "bad_request"}};

/* Each is answered once, with or without a ref. */
static void
every_type_is_answered_once(void **state)
{
	struct world *world = *state;
	uint64_t ann = world_user(world, "ann");
	size_t i;

	world_user(world, "bob");
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		expect(world, ann, SCOPE_ALL, all[i].request, all[i].answer);
}

static void
a_token_does_what_its_scopes_say(void **state)
{
	static const char *const by_scope[][2] = {
	    {"{\"type\":\"history\",\"conversation\":\"#lobby\"}", "history"},
	    {"{\"type\":\"send\",\"to\":\"#lobby\",\"text\":\"x\"}", "sent"},
	    {"{\"type\":\"join\",\"conversation\":\"#tea\"}", "ok"},
	    {"{\"type\":\"settings\"}", "settings"}};
	static const enum scope scopes[] = {
	    SCOPE_READ, SCOPE_SEND, SCOPE_GROUPS, SCOPE_ACCOUNT};
	struct world *world = *state;
	uint64_t ann = world_user(world, "ann");
	struct asked asked = {0};
	size_t i, j;

	for (i = 0; i < 4; i++) {
		for (j = 0; j < 4; j++)
			expect(world, ann, scopes[j], by_scope[i][0],
			    i == j ? by_scope[i][1] : "forbidden");
	}
	ask_scoped(world, &asked, ann, SCOPE_READ, by_scope[1][0]);
	answer(&asked);
	assert_non_null(strstr(text_in(asked.answer, "message"), "`send`"));
	json_decref(asked.answer);
}

static bool
is_present(struct client *client, const char *user)
{
	json_t *said;

	client_say(client, "{\"type\":\"members\","
	    "\"conversation\":\"#lobby\"}");
	said = json_object_get(client_next(client, "members"), "items");
	for (size_t i = 0; i < json_array_size(said); i++) {
		if (strcmp(user, text_in(json_array_get(said, i), "user")) == 0)
			return true;
	}
	return false;
}

static void
count(void *arg, const struct session *session)
{
	(void)session;
	++*(unsigned *)arg;
}

/* The caller is nowhere to be seen, whatever they ask for. */
static void
a_call_is_no_device(void **state)
{
	struct world *world = *state;
	struct client *bob = client_open(world, "bob", "", false);
	uint64_t ann = world_user(world, "ann");
	struct chat *chat = chat_of(world, ann);
	struct chat_stats before, after;
	struct asked asked = {0};
	unsigned n = 0, of_bob;

	expect(world, ann, SCOPE_ALL, "{\"type\":\"send\",\"to\":\"@bob\","
	    "\"text\":\"x\"}", "sent");
	client_next(bob, "message");
	client_say(bob, "{\"type\":\"presence\",\"users\":[\"ann\"]}");
	assert_string_equal("offline",
	    text_in(client_next(bob, "presence"), "status"));
	of_bob = chat_of(world, bob->session.uid) == chat;
	chat_stats(chat, &before);
	ask(world, &asked, ann, "{\"type\":\"conversations\"}");
	chat_stats(chat, &after);
	chat_each_session(chat, count, &n);
	assert_int_equal(of_bob, n);
	assert_int_equal(before.sessions, after.sessions);
	assert_int_equal(0, chat_sessions_beside(chat, ann, ""));
	assert_int_equal(0, chat_kick(chat, ann, NULL));
	answer(&asked);
	assert_false(is_present(bob, "ann"));
	json_decref(asked.answer);
	client_close(bob);
}

/* The person is read once for both, whichever comes first. */
static void
calls_begin_in_their_order(void **state)
{
	static const char *const format =
	    "{\"type\":\"send\",\"to\":\"#lobby\",\"text\":\"%d\"}";
	struct world *world = *state;
	uint64_t ann = world_user(world, "ann");
	struct asked asked[8] = {{0}};
	unsigned order = 0;
	char request[128];
	int i;

	for (i = 0; i < 8; i++) {
		snprintf(request, sizeof(request), format, i);
		asked[i].order = &order;
		ask(world, &asked[i], ann, request);
	}
	for (i = 0; i < 8; i++) {
		assert_string_equal("sent", answer(&asked[i]));
		assert_int_equal(i + 1, asked[i].place);
		assert_int_equal(i + 1, number_in(asked[i].answer, "seq"));
		json_decref(asked[i].answer);
	}
}

/* Who is known already is not read again. */
static void
calls_follow_what_changes(void **state)
{
	struct world *world = *state;
	struct client *bob = client_open(world, "bob", "", false);
	uint64_t ann = world_user(world, "ann");

	client_join(bob, "#tea");
	expect(world, ann, SCOPE_ALL,
	    "{\"type\":\"members\",\"conversation\":\"#tea\"}", "not_member");
	client_say(bob, "{\"type\":\"add\",\"conversation\":\"#tea\","
	    "\"user\":\"ann\"}");
	client_next(bob, "ok");
	expect(world, ann, SCOPE_ALL,
	    "{\"type\":\"members\",\"conversation\":\"#tea\"}", "members");
	client_close(bob);
}

static void
rates_outlive_a_call(void **state)
{
	static const char lookup[] =
	    "{\"type\":\"history\",\"conversation\":\"#lobby\"}";
	struct world *world = *state;
	uint64_t ann = world_user(world, "ann");
	struct chat *chat = chat_of(world, ann);
	struct chat_allowance left;
	int i;

	chat_allowance(chat, ann, &left);
	assert_int_equal(0, left.limit); /* limits are off */
	world->limits.off = false;
	world->clock.fixed = 1;
	world->clock.now_us = INT64_C(1000000000);
	world_limit(world);
	chat_allowance(chat, ann, &left);
	assert_int_equal(20, left.limit);
	assert_int_equal(20, left.remaining);
	assert_int_equal(0, left.reset_s);
	for (i = 0; i < 20; i++)
		expect(world, ann, SCOPE_ALL, lookup, "history");
	expect(world, ann, SCOPE_ALL, lookup, "rate_limited");
	chat_allowance(chat, ann, &left);
	assert_int_equal(20, left.limit);
	assert_int_equal(0, left.remaining);
	assert_int_equal(4, left.reset_s);
	world->clock.now_us += 1000000;
	chat_allowance(chat, ann, &left);
	assert_int_equal(5, left.remaining);
	assert_int_equal(3, left.reset_s);
	expect(world, ann, SCOPE_ALL, lookup, "history");
}

static void
nobody_is_refused(void **state)
{
	expect(*state, 4711, SCOPE_ALL, "{\"type\":\"ping\"}",
	    "unauthorized");
}

/* What was asked happens all the same. */
static void
a_forgotten_call_goes_on(void **state)
{
	struct world *world = *state;
	struct client *bob = client_open(world, "bob", "", false);
	struct asked asked = {0};

	ask(world, &asked, world_user(world, "ann"),
	    "{\"type\":\"send\",\"to\":\"@bob\",\"text\":\"x\"}");
	chat_call_forget(asked.call);
	client_next(bob, "message");
	client_send(bob, "#lobby", "x");
	client_next(bob, "sent");
	assert_int_equal(0, asked.answers);
	client_close(bob);
}

static void
a_server_that_drains_refuses(void **state)
{
	struct world *world = *state;
	uint64_t ann = world_user(world, "ann"), bob;
	struct asked before = {0}, reading = {0};

	expect(world, ann, SCOPE_ALL, "{\"type\":\"ping\"}", "pong");
	bob = world_user(world, "bob");
	ask(world, &before, ann,
	    "{\"type\":\"send\",\"to\":\"#lobby\",\"text\":\"x\"}");
	ask(world, &reading, bob, "{\"type\":\"ping\"}");
	chat_drain(chat_of(world, ann), 1);
	chat_drain(chat_of(world, bob), 1);
	assert_string_equal("sent", answer(&before));
	assert_string_equal("error", answer(&reading));
	assert_string_equal("unavailable", text_in(reading.answer, "code"));
	expect(world, ann, SCOPE_ALL, "{\"type\":\"ping\"}", "unavailable");
	json_decref(before.answer);
	json_decref(reading.answer);
}

/* Those left go with the domain, and nobody is called. */
static void
calls_may_be_left(void **state)
{
	struct asked asked[3] = {{0}};
	struct world world;
	uint64_t ann;
	int i;

	(void)state;
	world_init(&world);
	ann = world_user(&world, "ann");
	for (i = 0; i < 3; i++)
		ask(&world, &asked[i], ann, i == 2 ? "{\"type\":\"ping\"}"
		    : "{\"type\":\"send\",\"to\":\"#lobby\",\"text\":\"x\"}");
	chat_call_forget(asked[1].call);
	world_fini(&world);
	for (i = 0; i < 3; i++)
		assert_int_equal(0, asked[i].answers);
	world_init(&world);
	ann = world_user(&world, "ann");
	expect(&world, ann, SCOPE_ALL, "{\"type\":\"ping\"}", "pong");
	asked[0] = (struct asked){0};
	ask(&world, &asked[0], ann, "{\"type\":\"ping\"}"); /* is in the mail */
	world_fini(&world);
	assert_int_equal(0, asked[0].answers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(a_message_reaches_sessions),
	    WORLD_TEST(every_type_is_answered_once),
	    WORLD_TEST(a_token_does_what_its_scopes_say),
	    WORLD_TEST(a_call_is_no_device),
	    WORLD_TEST(calls_begin_in_their_order),
	    WORLD_TEST(calls_follow_what_changes),
	    WORLD_TEST(rates_outlive_a_call),
	    WORLD_TEST(nobody_is_refused),
	    WORLD_TEST(a_forgotten_call_goes_on),
	    WORLD_TEST(a_server_that_drains_refuses),
	    cmocka_unit_test(calls_may_be_left)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
