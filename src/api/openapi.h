/* SPDX-License-Identifier: MIT */
#ifndef API_OPENAPI_H
#define API_OPENAPI_H

#include "api/document.h"
#include "api/route.h"

/* The parts of the OpenAPI document, openapi_schema.c. */

/* `schemas`: those of the tables, each once. */
void openapi_put_schemas(struct buf *out);

/* A parameter; in: "path", "query", "header". */
void openapi_put_param(struct buf *out, const struct api_member *member,
    const char *in);

#endif
