/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdint.h>

#include "../support/transcript.h"
#include "http/router.h"
#include "ws/handshake.h"

/*
 * The first byte chooses limits and a cut; the rest is what a client sends.
 * However the bytes are cut, the same requests come out of them.
 */
static const struct http_parser_options limits[] = {
    {.head_max = 16384, .target_max = 8192, .body_max = 65536},
    {.head_max = 256, .target_max = 64, .body_max = 16},
};

/* What the server does with a request that is whole. */
static void
use(const struct http_request *request)
{
	static const struct http_route routes[] = {
	    {1U << HTTP_GET, "/", NULL},
	    {1U << HTTP_GET | 1U << HTTP_PUT, "/a/:b/c/:d", NULL},
	    {1U << HTTP_POST, "/a/:b", NULL},
	};
	struct http_match match;
	struct ws_handshake handshake;
	char text[32];
	int n;

	n = http_query_get(request, "user", text, sizeof(text));
	assert(n < (int)sizeof(text) && (n < 0 || strlen(text) == (size_t)n));
	n = http_percent_decode(request->path, text, sizeof(text));
	assert(n < (int)sizeof(text) && (n < 0 || strlen(text) == (size_t)n));
	http_router_find(routes, 3, request, &match);
	if (ws_handshake_check(request, "p", &handshake) == 0)
		assert(handshake.key.len == WS_KEY_LEN);
	else
		assert(handshake.status >= 400 && handshake.reason != NULL);
}

static void
use_all(const struct http_parser_options *options, const char *bytes,
    size_t len)
{
	struct http_parser parser;
	struct http_request request;
	struct buf in = {0};
	enum http_result result;

	http_parser_init(&parser, options);
	feed(&in, bytes, len);
	do {
		result = http_parser_next(&parser, &in, &request);
		if (result == HTTP_DONE)
			use(&request);
	} while (result == HTTP_DONE || result == HTTP_CONTINUE);
	buf_fini(&in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct http_parser_options *options;
	const char *bytes = (const char *)data + 1;
	struct buf whole = {0}, cut = {0};
	struct cuts cuts;

	if (size < 2)
		return 0;
	options = &limits[data[0] & 1];
	cuts = (struct cuts){.len = size - 1};
	transcribe_http(options, bytes, &cuts, &whole);
	cuts.way = cuts.len;
	transcribe_http(options, bytes, &cuts, &cut);
	assert(strcmp(whole.data, cut.data) == 0);
	cuts.way = (size_t)(data[0] >> 1) * cuts.len / 128;
	transcribe_http(options, bytes, &cuts, &cut);
	assert(strcmp(whole.data, cut.data) == 0);
	use_all(options, bytes, cuts.len);
	buf_fini(&whole);
	buf_fini(&cut);
	return 0;
}
