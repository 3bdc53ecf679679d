/* SPDX-License-Identifier: MIT */
#ifndef NET_QUEUE_H
#define NET_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"

/*
 * Sealed blobs that wait to be sent, by reference.  The head has its place in
 * the struct, so that a queue of one costs nothing; the others are in chunks,
 * which the queues of a thread take from one store of spares.
 */
struct queue_chunk;

struct queue {
	struct blob *first;	  /* NULL: empty */
	struct queue_chunk *last; /* the rest: a ring, from last->next */
	uint32_t bytes;		  /* not sent yet */
	uint32_t sent;		  /* bytes of first that have left */
};

struct queue_spares {
	struct queue_chunk *chunks;
	size_t count;
};

void queue_spares_fini(struct queue_spares *spares);

/* Takes its own reference.  -1: no memory. */
int queue_push(struct queue *queue, struct queue_spares *spares,
    struct blob *blob);

/*
 * The next bytes to send, as one piece: a blob where it is, or as many small
 * ones as fit, copied to room.
 */
size_t queue_gather(const struct queue *queue, char *room, size_t size,
    const char **data);

/* That many bytes have left. */
void queue_take(struct queue *queue, struct queue_spares *spares, size_t n);

/* Drops what has not begun to leave. */
void queue_trim(struct queue *queue, struct queue_spares *spares);

/* Drops all.  spares may be NULL. */
void queue_clear(struct queue *queue, struct queue_spares *spares);

#endif
