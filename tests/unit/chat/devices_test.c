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

static struct chat *
chat_of(struct world *world, const char *name)
{
	return world->slots[world_user(world, name) % WORLD_WORKERS].chat;
}

static void
receive(struct client *client, const char *conversation, int seq)
{
	client_say(client, "{\"type\":\"received\",\"conversation\":\"%s\","
	    "\"seq\":%d,\"ref\":1}", conversation, seq);
	client_next(client, "ok");
}

/* The newer connection starts behind what the older one acknowledged. */
static void
replaced_before_its_cursor_is_saved(void **state)
{
	struct client *ann = client_open(*state, "ann", "", false);
	struct client *first = client_open(*state, "bob", "p", false);
	struct client *second, *third;
	int i;

	for (i = 1; i <= 9; i++)
		client_send(ann, "@bob", "x");
	for (i = 1; i <= 9; i++)
		client_next(first, "message");
	receive(first, "@ann", 4);
	/* The second is replaced while it waits for that to be saved. */
	second = client_begin(*state, "bob", "p", false);
	assert_int_equal(SESSION_WAITING, second->session.state);
	third = client_begin(*state, "bob", "p", false);
	assert_true(first->ended);
	assert_true(second->ended);
	assert_int_equal(SESSION_END_REPLACED, second->why);
	assert_int_equal(5, number_in(client_next(third, "message"), "seq"));
	client_close(ann);
	client_close(first);
	client_close(second);
	client_close(third);
}

/* Devices that sign in at once each get everything, once and in order. */
static void
two_devices_at_once(void **state)
{
	struct client *ann = client_open(*state, "ann", "", false);
	struct client *devices[2];
	int i, j;

	world_user(*state, "bob");
	for (i = 0; i < 10; i++)
		client_send(ann, "@bob", "x");
	devices[0] = client_begin(*state, "bob", "a", false);
	for (i = 0; i < 10; i++)
		client_send(ann, "@bob", "x");
	devices[1] = client_begin(*state, "bob", "b", false);
	for (i = 0; i < 10; i++)
		client_send(ann, "@bob", "x");
	for (i = 0; i < 2; i++) {
		for (j = 1; j <= 30; j++)
			assert_int_equal(j, number_in(client_next(devices[i],
			    "message"), "seq"));
		client_close(devices[i]);
	}
	client_close(ann);
}

/* A device joins; the others of the person are in the group too. */
static void
joining_is_for_all_devices(void **state)
{
	struct client *ann = client_open(*state, "ann", "", false);
	struct client *one = client_open(*state, "bob", "a", false);
	struct client *two = client_open(*state, "bob", "b", false);

	client_join(ann, "#tea");
	client_join(one, "#tea");
	client_next(two, "joined");
	client_send(one, "#tea", "hello");
	assert_string_equal("hello", text_in(client_next(two, "message"),
	    "text"));
	client_say(two, "{\"type\":\"leave\",\"conversation\":\"#tea\"}");
	client_next(one, "left");
	client_send(one, "#tea", "again");
	assert_string_equal("not_member", text_in(client_next(one, "error"),
	    "code"));
	client_close(ann);
	client_close(one);
	client_close(two);
}

static void
kicked_by_device_and_whole(void **state)
{
	struct world *world = *state;
	struct client *one = client_open(world, "bob", "a", false);
	struct client *two = client_open(world, "bob", "b", false);
	struct client *three = client_begin(world, "bob", "", false);
	uint64_t uid = world_user(world, "bob");
	struct chat *chat = chat_of(world, "bob");

	assert_int_equal(0, chat_kick(chat, uid, "c"));
	assert_int_equal(0, chat_kick(chat, 999, NULL));
	assert_int_equal(1, chat_kick(chat, uid, "a"));
	assert_true(one->ended);
	assert_int_equal(2, chat_kick(chat, uid, NULL));
	assert_true(two->ended);
	assert_true(three->ended);
	assert_int_equal(SESSION_END_KICKED, three->why);
	assert_int_equal(0, chat_sessions_beside(chat, uid, ""));
	client_close(one);
	client_close(two);
	client_close(three);
}

/* ------------------------------------------------------------------ presence */

static void
watch(struct client *client, const char *name, const char *status)
{
	client_say(client, "{\"type\":\"presence\",\"users\":[\"%s\"]}", name);
	assert_string_equal(status, text_in(client_next(client, "presence"),
	    "status"));
}

struct people {
	struct chat *chat;
	size_t n;
};

static bool
are_so_many(void *arg)
{
	const struct people *people = arg;
	struct chat_stats stats;

	chat_stats(people->chat, &stats);
	return stats.people == people->n;
}

/* Who is watched is remembered while offline, and no longer than that. */
static void
watching_who_is_offline(void **state)
{
	struct world *world = *state;
	struct client *ann = client_open(world, "ann", "", false), *bob;
	struct people people = {.n = 0};

	world_user(world, "bob");
	people.chat = chat_of(world, "bob");
	watch(ann, "bob", "offline");
	bob = client_open(world, "bob", "", false);
	assert_string_equal("online", text_in(client_next(ann, "presence"),
	    "status"));
	client_close(bob);
	assert_string_equal("offline", text_in(client_next(ann, "presence"),
	    "status"));
	client_close(ann);
	world_until(world, are_so_many, &people);
}

#define WATCHERS 400 /* more than one news names */

static void
many_watch_one(void **state)
{
	struct client *watchers[WATCHERS], *bob;
	char name[8];
	int i;

	world_user(*state, "bob");
	for (i = 0; i < WATCHERS; i++) {
		snprintf(name, sizeof(name), "w%d", 100 + i);
		watchers[i] = client_open(*state, name, "", false);
		watch(watchers[i], "bob", "offline");
	}
	bob = client_open(*state, "bob", "", false);
	for (i = 0; i < WATCHERS; i++) {
		assert_string_equal("online", text_in(client_next(watchers[i],
		    "presence"), "status"));
		client_close(watchers[i]);
	}
	client_close(bob);
}

/* What a client sends by itself shows nobody at the device. */
static void
idle_in_spite_of_automatic_answers(void **state)
{
	struct client *ann = client_open(*state, "ann", "", false);
	struct client *bob = client_open(*state, "bob", "", false);

	watch(ann, "bob", "online");
	client_say(bob, "{\"type\":\"status\",\"status\":\"idle\"}");
	assert_string_equal("idle", text_in(client_next(ann, "presence"),
	    "status"));
	client_send(ann, "@bob", "there?");
	client_next(bob, "message");
	receive(bob, "@ann", 1);
	client_say(bob, "{\"type\":\"ping\"}");
	client_next(bob, "pong");
	client_say(bob, "{\"type\":\"status\",\"status\":\"idle\"}");
	client_close(bob);
	assert_string_equal("offline", text_in(client_next(ann, "presence"),
	    "status"));
	client_close(ann);
}

static void
person_read(struct store_read *read)
{
	*(struct store_read **)read->arg = read;
}

static bool
is_read(void *arg)
{
	return *(struct store_read **)arg != NULL;
}

/* The server ends before a grace does. */
static void
last_seen_is_stored_at_once(void **state)
{
	struct world *world = *state;
	struct client *bob;
	struct store_read *read, *answer = NULL;

	world->limits.presence_grace_ms = 1000000;
	world_limit(world);
	bob = client_open(world, "bob", "", false);
	chat_drain(chat_of(world, "bob"), 0);
	client_close(bob);
	world_user(world, "zoe"); /* what waits is written with this */
	read = store_read_new(0);
	assert_non_null(read);
	read->kind = STORE_READ_USER;
	read->uid = world_user(world, "bob");
	read->done = person_read;
	read->arg = &answer;
	store_query(world->store, read);
	world_until(world, is_read, &answer);
	assert_true(answer->person.last_seen_us > 0);
	store_read_free(answer);
}

/* Neither live nor in history nor in the list of conversations. */
static void
blocked_in_the_list(void **state)
{
	struct client *ann = client_open(*state, "ann", "", false);
	struct client *bob = client_open(*state, "bob", "", false);
	json_t *items;

	client_join(ann, "#tea");
	client_join(bob, "#tea");
	client_say(ann, "{\"type\":\"block\",\"user\":\"bob\",\"ref\":1}");
	client_next(ann, "blocked");
	client_send(bob, "#tea", "secret");
	client_next(ann, "hidden");
	client_say(ann, "{\"type\":\"conversations\"}");
	items = json_object_get(client_next(ann, "conversations"), "items");
	assert_int_equal(1, json_array_size(items));
	assert_null(json_object_get(json_array_get(items, 0),
	    "last_message"));
	client_close(ann);
	client_close(bob);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(replaced_before_its_cursor_is_saved),
	    WORLD_TEST(two_devices_at_once),
	    WORLD_TEST(joining_is_for_all_devices),
	    WORLD_TEST(kicked_by_device_and_whole),
	    WORLD_TEST(watching_who_is_offline), WORLD_TEST(many_watch_one),
	    WORLD_TEST(idle_in_spite_of_automatic_answers),
	    WORLD_TEST(last_seen_is_stored_at_once),
	    WORLD_TEST(blocked_in_the_list)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
