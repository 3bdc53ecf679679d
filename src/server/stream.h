/* SPDX-License-Identifier: MIT */
#ifndef SERVER_STREAM_H
#define SERVER_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "server/client.h"

/*
 * GET /api/events: what a WebSocket is told, for who has none.  Either as it
 * comes, as server-sent events (WHATWG HTML, section 9.2), or by long poll:
 * one answer with what there is, as soon as there is something.  Both
 * acknowledge by the id with which the next request goes on.
 *
 * The client is in state OPEN then, and is not `upgraded`.
 */
struct stream;

/* Answers, or begins to sign in. */
void stream_request(struct client *client, const struct http_request *request);

/* On the worker that owns the person, before the session opens. */
void stream_open(struct client *client);
void stream_free(struct stream *stream); /* NULL is allowed */

/* Whether it is answered once; NULL: it is none. */
bool stream_polls(const struct stream *stream);

/* Whether its answer has begun: what is left to say is an event. */
bool stream_has_begun(const struct client *client);
void stream_say_error(struct client *client, const char *code,
    const char *detail);

/* What the client sends meanwhile. */
void stream_take(struct client *client, struct buf *in);

/* As client_look_after(). */
uint32_t stream_look_after(struct client *client);

extern const struct session_ops stream_session_ops;

/* Of a worker: the last event encoded, for whoever else is told of it. */
struct stream_cache {
	struct blob *frame, *event; /* or NULL */
	uint64_t id;
};
void stream_cache_fini(struct stream_cache *cache);

#endif
