/* SPDX-License-Identifier: MIT */

/*
 * A conformance server: echoes WebSocket messages at /echo over the same
 * net, http and ws code as synctalkd, for suites that test WebSocket itself.
 */
#include <ev.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/parser.h"
#include "http/response.h"
#include "net/conn.h"
#include "net/listener.h"
#include "net/tls.h"
#include "ws/handshake.h"
#include "ws/session.h"

#define QUEUE_LONG (4u << 20)
#define QUEUE_MAX (64u << 20)
#define LINGER_MS 2000

struct echo {
	struct ev_loop *loop;
	struct timers *timers;
	struct conn_pool *conns;
	struct peer *peers;
	struct buf out;
	struct tls_context *tls; /* NULL: none */
};

enum peer_state { PEER_HTTP, PEER_OPEN, PEER_CLOSING };

struct peer {
	struct conn conn; /* first */
	struct echo *echo;
	struct peer *next, **prev;
	struct http_parser http;
	struct ws_session ws;
	struct timer linger;
	enum peer_state state;
};

static const struct ws_options ws_options = {
	.message_max = 16u << 20,
	.fragments_max = 65536,
};

static void
peer_free(struct peer *peer)
{
	conn_close(&peer->conn);
	ws_session_fini(&peer->ws);
	timer_clear(peer->echo->timers, &peer->linger);
	*peer->prev = peer->next;
	if (peer->next != NULL)
		peer->next->prev = peer->prev;
	free(peer);
}

static void
on_linger(struct timer *timer)
{
	peer_free((struct peer *)(void *)((char *)timer -
	    offsetof(struct peer, linger)));
}

/* Sends the last words, if there are any, and waits for the peer to go. */
static void
peer_finish(struct peer *peer, struct blob *last)
{
	if (last != NULL)
		conn_send(&peer->conn, last);
	blob_unref(last);
	conn_shutdown(&peer->conn);
	peer->state = PEER_CLOSING;
	timer_set(peer->echo->timers, &peer->linger, LINGER_MS);
}

static void
send_out(struct peer *peer)
{
	struct buf *out = &peer->echo->out;
	struct blob *blob = NULL;

	if (!out->failed)
		blob = blob_new(buf_start(out), buf_readable(out));
	if (blob != NULL)
		conn_send(&peer->conn, blob);
	else
		peer_finish(peer, NULL);
	blob_unref(blob);
}

static void
send_problem(struct peer *peer, int status, const char *fields,
    const char *detail)
{
	struct http_response response = {
		.status = status,
		.fields = fields,
		.close = true,
	};

	buf_reset(&peer->echo->out);
	http_response_put_problem(&peer->echo->out, &response, "bad_request",
	    detail);
	send_out(peer);
	peer_finish(peer, NULL);
}

static void
take_request(struct peer *peer, const struct http_request *request)
{
	struct ws_handshake handshake;

	if (!http_slice_is(request->path, "/echo")) {
		send_problem(peer, 404, NULL, "WebSocket is at /echo");
		return;
	}
	if (ws_handshake_check(request, NULL, &handshake) == -1) {
		send_problem(peer, handshake.status, handshake.fields,
		    handshake.reason);
		return;
	}
	buf_reset(&peer->echo->out);
	if (ws_handshake_put_accept(&peer->echo->out, &handshake,
	    NULL) == -1) {
		peer_finish(peer, NULL);
		return;
	}
	peer->state = PEER_OPEN;
	ws_session_init(&peer->ws, &ws_options);
	send_out(peer);
}

static void
take_http(struct peer *peer, struct buf *in)
{
	struct http_request request;

	switch (http_parser_next(&peer->http, in, &request)) {
	case HTTP_DONE:
		take_request(peer, &request);
		break;
	case HTTP_BAD:
		send_problem(peer, peer->http.status, NULL,
		    peer->http.reason);
		break;
	case HTTP_CONTINUE:
		send_problem(peer, 417, NULL, "no body is expected here");
		break;
	case HTTP_MORE:
		break;
	}
}

static void
echo(struct peer *peer, enum ws_opcode opcode, const struct ws_event *event)
{
	struct blob *blob = ws_frame_blob(opcode, event->data, event->len);

	if (blob == NULL) {
		peer_finish(peer, NULL);
		return;
	}
	conn_send(&peer->conn, blob);
	blob_unref(blob);
	if (conn_queued(&peer->conn) > QUEUE_LONG)
		conn_pause(&peer->conn);
}

static void
take_event(struct peer *peer, const struct ws_event *event)
{
	switch (event->type) {
	case WS_EVENT_TEXT:
		echo(peer, WS_TEXT, event);
		break;
	case WS_EVENT_BINARY:
		echo(peer, WS_BINARY, event);
		break;
	case WS_EVENT_PING:
		echo(peer, WS_PONG, event);
		break;
	case WS_EVENT_PONG:
		break;
	case WS_EVENT_CLOSE:
		peer_finish(peer, event->code == WS_CODE_NONE ?
		    ws_frame_blob(WS_CLOSE, NULL, 0) :
		    ws_frame_close_blob(event->code, ""));
		break;
	}
}

static void
take_frames(struct peer *peer, struct buf *in)
{
	struct ws_event event;

	while (peer->state == PEER_OPEN && !peer->conn.paused) {
		switch (ws_session_next(&peer->ws, in, &event)) {
		case WS_EVENT:
			take_event(peer, &event);
			break;
		case WS_BAD:
			peer_finish(peer,
			    ws_frame_close_blob(event.code, event.data));
			break;
		case WS_MORE:
			return;
		}
	}
}

static void
on_input(struct conn *conn, struct buf *in)
{
	struct peer *peer = (struct peer *)(void *)conn;

	if (peer->state == PEER_HTTP)
		take_http(peer, in);
	if (peer->state == PEER_OPEN)
		take_frames(peer, in);
	if (peer->state == PEER_CLOSING)
		buf_reset(in);
}

static void
on_drained(struct conn *conn)
{
	if (conn->paused)
		conn_resume(conn);
}

static void
on_ended(struct conn *conn, enum conn_end why)
{
	(void)why;
	peer_free((struct peer *)(void *)conn);
}

static void
on_opened(struct conn *conn)
{
	(void)conn;
}

static const struct conn_ops conn_ops = {
	.opened = on_opened,
	.input = on_input,
	.drained = on_drained,
	.ended = on_ended,
};

static void
on_accepted(void *arg, const struct listener *listener, int fd,
    const struct sockaddr *address)
{
	struct echo *server = arg;
	struct conn_layer *layer = NULL;
	struct peer *peer;

	(void)address;
	peer = calloc(1, sizeof(*peer));
	if (peer != NULL && listener_has_tls(listener))
		layer = tls_new(server->tls, fd, NULL, 0);
	if (peer == NULL || (listener_has_tls(listener) && layer == NULL)) {
		free(peer);
		close(fd);
		return;
	}
	peer->echo = server;
	peer->next = server->peers;
	peer->prev = &server->peers;
	if (peer->next != NULL)
		peer->next->prev = &peer->next;
	server->peers = peer;
	peer->linger.fire = on_linger;
	http_parser_init(&peer->http, &http_parser_defaults);
	conn_open(&peer->conn, server->conns, fd);
	if (layer != NULL)
		conn_set_layer(&peer->conn, layer);
}

static void
on_signal(struct ev_loop *loop, ev_signal *watcher, int revents)
{
	(void)watcher;
	(void)revents;
	ev_break(loop, EVBREAK_ALL);
}

static int
serve(struct echo *server, struct listener *listener, struct error *err)
{
	struct conn_pool_options options = {
		.loop = server->loop,
		.ops = &conn_ops,
		.queue_max = QUEUE_MAX,
	};
	struct acceptor acceptor = { 0 };
	ev_signal terminate, interrupt;
	int status = -1;

	server->timers = timers_new(server->loop, err);
	if (server->timers == NULL)
		return -1;
	options.timers = server->timers;
	server->conns = conn_pool_new(&options, err);
	if (server->conns == NULL || acceptor_init(&acceptor, listener,
	    server->loop, on_accepted, server, err) == -1)
		goto out;
	ev_signal_init(&terminate, on_signal, SIGTERM);
	ev_signal_start(server->loop, &terminate);
	ev_signal_init(&interrupt, on_signal, SIGINT);
	ev_signal_start(server->loop, &interrupt);
	fprintf(stderr, "echo_server: listening on %s\n",
	    listener_name(listener));
	ev_run(server->loop, 0);
	ev_signal_stop(server->loop, &terminate);
	ev_signal_stop(server->loop, &interrupt);
	status = 0;
out:
	acceptor_fini(&acceptor);
	while (server->peers != NULL)
		peer_free(server->peers);
	conn_pool_free(server->conns);
	timers_free(server->timers);
	buf_fini(&server->out);
	return status;
}

/* Certificate and key in one file. */
static int
load(struct echo *server, const char *path, struct error *err)
{
	static const struct clock system_clock;
	char *files[] = { (char *)(uintptr_t)path };
	struct tls_context_options options = {
		.certificates = files,
		.n = 1,
		.tickets = tickets_new(&system_clock, err),
	};

	if (options.tickets == NULL)
		return -1;
	server->tls = tls_context_new(&options, err);
	tickets_unref(options.tickets);
	return server->tls == NULL ? -1 : 0;
}

int
main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "listen", required_argument, NULL, 'l' },
		{ "certificate", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	const char *address = "127.0.0.1:0", *certificate = NULL;
	struct echo server = { .loop = ev_default_loop(0) };
	struct listener *listener = NULL;
	struct endpoint endpoint;
	struct error err;
	int c, status = -1;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'l') {
			address = optarg;
		} else if (c == 't') {
			certificate = optarg;
		} else {
			fprintf(stderr, "usage: echo_server [--listen PLACE] "
			    "[--certificate FILE]\n");
			return 2;
		}
	}
	if (endpoint_parse(address, &endpoint, &err) == 0 &&
	    (certificate == NULL || load(&server, certificate, &err) == 0))
		listener = listener_open(&endpoint, 0600, &err);
	if (listener != NULL)
		status = serve(&server, listener, &err);
	if (status == -1)
		fprintf(stderr, "echo_server: %s\n", err.text);
	listener_close(listener);
	tls_context_unref(server.tls);
	ev_loop_destroy(server.loop);
	return status == 0 ? 0 : 1;
}
