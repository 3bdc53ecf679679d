/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_SHARED_H
#define SCRIPT_SHARED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "script/script.h"

/*
 * The dictionary behind `shared`: keys of up to 256 bytes, values of up to
 * 64 KiB, in shards that each have a lock and a share of the memory.  When a
 * share is full, what was not used for the longest time goes.  Any thread.
 * Times are microseconds of the caller's clock.
 */
#define SHARED_KEY_MAX 256
#define SHARED_VALUE_MAX (64 * 1024)

enum shared_type {
	SHARED_NONE,
	SHARED_INTEGER,
	SHARED_NUMBER,
	SHARED_TRUTH,
	SHARED_TEXT
};

struct shared_value {
	enum shared_type type;
	int64_t integer; /* TRUTH: 0 or 1 */
	double number;
	const char *text;
	size_t len;
};

struct shared_key {
	const char *text;
	size_t len;
	int64_t now_us;
};

/*
 * The text of a value is copied to room (SHARED_VALUE_MAX bytes).  False:
 * there is none.
 */
bool shared_get(struct script_shared *shared, const struct shared_key *key,
    struct shared_value *value, char *room);

/* SHARED_NONE removes it; ttl_us 0: it stays.  -1: no memory. */
int shared_set(struct script_shared *shared, const struct shared_key *key,
    const struct shared_value *value, int64_t ttl_us);

/*
 * Adds to an integer, or to 0; ttl_us counts from when it is made.  -1: there
 * is another type, or no memory.
 */
int shared_incr(struct script_shared *shared, const struct shared_key *key,
    int64_t by, int64_t ttl_us, int64_t *result);

/*
 * Takes one token of a bucket that gains per_s a second up to burst: 0, or
 * the microseconds until there is one.
 */
int64_t shared_rate(struct script_shared *shared,
    const struct shared_key *key, double per_s, double burst);

#endif
