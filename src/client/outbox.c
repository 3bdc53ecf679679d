/* SPDX-License-Identifier: MIT */
#include "client/outbox.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MS 30000
#define REPEAT_MS 1000 /* when the server does not say */
#define REPEAT_MAX_MS 60000
#define PACE_MAX_MS 2500
#define ATTEMPTS_MAX 3

struct entry {
	struct entry *next;
	json_t *request;
	json_t *ref; /* the person's own, or NULL */
	uint64_t number;
	int64_t not_before_ms;
	unsigned int attempts; /* without an answer */
};

struct outbox {
	struct entry *first, **last;
	struct entry *answered; /* for the pointer that take() gives out */
	char *text;		/* for the one that next() gives out */
	uint64_t number;
	int64_t sent_ms;
	int64_t pace_ms; /* between two, after some came too fast */
	bool in_flight; /* the first one is */
	size_t count;
};

struct outbox *
outbox_new(void)
{
	struct outbox *outbox = calloc(1, sizeof(*outbox));

	if (outbox != NULL)
		outbox->last = &outbox->first;
	return outbox;
}

static void
entry_free(struct entry *entry)
{
	if (entry == NULL)
		return;
	json_decref(entry->request);
	json_decref(entry->ref);
	free(entry);
}

void
outbox_free(struct outbox *outbox)
{
	struct entry *entry;

	if (outbox == NULL)
		return;
	while ((entry = outbox->first) != NULL) {
		outbox->first = entry->next;
		entry_free(entry);
	}
	entry_free(outbox->answered);
	free(outbox->text);
	free(outbox);
}

/* 128 random bits: the server stores each id of a sender once. */
static int
put_client_msg_id(json_t *request)
{
	unsigned char random[16];
	char id[2 * sizeof(random) + 1];
	size_t i;

	if (json_object_get(request, "client_msg_id") != NULL)
		return 0;
	if (RAND_bytes(random, sizeof(random)) != 1)
		return -1;
	for (i = 0; i < sizeof(random); i++)
		snprintf(id + 2 * i, 3, "%02x", random[i]);
	return json_object_set_new(request, "client_msg_id", json_string(id));
}

static bool
stores(const json_t *request)
{
	const char *type = json_string_value(json_object_get(request, "type"));

	return type != NULL && (strcmp(type, "send") == 0 ||
	    strcmp(type, "message") == 0 || strcmp(type, "line") == 0);
}

int
outbox_add(struct outbox *outbox, json_t *request)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (entry == NULL) {
		json_decref(request);
		return -1;
	}
	entry->request = request;
	entry->ref = json_incref(json_object_get(request, "ref"));
	entry->number = ++outbox->number;
	if (json_object_set_new(request, "ref",
	    json_integer((json_int_t)entry->number)) != 0 ||
	    (stores(request) && put_client_msg_id(request) != 0)) {
		entry_free(entry);
		return -1;
	}
	*outbox->last = entry;
	outbox->last = &entry->next;
	outbox->count++;
	return 0;
}

const char *
outbox_next(struct outbox *outbox, int64_t now_ms, size_t *len)
{
	struct entry *entry = outbox->first;

	if (entry == NULL || outbox->in_flight || entry->not_before_ms > now_ms)
		return NULL;
	free(outbox->text);
	outbox->text = json_dumps(entry->request, JSON_COMPACT);
	if (outbox->text == NULL)
		return NULL;
	entry->attempts++;
	outbox->in_flight = true;
	outbox->sent_ms = now_ms;
	*len = strlen(outbox->text);
	return outbox->text;
}

static struct entry *
remove_first(struct outbox *outbox)
{
	struct entry *entry = outbox->first;

	outbox->first = entry->next;
	if (outbox->first == NULL) {
		outbox->last = &outbox->first;
		outbox->pace_ms = 0;
	} else {
		outbox->first->not_before_ms =
		    outbox->sent_ms + outbox->pace_ms;
	}
	outbox->in_flight = false;
	outbox->count--;
	return entry;
}

/*
 * Whoever goes on being refused is thrown out: after a refusal the rest of
 * the queue goes at the speed that the server asks for, or a bit less.
 */
static void
slow_down(struct outbox *outbox, int64_t after_ms)
{
	int64_t pace_ms = outbox->pace_ms + outbox->pace_ms / 4;

	outbox->pace_ms = pace_ms > after_ms ? pace_ms : after_ms;
	if (outbox->pace_ms > PACE_MAX_MS)
		outbox->pace_ms = PACE_MAX_MS;
}

/* After how long to send again what got this error; -1: not at all. */
static int64_t
repeat_after(const json_t *message)
{
	const char *type = json_string_value(json_object_get(message, "type"));
	const char *code = json_string_value(json_object_get(message, "code"));
	const json_t *after = json_object_get(message, "retry_after_ms");

	if (type == NULL || strcmp(type, "error") != 0 || code == NULL ||
	    (strcmp(code, "rate_limited") != 0 &&
	    strcmp(code, "unavailable") != 0))
		return -1;
	if (!json_is_integer(after) || json_integer_value(after) < 0)
		return REPEAT_MS;
	return json_integer_value(after) < REPEAT_MAX_MS ?
	    json_integer_value(after) : REPEAT_MAX_MS;
}

enum outbox_answer
outbox_take(struct outbox *outbox, json_t *message, int64_t now_ms,
    const json_t **request)
{
	const json_t *ref = json_object_get(message, "ref");
	struct entry *entry = outbox->first;
	int64_t after;

	*request = NULL;
	if (entry == NULL || !outbox->in_flight || !json_is_integer(ref) ||
	    (uint64_t)json_integer_value(ref) != entry->number)
		return OUTBOX_OTHER;
	if (entry->ref == NULL)
		json_object_del(message, "ref");
	else
		json_object_set(message, "ref", entry->ref);
	*request = entry->request;
	after = repeat_after(message);
	if (after >= 0) {
		slow_down(outbox, after);
		entry->not_before_ms = now_ms +
		    (after > outbox->pace_ms ? after : outbox->pace_ms);
		entry->attempts = 0;
		outbox->in_flight = false;
		return OUTBOX_REPEAT;
	}
	entry_free(outbox->answered);
	outbox->answered = remove_first(outbox);
	return OUTBOX_DONE;
}

void
outbox_reset(struct outbox *outbox)
{
	outbox->in_flight = false;
}

bool
outbox_overdue(const struct outbox *outbox, int64_t now_ms)
{
	return outbox->in_flight && now_ms >= outbox->sent_ms + ANSWER_MS;
}

json_t *
outbox_give_up(struct outbox *outbox)
{
	struct entry *entry = outbox->first;
	json_t *request;

	if (entry == NULL || entry->attempts < ATTEMPTS_MAX)
		return NULL;
	entry = remove_first(outbox);
	request = json_incref(entry->request);
	entry_free(entry);
	return request;
}

size_t
outbox_count(const struct outbox *outbox)
{
	return outbox->count;
}

int64_t
outbox_deadline(const struct outbox *outbox)
{
	if (outbox->first == NULL)
		return INT64_MAX;
	return outbox->in_flight ? outbox->sent_ms + ANSWER_MS :
	    outbox->first->not_before_ms;
}
