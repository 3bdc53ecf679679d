/* SPDX-License-Identifier: MIT */
#ifndef CHAT_SESSION_H
#define CHAT_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"
#include "base/error.h"
#include "base/name.h"
#include "base/scope.h"
#include "store/record.h"

/*
 * One device of one person, signed in.  The transport embeds the struct,
 * hands in what the client sends, and queues what the domain answers.  All on
 * the thread of the worker that owns the person.
 */
struct chat;
struct person;
struct session;

/* Why the domain ends a session; the transport has the codes. */
enum session_end {
	SESSION_END_REPLACED, /* the same device connected anew */
	SESSION_END_KICKED,   /* by the operator */
	SESSION_END_DRAINING,
	SESSION_END_EXPIRED,  /* the token did */
	SESSION_END_SIGNED_OUT, /* its token was made void */
	SESSION_END_BANNED,   /* from this server */
	SESSION_END_DISABLED, /* the account, by the operator */
	SESSION_END_SLOW,     /* reads slower than is written to it */
	SESSION_END_ABUSE,    /* goes on over its limits */
	SESSION_END_ERROR     /* no memory, store unavailable */
};

/* What let it in, as far as that matters later. */
struct session_token {
	uint64_t family;    /* the sign-in that it is of, or 0 */
	int64_t issued_s;   /* since 1970 */
	uint32_t expires_s; /* 0: never */
	uint32_t scopes;    /* enum scope */
	uint32_t key;	    /* that signed it: for who asked */
	bool by_name;	    /* there is none: a name was enough */
};

/* None of these calls back into the session before it returns. */
struct session_ops {
	/*
	 * Queues a frame; takes its own reference.  id: of the stored event
	 * that it tells of, in ascending order; 0: of none, or of one that is
	 * told out of its order.
	 */
	void (*send)(struct session *session, struct blob *frame, uint64_t id);
	/*
	 * All events up to this id are told, or were known; from now on they
	 * are told as they come.  NULL: it is all the same.
	 */
	void (*live)(struct session *session, uint64_t id);
	/* Whatever was queued still goes out first.  Then session_close(). */
	void (*end)(struct session *session, enum session_end why);
	/*
	 * Parked: hand in nothing (keep it, stop reading) until unparked.
	 * Unparking never hands in from within the call.
	 */
	void (*park)(struct session *session, bool parked);
	/* A WebSocket ping that carries mark, after what is queued. */
	void (*ping)(struct session *session, uint32_t mark);
	/*
	 * A new token on a live session: -1 and err when it is no good, or
	 * another person's.  If it was not made void either, it takes the
	 * place of the one before.
	 */
	int (*verify)(struct session *session, const char *text, size_t len,
	    struct session_token *token, struct error *err);
	void (*renew)(struct session *session,
	    const struct session_token *token);
	/* Bytes queued and not taken by the kernel yet. */
	size_t (*queued)(const struct session *session);
};

struct session_options {
	uint64_t uid;
	const char *device; /* "" for a connection that lives for itself */
	bool ack_client;    /* the client sends `received` by itself */
	bool readable;	    /* ?format=text: lines instead of JSON */
	bool pings;	    /* the transport can ping: acknowledge by pong */
	enum transport transport;
	struct session_token token;
	/*
	 * The client has all events up to the id `since`: that is
	 * acknowledged, and what is behind it is sent.  One that is not yet
	 * given to any event says nothing.
	 */
	bool resumes;
	uint64_t since;
};

/* chat/state.h has what is behind the pointers. */
struct session {
	const struct session_ops *ops;
	struct chat *chat;
	struct person *person;	      /* NULL while signing in */
	struct session *next, **prev; /* of the person */
	uint64_t id;		      /* never reused on this server */
	uint64_t uid;
	uint64_t family;	      /* of its token, or 0 */
	uint64_t live_from; /* ids up to this came with the catch-up */
	struct cursors *cursors;      /* what is sent but not settled, or NULL */
	struct request *requests;     /* waiting their turn, or NULL */
	struct catch_up *catch_up;    /* NULL once live */
	struct roster *roster;	      /* being gathered, or NULL */
	struct map *late;	      /* what it is told when less is queued */
	char *device;		      /* "" allocates nothing */
	uint32_t mark;		      /* of the last ping */
	uint32_t pinged_ms;	      /* when it left (low bits) */
	uint32_t marking;	      /* marks without an answer yet */
	uint16_t in_flight;	      /* appends without an answer yet */
	uint8_t state;
	uint8_t parked; /* why it is, enum park */
	uint8_t transport;
	uint8_t scopes; /* enum scope */
	bool follows : 1; /* of a call: costs no request */
	bool quiet : 1; /* a call: no device, nothing happens to it (call.c) */
	bool ack_client : 1, readable : 1, pings : 1;
	bool ping_out : 1, idle : 1, stale : 1;
};

/*
 * Signs in: reads what is stored of the person, greets with `welcome`, sends
 * what was missed, goes live.  The session is zeroed but for ops.  -1: no
 * memory, nothing was begun.
 */
int session_open(struct session *session, struct chat *chat,
    const struct session_options *options);

/* A whole text message of the client, valid UTF-8. */
void session_receive(struct session *session, const char *text, size_t len);

/* The pong that answers ping() with this mark. */
void session_pong(struct session *session, uint32_t mark);

/* The queue has run empty, or low. */
void session_drained(struct session *session);

/* The connection is gone.  Nothing is called on ops any more. */
void session_close(struct session *session);

#endif
