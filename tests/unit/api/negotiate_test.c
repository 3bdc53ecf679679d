/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/negotiate.h"

static struct http_slice
slice(const char *text)
{
	return (struct http_slice){text, strlen(text)};
}

static void
add(struct http_request *request, const char *name, const char *value)
{
	request->fields[request->n_fields++] =
	    (struct http_field){slice(name), slice(value)};
}

static void
types(void **state)
{
	static const struct {
		const char *accept;
		bool takes;
	} rows[] = {
	    {"application/json", true},
	    {"APPLICATION/JSON;charset=utf-8", true},
	    {"*/*", true},
	    {"application/*", true},
	    {"text/html, application/*;q=0.001", true},
	    {"text/html", false},
	    {"text/*", false},
	    {"application/json;q=0", false},
	    {"application/json;q=0, */*", false}, /* what says it best counts */
	    {"application/*;q=0, */*", false},
	    {"*/*;q=0", false},
	    {"application/json;q=0.000", false},
	    {"application/json;q=1.000", true},
	    {"application/json;q=1.001", false},
	    {"application/json;q=2", false},
	    {"application/json;q=-1", false},
	    {"application/json;q=", false},
	    {"application/json;q=0.5x", false},
	    {"application/json ; charset=x ; Q=0.5", true},
	    {"application/jsonx", false},
	    {"", false},
	    {",,;,", false},
	};
	struct http_request request;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&request, 0, sizeof(request));
		add(&request, "accept", rows[i].accept);
		if (negotiate_type(&request, "application/json") !=
		    rows[i].takes)
			fail_msg("Accept: %s", rows[i].accept);
	}
	memset(&request, 0, sizeof(request));
	assert_true(negotiate_type(&request, "application/json"));
	add(&request, "Accept", "text/html");
	add(&request, "Accept", "application/json");
	assert_true(negotiate_type(&request, "application/json"));
}

static void
codings(void **state)
{
	static const struct {
		const char *accept;
		bool gzip;
	} rows[] = {
	    {"gzip", true},
	    {"GZIP", true},
	    {"x-gzip", true},
	    {"br, gzip;q=0.5", true},
	    {"*", true},
	    {"*;q=0.5, identity;q=0.4", true},
	    {"gzip, identity", true},
	    {"gzip;q=0", false},
	    {"gzip;q=0, *", false},
	    {"gzip;q=0.2, identity;q=0.3", false},
	    {"identity", false},
	    {"br", false},
	    {"gzipped", false},
	    {"", false},
	};
	struct http_request request;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&request, 0, sizeof(request));
		add(&request, "Accept-Encoding", rows[i].accept);
		if (negotiate_gzip(&request) != rows[i].gzip)
			fail_msg("Accept-Encoding: %s", rows[i].accept);
	}
	memset(&request, 0, sizeof(request));
	assert_false(negotiate_gzip(&request));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(types),
	    cmocka_unit_test(codings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
