/* SPDX-License-Identifier: MIT */
#ifndef SERVER_CLIENT_H
#define SERVER_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "auth/token.h"
#include "base/buf.h"
#include "base/error.h"
#include "chat/session.h"
#include "http/parser.h"
#include "http/request.h"
#include "net/conn.h"
#include "net/listener.h"
#include "net/mailbox.h"
#include "net/timers.h"
#include "server/address.h"
#include "server/close_reasons.h"
#include "ws/session.h"

/*
 * A connection from its acceptance to its end:
 *
 *	GREETING --> HTTP (TLS, the PROXY protocol)
 *	ASKING <-> HTTP (REST)
 *	HTTP --> LOOKUP --> (MOVING) --> OPEN --> CLOSING
 *	  \        ^                              ^
 *	   `-> UNKNOWN (WebSocket, but nobody yet)' and from any state
 *
 * client.c holds its life, peer.c knows who it is from, routes.c answers
 * HTTP, upgrade.c decides who may become a WebSocket, signin.c finds the
 * person and brings the client to their worker, websocket.c carries frames and
 * serves the session.
 */
struct address;
struct api_call;
struct http_response;
struct signin;
struct worker;

enum client_state {
	CLIENT_GREETING, /* a PROXY header or a TLS handshake comes first */
	CLIENT_HTTP,	/* requests, one after the other */
	CLIENT_ASKING,	/* REST is asked; input waits */
	CLIENT_UNKNOWN, /* its first message must sign in */
	CLIENT_LOOKUP,	/* the store is asked who it is; input waits */
	CLIENT_MOVING,	/* on its way to the worker of its person */
	CLIENT_OPEN,	/* signed in: session is in use */
	CLIENT_CLOSING	/* last words are out; waits for the peer to go */
};

struct client {
	struct conn conn; /* first */
	struct worker *worker;
	struct client *next, **prev; /* of the worker */
	struct address *address;
	union {
		struct signin *signin; /* from the first credentials to OPEN */
		struct stream *stream; /* OPEN, and no WebSocket (stream.h) */
		struct api_call *call; /* while ASKING */
	};
	union {
		struct {
			struct http_parser http;
			uint32_t body_due; /* bytes of it, at the next look */
			uint32_t wait_ms;  /* its address is over a limit:
					      told at the first request */
		};
		struct ws_session ws; /* when `upgraded` */
	} in;
	struct session session;
	struct timer timer;	     /* what it is for depends on the state */
	uint32_t heard_ms;	     /* when the peer last sent (low bits) */
	uint32_t since_s;	     /* connected, seconds since 1970 */
	uint32_t expires_s;	     /* of its token; 0: does not expire */
	uint32_t key;		     /* that signed it; 0: there is none */
	uint8_t state;		     /* enum client_state */
	bool upgraded, authenticated;
	bool busy;     /* a request has begun */
	bool pinged;   /* nothing was heard since */
	bool warned;   /* that the token expires */
	bool readable; /* ?format=text */
	bool last;     /* ASKING: no other request follows on this one */
	bool late;     /* came while the worker drains */
	bool head;     /* the request is answered without the body */
	bool trusted;  /* it is a proxy's, whose word we take */
	bool secure;   /* over TLS, as far as the peer is concerned */
};

/* Of the pool that clients are in. */
extern const struct conn_ops client_conn_ops;

/*
 * Takes over fd and the count of its address.  The state is to be set next.
 * NULL: no memory, and both are released.
 */
struct client *client_new(struct worker *worker, int fd,
    struct address *address);

/* peer.c: a connection has come in; fd is taken over. */
void client_accept(struct worker *worker, const struct listener *listener,
    int fd, const struct sockaddr *from);

/*
 * peer.c: takes the PROXY header off in, in state GREETING; client may be gone
 * after it.
 */
void client_take_greeting(struct client *client, struct buf *in);

/*
 * peer.c: a request has come; from a trusted proxy it says whom it is from.
 * False: it was answered, and is over.
 */
bool client_take_origin(struct client *client,
    const struct http_request *request, enum address_kind kind);

/* Enters and leaves a worker; the connection is not touched. */
void client_link(struct client *client, struct worker *worker);
void client_unlink(struct client *client);

/* The only place that changes its state; sets the deadline of the new one. */
void client_set_state(struct client *client, enum client_state state);

/*
 * Tells the peer why, in the words of its protocol, and ends; detail replaces
 * the reason's own sentence, and may be NULL.  The client stays until the
 * peer has gone, or a while.
 */
void client_close(struct client *client, enum close_reason reason,
    const char *detail);

/* As client_close(), for HTTP, with another status and more fields. */
void client_refuse(struct client *client, enum close_reason reason,
    int status, const char *fields, const char *detail);

/* As client_close(), for HTTP: it may come back after wait_ms. */
void client_put_off(struct client *client, enum close_reason reason,
    uint32_t wait_ms);

/* At once and without a word. */
void client_free(struct client *client);

/* The same, with a reason that is counted and logged. */
void client_drop(struct client *client, enum close_reason reason,
    const char *detail);

/* Sends what worker->out holds, as it is.  -1: no memory. */
int client_send_out(struct client *client);

/* routes.c: takes requests off in while in state HTTP. */
void client_take_http(struct client *client, struct buf *in);

/*
 * Answers a request; its connection stays open if that was asked for.  Of the
 * response all but now_us, close and head is set, of a problem's status,
 * fields and retry_after_ms.
 */
void client_respond(struct client *client, const struct http_request *request,
    struct http_response *response);
void client_respond_problem(struct client *client,
    const struct http_request *request, struct http_response *response,
    const char *code, const char *detail);

/* upgrade.c: GET /chat. */
void client_upgrade(struct client *client, const struct http_request *request);

/*
 * upgrade.c, for streams too: whether a page may connect from where it is;
 * else it is told so.
 */
bool client_is_let_in(struct client *client,
    const struct http_request *request);

/*
 * A parameter of the query, "" when it is absent; -1 when it is not what fits
 * into out, or is there more than once.
 */
int client_read_param(const struct http_request *request, const char *name,
    char *out, size_t size);
/* The device, into signin.  -1 and err: it is none. */
int client_read_device(const struct http_request *request,
    struct signin *signin, struct error *err);

enum credentials {
	CREDENTIALS_NONE,
	CREDENTIALS_GOOD, /* in signin */
	CREDENTIALS_BAD	  /* answered already */
};

/* bearer: a token that came another way than by Authorization, or nothing. */
enum credentials client_read_credentials(struct client *client,
    const struct http_request *request, struct http_slice bearer);

/*
 * signin.c: what credentials have said, until the session opens.  Owned by
 * the client.
 */
struct signin {
	struct mail mail; /* of the way to the other worker; first */
	struct client *client;
	struct client **pending; /* in the store's request under way, or NULL */
	struct blob *accept;	 /* the 101, until it is sent */
	uint64_t uid;
	struct token_claims claims; /* of the token */
	struct stream *stream; /* of GET /api/events, or NULL */
	uint64_t since;	       /* its Last-Event-ID */
	bool resumes;	       /* it has one */
	bool by_name; /* without a token */
	bool ack_client;
	char *ref;    /* of the message auth, as JSON; or NULL */
	char name[NAME_BYTES_MAX + 1];
	char device[DEVICE_MAX + 1];
};

struct signin *signin_new(struct client *client);
void signin_free(struct signin *signin); /* NULL is allowed */

/* Finds or makes the account `name` and opens its session. */
void signin_begin(struct client *client);

/* What its credentials let it do. */
struct session_token signin_token(const struct signin *signin);

/*
 * websocket.c: takes frames off in, in every state of a WebSocket.
 */
void client_take_frames(struct client *client, struct buf *in);

/* The session's view of its client, and the way back. */
extern const struct session_ops client_session_ops;
struct client *client_of_session(const struct session *session);

/*
 * State OPEN: pings a peer that is silent, warns of a token that expires,
 * closes for either.  Returns the ms to the next look.
 */
uint32_t client_look_after(struct client *client);

/*
 * The ms until something is due for the token; 0: it has expired, or its key
 * was taken away.  *warn: in so many ms it will, and that is to be said now.
 */
uint32_t client_look_at_token(struct client *client, uint32_t *warn);

/* Why the domain ended it. */
enum close_reason client_close_reason(enum session_end why);

/*
 * upgrade.c: checks a token and fills in name and claims.  -1 and err when it
 * is not valid.
 */
int client_check_token(struct client *client, const char *token, size_t len,
    struct signin *signin, struct error *err);

#endif
