/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
buf_fini(struct buf *buf)
{
	free(buf->data);
	memset(buf, 0, sizeof(*buf));
}

void
buf_reset(struct buf *buf)
{
	buf->off = buf->len = 0;
	buf->failed = false;
}

char *
buf_reserve(struct buf *buf, size_t n)
{
	size_t cap;
	char *data;

	if (buf->failed)
		return NULL;
	if (buf->cap - buf->len >= n)
		return buf->data + buf->len;
	if (n > SIZE_MAX / 2 - buf->len) {
		buf->failed = true;
		return NULL;
	}
	for (cap = buf->cap != 0 ? buf->cap : 128; cap - buf->len < n;)
		cap *= 2;
	data = realloc(buf->data, cap);
	if (data == NULL) {
		buf->failed = true;
		return NULL;
	}
	buf->data = data;
	buf->cap = cap;
	return data + buf->len;
}

void
buf_append(struct buf *buf, const void *data, size_t n)
{
	char *room;

	if (n == 0)
		return;
	room = buf_reserve(buf, n);
	if (room == NULL)
		return;
	memcpy(room, data, n);
	buf->len += n;
}

void
buf_puts(struct buf *buf, const char *string)
{
	buf_append(buf, string, strlen(string));
}

void
buf_putc(struct buf *buf, char c)
{
	buf_append(buf, &c, 1);
}

void
buf_put_u64(struct buf *buf, uint64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n != 0);
	buf_append(buf, digits + at, sizeof(digits) - at);
}

void
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list ap;
	char *room;
	int n;

	va_start(ap, format);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (n < 0) {
		buf->failed = true;
		return;
	}
	room = buf_reserve(buf, (size_t)n + 1);
	if (room == NULL)
		return;
	va_start(ap, format);
	vsnprintf(room, (size_t)n + 1, format, ap);
	va_end(ap);
	buf->len += (size_t)n;
}

void
buf_consume(struct buf *buf, size_t n)
{
	buf->off += n;
	if (buf->off >= buf->len) {
		buf->off = buf->len = 0;
	} else if (buf->off > buf->cap / 2) {
		memmove(buf->data, buf->data + buf->off, buf->len - buf->off);
		buf->len -= buf->off;
		buf->off = 0;
	}
}
