/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chat/state.h"
#include "world.h"

/* Sessions that go on from an id, and such as are told of nothing. */

static struct client *
come(struct world *world, const char *name, const char *device,
    uint32_t scopes, int64_t since)
{
	struct session_options options = {.device = device,
	    .transport = TRANSPORT_SSE, .token = {.scopes = scopes}};
	struct client *client = calloc(1, sizeof(*client));

	assert_non_null(client);
	options.uid = world_user(world, name);
	options.resumes = since >= 0;
	options.since = since >= 0 ? (uint64_t)since : 0;
	client->world = world;
	client->said = json_array();
	client->session.ops = world_ops();
	assert_int_equal(0, session_open(&client->session,
	    world->slots[options.uid % WORLD_WORKERS].chat, &options));
	client_next(client, "welcome");
	return client;
}

static struct client *
come_since(struct world *world, const char *name, const char *device,
    int64_t since)
{
	return come(world, name, device, SCOPE_ALL, since);
}

/* n messages of bob to ann; the id of the first. */
static int64_t
talk(struct world *world, int n)
{
	struct client *bob = client_open(world, "bob", "", false);
	int64_t id = 0;
	json_t *sent;
	int i;

	world_user(world, "ann");
	for (i = 0; i < n; i++) {
		client_send(bob, "@ann", "x");
		sent = client_next(bob, "sent");
		if (id == 0)
			id = number_in(sent, "id");
	}
	client_close(bob);
	return id;
}

static void
it_goes_on_behind_an_id(void **state)
{
	struct world *world = *state;
	int64_t first = talk(world, 5);
	struct client *ann;
	int i;

	for (i = 0; i < 4; i++) {
		ann = come_since(world, "ann", "", first + i);
		assert_int_equal(i + 2,
		    number_in(client_next(ann, "message"), "seq"));
		client_close(ann);
	}
	/* Though all of it is acknowledged now, who says so gets it. */
	ann = come_since(world, "ann", "", first);
	assert_int_equal(2, number_in(client_next(ann, "message"), "seq"));
	client_close(ann);
	ann = come_since(world, "ann", "", 0);
	assert_int_equal(1, number_in(client_next(ann, "message"), "seq"));
	client_close(ann);
}

/* What the server knew of a device is at most moved on by it. */
static void
an_id_moves_the_cursors_of_a_device(void **state)
{
	struct world *world = *state;
	struct client *ann = come_since(world, "ann", "d", -1), *bob;
	int64_t first = talk(world, 4);

	client_next(ann, "message");
	client_close(ann);
	ann = come_since(world, "ann", "d", first + 2);
	assert_int_equal(4, number_in(client_next(ann, "message"), "seq"));
	client_close(ann);
	ann = come_since(world, "ann", "d", first);
	assert_int_equal(4, number_in(client_next(ann, "message"), "seq"));
	client_close(ann);
	ann = come_since(world, "ann", "d", -1);
	assert_int_equal(4, number_in(client_next(ann, "message"), "seq"));
	client_close(ann);
	/* And so is the mark that others see. */
	bob = client_open(world, "bob", "", false);
	client_say(bob, "{\"type\":\"receipts\",\"conversation\":\"@ann\","
	    "\"seq\":3}");
	assert_int_equal(1,
	    number_in(client_next(bob, "receipts"), "delivered_n"));
	client_close(bob);
}

static void
an_acknowledgement_reaches_the_author(void **state)
{
	struct world *world = *state;
	struct client *ann = come_since(world, "ann", "", -1);
	int64_t first = talk(world, 2);
	struct client *bob = client_open(world, "bob", "", false);
	json_t *said;

	client_close(ann);
	ann = come_since(world, "ann", "", first);
	said = client_next(bob, "delivered");
	assert_int_equal(1, number_in(said, "seq"));
	assert_string_equal("ann", text_in(said, "user"));
	client_close(ann);
	client_close(bob);
}

static bool
has_live_id(void *arg)
{
	return ((struct client *)arg)->last_id != 0;
}

/* From then on nothing is missed, though there was nothing to tell. */
static void
it_is_told_where_it_is(void **state)
{
	struct world *world = *state;
	struct client *ann;
	int64_t last = talk(world, 3) + 2;

	ann = come_since(world, "ann", "", last);
	world_until(world, has_live_id, ann);
	assert_int_equal(last, ann->last_id);
	client_close(ann);
}

/* A backup was restored: whoever is ahead of it acknowledges nothing. */
static void
an_id_that_was_never_told_says_nothing(void **state)
{
	struct world *world = *state;
	struct client *ann = come_since(world, "ann", "d", -1), *bob;
	int64_t first = talk(world, 2);

	client_next(ann, "message");
	client_close(ann);
	ann = come_since(world, "ann", "d", first + 1000);
	assert_int_equal(1, number_in(client_next(ann, "message"), "seq"));
	world_until(world, has_live_id, ann);
	assert_int_equal(first + 1, ann->last_id);
	client_close(ann);
	bob = client_open(world, "bob", "", false);
	client_say(bob, "{\"type\":\"receipts\",\"conversation\":\"@ann\","
	    "\"seq\":1}");
	assert_int_equal(0,
	    number_in(client_next(bob, "receipts"), "delivered_n"));
	client_close(bob);
}

static void
a_token_that_may_not_read_hears_nothing(void **state)
{
	struct world *world = *state;
	int64_t first = talk(world, 1);
	struct client *ann = come(world, "ann", "d", SCOPE_SEND, -1);
	struct client *bob = client_open(world, "bob", "", false);

	client_send(bob, "@ann", "x");
	client_next(bob, "sent");
	client_say(bob, "{\"type\":\"typing\",\"to\":\"@ann\",\"ref\":1}");
	client_next(bob, "ok");
	client_send(ann, "@bob", "y");
	client_next(bob, "message");
	client_next(ann, "sent");
	/* Welcome, and its own. */
	assert_int_equal(2, json_array_size(ann->said));
	client_close(ann);
	client_close(bob);
	/* Nor was anything acknowledged for its device. */
	ann = come_since(world, "ann", "d", -1);
	assert_int_equal(first,
	    number_in(client_next(ann, "message"), "id"));
	client_close(ann);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(it_goes_on_behind_an_id),
	    WORLD_TEST(an_id_moves_the_cursors_of_a_device),
	    WORLD_TEST(an_acknowledgement_reaches_the_author),
	    WORLD_TEST(it_is_told_where_it_is),
	    WORLD_TEST(an_id_that_was_never_told_says_nothing),
	    WORLD_TEST(a_token_that_may_not_read_hears_nothing)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
