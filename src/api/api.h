/* SPDX-License-Identifier: MIT */
#ifndef API_API_H
#define API_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/guard.h"
#include "auth/hasher.h"
#include "auth/trust.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "chat/call.h"
#include "chat/chat.h"
#include "http/request.h"
#include "http/router.h"
#include "net/mailbox.h"
#include "net/timers.h"
#include "store/store.h"

/*
 * REST, of one worker: a request is checked against its route (route.h), its
 * token looked at, and its handler run on the worker that owns the caller; the
 * answer comes back to the worker of the connection.  Nearly every handler
 * asks the chat engine what a WebSocket client would, and shapes the answer.
 *
 *	connection's worker              owner's worker
 *	api_begin ── token, person ────> handler ── chat_call()
 *	answered <──────────── mail ──── api_reply()
 */
struct api;
struct api_call;
struct api_route;

enum api_registration { API_OPEN, API_INVITATION, API_CLOSED };

/* What the operator decides; may change between requests. */
struct api_settings {
	enum api_registration registration;
	bool open; /* a name is enough to talk */
	int64_t access_ttl_s;	  /* 10 min */
	int64_t refresh_idle_s;	  /* 14 d */
	int64_t refresh_ttl_s;	  /* 90 d */
	int64_t refresh_grace_s;  /* 30 s */
	int64_t reset_ttl_s;	  /* 15 min */
	bool lockdown; /* no registrations, no guests */
	const char *const *origins; /* CORS: exact; NULL-terminated */
};

struct api_code {
	uint64_t uid;
	const char *name, *email, *code;
	int64_t expires_us;
};

struct api_options {
	unsigned worker, workers;
	struct mailbox *mailbox; /* of this worker */
	struct mailbox *const *mailboxes; /* of all */
	struct api *const *peers; /* of all workers; filled in before use */
	struct chat *chat;
	struct store *store;
	struct timers *timers;
	const struct clock *clock;
	const struct log *log;
	struct hasher *hasher; /* these three are the server's, shared */
	struct guard *guard;
	const unsigned char *refresh_key; /* 32 bytes, for successors */
	struct trust *trust; /* a reference is taken */
	/*
	 * Sends a one-time code to its person.  -1: nobody does that here.
	 * NULL is the same.  code NULL: only asks whether somebody does.
	 */
	int (*send_code)(void *arg, const struct api_code *code);
	/* The account, marked in the store, goes, with all it wrote.  -1: no
	 * memory; the next start does it. */
	int (*erase)(void *arg, uint64_t uid, const char *name);
	void *arg; /* of these two */
};

/* Borrows all that options point to. */
struct api *api_new(const struct api_options *options, struct error *err);
/* No call is under way.  NULL is allowed. */
void api_free(struct api *api);

/* From the next request on; settings are copied, their strings borrowed. */
void api_set_settings(struct api *api, const struct api_settings *settings);
void api_set_trust(struct api *api, struct trust *trust);

/* An answer, borrowed for the call of answered(). */
struct api_answer {
	int status;
	const char *type;   /* NULL: no body */
	const char *body;
	size_t len;
	const char *fields; /* "Name: value\r\n"… or "" */
	uint64_t uid;	    /* in whose limits it counts; 0: nobody's */
};
typedef void api_answered(void *arg, const struct api_answer *answer);

/* Whether the path is REST's: "/api/…", "/openapi.json", "/.well-known/…". */
bool api_is_path(struct http_slice path);

/*
 * Begins to answer a request, of which everything is copied that is needed
 * later.  answered() runs on this worker's loop, once, never from within.
 * address is who asks, as text; secure: over TLS.  NULL: no memory.
 * A route of API_STREAM, found and in order, is the caller's: *stream is set,
 * and nothing begins.
 */
struct api_call *api_begin(struct api *api, const struct http_request *request,
    const char *address, bool secure, api_answered *answered, void *arg,
    const struct api_route **stream);

/* The fields by which pages of listed origins may read an answer of ours. */
void api_put_cors(const struct api *api, const struct http_request *request,
    struct buf *fields);

/* Who asked has gone: answered() will not be called. */
void api_forget(struct api_call *call);

#endif
