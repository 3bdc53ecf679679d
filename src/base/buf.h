/* SPDX-License-Identifier: MIT */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A growing byte buffer.  All zero is an empty buffer.  An allocation that
 * fails sets `failed`, and every later append is a no-op: an encoder checks
 * once, at its end.
 *
 *	data            data+off          data+len        data+cap
 *	|  consumed     |  readable       |  free         |
 */
struct buf {
	char *data;
	size_t off;
	size_t len;
	size_t cap;
	bool failed;
};

void buf_fini(struct buf *buf); /* frees; the buffer is then all zero */
void buf_reset(struct buf *buf); /* empties, keeps the memory, clears failed */

/* Room for n more bytes at data+len, or NULL.  Then add to len oneself. */
char *buf_reserve(struct buf *buf, size_t n);

void buf_append(struct buf *buf, const void *data, size_t n);
void buf_puts(struct buf *buf, const char *string);
void buf_putc(struct buf *buf, char c);
void buf_put_u64(struct buf *buf, uint64_t n); /* decimal */
void buf_printf(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Marks n readable bytes as consumed; memory is reused, not returned. */
void buf_consume(struct buf *buf, size_t n);

static inline size_t
buf_readable(const struct buf *buf)
{
	return buf->len - buf->off;
}

static inline const char *
buf_start(const struct buf *buf)
{
	return buf->data + buf->off;
}

#endif
