/* SPDX-License-Identifier: MIT */
#ifndef SERVER_FORWARDED_H
#define SERVER_FORWARDED_H

#include <stdbool.h>
#include <stddef.h>

#include "http/request.h"
#include "net/range.h"

/*
 * What a proxy that is trusted says of a request it passes on.  The caller
 * has made sure that it is one.
 */

/*
 * X-Forwarded-For, walked from the right, where our own proxy wrote: the first
 * address that is not itself one of the n trusted ones, else the leftmost.  An
 * entry that is no address ends the walk at the one before it.  False when
 * there is none.
 */
bool forwarded_for(const struct http_request *request,
    const struct range *trusted, size_t n, struct ip *client);

/* X-Forwarded-Proto; what it was otherwise when that says nothing clear. */
bool forwarded_secure(const struct http_request *request, bool otherwise);

#endif
