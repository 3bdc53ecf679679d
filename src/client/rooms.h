/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_ROOMS_H
#define CLIENT_ROOMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/record.h"

/*
 * The conversations this client has heard of, in the order it did.  A direct
 * one is called as a person would, "@bob".
 */
struct room {
	char name[CONVERSATION_NAME_MAX + 1];
	uint64_t seen_seq;  /* all durable events up to this were shown */
	uint64_t acked_seq; /* and the server was told */
	uint64_t read_seq;  /* one's own read mark, as the server has it */
	uint64_t looked_seq; /* up to where the person has looked */
	uint64_t told_seq;   /* of that, what the server was told */
	/* Of a direct one: the other person's marks. */
	uint64_t other_delivered_seq, other_read_seq;
	uint32_t unread, mentions;
	bool flagged; /* marked as unread */
	bool listed;  /* the server has said how it stands */
};

struct rooms {
	struct room *items;
	size_t n, room;
};

void rooms_fini(struct rooms *rooms);

/* By name, added if it is new.  NULL: no memory, or it is no name. */
struct room *rooms_get(struct rooms *rooms, const char *name);

/* Another epoch: what is known of its seqs says nothing any more. */
void room_restart(struct room *room);

/* All that was shown there is read. */
void room_read_all(struct room *room);

/* The public room keeps no marks of anybody. */
bool room_keeps_marks(const char *name);

static inline void
seq_raise(uint64_t *seq, uint64_t to)
{
	if (*seq < to)
		*seq = to;
}

/* By name, or NULL. */
struct room *rooms_find(const struct rooms *rooms, const char *name);

/*
 * "@bob" for alice's "@alice:bob" and "@bob:alice"; others as they are.
 * False when the result is too long to be a name.
 */
bool room_name(const char *conversation, const char *self,
    char name[CONVERSATION_NAME_MAX + 1]);

#endif
