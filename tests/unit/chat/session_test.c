/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chat/state.h"
#include "world.h"

/* The sender gets `sent`, everybody else `message`, with the same seq. */
static void
lobby_reaches_all(void **state)
{
	struct client *ann = client_open(*state, "ann", "", false);
	struct client *bob = client_open(*state, "bob", "", false);
	json_t *sent, *message;

	client_say(ann, "{\"type\":\"send\",\"to\":\"#lobby\",\"text\":"
	    "\" hi \",\"ref\":7,\"client_msg_id\":\"x1\"}");
	sent = client_next(ann, "sent");
	message = client_next(bob, "message");
	assert_int_equal(7, number_in(sent, "ref"));
	assert_string_equal("x1", text_in(sent, "client_msg_id"));
	assert_string_equal("hi", text_in(message, "text"));
	assert_string_equal("ann", text_in(message, "from"));
	assert_int_equal(number_in(sent, "seq"), number_in(message, "seq"));
	assert_string_equal(text_in(sent, "at"), text_in(message, "at"));
	assert_null(json_object_get(message, "client_msg_id"));
	client_close(ann);
	client_close(bob);
}

static void
returns_to_what_was_missed(void **state)
{
	struct client *ann = client_open(*state, "ann", "", false);
	struct client *bob = client_open(*state, "bob", "phone", false);
	json_t *message;
	int i;

	client_close(bob);
	for (i = 1; i <= 20; i++) {
		client_say(ann, "{\"type\":\"send\",\"to\":\"@bob\","
		    "\"text\":\"%d\"}", i);
		client_next(ann, "sent");
	}
	bob = client_open(*state, "bob", "phone", false);
	for (i = 1; i <= 20; i++) {
		message = client_next(bob, "message");
		assert_int_equal(i, number_in(message, "seq"));
		assert_int_equal(i, atoi(text_in(message, "text")));
	}
	client_close(bob);
	/* Nothing was acknowledged: all of it comes again, */
	bob = client_open(*state, "bob", "phone", false);
	for (i = 1; i <= 20; i++)
		assert_int_equal(i, number_in(client_next(bob, "message"),
		    "seq"));
	client_say(bob, "{\"type\":\"received\",\"conversation\":\"@ann\","
	    "\"seq\":15,\"ref\":1}");
	client_next(bob, "ok");
	client_close(bob);
	/* and then only what is above the cursor. */
	bob = client_open(*state, "bob", "phone", false);
	assert_int_equal(16, number_in(client_next(bob, "message"), "seq"));
	client_close(bob);
	client_close(ann);
}

static bool
was_pinged(void *arg)
{
	return ((struct client *)arg)->pinged;
}

static void
pong_acknowledges(void **state)
{
	struct client *ann = client_open(*state, "ann", "", false);
	struct client *bob = client_open(*state, "bob", "", true);

	client_send(ann, "@bob", "one");
	client_next(bob, "message");
	world_until(*state, was_pinged, bob);
	session_pong(&bob->session, bob->mark + 1); /* no mark of ours */
	client_close(bob);
	bob = client_open(*state, "bob", "", true);
	assert_string_equal("one", text_in(client_next(bob, "message"),
	    "text"));
	world_until(*state, was_pinged, bob);
	session_pong(&bob->session, bob->mark);
	client_close(bob);
	client_send(ann, "@bob", "two");
	client_next(ann, "sent");
	client_next(ann, "sent");
	bob = client_open(*state, "bob", "", true);
	assert_string_equal("two", text_in(client_next(bob, "message"),
	    "text"));
	client_close(bob);
	client_close(ann);
}

/* One whose answer got lost is asked again, with another mark. */
static void
pongs_may_get_lost(void **state)
{
	struct client *ann = client_open(*state, "ann", "", false);
	struct client *bob = client_open(*state, "bob", "", true);
	uint32_t lost;

	client_send(ann, "@bob", "one");
	client_next(bob, "message");
	world_until(*state, was_pinged, bob);
	lost = bob->mark;
	bob->session.cursors->timer.fire(&bob->session.cursors->timer);
	assert_int_not_equal(lost, bob->mark);
	session_pong(&bob->session, bob->mark);
	client_close(bob);
	client_send(ann, "@bob", "two");
	bob = client_open(*state, "bob", "", true);
	assert_string_equal("two", text_in(client_next(bob, "message"),
	    "text"));
	client_close(bob);
	client_close(ann);
}

static void
same_device_replaces(void **state)
{
	struct client *first = client_open(*state, "ann", "phone", false);
	struct client *second = client_open(*state, "ann", "phone", false);

	assert_true(first->ended);
	assert_int_equal(SESSION_END_REPLACED, first->why);
	assert_false(second->ended);
	client_close(first);
	client_close(second);
}

static void
repeats_are_answered_once(void **state)
{
	struct client *ann = client_open(*state, "ann", "", false);
	json_t *first, *again, *other;

	client_say(ann, "{\"type\":\"send\",\"to\":\"#lobby\",\"text\":\"a\","
	    "\"client_msg_id\":\"k\"}");
	first = client_next(ann, "sent");
	client_say(ann, "{\"type\":\"send\",\"to\":\"#lobby\",\"text\":\"a\","
	    "\"client_msg_id\":\"k\"}");
	again = client_next(ann, "sent");
	client_say(ann, "{\"type\":\"send\",\"to\":\"#lobby\",\"text\":\"b\","
	    "\"client_msg_id\":\"k\"}");
	other = client_next(ann, "error");
	assert_true(json_is_true(json_object_get(again, "duplicate")));
	assert_int_equal(number_in(first, "seq"), number_in(again, "seq"));
	assert_string_equal("conflict", text_in(other, "code"));
	client_close(ann);
}

static void
groups_check_membership(void **state)
{
	struct client *ann = client_open(*state, "ann", "", false);
	struct client *bob = client_open(*state, "bob", "", false);

	client_say(ann, "{\"type\":\"join\",\"conversation\":\"#tea\","
	    "\"ref\":1}");
	client_next(ann, "ok");
	assert_int_equal(1, number_in(client_next(ann, "created"), "seq"));
	assert_int_equal(2, number_in(client_next(ann, "joined"), "seq"));
	client_send(bob, "#tea", "let me in");
	assert_string_equal("not_member",
	    text_in(client_next(bob, "error"), "code"));
	client_say(bob, "{\"type\":\"join\",\"conversation\":\"#TEA\"}");
	client_next(bob, "ok");
	assert_string_equal("bob", text_in(client_next(ann, "joined"),
	    "user"));
	client_send(bob, "#tea", "here");
	assert_string_equal("here", text_in(client_next(ann, "message"),
	    "text"));
	client_say(bob, "{\"type\":\"leave\",\"conversation\":\"#tea\"}");
	assert_string_equal("bob", text_in(client_next(ann, "left"), "user"));
	client_send(ann, "#tea", "gone?");
	client_next(ann, "sent");
	client_send(bob, "#tea", "still?");
	assert_string_equal("not_member",
	    text_in(client_next(bob, "error"), "code"));
	client_close(ann);
	client_close(bob);
}

static void
blocks_refuse_and_hide(void **state)
{
	struct client *ann = client_open(*state, "ann", "", false);
	struct client *bob = client_open(*state, "bob", "", false);

	client_say(ann, "{\"type\":\"join\",\"conversation\":\"#tea\"}");
	client_next(ann, "ok");
	client_say(bob, "{\"type\":\"join\",\"conversation\":\"#tea\"}");
	client_next(bob, "ok");
	client_say(ann, "{\"type\":\"block\",\"user\":\"bob\",\"ref\":1}");
	client_next(ann, "ok");
	assert_string_equal("bob", text_in(client_next(ann, "blocked"),
	    "user"));
	client_send(bob, "@ann", "psst");
	assert_string_equal("blocked", text_in(client_next(bob, "error"),
	    "code"));
	client_send(bob, "#tea", "all");
	assert_int_equal(number_in(client_next(bob, "sent"), "seq"),
	    number_in(client_next(ann, "hidden"), "seq"));
	client_close(ann);
	client_close(bob);
}

static void
bad_requests_are_named(void **state)
{
	static const struct {
		const char *say, *code, *field;
	} rows[] = {
	    {"{", "bad_request", NULL},
	    {"{\"type\":1}", "bad_request", "type"},
	    {"{}", "bad_request", "type"},
	    {"{\"type\":\"sned\"}", "unknown_type", "type"},
	    {"{\"type\":\"send\"}", "bad_request", "to"},
	    {"{\"type\":\"send\",\"to\":5}", "bad_request", "to"},
	    {"{\"type\":\"send\",\"to\":\"tea\"}", "bad_request", "to"},
	    {"{\"type\":\"send\",\"to\":\"@bob\"}", "bad_request", "text"},
	    {"{\"type\":\"send\",\"to\":\"@nobody\",\"text\":\"x\"}",
		"not_found", "conversation"},
	    {"{\"type\":\"send\",\"to\":\"#nowhere\",\"text\":\"x\"}",
		"not_found", "conversation"},
	    {"{\"type\":\"send\",\"to\":\"@x1:y1\",\"text\":\"x\"}",
		"forbidden", "to"},
	    {"{\"type\":\"send\",\"to\":\"#lobby\",\"text\":\" \"}",
		"bad_request", "text"},
	    {"{\"type\":\"send\",\"to\":\"#lobby\",\"text\":\"x\","
	     "\"client_msg_id\":\"\"}", "bad_request", "client_msg_id"},
	    {"{\"type\":\"history\",\"conversation\":\"#lobby\","
	     "\"limit\":0}", "bad_request", "limit"},
	    {"{\"type\":\"history\",\"conversation\":\"#lobby\","
	     "\"before\":-1}", "bad_request", "before"},
	    {"{\"type\":\"join\",\"conversation\":\"tea\"}", "bad_request",
		"conversation"},
	    {"{\"type\":\"block\",\"user\":\"!\"}", "bad_request", "user"},
	    {"{\"type\":\"block\",\"user\":\"nobody\"}", "not_found",
		"user"},
	    {"{\"type\":\"presence\",\"users\":[]}", "bad_request", "users"},
	    {"{\"type\":\"status\",\"status\":\"gone\"}", "bad_request",
		"status"},
	    {"{\"type\":\"ping\",\"ref\":[]}", "bad_request", "ref"},
	    {"{\"type\":\"auth\",\"token\":\"t\"}", "unauthorized", "token"},
	};
	struct client *ann = client_open(*state, "ann", "", false);
	json_t *error;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		client_say(ann, "%s", rows[i].say);
		error = client_next(ann, "error");
		if (strcmp(rows[i].code, text_in(error, "code")) != 0)
			fail_msg("%s: %s", rows[i].say,
			    text_in(error, "message"));
		if (rows[i].field != NULL)
			assert_string_equal(rows[i].field,
			    text_in(error, "field"));
	}
	client_close(ann);
}

/*
 * People write to a group and to each other while one keeps leaving and
 * coming back, joins new groups included: each visit continues where the last
 * one ended, without a gap and without a repeat.
 */
struct reader {
	struct client *client;
	uint64_t tea, direct;
};

static void
look(struct reader *reader)
{
	struct client *client = reader->client;
	json_t *said;
	uint64_t *last, seq;
	const char *conversation;

	while (client->seen < json_array_size(client->said)) {
		said = json_array_get(client->said, client->seen++);
		if (json_object_get(said, "seq") == NULL)
			continue;
		conversation = text_in(said, "conversation");
		if (conversation[0] == '#' && conversation[1] != 't')
			continue;
		last = conversation[0] == '#' ? &reader->tea : &reader->direct;
		seq = (uint64_t)number_in(said, "seq");
		if (seq != *last + 1)
			fail_msg("%s: %llu follows %llu", conversation,
			    (unsigned long long)seq,
			    (unsigned long long)*last);
		*last = seq;
		client_say(client, "{\"type\":\"received\",\"conversation\":"
		    "\"%s\",\"seq\":%llu}", conversation,
		    (unsigned long long)seq);
	}
}

struct goal {
	struct reader *reader;
	uint64_t tea, direct;
};

static bool
has_read(void *arg)
{
	struct goal *goal = arg;

	look(goal->reader);
	return goal->reader->tea >= goal->tea &&
	    goal->reader->direct >= goal->direct;
}

static void
visits_join_without_a_gap(void **state)
{
	struct client *ann = client_open(*state, "ann", "", false);
	struct reader bob = {.client = client_open(*state, "bob", "p", false)};
	struct goal goal = {.reader = &bob};
	int round, i;

	client_say(ann, "{\"type\":\"join\",\"conversation\":\"#tea\"}");
	client_next(ann, "ok");
	client_say(bob.client, "{\"type\":\"join\",\"conversation\":\"#tea\"}");
	client_next(bob.client, "ok");
	bob.tea = 2; /* created, ann joined: before bob */
	bob.client->seen = 0;
	for (round = 0; round < 60; round++) {
		for (i = 0; i < 5; i++) {
			client_send(ann, "#tea", "t");
			client_send(ann, "@bob", "d");
		}
		client_close(bob.client);
		bob.client = client_begin(*state, "bob", "p", false);
		for (i = 0; i < 5; i++) {
			client_send(ann, "@bob", "d");
			client_send(ann, "#tea", "t");
		}
		if (round % 7 == 0)
			client_say(ann, "{\"type\":\"join\","
			    "\"conversation\":\"#x%d\"}", round);
		goal.tea = 3 + 10 * (uint64_t)(round + 1);
		goal.direct = 10 * (uint64_t)(round + 1);
		client_next(bob.client, "welcome");
		world_until(*state, has_read, &goal);
	}
	assert_int_equal(603, bob.tea);
	assert_int_equal(600, bob.direct);
	client_close(ann);
	client_close(bob.client);
}

struct offline {
	struct client *client;
	const char *status;
};

static void
presence_follows(void **state)
{
	struct client *ann = client_open(*state, "ann", "", false);
	struct client *bob = client_open(*state, "bob", "a", false);
	struct client *more;
	json_t *presence;

	client_say(ann, "{\"type\":\"presence\",\"users\":[\"bob\"]}");
	client_next(ann, "ok");
	presence = client_next(ann, "presence");
	assert_string_equal("online", text_in(presence, "status"));
	more = client_open(*state, "bob", "b", false);
	client_close(bob);
	client_say(more, "{\"type\":\"status\",\"status\":\"idle\"}");
	presence = client_next(ann, "presence");
	assert_string_equal("idle", text_in(presence, "status"));
	client_close(more);
	presence = client_next(ann, "presence");
	assert_string_equal("offline", text_in(presence, "status"));
	assert_non_null(json_object_get(presence, "last_seen"));
	client_close(ann);
}

struct latest {
	struct client *client;
	uint64_t uid;
	uint8_t status;
};

static bool
is_kept(void *arg)
{
	const struct latest *latest = arg;
	const struct map *late = latest->client->session.late;
	const struct news *news = late != NULL
	    ? map_get(late, latest->uid) : NULL;

	return news != NULL && news->status == latest->status;
}

/* A slow reader is told of many changes once: the latest. */
static void
presence_collapses(void **state)
{
	struct client *ann = client_open(*state, "ann", "", false);
	struct client *bob = client_open(*state, "bob", "", false);
	struct latest latest = {.client = ann, .uid = bob->session.uid};
	json_t *presence;

	client_say(ann, "{\"type\":\"presence\",\"users\":[\"bob\"]}");
	client_next(ann, "presence");
	ann->queued = SIZE_MAX;
	client_say(bob, "{\"type\":\"status\",\"status\":\"idle\"}");
	latest.status = PRESENCE_IDLE;
	world_until(*state, is_kept, &latest);
	client_say(bob, "{\"type\":\"status\",\"status\":\"online\"}");
	latest.status = PRESENCE_ONLINE;
	world_until(*state, is_kept, &latest);
	ann->queued = 0;
	session_drained(&ann->session);
	presence = client_next(ann, "presence");
	assert_string_equal("online", text_in(presence, "status"));
	assert_int_equal(json_array_size(ann->said), ann->seen);
	assert_null(ann->session.late);
	client_close(bob);
	client_close(ann);
}

/* Who is written to has to be looked up first. */
static void
draining_waits_for_lookups(void **state)
{
	struct world *world = *state;
	struct client *ann = client_open(world, "ann", "", false);
	uint64_t uid = world_user(world, "ann");

	world_user(world, "bob");
	client_send(ann, "@bob", "in time");
	assert_true(ann->parked);
	chat_drain(world->slots[uid % WORLD_WORKERS].chat, 100);
	client_next(ann, "sent");
	client_next(ann, "bye");
	assert_true(ann->ended);
	client_close(ann);
}

static void
draining_answers_first(void **state)
{
	struct world *world = *state;
	struct client *ann = client_open(world, "ann", "", false);
	uint64_t uid = world_user(world, "ann");

	client_send(ann, "#lobby", "last");
	chat_drain(world->slots[uid % WORLD_WORKERS].chat, 100);
	assert_false(ann->ended);
	client_next(ann, "sent");
	assert_true(number_in(client_next(ann, "bye"), "reconnect_after_ms") >=
	    500);
	assert_true(ann->ended);
	assert_int_equal(SESSION_END_DRAINING, ann->why);
	client_close(ann);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(lobby_reaches_all), WORLD_TEST(returns_to_what_was_missed),
	    WORLD_TEST(pong_acknowledges), WORLD_TEST(pongs_may_get_lost),
	    WORLD_TEST(same_device_replaces),
	    WORLD_TEST(repeats_are_answered_once), WORLD_TEST(groups_check_membership),
	    WORLD_TEST(blocks_refuse_and_hide), WORLD_TEST(bad_requests_are_named),
	    WORLD_TEST(visits_join_without_a_gap), WORLD_TEST(presence_follows),
	    WORLD_TEST(presence_collapses),
	    WORLD_TEST(draining_answers_first),
	    WORLD_TEST(draining_waits_for_lookups)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
