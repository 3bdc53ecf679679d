/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ev.h>
#include <string.h>

#include "bus/bus.h"

enum { WORKERS = 3 };

struct listener {
	struct ev_loop *loop;
	struct mailbox *mailbox;
	char got[256]; /* what came, in order */
	uint64_t key;
	enum bus_topic topic;
};

static void
on_news(void *arg, enum bus_topic topic, uint64_t key, const void *data,
    size_t len)
{
	struct listener *listener = arg;

	strncat(listener->got, data, len);
	listener->topic = topic;
	listener->key = key;
}

struct fixture {
	struct bus *bus;
	struct listener listeners[WORKERS];
};

static void
setup(struct fixture *f)
{
	size_t i;

	memset(f, 0, sizeof(*f));
	f->bus = bus_open_local(WORKERS, NULL);
	assert_non_null(f->bus);
	for (i = 0; i < WORKERS; i++) {
		f->listeners[i].loop = ev_loop_new(0);
		f->listeners[i].mailbox = mailbox_new(f->listeners[i].loop, f,
		    NULL);
		bus_attach(f->bus, i, f->listeners[i].mailbox, on_news,
		    &f->listeners[i]);
	}
}

static void
teardown(struct fixture *f)
{
	size_t i;

	for (i = 0; i < WORKERS; i++) {
		mailbox_free(f->listeners[i].mailbox);
		ev_loop_destroy(f->listeners[i].loop);
	}
	bus_close(f->bus);
}

static void
turn(struct fixture *f)
{
	size_t i;

	for (i = 0; i < WORKERS; i++)
		ev_run(f->listeners[i].loop, EVRUN_NOWAIT);
}

/* News of a person goes to the worker that owns them, in order. */
static void
test_person(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	bus_publish(f.bus, BUS_PERSON, 7, "one ", 4);
	bus_publish(f.bus, BUS_PERSON, 7, "two", 3);
	assert_string_equal(f.listeners[1].got, "");
	turn(&f);
	assert_string_equal(f.listeners[0].got, "");
	assert_string_equal(f.listeners[1].got, "one two");
	assert_string_equal(f.listeners[2].got, "");
	assert_int_equal(f.listeners[1].key, 7);
	assert_int_equal(f.listeners[1].topic, BUS_PERSON);
	teardown(&f);
}

static void
test_everyone(void **state)
{
	struct fixture f;
	char text[] = "copied";
	size_t i;

	(void)state;
	setup(&f);
	bus_publish(f.bus, BUS_EVERYONE, 42, text, strlen(text));
	memset(text, 'x', strlen(text));
	bus_publish(f.bus, BUS_EVERYONE, 43, NULL, 0);
	turn(&f);
	for (i = 0; i < WORKERS; i++) {
		assert_string_equal(f.listeners[i].got, "copied");
		assert_int_equal(f.listeners[i].key, 43);
	}
	teardown(&f);
}

/* What nobody has read is freed. */
static void
test_close(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	bus_publish(f.bus, BUS_EVERYONE, 1, "lost", 4);
	teardown(&f);
	bus_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_person),
		cmocka_unit_test(test_everyone),
		cmocka_unit_test(test_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
