/* SPDX-License-Identifier: MIT */
#ifndef API_OPENAPI_H
#define API_OPENAPI_H

#include "api/document.h"
#include "api/route.h"

/*
 * The parts of the OpenAPI document: openapi.c has the whole, the others what
 * their names say.
 */

/* The route of a place in all tables, or NULL behind the last. */
const struct api_route *openapi_route(size_t place);

/* Whether an Idempotency-Key is looked at. */
bool openapi_takes_key(const struct api_route *route);

/* openapi_operation.c: `"get": {…}` */
void openapi_put_operation(struct buf *out, const struct api_route *route);

/*
 * openapi_refusal.c: `"403": {…}` and so on of a route, and the members of
 * `components` that these refer to.
 */
void openapi_put_refusals(struct buf *out, const struct api_route *route);
void openapi_put_refusal_parts(struct buf *out);

/* openapi_schema.c */
/* `schemas`: those of the tables, each once. */
void openapi_put_schemas(struct buf *out);

/* A parameter; in: "path", "query", "header". */
void openapi_put_param(struct buf *out, const struct api_member *member,
    const char *in);

#endif
