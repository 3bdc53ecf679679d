/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "net/endpoint.h"

static void
test_taken(void **state)
{
	static const struct {
		const char *text, *place, *scheme;
		enum endpoint_kind kind;
		bool local;
	} rows[] = {
		{"127.0.0.1:8000", "127.0.0.1:8000", "http://",
		    ENDPOINT_TCP, true},
		{"127.9.9.9:0", "127.9.9.9:0", "http://", ENDPOINT_TCP, true},
		{"localhost:80", "localhost:80", "http://", ENDPOINT_TCP,
		    true},
		{"0.0.0.0:65535", "0.0.0.0:65535", "http://", ENDPOINT_TCP,
		    false},
		{"[::1]:80", "[::1]:80", "http://", ENDPOINT_TCP, true},
		{"[::]:80", "[::]:80", "http://", ENDPOINT_TCP, false},
		{"[::ffff:127.0.0.1]:80", "[::ffff:127.0.0.1]:80", "http://",
		    ENDPOINT_TCP, true},
		{"http://192.0.2.1:80", "192.0.2.1:80", "http://",
		    ENDPOINT_TCP, false},
		{"https://[2001:db8::1]:443", "[2001:db8::1]:443", "https://",
		    ENDPOINT_TCP, false},
		{"unix:/run/a.sock", "/run/a.sock", "http://", ENDPOINT_UNIX,
		    true},
		{"proxy+http://unix:b", "b", "proxy+http://", ENDPOINT_UNIX,
		    true},
		{"systemd:", "", "http://", ENDPOINT_SYSTEMD, true},
		{"proxy+https://systemd:web", "web", "proxy+https://",
		    ENDPOINT_SYSTEMD, true},
	};
	struct endpoint endpoint;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (endpoint_parse(rows[i].text, &endpoint, &err) == -1)
			fail_msg("%s: %s", rows[i].text, err.text);
		assert_string_equal(endpoint.place, rows[i].place);
		assert_string_equal(endpoint_scheme(&endpoint),
		    rows[i].scheme);
		assert_int_equal(endpoint.kind, rows[i].kind);
		assert_int_equal(endpoint.local, rows[i].local);
	}
}

static void
test_refused(void **state)
{
	static const char *const rows[] = {
		"", ":", ":80", "80", "127.0.0.1", "127.0.0.1:",
		"127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1",
		"127.0.0.1:0x50", "127.0.0.1: 80", "127.0.0.1:80 ",
		"127.0.0.1:80/", "127.1:80", "[127.0.0.1]:80", "::1:80",
		"[::1:80", "::1]:80", "[]:80", "[::1%lo]:80", "example.org:80",
		"https://", "https:127.0.0.1:443", "HTTPS://127.0.0.1:443",
		"http://http://127.0.0.1:80", "proxy://127.0.0.1:80",
		"proxy+127.0.0.1:80", "wss://127.0.0.1:80", "unix:",
		"https://unix:", "tcp:127.0.0.1:80",
	};
	struct endpoint endpoint;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (endpoint_parse(rows[i], &endpoint, &err) == 0)
			fail_msg("%s is taken", rows[i]);
		assert_int_equal(err.code, ERROR_CONFIG);
		assert_non_null(strstr(err.text, "is expected"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
