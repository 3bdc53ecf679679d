/* SPDX-License-Identifier: MIT */
#ifndef CHAT_WIRE_PUT_H
#define CHAT_WIRE_PUT_H

#include <stdint.h>

#include "base/buf.h"

/* One more member of a JSON object: `,"key":value`. */
void wire_put_text(struct buf *out, const char *key, const char *value);
void wire_put_number(struct buf *out, const char *key, uint64_t value);
void wire_put_time(struct buf *out, const char *key, int64_t us);
/* `ref`, already encoded; NULL: none. */
void wire_put_ref(struct buf *out, const char *ref);

/*
 * prefix, name and a quote.  Names and conversation names need no escapes:
 * their alphabet has none.
 */
void wire_put_name(struct buf *out, const char *prefix, const char *name);

#endif
