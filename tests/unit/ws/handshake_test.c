/* SPDX-License-Identifier: MIT */
#include "ws/handshake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../support/feed.h"
#include "http/parser.h"
#include "ws/client.h"

#define TEXT(literal) literal, sizeof(literal) - 1

/* RFC 6455 section 1.3 */
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

#define GET "GET /chat HTTP/1.1\r\nHost: h\r\n"
#define UPGRADE "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"
#define WITH_KEY "Sec-WebSocket-Key: " KEY "\r\n"
#define GOOD GET UPGRADE VERSION WITH_KEY

static const struct {
	const char *head; /* but the empty line */
	int status;	  /* 0: accepted */
	const char *protocol;
	const char *bearer;
} rows[] = {
    {GOOD, 0, NULL, NULL},
    {GET "UPGRADE: WebSocket\r\nCONNECTION: UPGRADE\r\n" VERSION WITH_KEY, 0,
	NULL, NULL},
    {GET "Upgrade: h2c, websocket\r\nConnection: Upgrade\r\n" VERSION WITH_KEY,
	0, NULL, NULL},
    {GOOD "Sec-WebSocket-Extensions: permessage-deflate\r\n", 0, NULL, NULL},
    {GOOD "Sec-WebSocket-Protocol: synctalk.v1\r\n", 0, "synctalk.v1", NULL},
    {GOOD "Sec-WebSocket-Protocol: chat\r\n", 0, NULL, NULL},
    {GOOD "Sec-WebSocket-Protocol: Synctalk.v1\r\n", 0, NULL, NULL},
    {GOOD "Sec-WebSocket-Protocol: a, synctalk.v1,b\r\n", 0, "synctalk.v1",
	NULL},
    {GOOD "Sec-WebSocket-Protocol: synctalk.v1, bearer.a.b-c_d\r\n", 0,
	"synctalk.v1", "a.b-c_d"},
    {GOOD "Sec-WebSocket-Protocol: bearer.x\r\n"
	"Sec-WebSocket-Protocol: synctalk.v1\r\n", 0, "synctalk.v1", "x"},
    {GOOD "Sec-WebSocket-Protocol: bearer.x\r\n", 400, NULL, NULL},
    {GOOD "Sec-WebSocket-Protocol: chat, bearer.x\r\n", 400, NULL, NULL},
    {GOOD "Sec-WebSocket-Protocol: synctalk.v1, bearer.\r\n", 400, NULL, NULL},
    {GOOD "Sec-WebSocket-Protocol: synctalk.v1, bearer.a, bearer.b\r\n", 400,
	NULL, NULL},
    {GOOD "Sec-WebSocket-Protocol: a b\r\n", 400, NULL, NULL},
    {GET, 426, NULL, NULL},
    {GET "Upgrade: h2c\r\nConnection: Upgrade\r\n" VERSION WITH_KEY, 426,
	NULL, NULL},
    {GET "Upgrade: websocket\r\n" VERSION WITH_KEY, 400, NULL, NULL},
    {GET "Upgrade: websocket\r\nConnection: close\r\n" VERSION WITH_KEY, 400,
	NULL, NULL},
    {GET UPGRADE WITH_KEY, 400, NULL, NULL},
    {GET UPGRADE "Sec-WebSocket-Version: 8\r\n" WITH_KEY, 426, NULL, NULL},
    {GET UPGRADE "Sec-WebSocket-Version: 13, 8\r\n" WITH_KEY, 426, NULL, NULL},
    {GET UPGRADE VERSION "Sec-WebSocket-Version: 8\r\n" WITH_KEY, 426, NULL,
	NULL},
    {GET UPGRADE VERSION, 400, NULL, NULL},
    {GOOD WITH_KEY, 400, NULL, NULL},
    {GET UPGRADE VERSION "Sec-WebSocket-Key:\r\n", 400, NULL, NULL},
    {GET UPGRADE VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ===\r\n",
	400, NULL, NULL},
    {GET UPGRADE VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==\r\n",
	400, NULL, NULL},
    {GET UPGRADE VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n",
	400, NULL, NULL},
    {GET UPGRADE VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQA=\r\n",
	400, NULL, NULL},
    {GET UPGRADE VERSION "Sec-WebSocket-Key: dGhl-HNhbXBsZSBub25jZQ==\r\n",
	400, NULL, NULL},
    {"POST /chat HTTP/1.1\r\nHost: h\r\n" UPGRADE VERSION WITH_KEY, 405, NULL,
	NULL},
    {"GET /chat HTTP/1.0\r\nHost: h\r\n" UPGRADE VERSION WITH_KEY, 400, NULL,
	NULL},
};

static void
parse(struct buf *in, struct http_request *request)
{
	struct http_parser parser;

	http_parser_init(&parser, &http_parser_defaults);
	assert_int_equal(http_parser_next(&parser, in, request), HTTP_DONE);
}

static void
test_check(void **state)
{
	struct http_request request;
	struct ws_handshake handshake;
	struct buf in = {0};
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&in);
		buf_puts(&in, rows[i].head);
		buf_puts(&in, "\r\n");
		parse(&in, &request);
		rc = ws_handshake_check(&request, "synctalk.v1", &handshake);
		assert_int_equal(handshake.status, rows[i].status);
		assert_int_equal(rc, rows[i].status == 0 ? 0 : -1);
		if (rc != 0) {
			assert_non_null(handshake.reason);
			continue;
		}
		if (rows[i].protocol != NULL)
			assert_string_equal(handshake.protocol,
			    rows[i].protocol);
		else
			assert_null(handshake.protocol);
		assert_int_equal(handshake.bearer.len, rows[i].bearer != NULL ?
		    strlen(rows[i].bearer) : 0);
		if (rows[i].bearer != NULL)
			assert_memory_equal(handshake.bearer.data,
			    rows[i].bearer, handshake.bearer.len);
	}
	buf_fini(&in);
}

/* A refusal of the version names the one that is spoken. */
static void
test_version_is_named(void **state)
{
	struct http_request request;
	struct ws_handshake handshake;
	struct buf in = {0};

	(void)state;
	buf_puts(&in, GET UPGRADE "Sec-WebSocket-Version: 7\r\n" WITH_KEY
	    "\r\n");
	parse(&in, &request);
	assert_int_equal(ws_handshake_check(&request, NULL, &handshake), -1);
	assert_non_null(strstr(handshake.fields,
	    "Sec-WebSocket-Version: 13\r\n"));
	buf_fini(&in);
}

static void
test_body(void **state)
{
	struct http_request request;
	struct ws_handshake handshake;
	struct buf in = {0};

	(void)state;
	buf_puts(&in, GOOD "Content-Length: 1\r\n\r\nx");
	parse(&in, &request);
	assert_int_equal(ws_handshake_check(&request, NULL, &handshake), -1);
	assert_int_equal(handshake.status, 400);
	buf_fini(&in);
}

static void
test_accept(void **state)
{
	struct ws_handshake handshake = {.key = {TEXT(KEY)}};
	struct buf out = {0};

	(void)state;
	assert_int_equal(ws_handshake_put_accept(&out, &handshake, NULL), 0);
	buf_putc(&out, '\0');
	assert_string_equal(out.data, "HTTP/1.1 101 Switching Protocols\r\n"
	    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Accept: " ACCEPT "\r\n\r\n");
	buf_reset(&out);
	handshake.protocol = "synctalk.v1";
	assert_int_equal(ws_handshake_put_accept(&out, &handshake, "A: b\r\n"),
	    0);
	buf_putc(&out, '\0');
	assert_non_null(strstr(out.data, ACCEPT "\r\n"
	    "Sec-WebSocket-Protocol: synctalk.v1\r\nA: b\r\n\r\n"));
	buf_fini(&out);
}

#define REPLY "HTTP/1.1 101 Switching Protocols\r\n" \
	"Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define ACCEPTED "Sec-WebSocket-Accept: " ACCEPT "\r\n"

static const struct {
	const char *reply;
	const char *protocol;
	enum ws_client_result result;
	int status;
} replies[] = {
    {REPLY ACCEPTED "\r\n", NULL, WS_CLIENT_DONE, 101},
    {REPLY ACCEPTED "Sec-WebSocket-Protocol: p\r\n\r\n", "p", WS_CLIENT_DONE,
	101},
    {"HTTP/1.1 101\r\nconnection: upgrade\r\nupgrade: WEBSOCKET\r\n" ACCEPTED
	"\r\n", NULL, WS_CLIENT_DONE, 101},
    {REPLY "\r\n", NULL, WS_CLIENT_BAD, 101},
    {REPLY "Sec-WebSocket-Accept: " KEY "\r\n\r\n", NULL, WS_CLIENT_BAD, 101},
    {REPLY ACCEPTED ACCEPTED "\r\n", NULL, WS_CLIENT_BAD, 101},
    {REPLY ACCEPTED "\r\n", "p", WS_CLIENT_BAD, 101},
    {REPLY ACCEPTED "Sec-WebSocket-Protocol: q\r\n\r\n", "p", WS_CLIENT_BAD,
	101},
    {REPLY ACCEPTED "Sec-WebSocket-Protocol: q\r\n\r\n", NULL, WS_CLIENT_BAD,
	101},
    {REPLY ACCEPTED "Sec-WebSocket-Extensions: x\r\n\r\n", NULL,
	WS_CLIENT_BAD, 101},
    {"HTTP/1.1 101 X\r\nUpgrade: websocket\r\n" ACCEPTED "\r\n", NULL,
	WS_CLIENT_BAD, 101},
    {"HTTP/1.1 101 X\r\nConnection: Upgrade\r\n" ACCEPTED "\r\n", NULL,
	WS_CLIENT_BAD, 101},
    {"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", NULL,
	WS_CLIENT_BAD, 401},
    {"HTTP/1.1 1012 X\r\n\r\n", NULL, WS_CLIENT_BAD, 0},
    {"HTTP/1.1 x\r\n\r\n", NULL, WS_CLIENT_BAD, 0},
    {"SSH-2.0-OpenSSH_9.2\r\n\r\n", NULL, WS_CLIENT_BAD, 0},
    {"\r\n\r\n", NULL, WS_CLIENT_BAD, 0},
    {REPLY " folded\r\n" ACCEPTED "\r\n", NULL, WS_CLIENT_BAD, 101},
};

static void
check_reply(size_t row, const struct cuts *cuts)
{
	enum ws_client_result result = WS_CLIENT_MORE;
	struct buf in = {0};
	struct error err = {0};
	size_t at = 0, end;
	int status = -1;

	while (at < cuts->len) {
		assert_int_equal(result, WS_CLIENT_MORE);
		end = cuts_end(cuts, at);
		feed(&in, replies[row].reply + at, end - at);
		at = end;
		result = ws_client_check_reply(&in, KEY, replies[row].protocol,
		    &status, &err);
	}
	assert_int_equal(result, replies[row].result);
	assert_int_equal(status, replies[row].status);
	if (result == WS_CLIENT_BAD)
		assert_int_equal(err.code, ERROR_INPUT);
	buf_fini(&in);
}

static void
test_replies(void **state)
{
	struct cuts cuts;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		cuts = (struct cuts){.len = strlen(replies[i].reply)};
		do
			check_reply(i, &cuts);
		while (cuts_next(&cuts));
	}
}

static void
test_endless_reply(void **state)
{
	struct buf in = {0};
	struct error err = {0};
	int status, i;

	(void)state;
	for (i = 0; i < 16 * 1024 - 1; i++)
		buf_putc(&in, 'a');
	assert_int_equal(ws_client_check_reply(&in, KEY, NULL, &status, &err),
	    WS_CLIENT_MORE);
	buf_putc(&in, 'a');
	assert_int_equal(ws_client_check_reply(&in, KEY, NULL, &status, &err),
	    WS_CLIENT_BAD);
	buf_fini(&in);
}

/* The two halves understand each other. */
static void
test_both(void **state)
{
	char key[WS_KEY_LEN + 1];
	struct ws_client_request ask = {.host = "localhost:8000",
	    .target = "/chat?user=ann", .key = key,
	    .protocol = "synctalk.v1, bearer.x", .fields = "A: b\r\n"};
	struct http_request request;
	struct ws_handshake handshake;
	struct buf out = {0}, in = {0};
	struct error err;
	int status;

	(void)state;
	ws_client_key((const unsigned char *)"the sample nonce", key);
	assert_string_equal(key, KEY);
	assert_int_equal(ws_client_put_request(&out, &ask), 0);
	parse(&out, &request);
	assert_true(http_slice_is(request.path, "/chat"));
	assert_int_equal(http_request_count(&request, "A"), 1);
	assert_int_equal(ws_handshake_check(&request, "synctalk.v1",
	    &handshake), 0);
	assert_int_equal(ws_handshake_put_accept(&in, &handshake, NULL), 0);
	buf_append(&in, "\x81\x00", 2);
	assert_int_equal(ws_client_check_reply(&in, key, "synctalk.v1",
	    &status, &err), WS_CLIENT_DONE);
	assert_int_equal(buf_readable(&in), 2);
	ask.target = "/a b";
	assert_int_equal(ws_client_put_request(&out, &ask), -1);
	ask.target = "/";
	ask.host = "h\r\nA: b";
	assert_int_equal(ws_client_put_request(&out, &ask), -1);
	buf_fini(&out);
	buf_fini(&in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_check),
	    cmocka_unit_test(test_version_is_named),
	    cmocka_unit_test(test_body),
	    cmocka_unit_test(test_accept),
	    cmocka_unit_test(test_replies),
	    cmocka_unit_test(test_endless_reply),
	    cmocka_unit_test(test_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
