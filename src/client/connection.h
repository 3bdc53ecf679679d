/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_CONNECTION_H
#define CLIENT_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * One WebSocket to the server that comes back by itself: exponential back-off
 * with jitter, pings when nothing is heard.  The owner polls fd and deadline,
 * calls connection_run(), and then takes the news until there is none.
 */
struct connection;

struct connection_options {
	const char *server; /* as of address_parse() */
	const char *query;  /* "user=alice&device=d", encoded */
	const char *token;  /* bearer, or NULL */
};

enum connection_news_type {
	CONNECTION_NOTHING,
	CONNECTION_UP,	 /* the handshake is done: `welcome` follows */
	CONNECTION_TEXT, /* a message, in text and len */
	CONNECTION_DOWN, /* lost, or not reached; retry_ms until the next try */
	CONNECTION_OVER	 /* the server does not want us: nothing more comes */
};

struct connection_news {
	enum connection_news_type type;
	const char *text; /* message; or why, NUL-terminated */
	size_t len;
	int64_t retry_ms;
};

/* Strings of the options stay the caller's.  -1: server is no such address. */
struct connection *connection_new(const struct connection_options *options,
    struct error *err);
void connection_free(struct connection *connection); /* NULL is allowed */

/*
 * The token from the next connection on; one that was over because of the
 * former tries again.  -1: it is none, or no memory.
 */
int connection_set_token(struct connection *connection, const char *token,
    struct error *err);

/* Over because the token is not, or no longer, good. */
bool connection_needs_token(const struct connection *connection);

/* What to poll: -1 when there is no socket. */
int connection_fd(const struct connection *connection);
short connection_events(const struct connection *connection);

/* On the monotonic clock, when to call connection_run() at the latest. */
int64_t connection_deadline(const struct connection *connection);

void connection_run(struct connection *connection, short revents,
    int64_t now_ms);

/* The text is good until the next call. */
void connection_next(struct connection *connection,
    struct connection_news *news);

/* Queues a text message.  Only while up; else it is dropped. */
void connection_send(struct connection *connection, const char *text,
    size_t len);

/* Signed in: the back-off begins anew when this connection is lost. */
void connection_settled(struct connection *connection);

/* Wait at least so long before the next try. */
void connection_hold_off(struct connection *connection, int64_t ms);

/* Gives this socket up, for the reason, and connects again. */
void connection_drop(struct connection *connection, const char *why);

/* Says goodbye.  True once all that was queued is out or cannot go out. */
bool connection_finish(struct connection *connection, int64_t now_ms);

#endif
