/* SPDX-License-Identifier: MIT */
#include "net/queue.h"

#include <stdlib.h>
#include <string.h>

/* A blob above this is sent from where it is rather than copied. */
#define COPY_MAX 16384
#define CHUNK_BLOBS 14
#define SPARES_MAX 1024

struct queue_chunk {
	struct queue_chunk *next;
	uint32_t begin, end;
	struct blob *blobs[CHUNK_BLOBS];
};

static struct queue_chunk *
chunk_new(struct queue_spares *spares)
{
	struct queue_chunk *chunk = spares->chunks;

	if (chunk != NULL) {
		spares->chunks = chunk->next;
		spares->count--;
	} else {
		chunk = malloc(sizeof(*chunk));
		if (chunk == NULL)
			return NULL;
	}
	chunk->begin = chunk->end = 0;
	return chunk;
}

static void
chunk_free(struct queue_spares *spares, struct queue_chunk *chunk)
{
	if (spares == NULL || spares->count >= SPARES_MAX) {
		free(chunk);
		return;
	}
	chunk->next = spares->chunks;
	spares->chunks = chunk;
	spares->count++;
}

void
queue_spares_fini(struct queue_spares *spares)
{
	struct queue_chunk *chunk;

	while ((chunk = spares->chunks) != NULL) {
		spares->chunks = chunk->next;
		free(chunk);
	}
	spares->count = 0;
}

int
queue_push(struct queue *queue, struct queue_spares *spares, struct blob *blob)
{
	struct queue_chunk *chunk = queue->last;

	if (queue->first == NULL) {
		queue->first = blob_ref(blob);
		queue->bytes += (uint32_t)blob_wire_len(blob);
		return 0;
	}
	if (chunk == NULL || chunk->end == CHUNK_BLOBS) {
		chunk = chunk_new(spares);
		if (chunk == NULL)
			return -1;
		if (queue->last == NULL) {
			chunk->next = chunk;
		} else {
			chunk->next = queue->last->next;
			queue->last->next = chunk;
		}
		queue->last = chunk;
	}
	chunk->blobs[chunk->end++] = blob_ref(blob);
	queue->bytes += (uint32_t)blob_wire_len(blob);
	return 0;
}

/* Drops the head. */
static void
pop(struct queue *queue, struct queue_spares *spares)
{
	struct queue_chunk *chunk;

	blob_unref(queue->first);
	queue->first = NULL;
	queue->sent = 0;
	if (queue->last == NULL)
		return;
	chunk = queue->last->next;
	queue->first = chunk->blobs[chunk->begin++];
	if (chunk->begin < chunk->end)
		return;
	if (chunk == queue->last)
		queue->last = NULL;
	else
		queue->last->next = chunk->next;
	chunk_free(spares, chunk);
}

size_t
queue_gather(const struct queue *queue, char *room, size_t size,
    const char **data)
{
	const struct queue_chunk *chunk = queue->last;
	size_t n, len = blob_wire_len(queue->first) - queue->sent;
	struct blob *blob;
	uint32_t i;

	*data = (const char *)blob_wire(queue->first) + queue->sent;
	if (chunk == NULL || len > COPY_MAX || len > size)
		return len;
	memcpy(room, *data, len);
	*data = room;
	do {
		chunk = chunk->next;
		for (i = chunk->begin; i < chunk->end; i++) {
			blob = chunk->blobs[i];
			n = blob_wire_len(blob);
			if (n > size - len)
				return len;
			memcpy(room + len, blob_wire(blob), n);
			len += n;
		}
	} while (chunk != queue->last);
	return len;
}

void
queue_take(struct queue *queue, struct queue_spares *spares, size_t n)
{
	size_t left;

	queue->bytes -= (uint32_t)n;
	while (n > 0) {
		left = blob_wire_len(queue->first) - queue->sent;
		if (n < left) {
			queue->sent += (uint32_t)n;
			return;
		}
		n -= left;
		pop(queue, spares);
	}
}

void
queue_trim(struct queue *queue, struct queue_spares *spares)
{
	struct queue begun = {
		.first = queue->first,
		.sent = queue->sent,
	};

	if (queue->sent == 0) {
		queue_clear(queue, spares);
		return;
	}
	blob_ref(begun.first);
	queue_clear(queue, spares);
	begun.bytes = (uint32_t)(blob_wire_len(begun.first) - begun.sent);
	*queue = begun;
}

void
queue_clear(struct queue *queue, struct queue_spares *spares)
{
	while (queue->first != NULL)
		pop(queue, spares);
	queue->bytes = 0;
}
