/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_SHOWN_H
#define CLIENT_SHOWN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "client/render.h"
#include "client/rooms.h"

/*
 * The messages that were printed last, as they stand now: edits, deletions,
 * reactions and receipts change them where they are on the screen.
 */
#define SHOWN_MAX 512

struct shown {
	uint64_t line; /* of the screen (screen_print()), or 0 */
	char room[CONVERSATION_NAME_MAX + 1];
	uint64_t seq, id; /* 0: typed, and not answered yet */
	bool own;
	bool refused; /* what was typed */
	uint32_t unread, mentions; /* the line above it that says so; 0: none */
	/* Of one's own in a group; of_n 0: not known. */
	uint64_t delivered_n, read_n, of_n;
	json_t *event; /* `message`; what was typed: room and text, no type */
};

struct shown_ring {
	struct shown items[SHOWN_MAX];
	size_t first, n;
};

void shown_fini(struct shown_ring *ring);

/* The newest is 0.  NULL from ring->n on. */
struct shown *shown_at(struct shown_ring *ring, size_t i);

/* Holds a reference of event, a `message` in room; NULL: no memory. */
struct shown *shown_add(struct shown_ring *ring, uint64_t line,
    const char *room, const json_t *event, const char *self);

/* What was typed into room; becomes a message with shown_become(). */
struct shown *shown_add_typed(struct shown_ring *ring, uint64_t line,
    const char *room, const char *text);
struct shown *shown_typed(struct shown_ring *ring, uint64_t line);

/* It was a message in room: `sent`.  -1: no memory. */
int shown_become(struct shown *shown, const char *room, const json_t *sent,
    const char *self);

/* The newest of room with this seq (0: one's own newest), or NULL. */
struct shown *shown_find(struct shown_ring *ring, const char *room,
    uint64_t seq);

bool shown_has(struct shown_ring *ring, const char *room);

/* Messages of others in room with a larger id; those that name self. */
uint32_t shown_count(struct shown_ring *ring, const char *room, uint64_t id,
    const char *self, uint32_t *mentions);

/*
 * Takes an `edited`, `deleted` or `reacted` that is about this message.
 * False: there is no memory for it.
 */
bool shown_change(struct shown *shown, const json_t *event);

/* What became of it, as room's marks and its own numbers say. */
struct ticks shown_ticks(const struct shown *shown, const struct room *room,
    const char *self);

#endif
