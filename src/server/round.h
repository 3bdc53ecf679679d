/* SPDX-License-Identifier: MIT */
#ifndef SERVER_ROUND_H
#define SERVER_ROUND_H

#include <stddef.h>

#include "base/error.h"
#include "net/mailbox.h"

/*
 * A question of the main thread to all workers: ask() runs on each of them,
 * and once the last has answered, done() on the main thread.
 */
struct server;
struct worker;
struct round;

struct round_part {
	struct mail mail; /* first */
	struct round *round;
	struct worker *worker;
	void *result; /* left by ask(), for done() to free; or NULL */
};

/* It answers with round_answer(part), at once or later. */
typedef void round_ask(struct worker *worker, struct round_part *part);

/*
 * Runs in any case, when the server stops too: then some parts may be without
 * a result.  The round is freed after it.
 */
typedef void round_done(struct round *round);

struct round {
	struct server *server;
	round_ask *ask;
	round_done *done;
	void *arg;
	size_t waiting, n;
	struct round_part parts[];
};

/* On the main thread.  -1: no memory, done() will not run. */
int round_begin(struct server *server, round_ask *ask, round_done *done,
    void *arg, struct error *err);

/* From the thread of part's worker. */
void round_answer(struct round_part *part);

#endif
