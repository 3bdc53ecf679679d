/* SPDX-License-Identifier: MIT */
#ifndef API_CORS_H
#define API_CORS_H

#include "api/api.h"

/*
 * Pages of other origins (the CORS protocol of the Fetch standard): those that
 * the operator lists, exactly, and never with cookies.
 */

/* The request's Origin, if it is listed, as listed; else NULL. */
const char *cors_origin(const struct api_settings *settings,
    const struct http_request *request);

/* Fields of every answer to it. */
void cors_put(const char *origin, struct buf *fields);

/* And of the answer to a preflight; methods: "GET, HEAD". */
void cors_put_preflight(const char *methods, size_t len, struct buf *fields);

#endif
