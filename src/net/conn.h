/* SPDX-License-Identifier: MIT */
#ifndef NET_CONN_H
#define NET_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/blob.h"
#include "base/buf.h"
#include "base/error.h"
#include "net/poller.h"
#include "net/queue.h"
#include "net/timers.h"

/*
 * A stream socket on one loop: reads into a buffer that all connections of
 * the loop share, and sends what was queued in a turn of the loop with one
 * write at its end.  A connection at rest owns no memory but the struct.
 *
 *	conn_send(), conn_send(), ...          end of the turn
 *	    queue of shared blobs  ----------- one write ----->  kernel
 *
 * Everything runs on the loop's thread.  Callbacks never run from within
 * conn_send() and the other calls below; from a callback, every call is
 * allowed, conn_close() included.
 */
struct conn;
struct conn_pool;
struct ev_loop;

enum conn_end {
	CONN_END_NONE = 0,
	CONN_END_PEER,	/* it closed or reset the connection */
	CONN_END_SLOW,	/* it does not read what it is sent */
	CONN_END_MEMORY /* no memory to queue or keep bytes */
};

struct conn_ops {
	/* Its layer has opened; NULL for a pool without layers. */
	void (*opened)(struct conn *conn);
	/*
	 * Bytes came: consume what can be used.  What is left is handed in
	 * again, in front of the next bytes.
	 */
	void (*input)(struct conn *conn, struct buf *in);
	/* A queue that was long, or that the kernel did not take, is empty. */
	void (*drained)(struct conn *conn);
	/*
	 * It is over.  The owner is to conn_close(); before that, one that
	 * was slow can be sent last words in the place of what is dropped.
	 */
	void (*ended)(struct conn *conn, enum conn_end why);
};

/*
 * What the bytes of a connection pass through between it and the socket, such
 * as TLS; the fields are the layer's to set and the connection's to read.
 */
struct conn_layer {
	const struct conn_layer_ops *ops;
	size_t unsent;	     /* bytes it has taken, but the kernel has not */
	const char *failure; /* what went wrong, for a log; or NULL */
	bool open;	     /* the handshake is over: the queue may leave */
	bool unread;	     /* read() has more, whatever the socket says */
};

struct conn_layer_ops {
	/*
	 * As recv(2) and send(2), EAGAIN included; size is at least
	 * CONN_READ_MIN.  Without data, write() is about `unsent` alone: -1
	 * and EAGAIN while there is some.
	 */
	ssize_t (*read)(struct conn_layer *layer, void *data, size_t size);
	ssize_t (*write)(struct conn_layer *layer, const void *data,
	    size_t len);
	/* The last of the output, once or more often. */
	void (*finish)(struct conn_layer *layer);
	void (*free)(struct conn_layer *layer);
};

#define CONN_READ_MIN 65536

/* Embedded in its owner; the fields are this module's. */
struct conn {
	struct polled polled;
	struct conn_pool *pool;	   /* NULL while detached */
	struct conn_layer *layer;  /* NULL: bytes pass as they are */
	struct conn *next, **prev; /* of the list it is in */
	struct queue queue;
	struct buf *kept;	   /* input not consumed yet, or NULL */
	uint32_t moved_s;  /* blocked: when the kernel last took some */
	uint8_t end;	   /* enum conn_end to be reported */
	uint8_t list;	   /* none, the dirty or the blocked ones */
	bool blocked : 1;  /* waits for the kernel to take more */
	bool paused : 1;   /* input waits */
	bool replay : 1;   /* what is kept is to be handed in from the loop */
	bool shutting : 1; /* output ends with the queue */
	bool shut : 1;
	bool was_long : 1; /* drained() is due when the queue is empty */
};

struct conn_pool_options {
	struct ev_loop *loop;
	struct timers *timers;
	const struct conn_ops *ops;
	size_t long_queue;  /* drained() is called after more; 0: 16 KiB */
	size_t queue_max;   /* more queued bytes are CONN_END_SLOW; 0: 1 MiB */
	unsigned stall_s;   /* so is no progress for so long; 0: 10 s */
	size_t total_max;   /* over all: the longest queue goes; 0: no limit */
};

/* What connections of a loop and of one kind share. */
struct conn_pool *conn_pool_new(const struct conn_pool_options *options,
    struct error *err);

/* All connections are closed or detached.  NULL is allowed. */
void conn_pool_free(struct conn_pool *pool);

/* Bytes queued over all connections. */
size_t conn_pool_queued(const struct conn_pool *pool);

/* Takes fd, which is non-blocking, and begins to read. */
void conn_open(struct conn *conn, struct conn_pool *pool, int fd);

/*
 * From now on its bytes pass through the layer, which is taken over.  Before
 * the first byte was read, or from input() when all was consumed that is not
 * the layer's own.
 */
void conn_set_layer(struct conn *conn, struct conn_layer *layer);

/*
 * Queues blob_wire(blob), sealed before; takes its own reference.  Dropped
 * when the connection is ending.
 */
void conn_send(struct conn *conn, struct blob *blob);

/* Sends what is queued now rather than at the end of the turn. */
void conn_flush(struct conn *conn);

/*
 * Over TCP, ends it when the peer's system has not acknowledged for so long
 * what was sent: it has gone without a word.
 */
void conn_set_patience(struct conn *conn, unsigned ms);

/* Input stops; resuming hands in what was kept, from the loop. */
void conn_pause(struct conn *conn);
void conn_resume(struct conn *conn);

/*
 * Once the queue has left, tells the peer that no more will come.  Input goes
 * on; later sends are dropped.
 */
void conn_shutdown(struct conn *conn);

/*
 * Takes a connection off its loop, and onto another's.  Between the two it
 * may pass to another thread.  No blob in its queue may be shared.  Not from
 * within input().
 */
void conn_detach(struct conn *conn);
void conn_attach(struct conn *conn, struct conn_pool *pool);

/* Closes the socket and frees all but the struct; for a detached one too. */
void conn_close(struct conn *conn);

/* Whether bytes can leave: its layer, if any, has opened. */
static inline bool
conn_is_open(const struct conn *conn)
{
	return conn->layer == NULL || conn->layer->open;
}

static inline size_t
conn_queued(const struct conn *conn)
{
	return conn->queue.bytes;
}

#endif
