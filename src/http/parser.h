/* SPDX-License-Identifier: MIT */
#ifndef HTTP_PARSER_H
#define HTTP_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "http/request.h"

/*
 * HTTP/1.1 requests (RFC 9112), as strict as a server may be, so that nobody
 * in front of it reads the same bytes another way.  The bytes of a request
 * stay in the caller's buffer until it is whole; the parser itself allocates
 * nothing, and where the bytes were cut makes no difference.
 */
struct http_parser_options {
	uint32_t head_max;   /* request line and fields, and trailers: bytes */
	uint32_t target_max; /* request target: bytes; well below head_max */
	uint32_t body_max;   /* decoded body: bytes */
};

/* 16 KiB, 8 KiB and 64 KiB. */
extern const struct http_parser_options http_parser_defaults;

enum http_result {
	HTTP_MORE,     /* the request is not whole */
	HTTP_CONTINUE, /* the client waits: send HTTP_CONTINUE_LINE, go on */
	HTTP_DONE,
	HTTP_BAD       /* answer parser->status and close */
};

#define HTTP_CONTINUE_LINE "HTTP/1.1 100 Continue\r\n\r\n"

/* Reset by http_parser_init(); only status and reason are for others. */
struct http_parser {
	const struct http_parser_options *options;
	const char *reason; /* after HTTP_BAD: a sentence */
	uint32_t scanned;   /* bytes of the request looked at */
	uint32_t line;	    /* where the line begins that is not whole */
	uint32_t head;	    /* length of the head, its blank line included */
	uint32_t body;	    /* length of the body decoded so far */
	uint32_t left;	    /* of the body or the chunk, still to come */
	uint16_t status;    /* after it: 400, 413, 414, 417, 431, 501, 505 */
	uint8_t state;
	uint8_t lines;	    /* fields seen, trailers too */
	bool blank;	    /* an empty line came before the request */
};

/* The options stay the caller's and must outlive the parser. */
void http_parser_init(struct http_parser *parser,
    const struct http_parser_options *options);

/*
 * Takes at most one request off the front of in.  On HTTP_DONE the request's
 * bytes are marked as consumed but not moved: its slices are good until the
 * next call or the next change of in, whatever comes first.  What follows it
 * in the buffer belongs to the next request, or to the protocol switched to.
 * request is written on HTTP_DONE and HTTP_CONTINUE (then without a body).
 * After HTTP_BAD every call answers the same.
 */
enum http_result http_parser_next(struct http_parser *parser, struct buf *in,
    struct http_request *request);

/* Whether a request has begun and is not whole, for deadlines. */
bool http_parser_busy(const struct http_parser *parser, const struct buf *in);

/* Whether its head is whole; and then how much of the body has come. */
bool http_parser_in_body(const struct http_parser *parser, uint32_t *come);

#endif
