/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "net/range.h"

static struct range
range_of(const char *text)
{
	struct error err = { 0 };
	struct range range;

	if (range_parse(text, strlen(text), &range, &err) == -1)
		fail_msg("%s: %s", text, err.text);
	return range;
}

static struct ip
ip_of(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, strlen(text), &ip));
	return ip;
}

/* What is read is written in one form. */
static void
test_forms(void **state)
{
	static const struct {
		const char *text, *form;
	} rows[] = {
		{"192.0.2.0/24", "192.0.2.0/24"},
		{"192.0.2.1", "192.0.2.1"},
		{"192.0.2.1/32", "192.0.2.1"},
		{"192.0.2.128/25", "192.0.2.128/25"},
		{"192.0.2.254/31", "192.0.2.254/31"},
		{"0.0.0.0/0", "0.0.0.0/0"},
		{"::/0", "::/0"},
		{"2001:DB8::/32", "2001:db8::/32"},
		{"2001:db8:0:0:0:0:0:1", "2001:db8::1"},
		{"2001:db8::1/128", "2001:db8::1"},
		{"8000::/1", "8000::/1"},
		{"::ffff:192.0.2.0/120", "192.0.2.0/24"},
		{"::ffff:192.0.2.1", "192.0.2.1"},
		{"::ffff:0:0/96", "0.0.0.0/0"},
	};
	char text[RANGE_TEXT_SIZE];
	struct range range;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		range = range_of(rows[i].text);
		range_format(&range, text);
		assert_string_equal(text, rows[i].form);
	}
}

static void
test_refused(void **state)
{
	static const char *const rows[] = {
		"", "/", "/24", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/024",
		"192.0.2.0/-1", "192.0.2.0/+1", "192.0.2.0/ 8", "192.0.2/24",
		"192.0.2.0/8/8", "192.0.2.00/24", "0xc0.0.2.0/24", "192.0.2.0 ",
		" 192.0.2.0", "2001:db8::/129", "2001:db8::/1000", "[::1]",
		"fe80::1%lo", "::1/", "localhost", "2001:db8::1::2",
		"192.0.2.0/4294967296",
		"2001:db8:1111:2222:3333:4444:5555:6666:7777:8888:9999",
	};
	struct error err;
	struct range range;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&err, 0, sizeof(err));
		if (range_parse(rows[i], strlen(rows[i]), &range, &err) == 0)
			fail_msg("%s is taken", rows[i]);
		assert_int_equal(err.code, ERROR_INPUT);
		assert_non_null(strstr(err.text, "is expected"));
	}
	assert_int_equal(range_parse("192.0.2.0\0/24", 13, &range, &err), -1);
}

/* The right range is named. */
static void
test_inside(void **state)
{
	struct error err;
	struct range range;

	(void)state;
	assert_int_equal(range_parse("192.0.2.77/24", 13, &range, &err), -1);
	assert_non_null(strstr(err.text, "within 192.0.2.0/24:"));
	assert_int_equal(range_parse("2001:db8::1/32", 14, &range, &err), -1);
	assert_non_null(strstr(err.text, "within 2001:db8::/32:"));
	assert_int_equal(range_parse("::ffff:192.0.2.0/64", 19, &range, &err),
	    -1);
}

static void
test_has(void **state)
{
	static const struct {
		const char *range, *ip;
		bool has;
	} rows[] = {
		{"192.0.2.0/24", "192.0.2.0", true},
		{"192.0.2.0/24", "192.0.2.255", true},
		{"192.0.2.0/24", "192.0.3.0", false},
		{"192.0.2.0/24", "::ffff:192.0.2.9", true},
		{"192.0.2.128/25", "192.0.2.127", false},
		{"192.0.2.4/30", "192.0.2.7", true},
		{"192.0.2.4/30", "192.0.2.8", false},
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"0.0.0.0/0", "255.255.255.255", true},
		{"0.0.0.0/0", "::1", false},
		{"::/0", "2001:db8::1", true},
		{"::/0", "192.0.2.1", false},
		{"::/64", "192.0.2.1", false},
		{"2001:db8::/33", "2001:db8:7fff::", true},
		{"2001:db8::/33", "2001:db8:8000::", false},
	};
	struct range range;
	struct ip ip;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		range = range_of(rows[i].range);
		ip = ip_of(rows[i].ip);
		if (range_has(&range, &ip) != rows[i].has)
			fail_msg("%s in %s", rows[i].ip, rows[i].range);
	}
}

static void
test_any(void **state)
{
	const struct range ranges[] = {
		range_of("10.0.0.0/8"), range_of("2001:db8::/32"),
	};
	const struct ip in = ip_of("2001:db8::7"), out = ip_of("11.0.0.1");

	(void)state;
	assert_true(range_any_has(ranges, 2, &in));
	assert_false(range_any_has(ranges, 1, &in));
	assert_false(range_any_has(ranges, 2, &out));
	assert_false(range_any_has(NULL, 0, &out));
}

static void
test_sockaddr(void **state)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };
	struct sockaddr_un path = { .sun_family = AF_UNIX };
	char text[IP_TEXT_SIZE];
	struct ip ip;

	(void)state;
	inet_pton(AF_INET, "192.0.2.1", &four.sin_addr);
	assert_true(ip_of_sockaddr((struct sockaddr *)&four, &ip));
	ip_format(&ip, text);
	assert_string_equal(text, "192.0.2.1");
	inet_pton(AF_INET6, "::ffff:127.0.0.1", &six.sin6_addr);
	assert_true(ip_of_sockaddr((struct sockaddr *)&six, &ip));
	assert_true(ip_is_v4(&ip) && ip_is_loopback(&ip));
	six.sin6_addr = in6addr_loopback;
	assert_true(ip_of_sockaddr((struct sockaddr *)&six, &ip));
	assert_true(ip_is_loopback(&ip));
	assert_false(ip_of_sockaddr((struct sockaddr *)&path, &ip));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_inside),
		cmocka_unit_test(test_has),
		cmocka_unit_test(test_any),
		cmocka_unit_test(test_sockaddr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
