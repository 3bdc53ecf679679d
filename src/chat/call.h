/* SPDX-License-Identifier: MIT */
#ifndef CHAT_CALL_H
#define CHAT_CALL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chat/session.h"

/*
 * One request of a person who has no connection to be talked to on: the same
 * command table, rules, limits and seq as a session's.  It is no device: no
 * presence, no catch-up, no events, no cursors.  On the worker that owns the
 * person.
 */
struct chat_call;

/*
 * The answer: an object of the protocol ("sent", "ok", "error", "history", …;
 * docs/protocol.md), borrowed.  Once, from the loop, never from within
 * chat_call().  NULL: there was no memory, or the server is about to end.
 * The call is gone then.
 */
typedef void chat_called(void *arg, const json_t *answer);

struct chat_call_options {
	uint64_t uid;
	enum transport transport;
	uint32_t scopes; /* enum scope */
	bool follows; /* from one that was counted: costs no request */
	chat_called *called;
	void *arg;
};

/* Takes the reference to request over.  NULL: no memory, nothing was begun. */
struct chat_call *chat_call(struct chat *chat,
    const struct chat_call_options *options, json_t *request);

/* called() will not be; what was asked happens all the same. */
void chat_call_forget(struct chat_call *call);

/* What a person may still ask for, for RateLimit fields. */
struct chat_allowance {
	uint32_t limit, remaining; /* requests; limit 0: none */
	uint32_t reset_s;	   /* until remaining is limit */
};
void chat_allowance(struct chat *chat, uint64_t uid,
    struct chat_allowance *allowance);

/* Counts a request that is no call: ms to wait if it is one too many, or 0. */
uint32_t chat_charge(struct chat *chat, uint64_t uid);

#endif
