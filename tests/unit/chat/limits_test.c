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

/* Rates count, and the time stands still. */
static void
limit(struct world *world)
{
	world->limits.off = false;
	world->clock.fixed = 1;
	world->clock.now_us = INT64_C(1000000000);
	world_limit(world);
}

static void
pass_ms(struct world *world, int64_t ms)
{
	world->clock.now_us += ms * 1000;
}

static void
messages_have_a_rate(void **state)
{
	struct world *world = *state;
	struct client *ann;
	json_t *error;
	int i;

	limit(world);
	ann = client_open(world, "ann", "", false);
	for (i = 0; i < 10; i++) {
		client_send(ann, "#lobby", "x");
		client_next(ann, "sent");
	}
	client_send(ann, "#lobby", "x");
	error = client_next(ann, "error");
	assert_string_equal("rate_limited", text_in(error, "code"));
	assert_in_range(number_in(error, "retry_after_ms"), 1, 501);
	pass_ms(world, number_in(error, "retry_after_ms"));
	client_send(ann, "#lobby", "x");
	client_next(ann, "sent");
	client_close(ann);
}

/* A repeat is answered as the first time, though the rate is used up. */
static void
repeats_are_free(void **state)
{
	struct world *world = *state;
	struct client *ann;
	json_t *said;
	int i;

	limit(world);
	ann = client_open(world, "ann", "", false);
	for (i = 0; i < 30; i++) {
		client_say(ann, "{\"type\":\"send\",\"to\":\"#lobby\","
		    "\"text\":\"x\",\"client_msg_id\":\"k\"}");
		said = client_next(ann, "sent");
		assert_int_equal(1, number_in(said, "seq"));
	}
	client_close(ann);
}

/* Names that lead nowhere are no way round the rates. */
static void
lookups_have_a_rate(void **state)
{
	struct world *world = *state;
	const char *code = "";
	struct client *ann;
	int i;

	limit(world);
	ann = client_open(world, "ann", "", false);
	for (i = 0; i < 21; i++) {
		client_send(ann, "#nowhere", "x");
		code = text_in(client_next(ann, "error"), "code");
		assert_string_equal(i < 20 ? "not_found" : "rate_limited",
		    code);
	}
	client_close(ann);
}

/* What is no request at all counts as one. */
static void
nonsense_has_a_rate(void **state)
{
	static const char *const says[] = {"{", "{\"type\":\"x\"}", "{}",
	    "/line"};
	struct client *ann;
	json_t *error;
	int i;

	limit(*state);
	ann = client_open(*state, "ann", "", false);
	for (i = 0; i < 24; i++) {
		client_say(ann, "%s", says[i % 4]);
		error = client_next(ann, "error");
		assert_int_equal(i >= 20,
		    strcmp("rate_limited", text_in(error, "code")) == 0);
	}
	client_close(ann);
}

static void
joins_have_a_rate(void **state)
{
	struct world *world = *state;
	struct client *ann;
	char group[8];
	int i;

	limit(world);
	ann = client_open(world, "ann", "", false);
	for (i = 0; i < 10; i++) {
		snprintf(group, sizeof(group), "#g%d", i);
		client_join(ann, group);
	}
	client_say(ann, "{\"type\":\"join\",\"conversation\":\"#more\"}");
	assert_string_equal("rate_limited",
	    text_in(client_next(ann, "error"), "code"));
	client_close(ann);
}

static void
abuse_ends_it(void **state)
{
	struct world *world = *state;
	struct client *ann;
	int s, i;

	limit(world);
	ann = client_open(world, "ann", "", false);
	for (s = 0; s < 15 && !ann->ended; s++) {
		for (i = 0; i < 30 && !ann->ended; i++)
			client_send(ann, "#lobby", "x");
		pass_ms(world, 1000);
	}
	assert_true(ann->ended);
	assert_int_equal(SESSION_END_ABUSE, ann->why);
	assert_int_equal(11, s - 1);
	client_close(ann);
}

/* One line in ten seconds that is refused is no abuse. */
static void
refusals_now_and_then_are_no_abuse(void **state)
{
	struct world *world = *state;
	struct client *ann;
	int i;

	limit(world);
	world->limits.join_burst = 1;
	world->limits.join_rate = 0.01;
	world_limit(world);
	ann = client_open(world, "ann", "", false);
	client_join(ann, "#tea");
	for (i = 0; i < 10; i++) {
		client_say(ann, "{\"type\":\"join\","
		    "\"conversation\":\"#mate\"}");
		client_next(ann, "error");
		pass_ms(world, 5000);
	}
	assert_false(ann->ended);
	client_close(ann);
}

/* ------------------------------------------------------------- a slow reader */

static bool
waits(void *arg)
{
	const struct catch_up *catch_up =
	    ((struct client *)arg)->session.catch_up;

	return catch_up != NULL && catch_up->waits;
}

#define LONG_TEXT 3000

static void
send_long(struct client *client, int n)
{
	char text[LONG_TEXT + 1];

	memset(text, 'x', LONG_TEXT);
	text[LONG_TEXT] = '\0';
	for (; n > 0; n--) {
		client_send(client, "#tea", text);
		client_next(client, "sent");
	}
}

/*
 * A catch-up waits for its reader, misses nothing that comes meanwhile, and
 * leaves nothing more out than it said at first.
 */
static void
catch_up_waits_for_the_reader(void **state)
{
	struct world *world = *state;
	struct client *ann, *bob;
	json_t *gap;
	int seq;

	world->limits.catch_up = 150;
	world_limit(world);
	ann = client_open(world, "ann", "", false);
	bob = client_open(world, "bob", "p", false);
	client_join(ann, "#tea");
	client_join(bob, "#tea");
	client_close(bob);
	send_long(ann, 200);
	bob = client_begin(world, "bob", "p", false);
	bob->queued = world->limits.queue_soft;
	world_until(world, waits, bob);
	send_long(ann, 100);
	assert_true(waits(bob));
	bob->queued = 0;
	session_drained(&bob->session);
	gap = client_next(bob, "gap");
	assert_int_equal(3, number_in(gap, "from"));
	assert_int_equal(53, number_in(gap, "to"));
	for (seq = 54; seq <= 303; seq++)
		assert_int_equal(seq,
		    number_in(client_next(bob, "message"), "seq"));
	client_close(ann);
	client_close(bob);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(messages_have_a_rate), WORLD_TEST(repeats_are_free),
	    WORLD_TEST(lookups_have_a_rate), WORLD_TEST(nonsense_has_a_rate),
	    WORLD_TEST(joins_have_a_rate),
	    WORLD_TEST(abuse_ends_it),
	    WORLD_TEST(refusals_now_and_then_are_no_abuse),
	    WORLD_TEST(catch_up_waits_for_the_reader)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
