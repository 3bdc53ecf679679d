/* SPDX-License-Identifier: MIT */
#include "net/conn.h"

#include <assert.h>
#include <errno.h>
#include <ev.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define INPUT_SIZE CONN_READ_MIN
#define SCRATCH_SIZE 65536
/* With so much unsent in its layer a connection is not read from. */
#define UNSENT_MAX 65536

enum conn_list { LIST_NONE, LIST_DIRTY, LIST_BLOCKED };

struct conn_pool {
	struct conn_pool_options options;
	struct poller *poller;
	struct conn *dirty;   /* to be flushed, or told that they ended */
	struct conn *blocked; /* wait for the kernel to take more */
	struct conn *current; /* in a callback; NULL once it is closed */
	struct queue_spares spares;
	size_t queued;
	ev_prepare flush; /* never started: fed when the first is dirty */
	struct timer stalls;
	struct buf input;
	char scratch[SCRATCH_SIZE];
};

/* ------------------------------------------------------------------- layer */

static ssize_t
read_bytes(struct conn *conn, void *data, size_t size)
{
	if (conn->layer != NULL)
		return conn->layer->ops->read(conn->layer, data, size);
	return recv(conn->polled.fd, data, size, 0);
}

static size_t
unsent(const struct conn *conn)
{
	return conn->layer != NULL ? conn->layer->unsent : 0;
}

/* *moved: the kernel has taken some, of these bytes or of earlier ones. */
static ssize_t
write_bytes(struct conn *conn, const void *data, size_t len, bool *moved)
{
	size_t before = unsent(conn);
	ssize_t n;

	if (conn->layer != NULL)
		n = conn->layer->ops->write(conn->layer, data, len);
	else
		n = send(conn->polled.fd, data, len, MSG_NOSIGNAL);
	if (n > 0 || unsent(conn) < before)
		*moved = true;
	return n;
}

/* ------------------------------------------------------------------- lists */

static void
list_move(struct conn *conn, enum conn_list list)
{
	struct conn **head;

	if (conn->list != LIST_NONE) {
		*conn->prev = conn->next;
		if (conn->next != NULL)
			conn->next->prev = conn->prev;
	}
	conn->list = (uint8_t)list;
	if (list == LIST_NONE)
		return;
	head = list == LIST_DIRTY ? &conn->pool->dirty : &conn->pool->blocked;
	conn->next = *head;
	conn->prev = head;
	if (conn->next != NULL)
		conn->next->prev = &conn->next;
	*head = conn;
}

/*
 * The flush is fed at the lowest priority: it runs when all else that this
 * turn of the loop brought has been handled.
 */
static void
set_dirty(struct conn *conn)
{
	struct conn_pool *pool = conn->pool;

	if (conn->list == LIST_DIRTY)
		return;
	if (pool->dirty == NULL)
		ev_feed_event(pool->options.loop, &pool->flush, EV_CUSTOM);
	list_move(conn, LIST_DIRTY);
}

/* After a write: into the list of those that wait, if it does. */
static void
settle(struct conn *conn)
{
	struct conn_pool *pool = conn->pool;

	if (conn->replay) {
		set_dirty(conn);
	} else if (!conn->blocked) {
		list_move(conn, LIST_NONE);
	} else if (conn->list != LIST_BLOCKED) {
		if (!timer_is_set(&pool->stalls))
			timer_set(pool->options.timers, &pool->stalls, 1000);
		list_move(conn, LIST_BLOCKED);
	}
}

/* ----------------------------------------------------------------- sending */

static void
clear_queue(struct conn *conn)
{
	if (conn->pool != NULL)
		conn->pool->queued -= conn->queue.bytes;
	queue_clear(&conn->queue,
	    conn->pool != NULL ? &conn->pool->spares : NULL);
}

/*
 * The end is reported by the next flush; until then it is dead and silent.
 * A frame that has begun to leave stays: what may follow it must be readable.
 */
static void
end_later(struct conn *conn, enum conn_end why)
{
	if (conn->end != CONN_END_NONE)
		return;
	conn->end = (uint8_t)why;
	conn->pool->queued -= conn->queue.bytes;
	queue_trim(&conn->queue, &conn->pool->spares);
	conn->pool->queued += conn->queue.bytes;
	set_dirty(conn);
	poller_watch(conn->pool->poller, &conn->polled, 0);
}

/*
 * Waits for what the connection's state asks for.  A pause is not made known
 * to the kernel unless something comes while it lasts, which is rare.  What
 * is read may make a layer answer by itself: who takes no answers is not
 * read from.
 */
static void
watch(struct conn *conn)
{
	unsigned events = 0;

	if (conn->end != CONN_END_NONE)
		return;
	if (conn->paused)
		events |= conn->polled.events & POLLER_READ;
	else if (unsent(conn) <= UNSENT_MAX)
		events |= POLLER_READ;
	if (conn->blocked || unsent(conn) > 0)
		events |= POLLER_WRITE;
	if (poller_watch(conn->pool->poller, &conn->polled, events) == -1)
		end_later(conn, CONN_END_MEMORY);
}

static bool
over_total(const struct conn_pool *pool)
{
	return pool->options.total_max != 0 &&
	    pool->queued > pool->options.total_max;
}

static uint32_t
now_s(void)
{
	static const struct clock system_clock;

	return (uint32_t)(clock_monotonic_ms(&system_clock) / 1000);
}

/* What a turn's writing came to. */
enum offer { OFFER_TAKEN, OFFER_BLOCKED, OFFER_FAILED };

static enum offer
offer_failed(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK ? OFFER_BLOCKED :
	    OFFER_FAILED;
}

/* The queue, unless it waits for the layer to open. */
static enum offer
offer_queue(struct conn *conn, bool *moved)
{
	struct conn_pool *pool = conn->pool;
	const char *data;
	size_t len;
	ssize_t n;

	while (conn->queue.first != NULL && conn_is_open(conn)) {
		len = queue_gather(&conn->queue, pool->scratch,
		    sizeof(pool->scratch), &data);
		n = write_bytes(conn, data, len, moved);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return offer_failed();
		queue_take(&conn->queue, &pool->spares, (size_t)n);
		pool->queued -= (size_t)n;
		if ((size_t)n < len)
			return OFFER_BLOCKED;
	}
	return OFFER_TAKEN;
}

/* Behind the queue: what the layer holds, and the end of the output. */
static enum offer
offer_rest(struct conn *conn, bool *moved)
{
	bool last = conn->shutting && !conn->shut &&
	    conn->queue.first == NULL;

	if (conn->layer != NULL) {
		if (last)
			conn->layer->ops->finish(conn->layer);
		if (conn->layer->unsent > 0 &&
		    write_bytes(conn, NULL, 0, moved) == -1)
			return offer_failed();
	}
	if (last) {
		conn->shut = true;
		shutdown(conn->polled.fd, SHUT_WR);
	}
	return OFFER_TAKEN;
}

/* Writes until the queue is empty, or the kernel takes no more, or failed. */
static void
write_queue(struct conn *conn)
{
	bool moved = !conn->blocked;
	enum offer offer;

	offer = offer_queue(conn, &moved);
	if (offer == OFFER_TAKEN)
		offer = offer_rest(conn, &moved);
	if (offer == OFFER_FAILED) {
		end_later(conn, CONN_END_PEER);
		return;
	}
	conn->blocked = offer == OFFER_BLOCKED;
	if (conn->blocked) {
		conn->was_long = true;
		if (moved)
			conn->moved_s = now_s();
	}
	settle(conn);
	watch(conn);
}

void
conn_flush(struct conn *conn)
{
	if (conn->end != CONN_END_NONE || conn->blocked)
		return;
	write_queue(conn);
	/* What is to be told is told from the loop. */
	if (conn->queue.first == NULL && conn->was_long)
		set_dirty(conn);
}

/*
 * Whether so much more may be queued.  What has not been offered to the
 * kernel yet says nothing about the peer, so it is offered first.  A single
 * frame may be longer than the limit.
 */
static bool
has_room(struct conn *conn, size_t len)
{
	size_t max = conn->pool->options.queue_max;

	if (conn->queue.bytes + len > max)
		conn_flush(conn);
	return conn->queue.first == NULL || conn->queue.bytes + len <= max;
}

void
conn_send(struct conn *conn, struct blob *blob)
{
	struct conn_pool *pool = conn->pool;
	size_t len = blob_wire_len(blob);

	if (conn->end != CONN_END_NONE || conn->shutting)
		return;
	if (!has_room(conn, len)) {
		end_later(conn, CONN_END_SLOW);
		return;
	}
	if (conn->end != CONN_END_NONE)
		return;
	if (queue_push(&conn->queue, &pool->spares, blob) == -1) {
		end_later(conn, CONN_END_MEMORY);
		return;
	}
	pool->queued += len;
	if (conn->queue.bytes > pool->options.long_queue)
		conn->was_long = true;
	if (!conn->blocked)
		set_dirty(conn);
	else if (over_total(pool))
		ev_feed_event(pool->options.loop, &pool->flush, EV_CUSTOM);
}

/* The callback that a write owes, if any; conn may be gone after it. */
static void
report(struct conn *conn)
{
	enum conn_end why = conn->end;

	if (why == CONN_END_SLOW) {
		/* It lives on, for last words. */
		conn->end = CONN_END_NONE;
		conn->blocked = false;
		if (conn->queue.first == NULL)
			list_move(conn, LIST_NONE);
		watch(conn);
		conn->pool->options.ops->ended(conn, why);
	} else if (why != CONN_END_NONE) {
		list_move(conn, LIST_NONE);
		conn->pool->options.ops->ended(conn, why);
	} else if (conn->queue.first == NULL && conn->was_long) {
		conn->was_long = false;
		conn->pool->options.ops->drained(conn);
	}
}

/* Over the limit of all, the longest queue of those that wait goes. */
static void
keep_total(struct conn_pool *pool)
{
	struct conn *conn, *longest;

	while (over_total(pool) && pool->blocked != NULL) {
		longest = pool->blocked;
		for (conn = longest->next; conn != NULL; conn = conn->next) {
			if (conn->queue.bytes > longest->queue.bytes)
				longest = conn;
		}
		end_later(longest, CONN_END_SLOW);
	}
}

/* Once a second while some are blocked. */
static void
on_stalls(struct timer *timer)
{
	struct conn_pool *pool = (struct conn_pool *)(void *)((char *)timer -
	    offsetof(struct conn_pool, stalls));
	struct conn *conn, *next;
	uint32_t now = now_s();

	for (conn = pool->blocked; conn != NULL; conn = next) {
		next = conn->next;
		if (now - conn->moved_s > pool->options.stall_s)
			end_later(conn, CONN_END_SLOW);
	}
	if (pool->blocked != NULL)
		timer_set(pool->options.timers, timer, 1000);
}

/* ----------------------------------------------------------------- reading */

/* It may have been half of a password. */
static void
drop_kept(struct conn *conn)
{
	if (conn->kept == NULL)
		return;
	if (conn->kept->data != NULL)
		explicit_bzero(conn->kept->data, conn->kept->cap);
	buf_fini(conn->kept);
	free(conn->kept);
	conn->kept = NULL;
}

/* What input() left is kept for the next time; at rest nothing is. */
static void
keep_rest(struct conn *conn, struct buf *in)
{
	if (buf_readable(in) == 0) {
		drop_kept(conn);
		return;
	}
	if (conn->kept == NULL)
		conn->kept = calloc(1, sizeof(*conn->kept));
	if (conn->kept == NULL) {
		end_later(conn, CONN_END_MEMORY);
		return;
	}
	buf_reset(conn->kept);
	buf_append(conn->kept, buf_start(in), buf_readable(in));
	if (conn->kept->failed)
		end_later(conn, CONN_END_MEMORY);
}

/* False when the connection is gone. */
static bool
hand_in(struct conn *conn, struct buf *in)
{
	struct conn_pool *pool = conn->pool;
	bool alive;

	assert(pool->current == NULL);
	pool->current = conn;
	pool->options.ops->input(conn, in);
	alive = pool->current == conn;
	pool->current = NULL;
	if (alive)
		keep_rest(conn, in);
	if (in->cap > 2 * INPUT_SIZE)
		buf_fini(in);
	return alive;
}

/* False when the connection is gone. */
static bool
tell_opened(struct conn *conn)
{
	struct conn_pool *pool = conn->pool;
	bool alive;

	assert(pool->current == NULL);
	pool->current = conn;
	pool->options.ops->opened(conn);
	alive = pool->current == conn;
	pool->current = NULL;
	if (alive && conn->queue.first != NULL && !conn->blocked)
		set_dirty(conn);
	return alive;
}

/* A layer may have more to hand in, or to send, than the socket tells. */
static void
follow_layer(struct conn *conn)
{
	if (conn->layer == NULL || conn->end != CONN_END_NONE)
		return;
	if (conn->layer->unread && !conn->paused) {
		conn->replay = true;
		set_dirty(conn);
	}
	watch(conn);
}

/*
 * Reads once, or, to replay, only what the layer has.  Bytes kept from before
 * stand in front of new ones.
 */
static void
read_input(struct conn *conn, bool replay)
{
	struct buf *in = &conn->pool->input;
	bool was_open = conn_is_open(conn);
	ssize_t n = 0;
	char *room;

	conn->replay = false;
	buf_reset(in);
	if (conn->kept != NULL)
		buf_append(in, buf_start(conn->kept),
		    buf_readable(conn->kept));
	room = buf_reserve(in, INPUT_SIZE);
	if (room == NULL) {
		end_later(conn, CONN_END_MEMORY);
		return;
	}
	if (!replay || (conn->layer != NULL && conn->layer->unread)) {
		n = read_bytes(conn, room, INPUT_SIZE);
		if (n == 0 || (n < 0 && errno != EAGAIN &&
		    errno != EWOULDBLOCK && errno != EINTR)) {
			end_later(conn, CONN_END_PEER);
			return;
		}
	}
	if (n > 0)
		in->len += (size_t)n;
	if (!was_open && conn_is_open(conn) && !tell_opened(conn))
		return;
	if ((n > 0 || (replay && conn_is_open(conn))) && !hand_in(conn, in))
		return;
	follow_layer(conn);
}

void
conn_set_patience(struct conn *conn, unsigned ms)
{
	/* Of another kind of socket it is not asked for. */
	setsockopt(conn->polled.fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms,
	    sizeof(ms));
}

void
conn_pause(struct conn *conn)
{
	conn->paused = true;
}

void
conn_resume(struct conn *conn)
{
	conn->paused = false;
	if (conn->pool == NULL)
		return;
	watch(conn);
	if (conn->kept != NULL || conn->pool->current == conn ||
	    (conn->layer != NULL && conn->layer->unread)) {
		conn->replay = true;
		set_dirty(conn);
	}
}

/* ---------------------------------------------------------------- the loop */

static void
on_ready(struct polled *polled, unsigned events)
{
	struct conn *conn = (struct conn *)(void *)polled;
	struct conn_pool *pool = conn->pool;

	if (events & POLLER_WRITE && (conn->blocked || unsent(conn) > 0)) {
		write_queue(conn);
		if (conn->end == CONN_END_NONE) {
			pool->current = conn;
			report(conn);
			if (pool->current != conn)
				return;
			pool->current = NULL;
		}
	}
	if (conn->end != CONN_END_NONE || (events & POLLER_READ) == 0)
		return;
	if (conn->paused)
		poller_watch(pool->poller, &conn->polled,
		    conn->polled.events & ~(unsigned)POLLER_READ);
	else
		read_input(conn, false);
}

static void
flush(struct conn *conn)
{
	if (conn->end == CONN_END_NONE && conn->replay) {
		conn->replay = false;
		if (conn->blocked)
			settle(conn);
		if (!conn->paused)
			read_input(conn, true);
		/* With something to send it is still in the list. */
		return;
	}
	if (conn->end == CONN_END_NONE)
		write_queue(conn);
	report(conn);
}

static void
on_flush(struct ev_loop *loop, ev_prepare *watcher, int revents)
{
	struct conn_pool *pool = watcher->data;

	(void)loop;
	(void)revents;
	do {
		while (pool->dirty != NULL)
			flush(pool->dirty);
		keep_total(pool);
	} while (pool->dirty != NULL);
}

/* ---------------------------------------------------------------- lifetime */

void
conn_open(struct conn *conn, struct conn_pool *pool, int fd)
{
	memset(conn, 0, sizeof(*conn));
	conn->polled.fd = fd;
	conn_attach(conn, pool);
}

void
conn_set_layer(struct conn *conn, struct conn_layer *layer)
{
	assert(conn->layer == NULL && conn->queue.first == NULL);
	conn->layer = layer;
}

void
conn_shutdown(struct conn *conn)
{
	if (conn->shutting || conn->end != CONN_END_NONE)
		return;
	conn->shutting = true;
	if (!conn->blocked)
		set_dirty(conn);
}

void
conn_detach(struct conn *conn)
{
	struct conn_pool *pool = conn->pool;

	assert(pool->current != conn);
	list_move(conn, LIST_NONE);
	poller_watch(pool->poller, &conn->polled, 0);
	pool->queued -= conn->queue.bytes;
	conn->blocked = conn->replay = false;
	conn->pool = NULL;
}

void
conn_attach(struct conn *conn, struct conn_pool *pool)
{
	assert(conn->pool == NULL);
	conn->pool = pool;
	pool->queued += conn->queue.bytes;
	if (conn->queue.first != NULL || conn->end != CONN_END_NONE ||
	    conn->shutting || unsent(conn) > 0)
		set_dirty(conn);
	if (conn->paused)
		watch(conn);
	else
		conn_resume(conn);
}

void
conn_close(struct conn *conn)
{
	if (conn->pool != NULL) {
		list_move(conn, LIST_NONE);
		poller_watch(conn->pool->poller, &conn->polled, 0);
		if (conn->pool->current == conn)
			conn->pool->current = NULL;
	}
	clear_queue(conn);
	drop_kept(conn);
	if (conn->layer != NULL)
		conn->layer->ops->free(conn->layer);
	conn->layer = NULL;
	close(conn->polled.fd);
	conn->polled.fd = -1;
	conn->pool = NULL;
}

/* -------------------------------------------------------------------- pool */

struct conn_pool *
conn_pool_new(const struct conn_pool_options *options, struct error *err)
{
	struct conn_pool *pool;

	pool = calloc(1, sizeof(*pool));
	if (pool == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for connections");
		return NULL;
	}
	pool->options = *options;
	if (pool->options.long_queue == 0)
		pool->options.long_queue = 16384;
	if (pool->options.queue_max == 0)
		pool->options.queue_max = 1048576;
	if (pool->options.stall_s == 0)
		pool->options.stall_s = 10;
	pool->poller = poller_new(options->loop, on_ready, err);
	if (pool->poller == NULL) {
		free(pool);
		return NULL;
	}
	ev_prepare_init(&pool->flush, on_flush);
	ev_set_priority(&pool->flush, EV_MINPRI);
	pool->flush.data = pool;
	pool->stalls.fire = on_stalls;
	return pool;
}

void
conn_pool_free(struct conn_pool *pool)
{
	if (pool == NULL)
		return;
	assert(pool->dirty == NULL && pool->blocked == NULL);
	poller_free(pool->poller);
	ev_clear_pending(pool->options.loop, &pool->flush);
	timer_clear(pool->options.timers, &pool->stalls);
	queue_spares_fini(&pool->spares);
	buf_fini(&pool->input);
	free(pool);
}

size_t
conn_pool_queued(const struct conn_pool *pool)
{
	return pool->queued;
}
