/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "server/forwarded.h"

static struct http_slice
slice(const char *text)
{
	return (struct http_slice){ text, strlen(text) };
}

static void
add(struct http_request *request, const char *name, const char *value)
{
	struct http_field *field = &request->fields[request->n_fields++];

	field->name = slice(name);
	field->value = slice(value);
}

/* The walk over the entries is tested from outside, with real requests. */
static void
test_fields(void **state)
{
	struct http_request request = { .n_fields = 0 };
	char text[IP_TEXT_SIZE];
	struct range trusted;
	struct ip ip;

	(void)state;
	assert_int_equal(range_parse("10.0.0.0/8", 10, &trusted, NULL), 0);
	assert_false(forwarded_for(&request, &trusted, 1, &ip));
	add(&request, "x-forwarded-for", "203.0.113.1, 192.0.2.1");
	add(&request, "Forwarded", "for=192.0.2.77");
	add(&request, "X-FORWARDED-FOR", "10.0.0.1,10.0.0.2");
	assert_true(forwarded_for(&request, &trusted, 1, &ip));
	ip_format(&ip, text);
	assert_string_equal(text, "192.0.2.1");
	/* With nobody trusted it is whom the proxy itself has seen. */
	assert_true(forwarded_for(&request, NULL, 0, &ip));
	ip_format(&ip, text);
	assert_string_equal(text, "10.0.0.2");
}

static void
test_proto(void **state)
{
	static const struct {
		const char *value;
		bool secure, otherwise;
	} rows[] = {
		{"https", true, false}, {"HTTPS", true, false},
		{"wss", true, false}, {"http", false, true},
		{"ws", false, true}, {"", true, true}, {"", false, false},
		{"https, http", false, false}, {"ftp", true, true},
	};
	struct http_request request;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		request.n_fields = 0;
		assert_int_equal(forwarded_secure(&request, true), true);
		add(&request, "X-Forwarded-Proto", rows[i].value);
		assert_int_equal(forwarded_secure(&request,
		    rows[i].otherwise), rows[i].secure);
		/* Twice is not clear. */
		add(&request, "X-Forwarded-Proto", rows[i].value);
		assert_int_equal(forwarded_secure(&request,
		    !rows[i].secure), !rows[i].secure);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_proto),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
