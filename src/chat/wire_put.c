/* SPDX-License-Identifier: MIT */
#include "chat/wire_put.h"

#include <string.h>

#include "base/json.h"

void
wire_put_text(struct buf *out, const char *key, const char *value)
{
	buf_putc(out, ',');
	buf_putc(out, '"');
	buf_puts(out, key);
	buf_append(out, "\":", 2);
	json_put_string(out, value, strlen(value));
}

void
wire_put_number(struct buf *out, const char *key, uint64_t value)
{
	buf_putc(out, ',');
	buf_putc(out, '"');
	buf_puts(out, key);
	buf_append(out, "\":", 2);
	buf_put_u64(out, value);
}

void
wire_put_time(struct buf *out, const char *key, int64_t us)
{
	buf_putc(out, ',');
	buf_putc(out, '"');
	buf_puts(out, key);
	buf_append(out, "\":", 2);
	json_put_time(out, us);
}

void
wire_put_ref(struct buf *out, const char *ref)
{
	if (ref != NULL) {
		buf_puts(out, ",\"ref\":");
		buf_puts(out, ref);
	}
}

void
wire_put_name(struct buf *out, const char *prefix, const char *name)
{
	buf_puts(out, prefix);
	buf_puts(out, name);
	buf_putc(out, '"');
}
