/* SPDX-License-Identifier: MIT */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "http/request.h"

/*
 * What the lines of a request's head mean (RFC 9112 sections 2 to 7): the
 * parser's other half, which knows nothing of how the bytes arrive.
 */
struct http_refusal {
	uint16_t status;
	const char *reason;
};

/* How the body is delimited, and what else decides how to go on. */
struct http_framing {
	bool chunked;
	bool expects;	 /* 100-continue */
	uint64_t length; /* UINT64_MAX: more than fits */
};

/* Sets method, minor, target, path, query, and host if the target has it. */
int http_head_request_line(struct http_slice line, uint32_t target_max,
    struct http_request *request, struct http_refusal *refusal);

/*
 * Looks at all fields together once they are there; sets host, keep_alive and
 * framing.
 */
int http_head_finish(struct http_request *request,
    struct http_framing *framing, struct http_refusal *refusal);

#endif
