/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CONTRACT_STORE_HARNESS_H
#define TESTS_CONTRACT_STORE_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/embedded.h"
#include "store/store.h"

/*
 * A store with three workers whose mailboxes are all on one loop, so that a
 * test is one thread and sees all that is published in its order.
 */
#define WORKERS 3

struct harness;

struct harness_worker {
	struct harness *harness;
	unsigned index;
	struct mailbox *mailbox;
};

/* One call of done() or feed(). */
struct harness_event {
	unsigned worker;
	bool feed;
	struct store_write *write; /* a reference */
};

struct harness {
	const char *kind;
	char folder[64];
	struct log log;
	struct clock clock; /* all zero: the system's; moves between writes */
	/* Of the next open: */
	struct kv *(*wrap)(struct kv *kv, void *arg); /* or NULL */
	void *wrap_arg;
	uint64_t min_free; /* 0: none */

	struct ev_loop *loop;
	struct store *store;
	struct harness_worker workers[WORKERS];
	struct harness_event *events;
	size_t events_n, events_size;
	size_t pending; /* writes and reads without their done() */
};

/* cmocka: *state is the kind, "lmdb" or "memory", and then the harness. */
int harness_setup(void **state);
int harness_teardown(void **state);

/* Both back ends run the test. */
#define BOTH(test) \
	cmocka_unit_test_prestate_setup_teardown(test, harness_setup, \
	    harness_teardown, "lmdb"), \
	cmocka_unit_test_prestate_setup_teardown(test, harness_setup, \
	    harness_teardown, "memory")
#define LMDB(test) \
	cmocka_unit_test_prestate_setup_teardown(test, harness_setup, \
	    harness_teardown, "lmdb")

/* Opens with what the harness says; fails the test if it cannot. */
void harness_open(struct harness *harness);
/* Closes, with all mail delivered first. */
void harness_close(struct harness *harness);
/* The tables alone, of the harness's kind and folder, without a store. */
struct kv *harness_kv(const struct harness *harness);

/* Submits, done() counted.  A reference stays with the caller. */
struct store_write *harness_submit(struct harness *harness,
    struct store_write *write);
/* Runs the loop until all that was submitted is done. */
void harness_settle(struct harness *harness);
/* Runs the loop until all that was committed has reached every worker. */
void harness_settle_feeds(struct harness *harness);
/* Submits and settles: the status.  The reference is dropped. */
enum store_status harness_do(struct harness *harness,
    struct store_write *write);
/* As harness_do(), and hands the reference out. */
struct store_write *harness_done(struct harness *harness,
    struct store_write *write);
/* Asks, waits, and gives it back answered. */
struct store_read *harness_ask(struct harness *harness,
    struct store_read *read);
/* Forgets the events so far. */
void harness_forget(struct harness *harness);

/* ---------------------------------------------------- writes, not submitted */

struct store_write *make_append(uint64_t sender, uint64_t conv, uint64_t peer,
    const char *id, const char *text);
struct store_write *make_join(uint64_t sender, const char *name);
struct store_write *make_leave(uint64_t sender, uint64_t conv);
struct store_write *make_block(uint64_t sender, uint64_t peer, bool on);
struct store_write *make_user(const char *name);
struct store_write *make_device(uint64_t sender, const char *device,
    const struct store_cursor *cursors, size_t n);
struct store_write *make_cursors(uint64_t sender, const char *device,
    const struct store_cursor *cursors, size_t n);
struct store_read *make_read(enum store_read_kind kind, uint64_t uid,
    uint64_t conv);

/* ---------------------------------------------------- and their short forms */

uint64_t add_user(struct harness *harness, const char *name);
/* The conversation. */
uint64_t join(struct harness *harness, uint64_t uid, const char *name);
/* The seq; the test fails unless it is stored. */
uint64_t say(struct harness *harness, uint64_t sender, uint64_t conv,
    const char *text);
/* The direct conversation, with this as its next message. */
uint64_t say_to(struct harness *harness, uint64_t sender, uint64_t peer,
    const char *text);

#endif
