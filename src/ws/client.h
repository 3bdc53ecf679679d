/* SPDX-License-Identifier: MIT */
#ifndef WS_CLIENT_H
#define WS_CLIENT_H

#include "base/buf.h"
#include "base/error.h"
#include "ws/handshake.h"

/* A client's half of the handshake (RFC 6455 section 4.1). */

struct ws_client_request {
	const char *host;     /* "localhost:8000" */
	const char *target;   /* "/chat?user=ann", encoded */
	const char *key;      /* of ws_client_key() */
	const char *protocol; /* to offer (a list is allowed), or NULL */
	const char *fields;   /* more, each with its CRLF, or NULL */
};

/* A key from 16 random bytes, NUL-terminated. */
void ws_client_key(const unsigned char nonce[16], char key[WS_KEY_LEN + 1]);

/*
 * The request.  -1: host or target has a space or a control character in it,
 * or no memory.
 */
int ws_client_put_request(struct buf *out,
    const struct ws_client_request *request);

enum ws_client_result { WS_CLIENT_MORE, WS_CLIENT_DONE, WS_CLIENT_BAD };

/*
 * Takes the answer's head off the front of in; what follows are frames.
 * protocol is the one that must have been chosen, or NULL for none.  On
 * WS_CLIENT_BAD err says why, and *status is what the server answered, or 0;
 * the head is then consumed where it could be read.
 */
enum ws_client_result ws_client_check_reply(struct buf *in, const char *key,
    const char *protocol, int *status, struct error *err);

#endif
