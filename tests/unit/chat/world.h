/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_CHAT_WORLD_H
#define TESTS_UNIT_CHAT_WORLD_H

#include "base/json.h"
#include "chat/chat.h"

/*
 * Two workers of the domain on one thread and one loop, over the memory store
 * and the local bus, and clients that only remember what they were told.
 */
#define WORLD_WORKERS 2

struct ev_loop;
struct world_slot {
	struct mailbox *mailbox;
	struct chat *chat;
};

struct world {
	struct ev_loop *loop;
	struct timers *timers;
	struct store *store;
	struct bus *bus;
	struct clock clock;
	struct log log;
	struct chat_limits limits;
	struct world_slot slots[WORLD_WORKERS];
};

struct client {
	struct session session; /* first: the ops cast back */
	struct world *world;
	json_t *said; /* an array of what was sent to it */
	size_t seen;  /* how many of them were looked at */
	uint32_t mark;
	uint64_t last_id; /* of the events it was told */
	uint64_t renewed; /* the family of its new token */
	bool pinged, ended, parked;
	enum session_end why;
	size_t queued;
};

void world_init(struct world *world);
void world_fini(struct world *world);

/* The same for cmocka: *state is the world. */
int world_setup(void **state);
int world_teardown(void **state);
#define WORLD_TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

/* From now on, on all workers: what is in world->limits. */
void world_limit(struct world *world);

/* Turns the loop until done() or fails the test after some seconds. */
void world_until(struct world *world, bool (*done)(void *arg), void *arg);

/* Makes the account if needed. */
uint64_t world_user(struct world *world, const char *name);

/* Signs in and waits for `welcome`; ack_client unless pings. */
struct client *client_open(struct world *world, const char *name,
    const char *device, bool pings);
/* What a client makes of its session. */
const struct session_ops *world_ops(void);
/* Only begins to. */
struct client *client_begin(struct world *world, const char *name,
    const char *device, bool pings);
/* Closes and frees. */
void client_close(struct client *client);

void client_say(struct client *client, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A message, and to join a group and be told so. */
void client_send(struct client *client, const char *to, const char *text);
void client_join(struct client *client, const char *group);

/* The next of this type, skipping others; borrowed. */
json_t *client_next(struct client *client, const char *type);

/* The number or text in a member of what came. */
long long number_in(const json_t *said, const char *key);
const char *text_in(const json_t *said, const char *key);

#endif
