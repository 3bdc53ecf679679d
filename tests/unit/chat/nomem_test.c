/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chat/call.h"
#include "chat/state.h"
#include "world.h"

/*
 * A visit of two people, with the first, second, … n-th allocation of the
 * worker's thread failing: a request may be refused and a session may end,
 * but the server goes on, and nothing leaks.
 */
static _Thread_local bool counting;
static _Thread_local unsigned long calls, failing;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);

static bool
fails(void)
{
	return counting && ++calls == failing;
}

void *
__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

static bool
is_quiet(void *arg)
{
	const struct client *client = arg;

	return client->session.state == SESSION_CLOSED ||
	    (!client->parked && client->session.in_flight == 0);
}

static void
settle(struct client *client)
{
	counting = true;
	world_until(client->world, is_quiet, client);
	counting = false;
}

static void
arrive(struct world *world, struct client *client, uint64_t uid,
    const char *device)
{
	const struct session_options options = {.uid = uid,
	    .device = device, .pings = true,
	    .resumes = device[0] != '\0', .since = 1,
	    .transport = TRANSPORT_WEBSOCKET,
	    .token = {.scopes = SCOPE_ALL}};
	struct chat *chat = world->slots[uid % WORLD_WORKERS].chat;

	client->world = world;
	client->said = json_array();
	client->session.ops = world_ops();
	client->session.state = SESSION_CLOSED;
	counting = true;
	session_open(&client->session, chat, &options);
	counting = false;
	settle(client);
}

static void
say(struct client *client, const char *text)
{
	counting = true;
	session_receive(&client->session, text, strlen(text));
	counting = false;
	settle(client);
}

/* Groups, and what becomes of messages: ann does it, and bob sees it. */
static void
change(struct client *ann, struct client *bob)
{
#define MILK "\"conversation\":\"#milk\",\"ref\":1}"
	static const char *const all[] = {
	    "{\"type\":\"create\",\"title\":\"Milk\",\"private\":true," MILK,
	    "{\"type\":\"update\",\"title\":\"M\",\"description\":\"x\"," MILK,
	    "{\"type\":\"invite\",\"user\":\"bob\"," MILK,
	    "{\"type\":\"add\",\"user\":\"bob\"," MILK,
	    "{\"type\":\"role\",\"user\":\"bob\",\"role\":\"admin\"," MILK,
	    "{\"type\":\"mute\",\"user\":\"bob\",\"duration\":\"1h\"," MILK,
	    "{\"type\":\"unmute\",\"user\":\"bob\"," MILK,
	    "{\"type\":\"send\",\"text\":\"x\"," MILK,
	    "{\"type\":\"edit\",\"last\":true,\"text\":\"y\"," MILK,
	    "{\"type\":\"edit\",\"seq\":1,\"text\":\"y\"," MILK,
	    "{\"type\":\"react\",\"seq\":8,\"emoji\":\"x\"," MILK,
	    "{\"type\":\"versions\",\"seq\":8," MILK,
	    "{\"type\":\"delete\",\"last\":true," MILK,
	    "{\"type\":\"delete\",\"seq\":1," MILK,
	    "{\"type\":\"kick\",\"user\":\"bob\"," MILK,
	    "{\"type\":\"ban\",\"user\":\"bob\",\"duration\":60," MILK,
	    "{\"type\":\"unban\",\"user\":\"bob\"," MILK,
	    "{\"type\":\"leave\"," MILK};
#undef MILK
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		say(ann, all[i]);
		say(bob, "{\"type\":\"ping\"}");
	}
}

static void
talk(struct client *ann, struct client *bob)
{
	static const char *const both[] = {
	    "{\"type\":\"join\",\"conversation\":\"#tea\",\"ref\":1}",
	    "{\"type\":\"send\",\"to\":\"#tea\",\"text\":\"x\"}",
	    "{\"type\":\"typing\",\"to\":\"#tea\"}",
	    "{\"type\":\"send\",\"to\":\"#lobby\",\"text\":\"x\"}",
	    "{\"type\":\"send\",\"to\":\"@ann:bob\",\"text\":\"x\"}",
	    "{\"type\":\"history\",\"conversation\":\"#tea\"}",
	    "{\"type\":\"members\",\"conversation\":\"#tea\"}",
	    "{\"type\":\"conversations\"}",
	    "{\"type\":\"presence\",\"users\":[\"ann\",\"bob\"]}",
	    "{\"type\":\"status\",\"status\":\"idle\"}",
	    "{\"type\":\"received\",\"conversation\":\"#tea\",\"seq\":3}",
	    "{\"type\":\"received\",\"conversation\":\"@ann:bob\","
	    "\"seq\":2}",
	    "{\"type\":\"read\",\"conversation\":\"#tea\",\"seq\":3}",
	    "{\"type\":\"receipts\",\"conversation\":\"#tea\",\"seq\":3}",
	    "{\"type\":\"unread\",\"conversation\":\"#tea\",\"on\":true}",
	    "{\"type\":\"settings\",\"read_receipts\":false}",
	    "{\"type\":\"settings\"}",
	    "{\"type\":\"search\",\"query\":\"x in:#tea\"}",
	    "{\"type\":\"history\",\"conversation\":\"#tea\","
	    "\"offset\":0}"};
	size_t i;

	for (i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
		say(ann, both[i]);
		say(bob, both[i]);
	}
	session_pong(&bob->session, bob->mark);
	say(ann, "{\"type\":\"block\",\"user\":\"bob\"}");
	say(bob, "{\"type\":\"send\",\"to\":\"#tea\",\"text\":\"y\"}");
	say(ann, "{\"type\":\"unblock\",\"user\":\"bob\"}");
	say(bob, "{\"type\":\"leave\",\"conversation\":\"#tea\"}");
}

/* Whether an allocation failed: whether there were so many. */
static bool
visit(unsigned long nth, void (*act)(struct client *ann, struct client *bob))
{
	struct world world;
	struct client ann = {0}, bob = {0}, again = {0};
	uint64_t uids[2];

	world_init(&world);
	uids[0] = world_user(&world, "ann");
	uids[1] = world_user(&world, "bob");
	calls = 0;
	failing = nth;
	arrive(&world, &ann, uids[0], "p");
	arrive(&world, &bob, uids[1], "");
	act(&ann, &bob);
	/* The same device once more, whose cursors are not saved yet. */
	arrive(&world, &again, uids[0], "p");
	counting = true;
	session_close(&ann.session);
	session_close(&bob.session);
	session_close(&again.session);
	counting = false;
	json_decref(ann.said);
	json_decref(bob.said);
	json_decref(again.said);
	world_fini(&world);
	return calls >= nth;
}

static void
called(void *arg, const json_t *answer)
{
	(void)answer;
	--*(unsigned *)arg;
}

static bool
are_answered(void *arg)
{
	return *(unsigned *)arg == 0;
}

static void
ask(struct chat *chat, uint64_t uid, const char *request, unsigned *open)
{
	const struct chat_call_options options = {.uid = uid,
	    .transport = TRANSPORT_REST, .scopes = SCOPE_ALL,
	    .called = called, .arg = open};
	json_t *json = json_loads(request, 0, NULL);

	counting = true;
	if (chat_call(chat, &options, json) != NULL)
		++*open;
	counting = false;
}

/* Two calls at once, each time: every one that begins is answered. */
static bool
visit_by_calls(unsigned long nth)
{
	static const char *const all[] = {
	    "{\"type\":\"join\",\"conversation\":\"#tea\"}",
	    "{\"type\":\"send\",\"to\":\"#tea\",\"text\":\"x\"}",
	    "{\"type\":\"history\",\"conversation\":\"#tea\"}",
	    "{\"type\":\"conversations\"}",
	    "{\"type\":\"read\",\"conversation\":\"#tea\",\"seq\":1}",
	    "{\"type\":\"nonsense\"}"};
	unsigned open = 0;
	struct world world;
	struct chat *chat;
	uint64_t uid;
	size_t i;

	world_init(&world);
	world.limits.off = false;
	world_limit(&world);
	uid = world_user(&world, "ann");
	chat = world.slots[uid % WORLD_WORKERS].chat;
	calls = 0;
	failing = nth;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		ask(chat, uid, all[i], &open);
		ask(chat, uid, all[i], &open);
		counting = true;
		world_until(&world, are_answered, &open);
		counting = false;
	}
	world_fini(&world);
	return calls >= nth;
}

static void
every_allocation_of_calls_may_fail(void **state)
{
	unsigned long n = 1;

	(void)state;
	while (visit_by_calls(n))
		n++;
	assert_true(n > 50);
}

static void
every_allocation_of_talk_may_fail(void **state)
{
	unsigned long n = 1;

	(void)state;
	while (visit(n, talk))
		n++;
	assert_true(n > 100);
}

static void
every_allocation_of_changes_may_fail(void **state)
{
	unsigned long n = 1;

	(void)state;
	while (visit(n, change))
		n++;
	assert_true(n > 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_allocation_of_talk_may_fail),
	    cmocka_unit_test(every_allocation_of_changes_may_fail),
	    cmocka_unit_test(every_allocation_of_calls_may_fail)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
