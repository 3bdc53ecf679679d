/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_TRANSCRIPT_H
#define TESTS_SUPPORT_TRANSCRIPT_H

#include <stddef.h>

#include "../support/feed.h"
#include "base/buf.h"
#include "http/parser.h"
#include "ws/session.h"

/*
 * What a parser makes of some bytes, cut in some way, as a text: a line for
 * each request or event.  For inputs of tests and fuzzers, which compare the
 * texts; aborts when something holds that never may.  out is overwritten and
 * ends in a NUL.
 */

/*
 *	GET /path query host 1.1 Name=value [body]
 *	POST / - host 1.1 close Name=value [body]
 *	continue
 *	bad 400
 *	more			a request has begun and is not whole
 */
void transcribe_http(const struct http_parser_options *options,
    const char *bytes, const struct cuts *cuts, struct buf *out);

/*
 *	text Hello
 *	ping x
 *	close 1000 reason
 *	bad 1002
 * A NUL is shown as "0".
 */
void transcribe_ws(const struct ws_options *options, const char *bytes,
    const struct cuts *cuts, struct buf *out);

#endif
