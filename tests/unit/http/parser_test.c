/* SPDX-License-Identifier: MIT */
#include "http/parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../../support/feed.h"
#include "../../support/transcript.h"

static const struct http_parser_options small = {
    .head_max = 512,
    .target_max = 100,
    .body_max = 32,
};

#define TEXT(literal) literal, sizeof(literal) - 1
#define H "Host: h\r\n"

static void
check(const struct http_parser_options *options, const char *name,
    const char *text, size_t len, const char *expected)
{
	struct cuts cuts = {.len = len};
	struct buf out = {0};

	do {
		transcribe_http(options, text, &cuts, &out);
		if (strcmp(out.data, expected) != 0)
			fail_msg("%s, cut at %zu: got\n%sexpected\n%s", name,
			    cuts.way, out.data, expected);
	} while (cuts_next(&cuts));
	buf_fini(&out);
}

struct row {
	const char *name;
	const char *text;
	size_t len;
	const char *expected;
};

static const struct row requests[] = {
    {"a request", TEXT("GET /a/b?c=d HTTP/1.1\r\nHost: a.b:80\r\n\r\n"),
	"GET /a/b c=d a.b:80 1.1 []\n"},
    {"an empty query", TEXT("GET /? HTTP/1.1\r\n" H "\r\n"),
	"GET /  h 1.1 []\n"},
    {"a question in the query", TEXT("GET /?a?b HTTP/1.1\r\n" H "\r\n"),
	"GET / a?b h 1.1 []\n"},
    {"an empty line before", TEXT("\r\nGET / HTTP/1.1\r\n" H "\r\n"),
	"GET / - h 1.1 []\n"},
    {"white space around a value",
	TEXT("GET / HTTP/1.1\r\nHost:\t h \t\r\nA:b\r\nC:\r\nD:  \r\n\r\n"),
	"GET / - h 1.1 A=b C= D= []\n"},
    {"white space within a value",
	TEXT("GET / HTTP/1.1\r\n" H "A: b  c\td\r\n\r\n"),
	"GET / - h 1.1 A=b  c\td []\n"},
    {"bytes above ASCII in a value",
	TEXT("GET / HTTP/1.1\r\n" H "A: \xc3\xa9\xff\r\n\r\n"),
	"GET / - h 1.1 A=\xc3\xa9\xff []\n"},
    {"every method",
	TEXT("HEAD / HTTP/1.1\r\n" H "\r\nPOST / HTTP/1.1\r\n" H "\r\n"
	     "PUT / HTTP/1.1\r\n" H "\r\nPATCH / HTTP/1.1\r\n" H "\r\n"
	     "DELETE / HTTP/1.1\r\n" H "\r\nOPTIONS * HTTP/1.1\r\n" H "\r\n"),
	"HEAD / - h 1.1 []\nPOST / - h 1.1 []\nPUT / - h 1.1 []\n"
	"PATCH / - h 1.1 []\nDELETE / - h 1.1 []\nOPTIONS * - h 1.1 []\n"},
    {"close", TEXT("GET / HTTP/1.1\r\n" H "Connection: CLOSE\r\n\r\n"),
	"GET / - h 1.1 close Connection=CLOSE []\n"},
    {"close in a list",
	TEXT("GET / HTTP/1.1\r\n" H "Connection: a, close ,\r\n\r\n"),
	"GET / - h 1.1 close Connection=a, close , []\n"},
    {"no word of that list",
	TEXT("GET / HTTP/1.1\r\n" H "Connection: closed\r\n\r\n"),
	"GET / - h 1.1 Connection=closed []\n"},
    {"HTTP/1.0", TEXT("GET / HTTP/1.0\r\n\r\n"), "GET / - - 1.0 close []\n"},
    {"HTTP/1.0 that stays",
	TEXT("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
	"GET / - - 1.0 Connection=keep-alive []\n"},
    {"HTTP/1.0 expects nothing",
	TEXT("POST / HTTP/1.0\r\nContent-Length: 1\r\n"
	     "Expect: 100-continue\r\n\r\nx"),
	"POST / - - 1.0 close Content-Length=1 Expect=100-continue [x]\n"},
    {"HTTP/1.2 is 1.1", TEXT("GET / HTTP/1.2\r\n" H "\r\n"),
	"GET / - h 1.1 []\n"},
    {"an absolute target",
	TEXT("GET http://x.y:1/p?q HTTP/1.1\r\n" H "\r\n"),
	"GET /p q x.y:1 1.1 []\n"},
    {"an absolute target without a path",
	TEXT("GET HTTPS://x?q HTTP/1.1\r\n" H "\r\n"), "GET / q x 1.1 []\n"},
    {"a literal address", TEXT("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"),
	"GET / - [::1]:80 1.1 []\n"},
    {"an empty port", TEXT("GET / HTTP/1.1\r\nHost: h:\r\n\r\n"),
	"GET / - h: 1.1 []\n"},
    {"a body", TEXT("POST / HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello"),
	"POST / - h 1.1 Content-Length=5 [hello]\n"},
    {"a length with zeros",
	TEXT("POST / HTTP/1.1\r\n" H
	     "Content-Length: 00000000000000000000002\r\n\r\nhi"),
	"POST / - h 1.1 Content-Length=00000000000000000000002 [hi]\n"},
    {"the largest body",
	TEXT("POST / HTTP/1.1\r\n" H "content-length: 32\r\n\r\n"
	     "0123456789abcdef0123456789abcdef"),
	"POST / - h 1.1 content-length=32 "
	"[0123456789abcdef0123456789abcdef]\n"},
    {"no body", TEXT("POST / HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n"),
	"POST / - h 1.1 Content-Length=0 []\n"},
    {"half a body", TEXT("POST / HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhe"),
	"more\n"},
    {"requests in a row",
	TEXT("POST /1 HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\nhi"
	     "GET /2 HTTP/1.1\r\n" H "\r\n\r\nGET /3 HTTP/1.1\r\n" H "\r\n"
	     "GET /4"),
	"POST /1 - h 1.1 Content-Length=2 [hi]\nGET /2 - h 1.1 []\n"
	"GET /3 - h 1.1 []\nmore\n"},
    {"chunks",
	TEXT("POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
	     "5\r\nhello\r\n1\r\n,\r\n0006\r\n world\r\n0\r\n\r\n"),
	"POST / - h 1.1 Transfer-Encoding=chunked [hello, world]\n"},
    {"chunks, then a request",
	TEXT("POST / HTTP/1.1\r\n" H "Transfer-Encoding: Chunked\r\n\r\n"
	     "A\r\n0123456789\r\na\r\nabcdefghij\r\n0\r\n\r\n"
	     "GET /2 HTTP/1.1\r\n" H "\r\n"),
	"POST / - h 1.1 Transfer-Encoding=Chunked [0123456789abcdefghij]\n"
	"GET /2 - h 1.1 []\n"},
    {"chunk extensions",
	TEXT("POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
	     "2;a=b;c=\"d\"\r\nhi\r\n0;x\r\n\r\n"),
	"POST / - h 1.1 Transfer-Encoding=chunked [hi]\n"},
    {"trailers are dropped",
	TEXT("POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
	     "2\r\nhi\r\n0\r\nA: b\r\nHost: x\r\n\r\n"
	     "GET / HTTP/1.1\r\n" H "\r\n"),
	"POST / - h 1.1 Transfer-Encoding=chunked [hi]\n"
	"GET / - h 1.1 []\n"},
    {"chunks without data",
	TEXT("POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
	     "0\r\n\r\n"),
	"POST / - h 1.1 Transfer-Encoding=chunked []\n"},
    {"a client that waits",
	TEXT("POST / HTTP/1.1\r\n" H "Content-Length: 2\r\n"
	     "Expect: 100-Continue\r\n\r\nhi"),
	"continue\n"
	"POST / - h 1.1 Content-Length=2 Expect=100-Continue [hi]\n"},
    {"a client that waits with chunks",
	TEXT("POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
	     "Expect: 100-continue\r\n\r\n1\r\nx\r\n0\r\n\r\n"),
	"continue\nPOST / - h 1.1 Transfer-Encoding=chunked "
	"Expect=100-continue [x]\n"},
    {"nothing to wait for",
	TEXT("GET / HTTP/1.1\r\n" H "Expect: 100-continue\r\n\r\n"),
	"GET / - h 1.1 Expect=100-continue []\n"},
    {"what follows an upgrade stays",
	TEXT("GET /chat HTTP/1.1\r\n" H "Upgrade: websocket\r\n"
	     "Connection: Upgrade\r\n\r\n"),
	"GET /chat - h 1.1 Upgrade=websocket Connection=Upgrade []\n"},
};

/* Requests that are refused, and the answer. */
static const struct {
	const char *text;
	size_t len;
	int status;
} refused[] = {
    /* the request line */
    {TEXT("\r\n\r\n"), 400},
    {TEXT("\nGET / HTTP/1.1\r\n" H "\r\n"), 400},
    {TEXT(" GET / HTTP/1.1\r\n" H "\r\n"), 400},
    {TEXT("GET\r\n"), 400},
    {TEXT("GET /\r\n"), 400},
    {TEXT("GET / \r\n"), 400},
    {TEXT("GET  / HTTP/1.1\r\n"), 400},
    {TEXT("GET /  HTTP/1.1\r\n"), 400},
    {TEXT("GET / HTTP/1.1 \r\n"), 400},
    {TEXT("GET\t/\tHTTP/1.1\r\n"), 400},
    {TEXT("GET / HTTP/1.1\n"), 400},
    {TEXT("GET / HTTP/1.1\rX"), 400},
    {TEXT("GET / HTTP/1.1\r\r\n"), 400},
    {TEXT("GET /\0 HTTP/1.1\r\n"), 400},
    {TEXT("GET /\x01 HTTP/1.1\r\n"), 400},
    {TEXT("GET /\x7f HTTP/1.1\r\n"), 400},
    {TEXT("GET /\xc3\xa9 HTTP/1.1\r\n"), 400},
    {TEXT("GET /#a HTTP/1.1\r\n"), 400},
    {TEXT("GET a HTTP/1.1\r\n"), 400},
    {TEXT("GET * HTTP/1.1\r\n"), 400},
    {TEXT("GET *a HTTP/1.1\r\n"), 400},
    {TEXT("OPTIONS ** HTTP/1.1\r\n"), 400},
    {TEXT("GET ftp://h/ HTTP/1.1\r\n"), 400},
    {TEXT("GET http:///x HTTP/1.1\r\n"), 400},
    {TEXT("GET http://a@b/x HTTP/1.1\r\n"), 400},
    {TEXT("GET http:// HTTP/1.1\r\n"), 400},
    {TEXT("G(T / HTTP/1.1\r\n"), 400},
    {TEXT("/ HTTP/1.1\r\n"), 400},
    {TEXT("GET / http/1.1\r\n"), 400},
    {TEXT("GET / HTTP/1.1.1\r\n"), 400},
    {TEXT("GET / HTTP/11\r\n"), 400},
    {TEXT("GET / HTTP/1.x\r\n"), 400},
    {TEXT("GET / HTTP/1,1\r\n"), 400},
    {TEXT("GET / HTTPS/1.1\r\n"), 400},
    {TEXT("GET / HTTP/0.9\r\n"), 505},
    {TEXT("GET / HTTP/2.0\r\n"), 505},
    {TEXT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505},
    {TEXT("get / HTTP/1.1\r\n"), 501},
    {TEXT("BREW / HTTP/1.1\r\n"), 501},
    {TEXT("CONNECT h:1 HTTP/1.1\r\n"), 501},
    {TEXT("TRACE / HTTP/1.1\r\n"), 501},
    {TEXT("\x16\x03\x01\x02\x00\x01\x00\x01\xfc"), 400},
    /* fields */
    {TEXT("GET / HTTP/1.1\r\n" H "A b\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\n" H "A : b\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\n" H "A\t: b\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\n" H ": b\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\n" H " A: b\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\n A: b\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\n" H "A: b\r\n c\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\n" H "A: b\r\n\tc\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\n" H "A: b\r\n \r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\n" H "A(: b\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\n" H "\xc3\xa9: b\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\n" H "A: b\0c\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\n" H "A: b\x1f\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\n" H "A: b\x7f\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\n" H "A: b\n"), 400},
    {TEXT("GET / HTTP/1.1\r\n" H "A: b\rc\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\n" H "A: b\r\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\n" H "\n"), 400},
    {TEXT("GET / HTTP/1.1\r\n" H "\r\r\n"), 400},
    /* Host */
    {TEXT("GET / HTTP/1.1\r\n\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\n" H H "\r\n"), 400},
    {TEXT("GET / HTTP/1.0\r\n" H "host: x\r\n\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\nHost:\r\n\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\nHost: :80\r\n\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\nHost: []\r\n\r\n"), 400},
    {TEXT("GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n"), 400},
    {TEXT("GET http://x/ HTTP/1.1\r\n\r\n"), 400},
    /* where the body ends */
    {TEXT("POST / HTTP/1.1\r\n" H "Content-Length: 1\r\n"
	  "Transfer-Encoding: chunked\r\n\r\n"), 400},
    {TEXT("POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
	  "Content-Length: 1\r\n\r\n"), 400},
    {TEXT("POST / HTTP/1.1\r\n" H "Content-Length: 1\r\n"
	  "Content-Length: 1\r\n\r\n"), 400},
    {TEXT("POST / HTTP/1.1\r\n" H "Content-Length: 1\r\n"
	  "content-length: 2\r\n\r\n"), 400},
    {TEXT("POST / HTTP/1.1\r\n" H "Content-Length: 1, 1\r\n\r\n"), 400},
    {TEXT("POST / HTTP/1.1\r\n" H "Content-Length: +1\r\n\r\n"), 400},
    {TEXT("POST / HTTP/1.1\r\n" H "Content-Length: -1\r\n\r\n"), 400},
    {TEXT("POST / HTTP/1.1\r\n" H "Content-Length: 1 1\r\n\r\n"), 400},
    {TEXT("POST / HTTP/1.1\r\n" H "Content-Length: 0x1\r\n\r\n"), 400},
    {TEXT("POST / HTTP/1.1\r\n" H "Content-Length: 1.0\r\n\r\n"), 400},
    {TEXT("POST / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n"), 400},
    {TEXT("POST / HTTP/1.1\r\n" H "Content-Length: 33\r\n\r\n"), 413},
    {TEXT("POST / HTTP/1.1\r\n" H "Content-Length: 4294967296\r\n\r\n"), 413},
    {TEXT("POST / HTTP/1.1\r\n" H
	  "Content-Length: 18446744073709551616\r\n\r\n"), 413},
    {TEXT("POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip\r\n\r\n"), 501},
    {TEXT("POST / HTTP/1.1\r\n" H
	  "Transfer-Encoding: gzip, chunked\r\n\r\n"), 501},
    {TEXT("POST / HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n"), 501},
    {TEXT("POST / HTTP/1.1\r\n" H "Transfer-Encoding: identity\r\n\r\n"), 501},
    {TEXT("POST / HTTP/1.1\r\n" H "Transfer-Encoding:\r\n\r\n"), 400},
    {TEXT("POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
	  "Transfer-Encoding: chunked\r\n\r\n"), 400},
    {TEXT("POST / HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n"), 400},
    {TEXT("POST / HTTP/1.1\r\n" H "Content-Length: 1\r\n"
	  "Expect: 200-ok\r\n\r\n"), 417},
    {TEXT("POST / HTTP/1.1\r\n" H "Content-Length: 1\r\n"
	  "Expect: 100-continue\r\nExpect: 100-continue\r\n\r\n"), 417},
    {TEXT("POST / HTTP/1.1\r\n" H "Content-Length: 33\r\n"
	  "Expect: 100-continue\r\n\r\n"), 413},
};

#define CHUNKED "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"

/* Chunked bodies that are refused. */
static const struct {
	const char *text;
	size_t len;
	int status;
} chunks[] = {
    {TEXT("\r\n"), 400},
    {TEXT("g\r\n"), 400},
    {TEXT("-1\r\n"), 400},
    {TEXT("+1\r\n"), 400},
    {TEXT("0x1\r\n"), 400},
    {TEXT(" 1\r\n"), 400},
    {TEXT("1 \r\n"), 400},
    {TEXT("1 ;a\r\n"), 400},
    {TEXT(";a\r\n"), 400},
    {TEXT("1\n"), 400},
    {TEXT("1\rx"), 400},
    {TEXT("1;a\nx\r\n"), 400},
    {TEXT("1;\0\r\n"), 400},
    {TEXT("000000001\r\n"), 400},
    {TEXT("100000000\r\n"), 400},
    {TEXT("ffffffffffffffff1\r\n"), 400},
    {TEXT("ffffffff\r\n"), 413},
    {TEXT("21\r\n"), 413},
    {TEXT("20\r\n0123456789abcdef0123456789abcdef\r\n1\r\n"), 413},
    {TEXT("1\r\nab\r\n"), 400},
    {TEXT("1\r\na\n"), 400},
    {TEXT("1\r\na\r0"), 400},
    {TEXT("1\r\na0\r\n\r\n"), 400},
    {TEXT("0\r\nA\r\n"), 400},
    {TEXT("0\r\nA : b\r\n"), 400},
    {TEXT("0\r\n A: b\r\n"), 400},
    {TEXT("0\r\nA: b\n"), 400},
    {TEXT("0\r\n\n"), 400},
    {TEXT("0\r\n\rX"), 400},
};

static void
test_requests(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		check(&small, requests[i].name, requests[i].text,
		    requests[i].len, requests[i].expected);
}

static void
test_refused(void **state)
{
	char expected[16];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		snprintf(expected, sizeof(expected), "bad %d\n",
		    refused[i].status);
		check(&small, refused[i].text, refused[i].text, refused[i].len,
		    expected);
	}
}

static void
test_refused_chunks(void **state)
{
	struct buf text = {0};
	char expected[16];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
		buf_reset(&text);
		buf_puts(&text, CHUNKED);
		buf_append(&text, chunks[i].text, chunks[i].len);
		snprintf(expected, sizeof(expected), "bad %d\n",
		    chunks[i].status);
		check(&small, chunks[i].text, text.data, text.len, expected);
	}
	buf_fini(&text);
}

/* Text in front, then a letter n times, then text behind. */
static void
check_long(const char *front, size_t n, const char *behind,
    const char *expected)
{
	struct buf text = {0};

	buf_puts(&text, front);
	while (n-- > 0)
		buf_putc(&text, 'a');
	buf_puts(&text, behind);
	check(&small, front, text.data, text.len, expected);
	buf_fini(&text);
}

static void
test_limits(void **state)
{
	(void)state;
	check_long("GET /", 100, " HTTP/1.1\r\n" H "\r\n", "bad 414\n");
	check_long("GET /", 400, "", "bad 414\n");
	check_long("", 400, "", "bad 414\n");
	check_long("GET / HTTP/1.1\r\n" H "A: ", 512 - 28 - 4 + 1, "\r\n\r\n",
	    "bad 431\n");
	check_long("GET / HTTP/1.1\r\n" H "A: ", 600, "", "bad 431\n");
	check_long(CHUNKED "1;", 260, "", "bad 400\n");
	check_long(CHUNKED "0\r\nA: ", 520, "", "bad 431\n");
	check_long(CHUNKED "0\r\nA: b\r\nA: ", 503, "\r\n\r\n", "bad 431\n");
}

/* The longest head that passes is exactly head_max. */
static void
test_longest_head(void **state)
{
	static const char front[] = "GET / HTTP/1.1\r\n" H "A: ";
	struct http_parser parser;
	struct http_request request;
	struct buf in = {0};
	size_t n = small.head_max - (sizeof(front) - 1) - 4;

	(void)state;
	http_parser_init(&parser, &small);
	buf_puts(&in, front);
	while (n-- > 0)
		buf_putc(&in, 'a');
	buf_puts(&in, "\r\n\r\n");
	assert_int_equal(in.len, small.head_max);
	assert_int_equal(http_parser_next(&parser, &in, &request), HTTP_DONE);
	buf_fini(&in);
}

static void
test_many_fields(void **state)
{
	struct http_parser_options options = http_parser_defaults;
	struct buf text = {0};
	struct buf out = {0};
	struct cuts cuts;
	int extra, i;

	(void)state;
	for (extra = 0; extra <= 1; extra++) {
		buf_reset(&text);
		buf_puts(&text, "GET / HTTP/1.1\r\n" H);
		for (i = 1; i < HTTP_FIELDS_MAX + extra; i++)
			buf_puts(&text, "A: b\r\n");
		buf_puts(&text, "\r\n");
		cuts = (struct cuts){.len = text.len};
		do {
			transcribe_http(&options, text.data, &cuts, &out);
			if (extra)
				assert_string_equal(out.data, "bad 431\n");
			else
				assert_memory_equal(out.data, "GET / ", 6);
		} while (cuts_next(&cuts));
	}
	buf_fini(&text);
	buf_fini(&out);
}

/* Trailers count with the fields. */
static void
test_many_trailers(void **state)
{
	struct buf text = {0};
	int i;

	(void)state;
	buf_puts(&text, CHUNKED "0\r\n");
	for (i = 0; i < HTTP_FIELDS_MAX; i++)
		buf_puts(&text, "A: b\r\n");
	buf_puts(&text, "\r\n");
	check(&small, "trailers", text.data, text.len, "bad 431\n");
	buf_fini(&text);
}

/* A body in many chunks takes no more memory than its bytes and a line. */
static void
test_chunks_are_joined_in_place(void **state)
{
	struct http_parser_options options = http_parser_defaults;
	struct http_parser parser;
	struct http_request request;
	struct buf in = {0};
	size_t i;

	(void)state;
	http_parser_init(&parser, &options);
	feed(&in, TEXT(CHUNKED));
	for (i = 0; i < 2000; i++) {
		feed(&in, TEXT("1\r\nx\r\n"));
		assert_int_equal(http_parser_next(&parser, &in, &request),
		    HTTP_MORE);
		assert_true(buf_readable(&in) <= sizeof(CHUNKED) + i + 8);
	}
	feed(&in, TEXT("0\r\n\r\n"));
	assert_int_equal(http_parser_next(&parser, &in, &request), HTTP_DONE);
	assert_int_equal(request.body.len, 2000);
	assert_int_equal(buf_readable(&in), 0);
	buf_fini(&in);
}

/* What follows a request is not touched. */
static void
test_rest_stays(void **state)
{
	struct http_parser parser;
	struct http_request request;
	struct buf in = {0};

	(void)state;
	http_parser_init(&parser, &small);
	assert_false(http_parser_busy(&parser, &in));
	assert_int_equal(http_parser_next(&parser, &in, &request), HTTP_MORE);
	feed(&in, TEXT("GET / HTTP/1.1\r\n" H "\r\n\x81\x00\n\r"));
	assert_true(http_parser_busy(&parser, &in));
	assert_int_equal(http_parser_next(&parser, &in, &request), HTTP_DONE);
	assert_int_equal(buf_readable(&in), 4);
	assert_memory_equal(buf_start(&in), "\x81\x00\n\r", 4);
	buf_fini(&in);
}

/* What has come of a body is its own bytes, not the frames of chunks. */
static void
test_body_progress(void **state)
{
	struct http_parser_options options = http_parser_defaults;
	struct http_parser parser;
	struct http_request request;
	struct buf in = {0};
	uint32_t come;

	(void)state;
	http_parser_init(&parser, &options);
	feed(&in, TEXT("POST / HTTP/1.1\r\n" H "Content-Length: 9\r\n"));
	http_parser_next(&parser, &in, &request);
	assert_false(http_parser_in_body(&parser, &come));
	feed(&in, TEXT("\r\nabc"));
	http_parser_next(&parser, &in, &request);
	assert_true(http_parser_in_body(&parser, &come));
	assert_int_equal(come, 3);
	feed(&in, TEXT("defghi" CHUNKED "2;ext=ension\r\nab\r\n9;more"));
	assert_int_equal(http_parser_next(&parser, &in, &request), HTTP_DONE);
	assert_int_equal(request.body.len, 9);
	assert_false(http_parser_in_body(&parser, &come));
	http_parser_next(&parser, &in, &request);
	assert_true(http_parser_in_body(&parser, &come));
	assert_int_equal(come, 2);
	buf_fini(&in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_requests),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_refused_chunks),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_longest_head),
	    cmocka_unit_test(test_many_fields),
	    cmocka_unit_test(test_many_trailers),
	    cmocka_unit_test(test_chunks_are_joined_in_place),
	    cmocka_unit_test(test_rest_stays),
	    cmocka_unit_test(test_body_progress),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
