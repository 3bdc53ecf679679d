/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_TALK_H
#define CLIENT_TALK_H

#include <jansson.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/name.h"
#include "client/connection.h"
#include "client/rooms.h"
#include "client/signin.h"

/*
 * One person at one server: connection, outbox, what was seen.  Shows what it
 * hears through a view: the terminal or the pipe.
 */
struct talk;

struct talk_view {
	/*
	 * An event for the person.  request is what it answers, or NULL.
	 * fresh: a durable event that is neither history nor an answer.
	 * False when it could not be shown: it is then not acknowledged.
	 */
	bool (*event)(void *arg, const json_t *event, const json_t *request,
	    bool fresh);
	/* Connected (up) or not, and why. */
	void (*status)(void *arg, bool up, const char *text);
	void *arg;
};

/* Strings, sign-in and view stay the caller's. */
struct talk_options {
	const char *server;
	const char *name;   /* folded; NULL: the token says */
	const char *token;  /* or NULL */
	struct signin *signin; /* makes tokens in its place; or NULL */
	const char *device; /* "" for none */
	const struct talk_view *view;
};

struct talk *talk_new(const struct talk_options *options, struct error *err);
void talk_free(struct talk *talk); /* NULL is allowed */

/* Queues a request and takes over the reference.  -1: no memory. */
int talk_add(struct talk *talk, json_t *request);

/* Sends right now or never; for what does not matter later. */
void talk_hint(struct talk *talk, json_t *request);

/* How many requests are not answered. */
size_t talk_pending(const struct talk *talk);

/* Who this is, once known; else "". */
const char *talk_user(const struct talk *talk);
struct rooms *talk_rooms(struct talk *talk);

/* True once the server has said that it does not want us. */
bool talk_is_over(const struct talk *talk);

/* For poll(), and when to run at the latest on the monotonic clock. */
void talk_poll(const struct talk *talk, struct pollfd *pollfd);
int64_t talk_deadline(const struct talk *talk);
void talk_run(struct talk *talk, short revents, int64_t now_ms);

/* Says goodbye to the server; true when that is done. */
bool talk_finish(struct talk *talk, short revents, int64_t now_ms);

#endif
