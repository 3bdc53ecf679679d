/* SPDX-License-Identifier: MIT */
#ifndef BASE_BLOB_H
#define BASE_BLOB_H

#include <stddef.h>
#include <stdint.h>

/*
 * Bytes that are encoded once and queued on many connections of one thread.
 * In front of the payload there is room for a transport's frame header, so
 * that header and payload leave in one piece; `head` says how much of it is
 * in use, and is 0 until the first transport seals the blob.
 *
 *	bytes                  bytes+HEADROOM            +len
 *	|   free   |   head    |   payload               |
 *
 * Counted without atomics: a blob never leaves its thread.
 */
#define BLOB_HEADROOM 16

struct blob {
	uint32_t refs;
	uint32_t len;  /* of the payload */
	uint32_t head; /* bytes of frame header in use, right before it */
	unsigned char bytes[];
};

/* A copy of data with one reference, or NULL. */
struct blob *blob_new(const void *data, size_t len);
struct blob *blob_ref(struct blob *blob);
void blob_unref(struct blob *blob); /* NULL is allowed */

static inline unsigned char *
blob_payload(struct blob *blob)
{
	return blob->bytes + BLOB_HEADROOM;
}

/* What goes on the wire: the header, if sealed, and the payload. */
static inline unsigned char *
blob_wire(struct blob *blob)
{
	return blob->bytes + BLOB_HEADROOM - blob->head;
}

static inline size_t
blob_wire_len(const struct blob *blob)
{
	return (size_t)blob->head + blob->len;
}

#endif
