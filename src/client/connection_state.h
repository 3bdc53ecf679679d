/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_CONNECTION_STATE_H
#define CLIENT_CONNECTION_STATE_H

#include <netdb.h>

#include "base/buf.h"
#include "client/address.h"
#include "client/connection.h"
#include "client/secure.h"
#include "ws/client.h"
#include "ws/session.h"

/* What connection.c and dial.c share. */
#define TARGET_MAX 1024
#define SILENCE_MS 60000 /* then a ping */

enum connection_state {
	STATE_DOWN,	  /* until deadline */
	STATE_CONNECTING, /* TCP */
	STATE_HANDSHAKE,
	STATE_REFUSED,	  /* it said no, and may say why */
	STATE_OPEN,
	STATE_OVER
};

struct connection {
	struct address address;
	char target[TARGET_MAX];
	char *fields; /* Authorization, or NULL */
	enum connection_state state;
	int fd;
	struct secure *secure; /* NULL: no TLS */
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

extern const struct ws_options connection_ws_options;

void connection_set_state(struct connection *connection,
    enum connection_state state, int64_t ms);

/* Closes the socket; another try follows, or none. */
void connection_lose(struct connection *connection, const char *why);
void connection_end(struct connection *connection, const char *why);

/* In dial.c: from nothing to an open WebSocket. */
void connection_dial(struct connection *connection);

/* STATE_CONNECTING: the socket has news; or it is given up, for error. */
void connection_dialled(struct connection *connection);
void connection_try_next(struct connection *connection, int error);

/* STATE_HANDSHAKE and STATE_REFUSED: something was read. */
void connection_read_reply(struct connection *connection);
void connection_read_reason(struct connection *connection, bool last);

#endif
