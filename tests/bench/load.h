/* SPDX-License-Identifier: MIT */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "options.h"

/*
 * Many connections to one peer, on one epoll.  What is sent in a turn leaves
 * with one send a connection at its end; pings are answered.  A connection
 * that fails or closes unasked ends the program: a figure would be wrong.
 */
struct load;

enum client_state {
	CLIENT_NONE,
	CLIENT_CONNECTING,
	CLIENT_UPGRADING,
	CLIENT_SIGNING_IN, /* until `welcome` */
	CLIENT_OPEN
};

struct client {
	int fd;
	struct ssl_st *ssl; /* or NULL */
	unsigned index;
	enum client_state state;
	bool dirty, stuck; /* to be flushed; waits to be writable */
	uint64_t received; /* messages; also the number expected next */
	uint64_t sent;	   /* messages */
	uint64_t seq;	   /* newest; this and the next three: receipts.h */
	uint64_t confirmed; /* up to there */
	bool confirming;   /* which is not answered yet */
	uint64_t sent_seq; /* of the newest message that it sent */
	struct buf in, out;
	struct client *next_dirty;
};

/*
 * A message of one's own or another's (text is what message_put() wrote).
 * In the synctalk dialect, answers come to on_answer() with their type.
 */
struct load_hooks {
	void (*on_open)(struct load *load, struct client *client);
	void (*on_message)(struct load *load, struct client *client,
	    const char *text, size_t len);
	void (*on_answer)(struct load *load, struct client *client,
	    const char *type, size_t type_len);
};

struct load {
	const struct options *options;
	struct load_hooks hooks;
	void *mode; /* the mode's own */
	int epoll;
	struct secure *secure; /* or NULL */
	unsigned opening, open; /* connections */
	uint64_t now;		/* ns, of this turn */
	struct client *clients;
	struct client *dirty;
	char *room; /* what is read lands here */
	const char *device; /* "&device=…" for the next connects, or "" */
	const char *frame; /* synctalk: what a hook is called for */
	size_t frame_len;
};

void load_init(struct load *load, const struct options *options);
void load_fini(struct load *load);

/*
 * Begins to connect; on_open() follows within some turn.  Neither this nor
 * client_close() may be called from within a hook.
 */
void client_connect(struct load *load, struct client *client);
void client_close(struct load *load, struct client *client);

/* Connects clients from..to (exclusive), some at a time, until all are open. */
void load_connect(struct load *load, unsigned from, unsigned to);

/* Queues a text frame. */
void client_send(struct load *load, struct client *client, const char *text,
    size_t len);

/* For wire.c: the connection is open; it has something to flush. */
void client_opened(struct load *load, struct client *client);
void client_dirty(struct load *load, struct client *client);

/* Waits at most ms, handles what is there, flushes. */
void load_turn(struct load *load, int ms);

/* Prints "bench: …" and ends the program. */
void die(const char *format, ...)
    __attribute__((format(printf, 1, 2), noreturn));

#endif
