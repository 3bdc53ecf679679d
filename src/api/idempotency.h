/* SPDX-License-Identifier: MIT */
#ifndef API_IDEMPOTENCY_H
#define API_IDEMPOTENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * What POST requests with an Idempotency-Key were answered, so that a repeat
 * gets the same and does nothing (draft-ietf-httpapi-idempotency-key-header).
 * Of one worker, which owns the people; bounded: the oldest makes room, and
 * nothing is older than a day.  It does not outlive the server.
 */
#define IDEMPOTENCY_KEY_MAX 64
#define IDEMPOTENCY_HASH 32 /* bytes: SHA-256 of what was asked */
#define IDEMPOTENCY_MAX 1024
#define IDEMPOTENCY_MAX_OF_ONE 64
#define IDEMPOTENCY_BODY_MAX 8192

struct answered_once {
	struct answered_once *next, **prev; /* newest first */
	uint64_t uid;
	int64_t at_us;
	bool running; /* not answered yet */
	char key[IDEMPOTENCY_KEY_MAX + 1];
	unsigned char hash[IDEMPOTENCY_HASH];
	int status;
	const char *type; /* a constant, or NULL */
	struct buf body, fields;
};

/* All zero is empty. */
struct idempotency {
	struct answered_once *newest;
	size_t n;
};

/*
 * The bare key of a field's value, with or without quotes; false: empty, too
 * long or not printable.
 */
bool idempotency_key(const char *value, char key[IDEMPOTENCY_KEY_MAX + 1]);

void idempotency_fini(struct idempotency *all);

/* What is known of the key of a person, or NULL. */
struct answered_once *idempotency_find(struct idempotency *all, uint64_t uid,
    const char *key, int64_t now_us);

/* The key's first request begins to run.  NULL: no memory, or no room. */
struct answered_once *idempotency_begin(struct idempotency *all, uint64_t uid,
    const char *key, const unsigned char hash[IDEMPOTENCY_HASH],
    int64_t now_us);

/* It was answered so; buffers are copied.  What is no success is forgotten. */
void idempotency_end(struct idempotency *all, struct answered_once *once,
    int status, const char *type, const struct buf *body,
    const struct buf *fields);

#endif
