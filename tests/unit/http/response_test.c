/* SPDX-License-Identifier: MIT */
#include "http/response.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
check(const struct http_response *response, const char *expected)
{
	struct buf out = {0};

	http_response_put(&out, response);
	buf_putc(&out, '\0');
	assert_false(out.failed);
	assert_string_equal(out.data, expected);
	buf_fini(&out);
}

static void
test_responses(void **state)
{
	struct http_response response = {.status = 200, .type = "text/plain",
	    .body = "hello", .len = 5};

	(void)state;
	check(&response, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
	    "Content-Length: 5\r\n\r\nhello");
	response.head = response.close = true;
	check(&response, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
	    "Content-Length: 5\r\nConnection: close\r\n\r\n");
	response = (struct http_response){.status = 204,
	    .fields = "Allow: GET\r\nA: b\r\n"};
	check(&response, "HTTP/1.1 204 No Content\r\nAllow: GET\r\nA: b\r\n"
	    "\r\n");
	response = (struct http_response){.status = 404,
	    .now_us = INT64_C(784111777) * 1000000};
	check(&response, "HTTP/1.1 404 Not Found\r\n"
	    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
	    "Content-Length: 0\r\n\r\n");
	response = (struct http_response){.status = 299};
	check(&response, "HTTP/1.1 299 Unknown\r\nContent-Length: 0\r\n\r\n");
}

static void
check_problem(const struct http_response *response, const char *detail,
    const char *expected)
{
	struct buf out = {0};

	http_response_put_problem(&out, response, "not_found", detail);
	buf_putc(&out, '\0');
	assert_false(out.failed);
	assert_string_equal(out.data, expected);
	buf_fini(&out);
}

static void
test_problems(void **state)
{
	struct http_response response = {.status = 404, .close = true};

	(void)state;
	check_problem(&response, "There is no \"x\".",
	    "HTTP/1.1 404 Not Found\r\n"
	    "Content-Type: application/problem+json\r\n"
	    "Content-Length: 105\r\nConnection: close\r\n\r\n"
	    "{\"type\":\"about:blank\",\"title\":\"Not Found\","
	    "\"status\":404,\"code\":\"not_found\","
	    "\"detail\":\"There is no \\\"x\\\".\"}\n");
	/* What is not UTF-8 is not repeated. */
	check_problem(&response, "\xff",
	    "HTTP/1.1 404 Not Found\r\n"
	    "Content-Type: application/problem+json\r\n"
	    "Content-Length: 75\r\nConnection: close\r\n\r\n"
	    "{\"type\":\"about:blank\",\"title\":\"Not Found\","
	    "\"status\":404,\"code\":\"not_found\"}\n");
	/* Whole seconds are never too early. */
	response.retry_after_ms = 2001;
	check_problem(&response, NULL,
	    "HTTP/1.1 404 Not Found\r\n"
	    "Content-Type: application/problem+json\r\n"
	    "Content-Length: 97\r\nRetry-After: 3\r\n"
	    "Connection: close\r\n\r\n"
	    "{\"type\":\"about:blank\",\"title\":\"Not Found\","
	    "\"status\":404,\"code\":\"not_found\","
	    "\"retry_after_ms\":2001}\n");
}

/* Every status that the parser answers with has a text of its own. */
static void
test_statuses(void **state)
{
	static const int statuses[] = {400, 405, 413, 414, 417, 426, 431, 501,
	    505};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		assert_string_not_equal(http_status_text(statuses[i]),
		    "Unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_responses),
	    cmocka_unit_test(test_problems),
	    cmocka_unit_test(test_statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
