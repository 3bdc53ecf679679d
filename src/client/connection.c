/* SPDX-License-Identifier: MIT */
#include "client/connection_state.h"

#include <errno.h>
#include <openssl/rand.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_MS 15000	 /* and so long for its pong */
#define FINISH_MS 2000
#define RETRY_FIRST_MS 500
#define RETRY_MAX_MS 30000
#define READ_SIZE 16384 /* a record of TLS: nothing is left in the library */

/* Codes from here on say: do not come back (docs/protocol.md). */
#define CODE_STAY_AWAY 4500

const struct ws_options connection_ws_options = {
    .message_max = 16 * 1024 * 1024, .fragments_max = 65536, .client = true};

void
connection_set_state(struct connection *connection,
    enum connection_state state, int64_t ms)
{
	connection->state = state;
	connection->deadline_ms = connection->now_ms + ms;
}

static void
shut(struct connection *connection)
{
	secure_end(connection->secure);
	if (connection->fd >= 0)
		close(connection->fd);
	connection->fd = -1;
	ws_session_fini(&connection->ws);
	memset(&connection->ws, 0, sizeof(connection->ws));
	buf_fini(&connection->in);
	buf_fini(&connection->out);
	connection->ended = connection->pinged = connection->closing = false;
}

/* Half of the delay is fixed, half is drawn, so that a crowd spreads out. */
static int64_t
retry_delay(struct connection *connection)
{
	int64_t delay = RETRY_MAX_MS;
	uint16_t dice = 0;

	if (connection->failures < 6)
		delay = RETRY_FIRST_MS << connection->failures;
	connection->failures++;
	if (RAND_bytes((unsigned char *)&dice, sizeof(dice)) != 1)
		dice = UINT16_MAX / 2;
	delay = delay / 2 + delay / 2 * dice / UINT16_MAX;
	if (delay < connection->hold_off_ms)
		delay = connection->hold_off_ms;
	connection->hold_off_ms = 0;
	return delay;
}

void
connection_lose(struct connection *connection, const char *why)
{
	snprintf(connection->why, sizeof(connection->why), "%s", why);
	shut(connection);
	connection->news = CONNECTION_DOWN;
	connection_set_state(connection, STATE_DOWN, retry_delay(connection));
}

void
connection_end(struct connection *connection, const char *why)
{
	snprintf(connection->why, sizeof(connection->why), "%s", why);
	shut(connection);
	connection->news = CONNECTION_OVER;
	connection_set_state(connection, STATE_OVER, 0);
}

static void
put_frame(struct connection *connection, enum ws_opcode opcode,
    const char *data, size_t len)
{
	uint8_t mask[4];

	if (RAND_bytes(mask, sizeof(mask)) != 1)
		connection->out.failed = true;
	else
		ws_frame_put(&connection->out, opcode, data, len, mask);
}

static void
put_close(struct connection *connection, uint16_t code)
{
	uint8_t mask[4];

	if (connection->closing || RAND_bytes(mask, sizeof(mask)) != 1)
		return;
	connection->closing = true;
	ws_frame_put_close(&connection->out, code, "", mask);
}

/* ------------------------------------------------------------------- bytes */

static ssize_t
wire_send(struct connection *connection, const char *data, size_t len)
{
	if (connection->secure != NULL)
		return secure_write(connection->secure, data, len);
	return send(connection->fd, data, len, MSG_NOSIGNAL);
}

static ssize_t
wire_receive(struct connection *connection, char *room, size_t size)
{
	if (connection->secure != NULL)
		return secure_read(connection->secure, room, size);
	return recv(connection->fd, room, size, 0);
}

/* The wire is at its end, or n says why. */
static void
wire_ended(struct connection *connection, ssize_t n)
{
	char why[200];

	connection->ended = true;
	if (n >= 0 || connection->secure == NULL || errno != EPROTO)
		return;
	if (secure_failure(connection->secure, why, sizeof(why)))
		connection_end(connection, why);
	else if (connection->state == STATE_HANDSHAKE)
		connection_lose(connection, why);
}

static void
write_some(struct connection *connection)
{
	struct buf *out = &connection->out;
	ssize_t n;

	while (connection->fd >= 0 && buf_readable(out) > 0) {
		n = wire_send(connection, buf_start(out), buf_readable(out));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			/* What it said last may still be there to read. */
			wire_ended(connection, n);
			buf_reset(out);
			return;
		}
		buf_consume(out, (size_t)n);
	}
}

static void
read_some(struct connection *connection)
{
	struct buf *in = &connection->in;
	char *room;
	ssize_t n;

	do {
		room = buf_reserve(in, READ_SIZE);
		if (room == NULL) {
			connection_lose(connection, "no memory");
			return;
		}
		n = wire_receive(connection, room, READ_SIZE);
	} while (n < 0 && errno == EINTR);
	if (n > 0) {
		in->len += (size_t)n;
		connection->pinged = false;
		if (connection->state == STATE_OPEN && !connection->closing)
			connection_set_state(connection, STATE_OPEN, SILENCE_MS);
	} else if (n == 0 || errno != EAGAIN) {
		wire_ended(connection, n);
	}
}

static void
expire(struct connection *connection)
{
	switch (connection->state) {
	case STATE_DOWN:
		connection_dial(connection);
		break;
	case STATE_CONNECTING:
		connection_try_next(connection, ETIMEDOUT);
		break;
	case STATE_HANDSHAKE:
		connection_lose(connection, "the server does not answer");
		break;
	case STATE_REFUSED:
		connection_read_reason(connection, true);
		break;
	case STATE_OPEN:
		if (connection->pinged || connection->closing) {
			connection_lose(connection, "nothing is heard of the server");
			break;
		}
		connection->pinged = true;
		put_frame(connection, WS_PING, "", 0);
		connection_set_state(connection, STATE_OPEN, ANSWER_MS);
		break;
	case STATE_OVER:
		break;
	}
}

void
connection_run(struct connection *connection, short revents, int64_t now_ms)
{
	connection->now_ms = now_ms;
	if (connection->state == STATE_CONNECTING && revents != 0)
		connection_dialled(connection);
	else if (connection->fd >= 0 && (revents & (POLLIN | POLLHUP | POLLERR)))
		read_some(connection);
	if (connection->state != STATE_OVER &&
	    now_ms >= connection->deadline_ms)
		expire(connection);
	if (connection->state == STATE_HANDSHAKE)
		connection_read_reply(connection);
	if (connection->state == STATE_REFUSED)
		connection_read_reason(connection, false);
	if (connection->state >= STATE_HANDSHAKE)
		write_some(connection);
	if (connection->out.failed)
		connection_lose(connection, "no memory");
}

/* -------------------------------------------------------------------- news */

static void
closed_by_server(struct connection *connection,
    const struct ws_event *event)
{
	char why[200];

	snprintf(why, sizeof(why), "%.*s%s(%u)",
	    (int)(event->len > 120 ? 120 : event->len), event->data,
	    event->len > 0 ? " " : "the server closed the connection ",
	    event->code);
	put_close(connection, event->code == WS_CODE_NONE ? WS_CODE_NORMAL :
	    event->code);
	write_some(connection);
	if (event->code >= CODE_STAY_AWAY && event->code < 5000)
		connection_end(connection, why);
	else
		connection_lose(connection, why);
}

/* True when the event is for the owner. */
static bool
take_event(struct connection *connection, const struct ws_event *event,
    struct connection_news *news)
{
	switch (event->type) {
	case WS_EVENT_TEXT:
		news->type = CONNECTION_TEXT;
		news->text = event->data;
		news->len = event->len;
		return true;
	case WS_EVENT_PING:
		put_frame(connection, WS_PONG, event->data, event->len);
		return false;
	case WS_EVENT_CLOSE:
		closed_by_server(connection, event);
		return false;
	case WS_EVENT_BINARY:
	case WS_EVENT_PONG:
		return false;
	}
	return false;
}

static bool
read_event(struct connection *connection, struct connection_news *news)
{
	struct ws_event event;
	char why[160];

	while (connection->state == STATE_OPEN) {
		switch (ws_session_next(&connection->ws, &connection->in,
		    &event)) {
		case WS_EVENT:
			if (take_event(connection, &event, news))
				return true;
			break;
		case WS_MORE:
			if (connection->ended)
				connection_lose(connection, "the connection was lost");
			return false;
		case WS_BAD:
			snprintf(why, sizeof(why), "the server's data is "
			    "wrong: %.*s", (int)event.len, event.data);
			put_close(connection, event.code);
			write_some(connection);
			connection_lose(connection, why);
			return false;
		}
	}
	return false;
}

void
connection_next(struct connection *connection, struct connection_news *news)
{
	memset(news, 0, sizeof(*news));
	if (connection->news == CONNECTION_NOTHING &&
	    read_event(connection, news))
		return;
	news->type = connection->news;
	news->text = connection->why;
	news->retry_ms = connection->deadline_ms - connection->now_ms;
	connection->news = CONNECTION_NOTHING;
}

/* -------------------------------------------------------------- the outside */

int
connection_set_token(struct connection *connection, const char *token,
    struct error *err)
{
	size_t size = strlen(token) + 32;
	char *fields;

	if (strpbrk(token, " \t\r\n") != NULL) {
		error_set(err, ERROR_USAGE, "a token has no white space in it");
		return -1;
	}
	fields = malloc(size);
	if (fields == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for a connection");
		return -1;
	}
	snprintf(fields, size, "Authorization: Bearer %s\r\n", token);
	free(connection->fields);
	connection->fields = fields;
	if (connection->state == STATE_OVER)
		connection_set_state(connection, STATE_DOWN, 0);
	return 0;
}

bool
connection_needs_token(const struct connection *connection)
{
	return connection->state == STATE_OVER && connection->status == 401;
}

struct connection *
connection_new(const struct connection_options *options, struct error *err)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (connection == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for a connection");
		return NULL;
	}
	connection->fd = -1;
	if (address_parse(options->server, &connection->address, err) != 0)
		goto fail;
	if (connection->address.secure) {
		connection->secure = secure_new(connection->address.node, err);
		if (connection->secure == NULL)
			goto fail;
	}
	if ((size_t)snprintf(connection->target, TARGET_MAX, "%s/chat?%s",
	    connection->address.path, options->query) >= TARGET_MAX) {
		error_set(err, ERROR_USAGE, "the server's address is too long");
		goto fail;
	}
	if (options->token == NULL ||
	    connection_set_token(connection, options->token, err) == 0)
		return connection;
fail:
	connection_free(connection);
	return NULL;
}

void
connection_free(struct connection *connection)
{
	if (connection == NULL)
		return;
	shut(connection);
	secure_free(connection->secure);
	if (connection->found != NULL)
		freeaddrinfo(connection->found);
	free(connection->fields);
	free(connection);
}

int
connection_fd(const struct connection *connection)
{
	return connection->fd;
}

short
connection_events(const struct connection *connection)
{
	if (connection->state == STATE_CONNECTING)
		return POLLOUT;
	if (connection->secure != NULL && connection->fd >= 0)
		return secure_wants_write(connection->secure) ?
		    POLLIN | POLLOUT : POLLIN;
	return buf_readable(&connection->out) > 0 ? POLLIN | POLLOUT : POLLIN;
}

int64_t
connection_deadline(const struct connection *connection)
{
	return connection->state == STATE_OVER ? INT64_MAX :
	    connection->deadline_ms;
}

void
connection_send(struct connection *connection, const char *text, size_t len)
{
	if (connection->state == STATE_OPEN && !connection->closing)
		put_frame(connection, WS_TEXT, text, len);
}

void
connection_settled(struct connection *connection)
{
	connection->failures = 0;
}

void
connection_hold_off(struct connection *connection, int64_t ms)
{
	connection->hold_off_ms = ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS;
}

void
connection_drop(struct connection *connection, const char *why)
{
	if (connection->state != STATE_OVER && connection->state != STATE_DOWN)
		connection_lose(connection, why);
}

bool
connection_finish(struct connection *connection, int64_t now_ms)
{
	connection->now_ms = now_ms;
	if (connection->state != STATE_OPEN)
		return true;
	if (!connection->closing) {
		put_close(connection, WS_CODE_NORMAL);
		connection_set_state(connection, STATE_OPEN, FINISH_MS);
	}
	write_some(connection);
	return connection->ended || now_ms >= connection->deadline_ms;
}
