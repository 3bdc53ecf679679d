/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/conn.h"

/* One connection over a socket pair; `peer` is the test's end. */
struct fixture {
	struct conn conn; /* first */
	struct ev_loop *loop;
	struct timers *timers;
	struct conn_pool *pool;
	int peer;
	bool open;
	struct buf got;	  /* what input() consumed */
	size_t take;	  /* input() consumes in units of so many bytes */
	size_t stop_at;	  /* pauses when so much was consumed; 0: never */
	bool close_in_input, last_words;
	unsigned inputs, drained;
	enum conn_end end;
};

static void
send_text(struct fixture *f, const char *text)
{
	struct blob *blob = blob_new(text, strlen(text));

	assert_non_null(blob);
	conn_send(&f->conn, blob);
	blob_unref(blob);
}

static void
on_input(struct conn *conn, struct buf *in)
{
	struct fixture *f = (struct fixture *)(void *)conn;
	size_t n;

	f->inputs++;
	while (buf_readable(in) >= f->take) {
		if (f->stop_at != 0 && f->got.len >= f->stop_at) {
			conn_pause(conn);
			return;
		}
		n = f->take;
		buf_append(&f->got, buf_start(in), n);
		buf_consume(in, n);
	}
	if (f->close_in_input) {
		send_text(f, "never sent");
		conn_close(conn);
		f->open = false;
	}
}

static void
on_drained(struct conn *conn)
{
	((struct fixture *)(void *)conn)->drained++;
}

static void
on_ended(struct conn *conn, enum conn_end why)
{
	struct fixture *f = (struct fixture *)(void *)conn;

	assert_int_equal(f->end, CONN_END_NONE);
	f->end = why;
	if (f->last_words) {
		send_text(f, "bye");
		conn_shutdown(conn);
		return;
	}
	conn_close(conn);
	f->open = false;
}

static const struct conn_ops ops = {
	.input = on_input,
	.drained = on_drained,
	.ended = on_ended,
};

static struct fixture *
setup(const struct conn_pool_options *options)
{
	struct conn_pool_options all = { 0 };
	struct fixture *f = calloc(1, sizeof(*f));
	int fds[2];

	assert_non_null(f);
	if (options != NULL)
		all = *options;
	f->loop = ev_loop_new(0);
	f->timers = timers_new(f->loop, NULL);
	all.loop = f->loop;
	all.ops = &ops;
	all.timers = f->timers;
	f->pool = conn_pool_new(&all, NULL);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    fds), 0);
	f->peer = fds[0];
	f->take = 1;
	f->open = true;
	conn_open(&f->conn, f->pool, fds[1]);
	return f;
}

static void
teardown(struct fixture *f)
{
	if (f->open)
		conn_close(&f->conn);
	assert_int_equal(conn_pool_queued(f->pool), 0);
	if (f->peer != -1)
		close(f->peer);
	conn_pool_free(f->pool);
	timers_free(f->timers);
	ev_loop_destroy(f->loop);
	buf_fini(&f->got);
	free(f);
}

static void
turn(struct fixture *f)
{
	ev_run(f->loop, EVRUN_NOWAIT);
}

static void
peer_gets(struct fixture *f, const char *text)
{
	char data[4096];
	ssize_t n = recv(f->peer, data, sizeof(data), 0);

	assert_int_equal(n, strlen(text));
	assert_memory_equal(data, text, strlen(text));
}

/* Single bytes come together with what was left before them. */
static void
test_one_byte_reads(void **state)
{
	const char text[] = "abcdefghijkl";
	struct fixture *f = setup(NULL);
	size_t i;

	(void)state;
	f->take = 4;
	for (i = 0; i < strlen(text); i++) {
		assert_int_equal(send(f->peer, text + i, 1, 0), 1);
		turn(f);
		assert_int_equal(f->got.len, (i + 1) / 4 * 4);
		/* Memory only while bytes wait. */
		assert_true((f->conn.kept != NULL) == ((i + 1) % 4 != 0));
	}
	assert_memory_equal(f->got.data, text, strlen(text));
	teardown(f);
}

/* All that is queued within a turn arrives as one piece. */
static void
test_one_write_a_turn(void **state)
{
	struct fixture *f = setup(NULL);
	int i;

	(void)state;
	for (i = 0; i < 40; i++)
		send_text(f, "0123456789");
	assert_int_equal(conn_queued(&f->conn), 400);
	assert_int_equal(conn_pool_queued(f->pool), 400);
	assert_int_equal(recv(f->peer, (char[1]){ 0 }, 1, 0), -1);
	turn(f);
	assert_int_equal(conn_queued(&f->conn), 0);
	assert_int_equal(f->drained, 0);
	assert_int_equal(recv(f->peer, (char[1000]){ 0 }, 1000, 0), 400);
	teardown(f);
}

/* A shared blob is released once each connection has sent it. */
static void
test_blob_is_shared(void **state)
{
	struct fixture *f = setup(NULL);
	struct blob *blob = blob_new("x", 1);

	(void)state;
	conn_send(&f->conn, blob);
	conn_send(&f->conn, blob);
	assert_int_equal(blob->refs, 3);
	turn(f);
	assert_int_equal(blob->refs, 1);
	peer_gets(f, "xx");
	blob_unref(blob);
	teardown(f);
}

static void
small_buffers(struct fixture *f)
{
	const int size = 4096;

	setsockopt(f->peer, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(f->conn.polled.fd, SOL_SOCKET, SO_SNDBUF, &size,
	    sizeof(size));
}

/* Partial writes of many frames of all sizes lose and repeat nothing. */
static void
test_partial_writes(void **state)
{
	struct conn_pool_options options = { .queue_max = 16 << 20 };
	struct fixture *f = setup(&options);
	unsigned char *all = malloc(2 << 20), *at = all, data[4096];
	size_t total = 0, got = 0, i, j, len;
	struct blob *blob;
	ssize_t n;

	(void)state;
	small_buffers(f);
	for (i = 0; i < 300; i++) {
		len = i % 50 == 0 ? 20000 : i * 7 % 900 + 1;
		for (j = 0; j < len; j++)
			at[j] = (unsigned char)(total + j * 31 + i);
		blob = blob_new(at, len);
		conn_send(&f->conn, blob);
		blob_unref(blob);
		at += len;
		total += len;
	}
	while (got < total) {
		turn(f);
		n = recv(f->peer, data, 1 + got % sizeof(data), 0);
		if (n == -1) {
			assert_int_equal(errno, EAGAIN);
			continue;
		}
		assert_memory_equal(data, all + got, (size_t)n);
		got += (size_t)n;
	}
	turn(f);
	assert_int_equal(conn_queued(&f->conn), 0);
	assert_int_equal(f->drained, 1);
	assert_int_equal(f->conn.polled.events & POLLER_WRITE, 0);
	free(all);
	teardown(f);
}

/* Over the limit it is dropped, but told from the loop only. */
static void
test_slow_reader(void **state)
{
	struct conn_pool_options options = { .queue_max = 30000 };
	struct fixture *f = setup(&options);
	char text[1001];
	int i;

	(void)state;
	small_buffers(f);
	memset(text, 'x', 1000);
	text[1000] = '\0';
	for (i = 0; i < 100 && f->open; i++) {
		send_text(f, text);
		assert_int_equal(f->end, CONN_END_NONE);
		if (i % 10 == 9)
			turn(f);
	}
	assert_false(f->open);
	assert_int_equal(f->end, CONN_END_SLOW);
	teardown(f);
}

/* A peer that reads is not slow, however much is queued in one turn. */
static void
test_burst(void **state)
{
	struct conn_pool_options options = { .queue_max = 10000 };
	struct fixture *f = setup(&options);
	char text[1001], got[65536];
	int i;

	(void)state;
	memset(text, 'x', 1000);
	text[1000] = '\0';
	for (i = 0; i < 60; i++)
		send_text(f, text);
	turn(f);
	assert_int_equal(f->end, CONN_END_NONE);
	assert_int_equal(conn_queued(&f->conn), 0);
	assert_int_equal(recv(f->peer, got, sizeof(got), 0), 60000);
	teardown(f);
}

/* A slow one gets last words, behind the frame that it had half. */
static void
test_last_words(void **state)
{
	struct conn_pool_options options = { .queue_max = 50000 };
	struct fixture *f = setup(&options);
	char text[20001], got[4096];
	size_t total = 0, last = 0;
	ssize_t n;

	(void)state;
	small_buffers(f);
	f->last_words = true;
	memset(text, 'x', 20000);
	text[20000] = '\0';
	while (f->end == CONN_END_NONE) {
		send_text(f, text);
		turn(f);
	}
	assert_int_equal(f->end, CONN_END_SLOW);
	while ((n = recv(f->peer, got, sizeof(got), 0)) != 0) {
		turn(f);
		if (n < 0)
			continue;
		total += (size_t)n;
		last = (size_t)n;
	}
	assert_int_equal(total % 20000, 3);
	assert_true(last >= 3);
	assert_memory_equal(got + last - 3, "bye", 3);
	teardown(f);
}

/* Over the limit of all, the longest of the queues goes. */
static void
test_total_limit(void **state)
{
	struct conn_pool_options options = { .total_max = 40000 };
	struct fixture *f = setup(&options);
	char text[1001];
	int i;

	(void)state;
	small_buffers(f);
	memset(text, 'x', 1000);
	text[1000] = '\0';
	for (i = 0; i < 30; i++)
		send_text(f, text);
	turn(f);
	assert_true(f->open);
	for (i = 0; i < 70 && f->open; i++) {
		send_text(f, text);
		turn(f);
	}
	assert_int_equal(f->end, CONN_END_SLOW);
	assert_in_range(i, 10, 40);
	teardown(f);
}

/* A peer that takes nothing for too long is slow as well. */
static void
test_stall(void **state)
{
	struct conn_pool_options options = { .stall_s = 1 };
	struct fixture *f = setup(&options);
	char text[20001];

	(void)state;
	small_buffers(f);
	memset(text, 'x', 20000);
	text[20000] = '\0';
	send_text(f, text);
	send_text(f, text);
	while (f->open)
		ev_run(f->loop, EVRUN_ONCE);
	assert_int_equal(f->end, CONN_END_SLOW);
	teardown(f);
}

/* Paused, nothing is handed in or lost; resuming hands in what was kept. */
static void
test_pause(void **state)
{
	struct fixture *f = setup(NULL);

	(void)state;
	f->stop_at = 3;
	assert_int_equal(send(f->peer, "abcdef", 6, 0), 6);
	turn(f);
	assert_int_equal(f->got.len, 3);
	assert_int_equal(send(f->peer, "ghi", 3, 0), 3);
	turn(f);
	turn(f);
	assert_int_equal(f->inputs, 1);
	f->stop_at = 0;
	conn_resume(&f->conn);
	assert_int_equal(f->inputs, 1);
	turn(f);
	turn(f);
	assert_int_equal(f->got.len, 9);
	assert_memory_equal(f->got.data, "abcdefghi", 9);
	teardown(f);
}

/* What was fed for the kept input survives a change of the watcher. */
static void
test_resume_then_block(void **state)
{
	struct fixture *f = setup(NULL);
	char text[20001];

	(void)state;
	small_buffers(f);
	f->stop_at = 1;
	assert_int_equal(send(f->peer, "ab", 2, 0), 2);
	turn(f);
	memset(text, 'x', 20000);
	text[20000] = '\0';
	f->stop_at = 0;
	conn_resume(&f->conn);
	send_text(f, text);
	conn_flush(&f->conn);
	assert_true(f->conn.blocked);
	turn(f);
	assert_int_equal(f->got.len, 2);
	teardown(f);
}

static void
test_peer_closes(void **state)
{
	struct fixture *f = setup(NULL);

	(void)state;
	assert_int_equal(send(f->peer, "bye", 3, 0), 3);
	close(f->peer);
	f->peer = -1;
	while (f->open)
		turn(f);
	assert_int_equal(f->end, CONN_END_PEER);
	assert_int_equal(f->got.len, 3);
	teardown(f);
}

static void
test_close_in_input(void **state)
{
	struct fixture *f = setup(NULL);

	(void)state;
	f->close_in_input = true;
	assert_int_equal(send(f->peer, "abc", 3, 0), 3);
	turn(f);
	assert_false(f->open);
	assert_int_equal(f->end, CONN_END_NONE);
	assert_int_equal(recv(f->peer, (char[1]){ 0 }, 1, 0), 0);
	teardown(f);
}

/* The end of output comes after all that was queued, input still works. */
static void
test_shutdown(void **state)
{
	struct fixture *f = setup(NULL);

	(void)state;
	send_text(f, "last words");
	conn_shutdown(&f->conn);
	send_text(f, "too late");
	turn(f);
	peer_gets(f, "last words");
	assert_int_equal(recv(f->peer, (char[1]){ 0 }, 1, 0), 0);
	assert_int_equal(send(f->peer, "ok", 2, 0), 2);
	turn(f);
	assert_int_equal(f->got.len, 2);
	teardown(f);
}

/* A connection moves to another loop with its queue and unread input. */
static void
test_move(void **state)
{
	struct fixture *f = setup(NULL), *g = setup(NULL);

	(void)state;
	f->take = 4;
	assert_int_equal(send(f->peer, "abcdef", 6, 0), 6);
	turn(f);
	send_text(f, "queued before");
	conn_detach(&f->conn);
	assert_int_equal(conn_pool_queued(f->pool), 0);
	conn_attach(&f->conn, g->pool);
	assert_int_equal(conn_pool_queued(g->pool), 13);
	assert_int_equal(send(f->peer, "gh", 2, 0), 2);
	turn(f);
	assert_int_equal(f->got.len, 4);
	turn(g);
	turn(g);
	assert_int_equal(f->got.len, 8);
	assert_memory_equal(f->got.data, "abcdefgh", 8);
	peer_gets(f, "queued before");
	teardown(f);
	teardown(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_byte_reads),
		cmocka_unit_test(test_one_write_a_turn),
		cmocka_unit_test(test_blob_is_shared),
		cmocka_unit_test(test_partial_writes),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_burst),
		cmocka_unit_test(test_last_words),
		cmocka_unit_test(test_total_limit),
		cmocka_unit_test(test_stall),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_resume_then_block),
		cmocka_unit_test(test_peer_closes),
		cmocka_unit_test(test_close_in_input),
		cmocka_unit_test(test_shutdown),
		cmocka_unit_test(test_move),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
