/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <ev.h>

#include "chat/state.h"
#include "store/batch.h"
#include "store/readers.h"
#include "world.h"

/*
 * What happens while somebody signs in, at the moments that matter: a page of
 * the catch-up is held back before its snapshot is taken or after, and a batch
 * between its commit and its publication.
 */
static struct {
	bool hold_page, hold_answer;
	store_read_done *done; /* of the answer that is held */
	struct readers *readers;
	struct store_read *page; /* held */
	atomic_bool hold_batch, committed;
} gate;

bool __real_readers_submit(struct readers *readers, struct store_read *read);
bool __wrap_readers_submit(struct readers *readers, struct store_read *read);
void __real_batch_publish(struct batch *batch);
void __wrap_batch_publish(struct batch *batch);

static void
keep_answer(struct store_read *read)
{
	gate.page = read;
}

bool
__wrap_readers_submit(struct readers *readers, struct store_read *read)
{
	if (gate.hold_answer && read->kind == STORE_READ_CATCH_UP) {
		gate.hold_answer = false;
		gate.done = read->done;
		read->done = keep_answer;
	}
	if (!gate.hold_page || read->kind != STORE_READ_CATCH_UP)
		return __real_readers_submit(readers, read);
	gate.hold_page = false;
	gate.readers = readers;
	gate.page = read;
	return false;
}

void
__wrap_batch_publish(struct batch *batch)
{
	while (atomic_load(&gate.hold_batch))
		atomic_store(&gate.committed, true);
	__real_batch_publish(batch);
}

static int
setup(void **state)
{
	memset(&gate, 0, sizeof(gate));
	return world_setup(state);
}

static bool
page_is_held(void *arg)
{
	(void)arg;
	return gate.page != NULL;
}

/* Signs in and stops where the next page would be read, or was. */
static struct client *
begin_held(struct world *world, const char *name, bool answered)
{
	struct client *client;

	world_user(world, name);
	gate.page = NULL;
	gate.hold_page = !answered;
	gate.hold_answer = answered;
	client = client_begin(world, name, "", false);
	world_until(world, page_is_held, NULL);
	return client;
}

static void
let_page_go(void)
{
	if (gate.done != NULL)
		gate.done(gate.page);
	else if (__real_readers_submit(gate.readers, gate.page))
		readers_wake(gate.readers);
}

static bool
is_live(void *arg)
{
	return ((struct client *)arg)->session.state == SESSION_LIVE;
}

static bool
has_said(const struct client *client, const char *text)
{
	const json_t *said, *member;
	size_t i;

	json_array_foreach(client->said, i, said) {
		member = json_object_get(said, "text");
		if (member != NULL &&
		    strcmp(json_string_value(member), text) == 0)
			return true;
	}
	return false;
}

/* The snapshot of a page knows of a conversation whose news is on its way. */
static void
snapshot_ahead_of_the_feed(void **state)
{
	struct world *world = *state;
	struct client *ann = client_open(world, "ann", "", false);
	struct client *bob = begin_held(world, "bob", false);

	atomic_store(&gate.hold_batch, true);
	client_send(ann, "@bob", "first");
	while (!atomic_load(&gate.committed))
		ev_run(world->loop, EVRUN_NOWAIT);
	let_page_go();
	world_until(world, is_live, bob);
	atomic_store(&gate.hold_batch, false);
	client_next(ann, "sent");
	client_send(ann, "@bob", "second");
	assert_string_equal("first", text_in(client_next(bob, "message"),
	    "text"));
	assert_string_equal("second", text_in(client_next(bob, "message"),
	    "text"));
	client_close(ann);
	client_close(bob);
}

static void
joining_while_signing_in(void **state)
{
	struct world *world = *state;
	struct client *ann = client_open(world, "ann", "", false);
	struct client *bob = client_open(world, "bob", "a", false);
	struct client *other;

	client_join(ann, "#tea");
	other = begin_held(world, "bob", false);
	client_join(bob, "#tea");
	client_send(ann, "#tea", "hello");
	client_next(bob, "message");
	let_page_go();
	assert_string_equal("bob", text_in(client_next(other, "joined"),
	    "user"));
	assert_string_equal("hello", text_in(client_next(other, "message"),
	    "text"));
	client_send(ann, "#tea", "again");
	assert_string_equal("again", text_in(client_next(other, "message"),
	    "text"));
	client_close(ann);
	client_close(bob);
	client_close(other);
}

/* What is said after one left is not for them, on no device. */
static void
leaving_while_signing_in(void **state)
{
	struct world *world = *state;
	struct client *ann = client_open(world, "ann", "", false);
	struct client *bob = client_open(world, "bob", "a", false);
	struct client *other;

	client_join(ann, "#tea");
	client_join(bob, "#tea");
	other = begin_held(world, "bob", false);
	client_say(bob, "{\"type\":\"leave\",\"conversation\":\"#tea\"}");
	client_next(bob, "ok");
	client_send(ann, "#tea", "secret");
	client_next(ann, "sent");
	let_page_go();
	world_until(world, is_live, other);
	assert_false(has_said(other, "secret"));
	client_send(ann, "@bob", "bye");
	client_next(other, "message");
	assert_false(has_said(other, "secret"));
	client_close(ann);
	client_close(bob);
	client_close(other);
}

/* What ann does to bob in #tea. */
static void
act(struct client *ann, const char *type)
{
	client_say(ann, "{\"type\":\"%s\",\"conversation\":\"#tea\","
	    "\"user\":\"bob\"}", type);
	client_next(ann, "ok");
}

static void
added_while_signing_in(void **state)
{
	struct world *world = *state;
	struct client *ann = client_open(world, "ann", "", false);
	struct client *bob;

	client_join(ann, "#tea");
	bob = begin_held(world, "bob", false);
	act(ann, "add");
	client_send(ann, "#tea", "hello");
	client_next(ann, "sent");
	let_page_go();
	assert_string_equal("ann", text_in(client_next(bob, "joined"), "by"));
	assert_string_equal("hello", text_in(client_next(bob, "message"),
	    "text"));
	client_send(ann, "#tea", "again");
	assert_string_equal("again", text_in(client_next(bob, "message"),
	    "text"));
	client_close(ann);
	client_close(bob);
}

/* What was said before one was put out is seen or not, later things never. */
static void
put_out_while_signing_in(void **state)
{
	struct world *world = *state;
	struct client *ann = client_open(world, "ann", "", false);
	struct client *bob = client_open(world, "bob", "a", false);
	struct client *other;

	client_join(ann, "#tea");
	client_join(bob, "#tea");
	other = begin_held(world, "bob", false);
	act(ann, "kick");
	client_send(ann, "#tea", "secret");
	client_next(ann, "sent");
	assert_string_equal("ann", text_in(client_next(bob, "kicked"), "by"));
	let_page_go();
	world_until(world, is_live, other);
	client_send(ann, "@bob", "bye");
	assert_string_equal("bye", text_in(client_next(bob, "message"),
	    "text"));
	client_next(other, "message");
	assert_false(has_said(other, "secret"));
	client_close(ann);
	client_close(bob);
	client_close(other);
}

/* What was said between being put out and coming back is for no device. */
static void
check_put_out_and_back(struct world *world, bool answered)
{
	struct client *ann = client_open(world, "ann", "", false);
	struct client *bob = client_open(world, "bob", "a", false);
	struct client *other;

	client_say(ann, "{\"type\":\"create\",\"conversation\":\"#tea\","
	    "\"history\":\"since_join\"}");
	client_next(ann, "ok");
	client_join(bob, "#tea");
	other = begin_held(world, "bob", answered);
	act(ann, "kick");
	client_send(ann, "#tea", "secret");
	client_next(ann, "sent");
	act(ann, "add");
	client_send(ann, "#tea", "hello");
	client_next(bob, "message");
	let_page_go();
	world_until(world, is_live, other);
	assert_string_equal("hello", text_in(client_next(other, "message"),
	    "text"));
	assert_false(has_said(other, "secret"));
	client_close(ann);
	client_close(bob);
	client_close(other);
}

/* However much else happens meanwhile. */
static void
invited_while_signing_in(void **state)
{
	struct world *world = *state;
	struct client *ann = client_open(world, "ann", "", false);
	struct client *bob;
	int i;

	client_join(ann, "#tea");
	bob = begin_held(world, "bob", false);
	act(ann, "invite");
	for (i = 0; i < RECENT_MAX + 10; i++) {
		client_send(ann, "#tea", "x");
		client_next(ann, "sent");
	}
	let_page_go();
	assert_string_equal("ann", text_in(client_next(bob, "invited"),
	    "by"));
	client_close(ann);
	client_close(bob);
}

static void
put_out_and_back_while_signing_in(void **state)
{
	check_put_out_and_back(*state, false);
}

static void
put_out_and_back_before_going_live(void **state)
{
	check_put_out_and_back(*state, true);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, world_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(snapshot_ahead_of_the_feed), TEST(joining_while_signing_in),
	    TEST(leaving_while_signing_in), TEST(added_while_signing_in),
	    TEST(put_out_while_signing_in),
	    TEST(invited_while_signing_in),
	    TEST(put_out_and_back_while_signing_in),
	    TEST(put_out_and_back_before_going_live)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
