/* SPDX-License-Identifier: MIT */
#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H

#include <stddef.h>

#include "base/error.h"
#include "base/log.h"

/*
 * Requests that go out of the process, on a thread of their own.  They reach
 * only what the operator allowed: the origin is looked up in a list, before
 * the request and at each redirect, and the address that it resolved to is
 * looked at when the socket is opened, so a name that changes its address
 * meanwhile gains nothing.  An origin that one is redirected to gets no field
 * but Content-Type.  Nobody waits for an answer: how it went is logged, without
 * path, query or body.
 */
struct fetch;

#define FETCH_BODY_MAX 65536	/* bytes of a request */
#define FETCH_URL_MAX 2048
#define FETCH_FIELDS_MAX 32
#define FETCH_QUEUE_MAX 1024	/* requests, under way and waiting */
#define FETCH_EACH_MAX 32	/* of them of one script */

/* Lists end with NULL; NULL is an empty one. */
struct fetch_rules {
	/* "https://api.example.org": scheme, name and port alone. */
	const char *const *origins;
	/* Ranges (net/range.h) of addresses that are for use in one's own
	 * network, and are let through all the same. */
	const char *const *private_ranges;
};

/* -1 and ERROR_CONFIG: what is no origin, or no range. */
int fetch_check_rules(const struct fetch_rules *rules, struct error *err);

/* log must outlive it.  NULL on failure; the rules were checked before. */
struct fetch *fetch_new(const struct fetch_rules *rules,
    const struct log *log, struct error *err);

/* What waits is dropped, what is under way ended.  NULL is allowed. */
void fetch_free(struct fetch *fetch);

/* For requests from now on; what is under way goes on.  -1: no memory. */
int fetch_set_rules(struct fetch *fetch, const struct fetch_rules *rules,
    struct error *err);

struct fetch_request {
	const char *url;
	const char *const *fields; /* "Name: value"; ends with NULL */
	const void *body;
	size_t len;
	const char *who; /* the script, for the log and its share */
};

/*
 * Queues a POST, of which everything is copied.  Any thread.  -1 and
 * ERROR_INPUT: not allowed, too long; ERROR_STATE: too many; ERROR_NOMEM.
 */
int fetch_post(struct fetch *fetch, const struct fetch_request *request,
    struct error *err);

#endif
