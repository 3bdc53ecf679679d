/* SPDX-License-Identifier: MIT */
#include "server/client.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "api/api.h"
#include "base/clock.h"
#include "chat/wire.h"
#include "http/response.h"
#include "server/address.h"
#include "server/server.h"
#include "server/stream.h"
#include "server/worker.h"
#include "ws/frame.h"

/* How long a peer has to read our last words and go. */
#define LINGER_MS 2000
/* When to come back, where nothing says it better. */
#define RETRY_MS 5000
/* How long REST may take to answer. */
#define ASKING_MS 30000
/* How long a connection may rest between two requests. */
#define KEEP_ALIVE_MS 15000

static const struct clock system_clock;

static struct client *
client_of_timer(struct timer *timer)
{
	return (struct client *)(void *)((char *)timer -
	    offsetof(struct client, timer));
}

/* ------------------------------------------------------------------- state */

/* Until the next look at a request; sets what must have come by then. */
static uint32_t
request_deadline(struct client *client, const struct config_limits *limits)
{
	uint32_t ms = limits->header_timeout_ms, come;

	if (!client->busy)
		return KEEP_ALIVE_MS;
	client->in.body_due = 0;
	if (http_parser_in_body(&client->in.http, &come))
		client->in.body_due = come + 1 +
		    (uint32_t)((uint64_t)limits->body_rate * ms / 1000);
	return ms;
}

void
client_set_state(struct client *client, enum client_state state)
{
	struct worker *worker = client->worker;
	const struct config_limits *limits = &worker->config->limits;
	uint32_t ms = 0;

	client->state = (uint8_t)state;
	switch (state) {
	case CLIENT_GREETING:
		ms = limits->tls_timeout_ms;
		break;
	case CLIENT_HTTP:
		ms = request_deadline(client, limits);
		break;
	case CLIENT_UNKNOWN:
	case CLIENT_LOOKUP:
		ms = limits->auth_timeout_ms;
		break;
	case CLIENT_ASKING:
		ms = ASKING_MS;
		break;
	case CLIENT_MOVING:
		timer_clear(worker->timers, &client->timer);
		return;
	case CLIENT_OPEN:
		/* The first look is from the loop. */
		ms = 0;
		break;
	case CLIENT_CLOSING:
		ms = LINGER_MS;
		break;
	}
	timer_set(worker->timers, &client->timer, ms);
}

/*
 * The time of a request is up, unless its body comes as fast as it must.
 * While we wait for the peer to read, conn looks whether it does.
 */
static void
look_at_request(struct client *client)
{
	uint32_t come;

	if (client->conn.paused ||
	    (http_parser_in_body(&client->in.http, &come) &&
	    come >= client->in.body_due))
		client_set_state(client, CLIENT_HTTP);
	else
		client_close(client, client->busy ? CLOSE_HTTP_TIMEOUT :
		    CLOSE_HTTP_DONE, NULL);
}

static void
on_timer(struct timer *timer)
{
	struct client *client = client_of_timer(timer);
	uint32_t ms;

	switch ((enum client_state)client->state) {
	case CLIENT_GREETING:
		client_drop(client, client->conn.layer != NULL ?
		    CLOSE_TLS_TIMEOUT : CLOSE_BAD_PROXY, "it took too long");
		break;
	case CLIENT_HTTP:
		look_at_request(client);
		break;
	case CLIENT_UNKNOWN:
		client_close(client, CLOSE_AUTH_TIMEOUT, NULL);
		break;
	case CLIENT_ASKING:
	case CLIENT_LOOKUP:
		client_close(client, CLOSE_OVERLOADED, NULL);
		break;
	case CLIENT_OPEN:
		ms = client->upgraded ? client_look_after(client) :
		    stream_look_after(client);
		if (client->state == CLIENT_OPEN)
			timer_set(client->worker->timers, timer, ms);
		break;
	case CLIENT_MOVING:
		break;
	case CLIENT_CLOSING:
		client_free(client);
		break;
	}
}

/* -------------------------------------------------------------- connection */

static void
on_opened(struct conn *conn)
{
	client_set_state((struct client *)(void *)conn, CLIENT_HTTP);
}

static void
on_input(struct conn *conn, struct buf *in)
{
	struct client *client = (struct client *)(void *)conn;

	client->heard_ms = (uint32_t)clock_monotonic_ms(&system_clock);
	if (client->state == CLIENT_GREETING) {
		if (conn->layer == NULL)
			client_take_greeting(client, in);
		return;
	}
	if (client->state == CLIENT_HTTP)
		client_take_http(client, in);
	if (client->upgraded)
		client_take_frames(client, in);
	else if (client->state == CLIENT_OPEN)
		stream_take(client, in);
	else if (client->state == CLIENT_CLOSING)
		buf_reset(in);
}

static void
on_drained(struct conn *conn)
{
	struct client *client = (struct client *)(void *)conn;

	if (client->state == CLIENT_OPEN)
		session_drained(&client->session);
	else if (client->state == CLIENT_HTTP)
		conn_resume(conn);
}

/* Counts it, and says it in the log. */
static void
note_close(const struct client *client, enum close_reason reason)
{
	const char *name = close_reason_info(reason)->name;
	struct worker *worker = client->worker;

	worker->closed[reason]++;
	if (client->state == CLIENT_OPEN)
		log_write(&worker->log, LOG_LEVEL_INFO, "session.close",
		    "session=%llu address=%s reason=%s",
		    (unsigned long long)client->session.id,
		    address_text(client->address), name);
	else
		log_write(&worker->log, LOG_LEVEL_DEBUG, "client.close",
		    "address=%s reason=%s", address_text(client->address),
		    name);
}

static void
on_ended(struct conn *conn, enum conn_end why)
{
	struct client *client = (struct client *)(void *)conn;

	if (why == CONN_END_SLOW && client->state == CLIENT_OPEN) {
		client_close(client, CLOSE_SLOW, NULL);
		return;
	}
	if (client->state == CLIENT_GREETING && conn->layer != NULL &&
	    conn->layer->failure != NULL) {
		client_drop(client, CLOSE_TLS_FAILED, conn->layer->failure);
		return;
	}
	if (why == CONN_END_SLOW && client->state != CLIENT_CLOSING)
		note_close(client, CLOSE_SLOW);
	else if (client->state == CLIENT_OPEN)
		note_close(client, why == CONN_END_MEMORY ? CLOSE_INTERNAL :
		    CLOSE_PEER_GONE);
	client_free(client);
}

const struct conn_ops client_conn_ops = {
	.opened = on_opened,
	.input = on_input,
	.drained = on_drained,
	.ended = on_ended,
};

/* ---------------------------------------------------------------- lifetime */

void
client_link(struct client *client, struct worker *worker)
{
	client->worker = worker;
	client->next = worker->clients;
	client->prev = &worker->clients;
	if (client->next != NULL)
		client->next->prev = &client->next;
	worker->clients = client;
	worker_got_client(worker, client);
}

void
client_unlink(struct client *client)
{
	*client->prev = client->next;
	if (client->next != NULL)
		client->next->prev = client->prev;
	client->prev = NULL;
	worker_lost_client(client->worker, client);
}

struct client *
client_new(struct worker *worker, int fd, struct address *address)
{
	struct client *client;

	client = calloc(1, sizeof(*client));
	if (client == NULL) {
		address_disconnect(worker->server->addresses, address, false);
		close(fd);
		return NULL;
	}
	worker->accepted++;
	client->address = address;
	client->since_s = (uint32_t)time(NULL);
	client->timer.fire = on_timer;
	client->session.ops = &client_session_ops;
	/* A peer that says nothing is not at rest: the first request is due. */
	client->busy = true;
	http_parser_init(&client->in.http, &worker->server->http);
	client_link(client, worker);
	conn_open(&client->conn, worker->conns, fd);
	return client;
}

/* Whatever was to be answered comes to nobody. */
static void
drop_pending(struct client *client)
{
	if (client->state == CLIENT_ASKING)
		api_forget(client->call);
	else if (client->state == CLIENT_OPEN)
		stream_free(client->stream);
	else
		signin_free(client->signin);
	client->signin = NULL;
}

void
client_free(struct client *client)
{
	struct worker *worker = client->worker;

	if (client->state == CLIENT_OPEN)
		session_close(&client->session);
	timer_clear(worker->timers, &client->timer);
	if (client->upgraded)
		ws_session_fini(&client->in.ws);
	drop_pending(client);
	conn_close(&client->conn);
	address_disconnect(worker->server->addresses, client->address,
	    client->authenticated);
	if (client->prev != NULL)
		client_unlink(client);
	free(client);
}

void
client_drop(struct client *client, enum close_reason reason,
    const char *detail)
{
	log_write(&client->worker->log, LOG_LEVEL_DEBUG, "client.drop",
	    "address=%s reason=%s: %s", address_text(client->address),
	    close_reason_info(reason)->name, detail);
	client->worker->closed[reason]++;
	client_free(client);
}

/* ------------------------------------------------------------------ ending */

int
client_send_out(struct client *client)
{
	struct buf *out = &client->worker->out;
	struct blob *blob = NULL;

	if (!out->failed)
		blob = blob_new(buf_start(out), buf_readable(out));
	if (blob == NULL)
		return -1;
	conn_send(&client->conn, blob);
	blob_unref(blob);
	return 0;
}

/* Out of the domain and the sign-in: only the connection is left. */
static void
retire(struct client *client, enum close_reason reason)
{
	note_close(client, reason);
	if (client->state == CLIENT_OPEN)
		session_close(&client->session);
	drop_pending(client);
	client_set_state(client, CLIENT_CLOSING);
	conn_resume(&client->conn);
}

/* Who has not signed in is told in a message too, as the domain would. */
static void
send_error(struct client *client, const struct close_reason_info *info,
    const char *detail)
{
	const struct wire *wire = client->readable ? &wire_text : &wire_json;
	const struct wire_error error = {
		.ref = client->signin != NULL ? client->signin->ref : NULL,
		.code = chat_code_parse(info->error),
		.message = detail,
	};
	struct buf *out = &client->worker->out;
	struct blob *frame;

	buf_reset(out);
	wire->error(out, &error);
	if (out->failed)
		return;
	frame = ws_frame_blob(WS_TEXT, buf_start(out), buf_readable(out));
	if (frame != NULL)
		conn_send(&client->conn, frame);
	blob_unref(frame);
}

static void
close_websocket(struct client *client, const struct close_reason_info *info,
    const char *detail)
{
	struct blob *frame = NULL;

	if (info->code != 0)
		frame = ws_frame_close_blob(info->code, detail);
	if (frame != NULL)
		conn_send(&client->conn, frame);
	/* A peer that has failed or closed itself is not waited for. */
	if (frame == NULL || client->in.ws.closed)
		conn_shutdown(&client->conn);
	blob_unref(frame);
}

/* Of the response status, fields and retry_after_ms are set. */
static void
end_http(struct client *client, enum close_reason reason,
    struct http_response *response, const char *detail)
{
	const struct close_reason_info *info = close_reason_info(reason);

	response->now_us = clock_realtime_us(&system_clock);
	response->close = true;
	response->head = client->head;
	retire(client, reason);
	if (response->status != 0) {
		buf_reset(&client->worker->out);
		http_response_put_problem(&client->worker->out, response,
		    response->status == 413 ? "too_large" : info->error,
		    detail != NULL ? detail : info->text);
		client_send_out(client);
	}
	conn_shutdown(&client->conn);
}

void
client_refuse(struct client *client, enum close_reason reason, int status,
    const char *fields, const char *detail)
{
	struct http_response response = { .status = status,
		.fields = fields };

	end_http(client, reason, &response, detail);
}

void
client_put_off(struct client *client, enum close_reason reason,
    uint32_t wait_ms)
{
	struct http_response response = {
		.status = close_reason_info(reason)->status,
		.retry_after_ms = wait_ms,
	};

	end_http(client, reason, &response, NULL);
}

void
client_close(struct client *client, enum close_reason reason,
    const char *detail)
{
	const struct close_reason_info *info = close_reason_info(reason);
	struct http_response response = { .status = info->status };

	if (client->state == CLIENT_CLOSING)
		return;
	if (detail == NULL)
		detail = info->text;
	if (client->upgraded) {
		if (!client->authenticated && info->error[0] != '\0')
			send_error(client, info, detail);
		retire(client, reason);
		close_websocket(client, info, detail);
		return;
	}
	if (stream_has_begun(client)) {
		stream_say_error(client, info->error, detail);
		retire(client, reason);
		conn_shutdown(&client->conn);
		return;
	}
	if (info->status == 401)
		response.fields = "WWW-Authenticate: Bearer\r\n";
	else if (info->status == 429 || info->status == 503)
		response.retry_after_ms = RETRY_MS;
	end_http(client, reason, &response, detail);
}
