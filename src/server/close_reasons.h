/* SPDX-License-Identifier: MIT */
#ifndef SERVER_CLOSE_REASONS_H
#define SERVER_CLOSE_REASONS_H

#include <stdint.h>

/*
 * Why a connection was closed or a request refused: name (in logs and
 * counters), WebSocket close code, HTTP status, the protocol's error code and
 * a sentence for the peer.  Codes 4000 to 4499 invite to reconnect, 4500 to
 * 4999 do not.  0: there is nobody to tell it to.
 */
#define CLOSE_REASONS(X)                                                      \
	X(PEER_GONE, "peer_gone", 0, 0, "", "the connection was lost")        \
	X(PEER_CLOSED, "peer_closed", 0, 0, "", "the peer closed")         \
	X(TLS_FAILED, "tls_failed", 0, 0, "", "the TLS handshake failed")     \
	X(TLS_TIMEOUT, "tls_timeout", 0, 0, "",                               \
	    "the TLS handshake took too long")                                \
	X(BAD_PROXY, "bad_proxy", 0, 0, "",                                   \
	    "no good header of the PROXY protocol")                           \
	X(HTTP_DONE, "http_done", 0, 0, "", "the exchange is over")           \
	X(HTTP_TIMEOUT, "http_timeout", 0, 408, "bad_request",                \
	    "the request took too long")                                      \
	X(BAD_REQUEST, "bad_request", 1002, 400, "bad_request",               \
	    "the request is not valid")                                       \
	X(BAD_FRAME, "bad_frame", 1002, 0, "bad_request",                     \
	    "the frame is not valid")                                         \
	X(BINARY, "binary", 1003, 0, "bad_request",                           \
	    "messages are text, not binary")                                  \
	X(NOT_UTF8, "not_utf8", 1007, 0, "bad_request",                       \
	    "the message is not UTF-8")                                       \
	X(TOO_BIG, "too_big", 1009, 413, "too_large",                         \
	    "the message is too long")                                        \
	X(BAD_HOST, "bad_host", 0, 403, "forbidden",                          \
	    "this Host is not allowed here")                                  \
	X(BAD_ORIGIN, "bad_origin", 0, 403, "forbidden",                      \
	    "pages of this Origin may not connect")                           \
	X(NO_SCOPE, "no_scope", 0, 403, "forbidden",                          \
	    "this needs a token of the scope \"read\"")                       \
	X(ADDRESS_LIMIT, "address_limit", 0, 429, "rate_limited",             \
	    "too many connections from this address; keep one open")          \
	X(USER_LIMIT, "user_limit", 4505, 429, "rate_limited",                \
	    "too many connections of this person")                            \
	X(UNAUTHORIZED, "unauthorized", 4503, 401, "unauthorized",            \
	    "a valid token is needed")                                        \
	X(AUTH_TIMEOUT, "auth_timeout", 4504, 0, "unauthorized",              \
	    "nobody signed in in time")                                       \
	X(EXPIRED, "expired", 4001, 0, "unauthorized",                        \
	    "the token has expired")                                          \
	X(SLOW, "slow", 4002, 0, "unavailable",                               \
	    "messages are read too slowly")                                   \
	X(TIMEOUT, "timeout", 4003, 0, "unavailable",                         \
	    "nothing was heard for too long")                                 \
	X(REPLACED, "replaced", 4500, 409, "conflict",                        \
	    "the same device connected anew")                                 \
	X(KICKED, "kicked", 4501, 403, "forbidden",                           \
	    "the operator ended the connection")                              \
	X(ABUSE, "abuse", 4502, 429, "rate_limited",                          \
	    "limits were exceeded for too long")                              \
	X(SIGNED_OUT, "signed_out", 4506, 401, "unauthorized",                \
	    "this sign-in was ended: sign in again")                          \
	X(BANNED, "banned", 4507, 403, "banned",                              \
	    "this account is banned from this server")                        \
	X(DISABLED, "disabled", 4508, 403, "forbidden",                       \
	    "this account was disabled by the operator")                      \
	X(LOCKED_DOWN, "locked_down", 4509, 403, "forbidden",                 \
	    "no accounts are made at the moment; try again later")            \
	X(DRAINING, "draining", 1012, 503, "unavailable",                     \
	    "the server restarts")                                            \
	X(STOPPING, "stopping", 1001, 503, "unavailable",                     \
	    "the server stops")                                               \
	X(OVERLOADED, "overloaded", 1013, 503, "unavailable",                 \
	    "the server cannot do this now")                                  \
	X(INTERNAL, "internal", 1011, 500, "internal",                        \
	    "the server failed")

enum close_reason {
#define X(id, name, code, status, error, text) CLOSE_##id,
	CLOSE_REASONS(X)
#undef X
	CLOSE_REASONS_COUNT
};

struct close_reason_info {
	const char *name;
	uint16_t code;	   /* of WebSocket */
	uint16_t status;   /* of HTTP */
	const char *error; /* the protocol's */
	const char *text;
};

const struct close_reason_info *close_reason_info(enum close_reason reason);

#endif
