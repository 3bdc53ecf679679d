/* SPDX-License-Identifier: MIT */
#include "client/connection.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/rand.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "client/address.h"
#include "ws/client.h"
#include "ws/session.h"

#define CONNECT_MS 10000
#define SILENCE_MS 60000 /* then a ping */
#define REASON_MS 1000	 /* for the body of a refusal to come */
#define ANSWER_MS 15000	 /* and so long for its pong */
#define FINISH_MS 2000
#define RETRY_FIRST_MS 500
#define RETRY_MAX_MS 30000
#define READ_SIZE 16384
#define TARGET_MAX 1024

/* Codes from here on say: do not come back (docs/protocol.md). */
#define CODE_STAY_AWAY 4500

enum state {
	STATE_DOWN,	  /* until deadline */
	STATE_CONNECTING, /* TCP */
	STATE_HANDSHAKE,
	STATE_REFUSED, /* it said no, and may say why */
	STATE_OPEN,
	STATE_OVER
};

struct connection {
	struct address address;
	char target[TARGET_MAX];
	char *fields; /* Authorization, or NULL */
	enum state state;
	int fd;
	struct addrinfo *found, *trying;
	struct buf in, out;
	struct ws_session ws;
	char key[WS_KEY_LEN + 1];
	int64_t now_ms, deadline_ms, hold_off_ms;
	unsigned int failures;
	int status;   /* of HTTP, in STATE_REFUSED */
	bool ended;   /* the peer writes no more */
	bool pinged;  /* and no byte came since */
	bool closing; /* our close frame is queued */
	enum connection_news_type news; /* not told yet: UP, DOWN, OVER */
	char why[256];
};

static const struct ws_options ws_options = {
    .message_max = 16 * 1024 * 1024, .fragments_max = 65536, .client = true};

static void
set_state(struct connection *connection, enum state state, int64_t ms)
{
	connection->state = state;
	connection->deadline_ms = connection->now_ms + ms;
}

static void
shut(struct connection *connection)
{
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

static void
lose(struct connection *connection, const char *why)
{
	snprintf(connection->why, sizeof(connection->why), "%s", why);
	shut(connection);
	connection->news = CONNECTION_DOWN;
	set_state(connection, STATE_DOWN, retry_delay(connection));
}

static void
end(struct connection *connection, const char *why)
{
	snprintf(connection->why, sizeof(connection->why), "%s", why);
	shut(connection);
	connection->news = CONNECTION_OVER;
	set_state(connection, STATE_OVER, 0);
}

static void
lose_errno(struct connection *connection, const char *what)
{
	char why[160];

	snprintf(why, sizeof(why), "%s: %s", what, strerror(errno));
	lose(connection, why);
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

/* --------------------------------------------------------------- connecting */

static void
put_request(struct connection *connection)
{
	struct ws_client_request request = {
	    .host = connection->address.host, .target = connection->target,
	    .key = connection->key, .protocol = "synctalk.v1",
	    .fields = connection->fields};
	unsigned char nonce[16];

	if (RAND_bytes(nonce, sizeof(nonce)) != 1) {
		end(connection, "there is no randomness");
		return;
	}
	ws_client_key(nonce, connection->key);
	if (ws_client_put_request(&connection->out, &request) != 0)
		end(connection, "the server's address is not usable");
	else
		set_state(connection, STATE_HANDSHAKE, CONNECT_MS);
}

/* The next of the addresses that the name has. */
static void
try_next(struct connection *connection)
{
	const struct addrinfo *to;
	int on = 1;

	for (; connection->trying != NULL;
	    connection->trying = connection->trying->ai_next) {
		to = connection->trying;
		connection->fd = socket(to->ai_family, to->ai_socktype |
		    SOCK_CLOEXEC | SOCK_NONBLOCK, to->ai_protocol);
		if (connection->fd < 0)
			continue;
		/* A line is a packet; without it a line may wait 40 ms. */
		setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on,
		    sizeof(on));
		set_state(connection, STATE_CONNECTING, CONNECT_MS);
		if (connect(connection->fd, to->ai_addr, to->ai_addrlen) == 0 ||
		    errno == EINPROGRESS)
			return;
		close(connection->fd);
		connection->fd = -1;
	}
	lose_errno(connection, "cannot connect");
}

static void
start(struct connection *connection)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC,
	    .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	char why[160];
	int rc;

	if (connection->found != NULL)
		freeaddrinfo(connection->found);
	connection->found = NULL;
	rc = getaddrinfo(connection->address.node, connection->address.service,
	    &hints, &connection->found);
	if (rc != 0) {
		connection->found = NULL;
		snprintf(why, sizeof(why), "cannot find %.80s: %s",
		    connection->address.node, gai_strerror(rc));
		lose(connection, why);
		return;
	}
	connection->trying = connection->found;
	try_next(connection);
}

static void
connected(struct connection *connection)
{
	socklen_t len = sizeof(errno);
	int error = 0;

	if (getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	if (error == 0) {
		put_request(connection);
		return;
	}
	close(connection->fd);
	connection->fd = -1;
	connection->trying = connection->trying->ai_next;
	errno = error;
	try_next(connection);
}

/*
 * A problem document behind the head says more than the status does.  It may
 * come in pieces; whoever sends none hangs up, or is not waited for.
 */
static void
read_reason(struct connection *connection, bool last)
{
	const struct buf *in = &connection->in;
	int status = connection->status;
	json_t *problem = NULL;
	const char *detail;
	char text[256];

	if (buf_readable(in) > 0)
		problem = json_parse_object(buf_start(in), buf_readable(in),
		    NULL);
	if (problem == NULL && !last && !connection->ended)
		return;
	detail = json_string_value(json_object_get(problem, "detail"));
	snprintf(text, sizeof(text), "the server answered %d%s%.200s", status,
	    detail != NULL ? ": " : "", detail != NULL ? detail : "");
	json_decref(problem);
	if (status >= 400 && status < 500 && status != 408 && status != 429)
		end(connection, text);
	else
		lose(connection, text);
}

static void
read_reply(struct connection *connection)
{
	struct error why = {0};
	int status;

	switch (ws_client_check_reply(&connection->in, connection->key,
	    "synctalk.v1", &status, &why)) {
	case WS_CLIENT_MORE:
		if (connection->ended)
			lose(connection, "the server hung up");
		break;
	case WS_CLIENT_DONE:
		ws_session_init(&connection->ws, &ws_options);
		connection->news = CONNECTION_UP;
		set_state(connection, STATE_OPEN, SILENCE_MS);
		break;
	case WS_CLIENT_BAD:
		if (status < 400) {
			lose(connection, why.text);
			break;
		}
		connection->status = status;
		set_state(connection, STATE_REFUSED, REASON_MS);
		break;
	}
}

/* ------------------------------------------------------------------- bytes */

static void
write_some(struct connection *connection)
{
	struct buf *out = &connection->out;
	ssize_t n;

	while (connection->fd >= 0 && buf_readable(out) > 0) {
		n = send(connection->fd, buf_start(out), buf_readable(out),
		    MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			/* What it said last may still be there to read. */
			connection->ended = true;
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
			lose(connection, "no memory");
			return;
		}
		n = recv(connection->fd, room, READ_SIZE, 0);
	} while (n < 0 && errno == EINTR);
	if (n > 0) {
		in->len += (size_t)n;
		connection->pinged = false;
		if (connection->state == STATE_OPEN && !connection->closing)
			set_state(connection, STATE_OPEN, SILENCE_MS);
	} else if (n == 0 || errno != EAGAIN) {
		connection->ended = true;
	}
}

static void
expire(struct connection *connection)
{
	switch (connection->state) {
	case STATE_DOWN:
		start(connection);
		break;
	case STATE_CONNECTING:
		errno = ETIMEDOUT;
		close(connection->fd);
		connection->fd = -1;
		connection->trying = connection->trying->ai_next;
		try_next(connection);
		break;
	case STATE_HANDSHAKE:
		lose(connection, "the server does not answer");
		break;
	case STATE_REFUSED:
		read_reason(connection, true);
		break;
	case STATE_OPEN:
		if (connection->pinged || connection->closing) {
			lose(connection, "nothing is heard of the server");
			break;
		}
		connection->pinged = true;
		put_frame(connection, WS_PING, "", 0);
		set_state(connection, STATE_OPEN, ANSWER_MS);
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
		connected(connection);
	else if (connection->fd >= 0 && (revents & (POLLIN | POLLHUP | POLLERR)))
		read_some(connection);
	if (connection->state != STATE_OVER &&
	    now_ms >= connection->deadline_ms)
		expire(connection);
	if (connection->state == STATE_HANDSHAKE)
		read_reply(connection);
	if (connection->state == STATE_REFUSED)
		read_reason(connection, false);
	if (connection->state >= STATE_HANDSHAKE)
		write_some(connection);
	if (connection->out.failed)
		lose(connection, "no memory");
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
		end(connection, why);
	else
		lose(connection, why);
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
				lose(connection, "the connection was lost");
			return false;
		case WS_BAD:
			snprintf(why, sizeof(why), "the server's data is "
			    "wrong: %.*s", (int)event.len, event.data);
			put_close(connection, event.code);
			write_some(connection);
			lose(connection, why);
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

struct connection *
connection_new(const struct connection_options *options, struct error *err)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	size_t size;

	if (connection == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for a connection");
		return NULL;
	}
	connection->fd = -1;
	if (address_parse(options->server, &connection->address, err) != 0)
		goto fail;
	if ((size_t)snprintf(connection->target, TARGET_MAX, "%s/chat?%s",
	    connection->address.path, options->query) >= TARGET_MAX) {
		error_set(err, ERROR_USAGE, "the server's address is too long");
		goto fail;
	}
	if (options->token == NULL)
		return connection;
	if (strpbrk(options->token, " \t\r\n") != NULL) {
		error_set(err, ERROR_USAGE, "a token has no white space in it");
		goto fail;
	}
	size = strlen(options->token) + 32;
	connection->fields = malloc(size);
	if (connection->fields == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for a connection");
		goto fail;
	}
	snprintf(connection->fields, size, "Authorization: Bearer %s\r\n",
	    options->token);
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
		lose(connection, why);
}

bool
connection_finish(struct connection *connection, int64_t now_ms)
{
	connection->now_ms = now_ms;
	if (connection->state != STATE_OPEN)
		return true;
	if (!connection->closing) {
		put_close(connection, WS_CODE_NORMAL);
		set_state(connection, STATE_OPEN, FINISH_MS);
	}
	write_some(connection);
	return connection->ended || now_ms >= connection->deadline_ms;
}
