/* SPDX-License-Identifier: MIT */
#include "client/connection_state.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/json.h"

#define CONNECT_MS 10000
#define REASON_MS 1000 /* for the body of a refusal to come */

static void
lose_errno(struct connection *connection, const char *what, int error)
{
	char why[160];

	snprintf(why, sizeof(why), "%s: %s", what, strerror(error));
	connection_lose(connection, why);
}

static void
put_request(struct connection *connection)
{
	struct ws_client_request request = {
	    .host = connection->address.host, .target = connection->target,
	    .key = connection->key, .protocol = "synctalk.v1",
	    .fields = connection->fields};
	unsigned char nonce[16];

	if (RAND_bytes(nonce, sizeof(nonce)) != 1) {
		connection_end(connection, "there is no randomness");
		return;
	}
	if (connection->secure != NULL &&
	    secure_begin(connection->secure, connection->fd) != 0) {
		connection_end(connection, "no TLS: no memory");
		return;
	}
	ws_client_key(nonce, connection->key);
	if (ws_client_put_request(&connection->out, &request) != 0)
		connection_end(connection, "the server's address is not usable");
	else
		connection_set_state(connection, STATE_HANDSHAKE, CONNECT_MS);
}

/* The next of the addresses that the name has; error is why not the last. */
static void
try_address(struct connection *connection, int error)
{
	const struct addrinfo *to;
	int on = 1;

	for (; connection->trying != NULL;
	    connection->trying = connection->trying->ai_next) {
		to = connection->trying;
		connection->fd = socket(to->ai_family, to->ai_socktype |
		    SOCK_CLOEXEC | SOCK_NONBLOCK, to->ai_protocol);
		if (connection->fd >= 0) {
			/* Without it a line may wait 40 ms. */
			setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY,
			    &on, sizeof(on));
			connection_set_state(connection, STATE_CONNECTING,
			    CONNECT_MS);
			if (connect(connection->fd, to->ai_addr,
			    to->ai_addrlen) == 0 || errno == EINPROGRESS)
				return;
		}
		error = errno;
		if (connection->fd >= 0)
			close(connection->fd);
		connection->fd = -1;
	}
	lose_errno(connection, "cannot connect", error);
}

void
connection_try_next(struct connection *connection, int error)
{
	close(connection->fd);
	connection->fd = -1;
	connection->trying = connection->trying->ai_next;
	try_address(connection, error);
}

void
connection_dial(struct connection *connection)
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
		connection_lose(connection, why);
		return;
	}
	connection->trying = connection->found;
	try_address(connection, EADDRNOTAVAIL);
}

void
connection_dialled(struct connection *connection)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	if (error == 0)
		put_request(connection);
	else
		connection_try_next(connection, error);
}

/*
 * A problem document behind the head says more than the status does.  It may
 * come in pieces; whoever sends none hangs up, or is not waited for.
 */
void
connection_read_reason(struct connection *connection, bool last)
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
		connection_end(connection, text);
	else
		connection_lose(connection, text);
}

void
connection_read_reply(struct connection *connection)
{
	struct error why = {0};
	int status;

	switch (ws_client_check_reply(&connection->in, connection->key,
	    "synctalk.v1", &status, &why)) {
	case WS_CLIENT_MORE:
		if (connection->ended)
			connection_lose(connection, "the server hung up");
		break;
	case WS_CLIENT_DONE:
		ws_session_init(&connection->ws, &connection_ws_options);
		connection->news = CONNECTION_UP;
		connection_set_state(connection, STATE_OPEN, SILENCE_MS);
		break;
	case WS_CLIENT_BAD:
		if (status < 400) {
			connection_lose(connection, why.text);
			break;
		}
		connection->status = status;
		connection_set_state(connection, STATE_REFUSED, REASON_MS);
		break;
	}
}

