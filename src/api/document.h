/* SPDX-License-Identifier: MIT */
#ifndef API_DOCUMENT_H
#define API_DOCUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * What the server says of itself, for programs: each appends one JSON object
 * to out, which is `failed` if there was no memory.
 */
void openapi_put(struct buf *out);  /* of REST: OpenAPI 3.1 */
void asyncapi_put(struct buf *out); /* of the WebSocket: AsyncAPI 3.0 */

/*
 * Their parts, with the commas between them.  key NULL: within an array, or
 * the outermost.
 */
void document_open(struct buf *out, const char *key, char bracket);
void document_close(struct buf *out, char bracket);
void document_text(struct buf *out, const char *key, const char *text);
void document_format(struct buf *out, const char *key, const char *format,
    ...) __attribute__((format(printf, 3, 4)));
void document_number(struct buf *out, const char *key, int64_t number);
void document_bool(struct buf *out, const char *key, bool value);
void document_json(struct buf *out, const char *key, const char *json);
/* {"$ref":"#/components/KIND/NAME"} */
void document_ref(struct buf *out, const char *key, const char *kind,
    const char *name);

#endif
