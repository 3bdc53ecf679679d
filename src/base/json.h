/* SPDX-License-Identifier: MIT */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/* JSON (RFC 8259): jansson reads, these write straight into a buffer. */

/* The string, quoted and escaped.  It must be valid UTF-8. */
void json_put_string(struct buf *buf, const char *string, size_t len);

/* `"at":"2026-…Z"` without the key: a quoted RFC 3339 time. */
void json_put_time(struct buf *buf, int64_t us);

/*
 * One object, duplicates refused, nothing after it.  On failure NULL, and err
 * says where.  The caller owns the reference.
 */
json_t *json_parse_object(const char *text, size_t len, struct error *err);

#endif
