/* SPDX-License-Identifier: MIT */
#ifndef API_NEGOTIATE_H
#define API_NEGOTIATE_H

#include <stdbool.h>

#include "http/request.h"

/* What a client would rather have (RFC 9110 section 12.5). */

/* Whether it takes an answer of this type, "application/json". */
bool negotiate_type(const struct http_request *request, const char *type);

/* Whether it would rather have the answer in gzip than as it is. */
bool negotiate_gzip(const struct http_request *request);

#endif
