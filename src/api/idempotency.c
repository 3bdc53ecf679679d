/* SPDX-License-Identifier: MIT */
#include "api/idempotency.h"

#include <stdlib.h>
#include <string.h>

#define KEPT_US (24 * 3600 * INT64_C(1000000))

bool
idempotency_key(const char *value, char key[IDEMPOTENCY_KEY_MAX + 1])
{
	size_t len = strlen(value), i;

	/* A string of RFC 8941, as the draft wants it, or bare as most do. */
	if (len >= 2 && value[0] == '"' && value[len - 1] == '"') {
		value++;
		len -= 2;
	}
	if (len == 0 || len > IDEMPOTENCY_KEY_MAX)
		return false;
	for (i = 0; i < len; i++) {
		if (value[i] <= ' ' || value[i] > '~' || value[i] == '"' ||
		    value[i] == '\\')
			return false;
	}
	memcpy(key, value, len);
	key[len] = '\0';
	return true;
}

static void
drop(struct idempotency *all, struct answered_once *once)
{
	*once->prev = once->next;
	if (once->next != NULL)
		once->next->prev = once->prev;
	all->n--;
	buf_fini(&once->body);
	buf_fini(&once->fields);
	free(once);
}

void
idempotency_fini(struct idempotency *all)
{
	while (all->newest != NULL)
		drop(all, all->newest);
}

struct answered_once *
idempotency_find(struct idempotency *all, uint64_t uid, const char *key,
    int64_t now_us)
{
	struct answered_once *once = all->newest;

	while (once != NULL &&
	    (once->uid != uid || strcmp(once->key, key) != 0))
		once = once->next;
	if (once != NULL && !once->running && now_us - once->at_us > KEPT_US) {
		drop(all, once);
		return NULL;
	}
	return once;
}

/* The oldest that is answered goes, of one person if they have too many. */
static bool
make_room(struct idempotency *all, uint64_t uid)
{
	struct answered_once *once, *oldest = NULL, *oldest_own = NULL;
	size_t own = 0;

	for (once = all->newest; once != NULL; once = once->next) {
		own += once->uid == uid;
		if (once->running)
			continue;
		oldest = once;
		if (once->uid == uid)
			oldest_own = once;
	}
	if (own < IDEMPOTENCY_MAX_OF_ONE && all->n < IDEMPOTENCY_MAX)
		return true;
	if (own >= IDEMPOTENCY_MAX_OF_ONE)
		oldest = oldest_own;
	if (oldest != NULL)
		drop(all, oldest);
	return oldest != NULL;
}

struct answered_once *
idempotency_begin(struct idempotency *all, uint64_t uid, const char *key,
    const unsigned char hash[IDEMPOTENCY_HASH], int64_t now_us)
{
	struct answered_once *once;

	if (!make_room(all, uid))
		return NULL;
	once = calloc(1, sizeof(*once));
	if (once == NULL)
		return NULL;
	once->uid = uid;
	once->at_us = now_us;
	once->running = true;
	memcpy(once->key, key, strlen(key) + 1);
	memcpy(once->hash, hash, IDEMPOTENCY_HASH);
	once->next = all->newest;
	once->prev = &all->newest;
	if (once->next != NULL)
		once->next->prev = &once->next;
	all->newest = once;
	all->n++;
	return once;
}

void
idempotency_end(struct idempotency *all, struct answered_once *once,
    int status, const char *type, const struct buf *body,
    const struct buf *fields)
{
	once->running = false;
	once->status = status;
	once->type = type;
	if (buf_readable(body) != 0)
		buf_append(&once->body, buf_start(body), buf_readable(body));
	if (buf_readable(fields) != 0)
		buf_append(&once->fields, buf_start(fields),
		    buf_readable(fields));
	if (status >= 300 || body->failed || fields->failed ||
	    once->body.failed || once->fields.failed ||
	    buf_readable(body) > IDEMPOTENCY_BODY_MAX)
		drop(all, once);
}
