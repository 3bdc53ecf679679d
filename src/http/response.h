/* SPDX-License-Identifier: MIT */
#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Answers, written into a buffer.  A buffer without memory is `failed`
 * afterwards.
 */
struct http_response {
	int status;
	const char *type;   /* Content-Type; NULL: no body */
	const void *body;
	size_t len;
	int64_t now_us;	    /* for Date; 0: none */
	const char *fields; /* more fields, each "Name: value\r\n", or NULL */
	uint32_t retry_after_ms; /* for Retry-After; 0: none */
	bool close;	    /* the connection ends behind it */
	bool open;	    /* and so does the body, of which this is the head */
	bool head;	    /* answers HEAD: the body is measured, not sent */
};

void http_response_put(struct buf *out, const struct http_response *response);

/*
 * An error as application/problem+json (RFC 9457), with the code of the
 * protocol beside the status, and retry_after_ms.  Of the response, type, body
 * and len are not used.  detail is a sentence, or NULL.
 */
void http_response_put_problem(struct buf *out,
    const struct http_response *response, const char *code,
    const char *detail);

/* "Not Found"; of a status that is not known, "Unknown". */
const char *http_status_text(int status);

#endif
