/* SPDX-License-Identifier: MIT */
#include "http/router.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define GET (1U << HTTP_GET)
#define POST (1U << HTTP_POST)
#define ALL ((1U << HTTP_METHODS) - 1)

static const struct http_route routes[] = {
    {GET, "/", "root"},
    {GET, "/healthz", "health"},
    {GET, "/api/groups", "list"},
    {POST, "/api/groups", "create"},
    {GET, "/api/groups/mine", "mine"},
    {GET, "/api/groups/:name", "group"},
    {1U << HTTP_DELETE, "/api/groups/:name/members/:user", "remove"},
    {ALL, "/any/", "any"},
};

static const struct {
	enum http_method method;
	const char *path;
	enum http_route_result result;
	const char *handler; /* or the Allow field */
	const char *params;  /* joined */
} rows[] = {
    {HTTP_GET, "/", HTTP_ROUTE_FOUND, "root", ""},
    {HTTP_GET, "/healthz", HTTP_ROUTE_FOUND, "health", ""},
    {HTTP_HEAD, "/healthz", HTTP_ROUTE_FOUND, "health", ""},
    {HTTP_GET, "/healthz/", HTTP_ROUTE_MISSING, "", ""},
    {HTTP_GET, "/health", HTTP_ROUTE_MISSING, "", ""},
    {HTTP_GET, "/Healthz", HTTP_ROUTE_MISSING, "", ""},
    {HTTP_GET, "//healthz", HTTP_ROUTE_MISSING, "", ""},
    {HTTP_GET, "*", HTTP_ROUTE_MISSING, "", ""},
    {HTTP_GET, "/api/groups", HTTP_ROUTE_FOUND, "list", ""},
    {HTTP_POST, "/api/groups", HTTP_ROUTE_FOUND, "create", ""},
    {HTTP_PUT, "/api/groups", HTTP_ROUTE_REFUSED,
	"Allow: GET, HEAD, POST, OPTIONS\r\n", ""},
    {HTTP_OPTIONS, "/api/groups", HTTP_ROUTE_OPTIONS,
	"Allow: GET, HEAD, POST, OPTIONS\r\n", ""},
    {HTTP_OPTIONS, "/nowhere", HTTP_ROUTE_MISSING, "", ""},
    {HTTP_GET, "/api/groups/mine", HTTP_ROUTE_FOUND, "mine", ""},
    {HTTP_GET, "/api/groups/%23tea", HTTP_ROUTE_FOUND, "group", "%23tea,"},
    {HTTP_GET, "/api/groups/", HTTP_ROUTE_MISSING, "", ""},
    {HTTP_GET, "/api/groups/a/b", HTTP_ROUTE_MISSING, "", ""},
    {HTTP_DELETE, "/api/groups/tea/members/bob", HTTP_ROUTE_FOUND, "remove",
	"tea,bob,"},
    {HTTP_GET, "/api/groups/tea/members/bob", HTTP_ROUTE_REFUSED,
	"Allow: DELETE, OPTIONS\r\n", ""},
    {HTTP_OPTIONS, "/any/", HTTP_ROUTE_FOUND, "any", ""},
    {HTTP_GET, "/any", HTTP_ROUTE_MISSING, "", ""},
};

static void
join(const struct http_match *match, char out[64])
{
	size_t i, n = 0;

	for (i = 0; i < match->n_params; i++) {
		memcpy(out + n, match->params[i].data, match->params[i].len);
		n += match->params[i].len;
		out[n++] = ',';
	}
	out[n] = '\0';
}

static void
test_routes(void **state)
{
	struct http_request request = {0};
	struct http_match match;
	char params[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		request.method = rows[i].method;
		request.path.data = rows[i].path;
		request.path.len = strlen(rows[i].path);
		assert_int_equal(http_router_find(routes,
		    sizeof(routes) / sizeof(routes[0]), &request, &match),
		    rows[i].result);
		assert_string_equal(match.route != NULL ?
		    match.route->handler : match.allow, rows[i].handler);
		join(&match, params);
		assert_string_equal(params, rows[i].params);
	}
}

/* All methods but OPTIONS: the longest Allow there is. */
static void
test_longest_allow(void **state)
{
	static const struct http_route route = {
	    ALL & ~(1U << HTTP_OPTIONS), "/", NULL};
	struct http_request request = {.method = HTTP_OPTIONS,
	    .path = {"/", 1}};
	struct http_match match;

	(void)state;
	assert_int_equal(http_router_find(&route, 1, &request, &match),
	    HTTP_ROUTE_OPTIONS);
	assert_string_equal(match.allow, "Allow: GET, HEAD, POST, PUT, PATCH, "
	    "DELETE, OPTIONS\r\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_routes),
	    cmocka_unit_test(test_longest_allow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
