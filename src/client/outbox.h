/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_OUTBOX_H
#define CLIENT_OUTBOX_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the person asked for and the server has not answered: nothing typed is
 * lost.  Requests leave in their order, one at a time, so that one that has to
 * be repeated (after a reconnect, or because it came too fast) is not
 * overtaken by the next.  Each carries a ref of the outbox's and, if it may
 * store a message, a client_msg_id: the server stores it once.
 */
struct outbox;

enum outbox_answer {
	OUTBOX_OTHER,  /* answers nothing in here */
	OUTBOX_DONE,   /* the request is answered */
	OUTBOX_REPEAT  /* it will be sent again after a while */
};

/* NULL: no memory. */
struct outbox *outbox_new(void);
void outbox_free(struct outbox *outbox); /* NULL is allowed */

/*
 * Adds a request and takes over the reference.  A `ref` that it has is put
 * away and comes back with its answer.  -1: no memory.
 */
int outbox_add(struct outbox *outbox, json_t *request);

/*
 * The request to send now, as text good until the next call; NULL when there
 * is none, or the one before is not answered, or must wait.
 */
const char *outbox_next(struct outbox *outbox, int64_t now_ms, size_t *len);

/*
 * Looks at a message of the server, and gives it the ref that the request had
 * (or takes the outbox's away).  *request is the one it answers, or NULL;
 * good until the next call.
 */
enum outbox_answer outbox_take(struct outbox *outbox, json_t *message,
    int64_t now_ms, const json_t **request);

/* The connection is lost: what is not answered will be sent again. */
void outbox_reset(struct outbox *outbox);

/* Has the one that was sent waited too long for its answer? */
bool outbox_overdue(const struct outbox *outbox, int64_t now_ms);

/*
 * Gives up the first one if it was sent three times without an answer, and
 * hands it out (the reference too); else NULL.
 */
json_t *outbox_give_up(struct outbox *outbox);

size_t outbox_count(const struct outbox *outbox);

/* When outbox_next() or _overdue() may have something; INT64_MAX: never. */
int64_t outbox_deadline(const struct outbox *outbox);

#endif
