/* SPDX-License-Identifier: MIT */
#ifndef WS_HANDSHAKE_H
#define WS_HANDSHAKE_H

#include <stddef.h>

#include "base/buf.h"
#include "http/request.h"

/* A server's half of the handshake (RFC 6455 section 4.2). */

#define WS_KEY_LEN 24	 /* base64 of 16 bytes */
#define WS_ACCEPT_LEN 28 /* base64 of a SHA-1 */

struct ws_handshake {
	struct http_slice key;
	struct http_slice bearer; /* of the offer "bearer.TOKEN"; may be NULL */
	const char *protocol;	  /* what is echoed, or NULL */
	int status;		  /* when refused: 400, 405 or 426 */
	const char *reason;	  /* when refused: a sentence */
	const char *fields;	  /* when refused: to answer with, or "" */
};

/*
 * Whether the request may become a WebSocket.  protocol is the one
 * spoken here, or NULL for none; offered beside "bearer.TOKEN", only it is
 * echoed, and a bearer alone is refused.  0, or -1 with status, reason and
 * fields set.  Slices are the request's.
 */
int ws_handshake_check(const struct http_request *request,
    const char *protocol, struct ws_handshake *handshake);

/*
 * The 101.  fields are more of them, each with its CRLF, or NULL.
 * -1: no digest or no memory, out is then `failed`.
 */
int ws_handshake_put_accept(struct buf *out,
    const struct ws_handshake *handshake, const char *fields);

/* Sec-WebSocket-Accept for a key, NUL-terminated.  -1: no digest. */
int ws_handshake_accept(const char key[WS_KEY_LEN],
    char accept[WS_ACCEPT_LEN + 1]);

#endif
