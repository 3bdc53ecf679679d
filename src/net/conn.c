/* SPDX-License-Identifier: MIT */
#include "net/conn.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define INPUT_SIZE 65536
#define SCRATCH_SIZE 65536

struct conn_pool {
	struct conn_pool_options options;
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
plain_read(struct conn *conn, void *data, size_t size)
{
	return recv(conn->watcher.fd, data, size, 0);
}

static ssize_t
plain_write(struct conn *conn, const void *data, size_t len)
{
	return send(conn->watcher.fd, data, len, MSG_NOSIGNAL);
}

static int
plain_want(const struct conn *conn)
{
	(void)conn;
	return 0;
}

static const struct conn_layer plain = {
	.read = plain_read,
	.write = plain_write,
	.want = plain_want,
};

/* ------------------------------------------------------------------- lists */

static void
list_add(struct conn **head, struct conn *conn)
{
	conn->next = *head;
	conn->prev = head;
	if (conn->next != NULL)
		conn->next->prev = &conn->next;
	*head = conn;
}

static void
list_remove(struct conn *conn)
{
	if (!conn->dirty && !conn->blocked)
		return;
	*conn->prev = conn->next;
	if (conn->next != NULL)
		conn->next->prev = conn->prev;
	conn->dirty = conn->blocked = false;
}

/*
 * The flush is fed at the lowest priority: it runs when all else that this
 * turn of the loop brought has been handled.
 */
static void
set_dirty(struct conn *conn)
{
	struct conn_pool *pool = conn->pool;

	if (conn->dirty)
		return;
	list_remove(conn);
	if (pool->dirty == NULL)
		ev_feed_event(pool->options.loop, &pool->flush, EV_CUSTOM);
	list_add(&pool->dirty, conn);
	conn->dirty = true;
}

static void
set_blocked(struct conn *conn)
{
	struct conn_pool *pool = conn->pool;

	if (conn->blocked)
		return;
	list_remove(conn);
	if (pool->blocked == NULL && !timer_is_set(&pool->stalls))
		timer_set(pool->options.timers, &pool->stalls, 1000);
	list_add(&pool->blocked, conn);
	conn->blocked = true;
	conn->was_long = true;
}

/* The watcher waits for what the connection's state asks for. */
static void
watch(struct conn *conn)
{
	int events = conn->layer->want(conn);

	if (conn->end == CONN_END_NONE) {
		if (!conn->paused)
			events |= EV_READ;
		if (conn->blocked)
			events |= EV_WRITE;
	} else {
		events = 0;
	}
	if (ev_is_active(&conn->watcher) && conn->watcher.events == events)
		return;
	ev_io_stop(conn->pool->options.loop, &conn->watcher);
	ev_io_modify(&conn->watcher, events);
	if (events != 0)
		ev_io_start(conn->pool->options.loop, &conn->watcher);
	/* Stopping has dropped what was fed. */
	if (conn->replay)
		ev_feed_event(conn->pool->options.loop, &conn->watcher,
		    EV_CUSTOM);
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
	watch(conn);
}

static bool
over_total(const struct conn_pool *pool)
{
	return pool->options.total_max != 0 &&
	    pool->queued > pool->options.total_max;
}

/* A single frame may be longer than the limit. */
static bool
is_over(const struct conn *conn, size_t len)
{
	return conn->queue.first != NULL &&
	    conn->queue.bytes + len > conn->pool->options.queue_max;
}

void
conn_send(struct conn *conn, struct blob *blob)
{
	struct conn_pool *pool = conn->pool;
	size_t len = blob_wire_len(blob);

	if (conn->end != CONN_END_NONE || conn->shutting)
		return;
	/* Much in one turn is not the peer's slowness. */
	if (is_over(conn, len))
		conn_flush(conn);
	if (is_over(conn, len))
		end_later(conn, CONN_END_SLOW);
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

static uint32_t
now_s(void)
{
	static const struct clock system_clock;

	return (uint32_t)(clock_monotonic_ms(&system_clock) / 1000);
}

static void
finish_output(struct conn *conn)
{
	if (conn->shutting && !conn->shut) {
		conn->shut = true;
		shutdown(conn->watcher.fd, SHUT_WR);
	}
}

/* Writes until the queue is empty, or the kernel takes no more, or failed. */
static void
write_queue(struct conn *conn)
{
	struct conn_pool *pool = conn->pool;
	bool moved = !conn->blocked;
	const char *data;
	size_t len;
	ssize_t n;

	while (conn->queue.first != NULL) {
		len = queue_gather(&conn->queue, pool->scratch,
		    sizeof(pool->scratch), &data);
		n = conn->layer->write(conn, data, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
			end_later(conn, CONN_END_PEER);
			return;
		}
		if (n > 0) {
			queue_take(&conn->queue, &pool->spares, (size_t)n);
			pool->queued -= (size_t)n;
			moved = true;
		}
		if (n < (ssize_t)len) {
			if (moved)
				conn->moved_s = now_s();
			set_blocked(conn);
			watch(conn);
			return;
		}
	}
	list_remove(conn);
	finish_output(conn);
	watch(conn);
}

void
conn_flush(struct conn *conn)
{
	if (conn->end == CONN_END_NONE && !conn->blocked)
		write_queue(conn);
}

/* The callback that a write owes, if any; conn may be gone after it. */
static void
report(struct conn *conn)
{
	enum conn_end why = conn->end;

	if (why != CONN_END_NONE) {
		list_remove(conn);
		if (why == CONN_END_SLOW) {
			conn->end = CONN_END_NONE;
			if (conn->queue.first != NULL)
				set_dirty(conn);
			watch(conn);
		}
		conn->ops->ended(conn, why);
	} else if (conn->queue.first == NULL && conn->was_long) {
		conn->was_long = false;
		conn->ops->drained(conn);
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

static void
on_flush(struct ev_loop *loop, ev_prepare *watcher, int revents)
{
	struct conn_pool *pool = watcher->data;
	struct conn *conn;

	(void)loop;
	(void)revents;
	do {
		while ((conn = pool->dirty) != NULL) {
			if (conn->end == CONN_END_NONE)
				write_queue(conn);
			report(conn);
		}
		keep_total(pool);
	} while (pool->dirty != NULL);
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

/* What input() left is kept for the next time; at rest nothing is. */
static void
keep_rest(struct conn *conn, struct buf *in)
{
	if (buf_readable(in) == 0) {
		if (conn->kept != NULL) {
			buf_fini(conn->kept);
			free(conn->kept);
			conn->kept = NULL;
		}
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

static void
hand_in(struct conn *conn, struct buf *in)
{
	struct conn_pool *pool = conn->pool;

	assert(pool->current == NULL);
	pool->current = conn;
	conn->ops->input(conn, in);
	if (pool->current == conn) {
		pool->current = NULL;
		keep_rest(conn, in);
	}
	if (in->cap > 2 * INPUT_SIZE)
		buf_fini(in);
}

/* Reads once; bytes kept from before stand in front of the new ones. */
static void
read_input(struct conn *conn, int revents)
{
	struct buf *in = &conn->pool->input;
	ssize_t n = 0;
	char *room;

	buf_reset(in);
	if (conn->kept != NULL)
		buf_append(in, buf_start(conn->kept),
		    buf_readable(conn->kept));
	room = buf_reserve(in, INPUT_SIZE);
	if (room == NULL) {
		end_later(conn, CONN_END_MEMORY);
		return;
	}
	if (revents & EV_READ) {
		n = conn->layer->read(conn, room, INPUT_SIZE);
		if (n == 0 || (n < 0 && errno != EAGAIN &&
		    errno != EWOULDBLOCK && errno != EINTR)) {
			end_later(conn, CONN_END_PEER);
			return;
		}
	}
	if (n > 0)
		in->len += (size_t)n;
	if (n > 0 || revents & EV_CUSTOM)
		hand_in(conn, in);
}

static void
on_io(struct ev_loop *loop, ev_io *watcher, int revents)
{
	struct conn *conn = watcher->data;
	struct conn_pool *pool = conn->pool;

	(void)loop;
	if (revents & EV_ERROR) {
		end_later(conn, CONN_END_PEER);
		return;
	}
	if (revents & EV_WRITE && conn->blocked) {
		write_queue(conn);
		if (conn->end == CONN_END_NONE) {
			pool->current = conn;
			report(conn);
			if (pool->current != conn)
				return;
			pool->current = NULL;
		}
	}
	if (conn->paused || conn->end != CONN_END_NONE)
		return;
	if (conn->replay) {
		conn->replay = false;
		revents |= EV_CUSTOM;
	}
	if (revents & (EV_READ | EV_CUSTOM))
		read_input(conn, revents);
}

void
conn_pause(struct conn *conn)
{
	conn->paused = true;
	if (conn->pool != NULL)
		watch(conn);
}

void
conn_resume(struct conn *conn)
{
	conn->paused = false;
	if (conn->pool == NULL)
		return;
	watch(conn);
	if (conn->kept != NULL || conn->pool->current == conn) {
		conn->replay = true;
		ev_feed_event(conn->pool->options.loop, &conn->watcher,
		    EV_CUSTOM);
	}
}

/* ---------------------------------------------------------------- lifetime */

void
conn_open(struct conn *conn, struct conn_pool *pool, int fd,
    const struct conn_ops *ops)
{
	memset(conn, 0, sizeof(*conn));
	conn->ops = ops;
	conn->layer = &plain;
	ev_io_init(&conn->watcher, on_io, fd, EV_READ);
	conn->watcher.data = conn;
	conn_attach(conn, pool);
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
	list_remove(conn);
	ev_io_stop(pool->options.loop, &conn->watcher);
	pool->queued -= conn->queue.bytes;
	conn->pool = NULL;
}

void
conn_attach(struct conn *conn, struct conn_pool *pool)
{
	assert(conn->pool == NULL);
	conn->pool = pool;
	ev_io_set(&conn->watcher, conn->watcher.fd, 0);
	pool->queued += conn->queue.bytes;
	if (conn->queue.first != NULL || conn->end != CONN_END_NONE ||
	    conn->shutting)
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
		list_remove(conn);
		ev_io_stop(conn->pool->options.loop, &conn->watcher);
		if (conn->pool->current == conn)
			conn->pool->current = NULL;
	}
	clear_queue(conn);
	if (conn->kept != NULL) {
		buf_fini(conn->kept);
		free(conn->kept);
		conn->kept = NULL;
	}
	close(conn->watcher.fd);
	conn->watcher.fd = -1;
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
