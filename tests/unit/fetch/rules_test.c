/* SPDX-License-Identifier: MIT */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fetch/rules.h"

static const struct {
	const char *url, *origin; /* NULL: refused */
} urls[] = {
    {"https://api.example.org/send?x=1", "https://api.example.org:443"},
    {"HTTPS://API.Example.ORG", "https://api.example.org:443"},
    {"http://api.example.org:80/", "http://api.example.org:80"},
    {"http://127.0.0.1:9/x", "http://127.0.0.1:9"},
    {"http://[::1]:9/", "http://[::1]:9"},
    /* Other spellings of an address are that address. */
    {"http://0x7f000001/", "http://127.0.0.1:80"},
    {"http://2130706433/", "http://127.0.0.1:80"},
    {"http://127.1/", "http://127.0.0.1:80"},
    {"https://user@api.example.org/", NULL},
    {"https://user:secret@api.example.org/", NULL},
    {"https://api.example.org@evil.example/", NULL},
    {"ftp://api.example.org/", NULL},
    {"file:///etc/passwd", NULL},
    {"gopher://api.example.org/", NULL},
    {"//api.example.org/", NULL},
    {"api.example.org", NULL},
    {"https://", NULL},
    {"https://api.example.org:99999/", NULL},
    {"", NULL},
};

static void
test_origins(void **state)
{
	char origin[ORIGIN_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		if (urls[i].origin == NULL) {
			assert_int_equal(origin_of(urls[i].url, origin), -1);
			continue;
		}
		assert_int_equal(origin_of(urls[i].url, origin), 0);
		assert_string_equal(origin, urls[i].origin);
	}
}

static const struct {
	const char *text;
	bool may;
} addresses[] = {
    {"8.8.8.8", true}, {"1.1.1.1", true}, {"172.15.0.1", true},
    {"172.32.0.1", true}, {"2606:4700::1111", true},
    {"0.0.0.0", false}, {"10.0.0.1", false}, {"100.64.0.1", false},
    {"127.0.0.1", false}, {"127.255.255.255", false},
    {"169.254.169.254", false}, {"172.16.0.1", false},
    {"172.31.255.255", false}, {"192.168.1.1", false},
    {"192.0.2.1", false}, {"198.18.0.1", false}, {"224.0.0.1", false},
    {"255.255.255.255", false}, {"240.0.0.1", false},
    {"::", false}, {"::1", false}, {"::ffff:127.0.0.1", false},
    {"::ffff:10.0.0.1", false}, {"::127.0.0.1", false},
    {"64:ff9b::7f00:1", false}, {"2002:7f00:1::", false},
    {"fc00::1", false}, {"fd12:3456::1", false}, {"fe80::1", false},
    {"fec0::1", false}, {"ff02::1", false}, {"2001:db8::1", false},
    {"::ffff:8.8.8.8", true},
    /* Let through by the exception below. */
    {"10.1.2.3", true}, {"10.1.3.3", false}, {"fd00:1::5", true},
};

static void
fill_in(const char *text, struct sockaddr_storage *out)
{
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)out;
	struct sockaddr_in *four = (struct sockaddr_in *)(void *)out;
	struct ip ip;

	memset(out, 0, sizeof(*out));
	assert_true(ip_parse(text, strlen(text), &ip));
	if (strchr(text, ':') == NULL) {
		four->sin_family = AF_INET;
		memcpy(&four->sin_addr, ip.bytes + 12, 4);
	} else {
		six->sin6_family = AF_INET6;
		memcpy(&six->sin6_addr, ip.bytes, 16);
	}
}

static void
test_addresses(void **state)
{
	static const char *const exceptions[] = {"10.1.2.0/24",
	    "fd00:1::/32", NULL};
	const struct fetch_rules from = {.private_ranges = exceptions};
	struct sockaddr_storage address;
	struct rules rules;
	size_t i;

	(void)state;
	assert_int_equal(rules_read(&from, &rules, NULL), 0);
	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		fill_in(addresses[i].text, &address);
		if (rules_allow_address(&rules,
			(struct sockaddr *)&address) != addresses[i].may)
			fail_msg("%s", addresses[i].text);
	}
	memset(&address, 0, sizeof(address));
	address.ss_family = AF_UNIX;
	assert_false(rules_allow_address(&rules,
	    (struct sockaddr *)&address));
	rules_fini(&rules);
}

static void
test_list(void **state)
{
	static const char *const origins[] = {"https://API.example.org",
	    "http://other.example:8080", NULL};
	const struct fetch_rules from = {.origins = origins};
	struct rules rules;

	(void)state;
	assert_int_equal(rules_read(&from, &rules, NULL), 0);
	assert_true(rules_allow_origin(&rules, "https://api.example.org:443"));
	assert_true(rules_allow_origin(&rules, "http://other.example:8080"));
	assert_false(rules_allow_origin(&rules, "http://api.example.org:80"));
	assert_false(rules_allow_origin(&rules, "https://api.example.org:44"));
	assert_false(rules_allow_origin(&rules, "https://example.org:443"));
	rules_fini(&rules);
}

static void
test_bad_lists(void **state)
{
	static const char *const bad[] = {"api.example.org",
	    "https://api.example.org/", "https://api.example.org/send",
	    "https://a@api.example.org", "ftp://api.example.org", "https://",
	    ""};
	const char *list[] = {NULL, NULL};
	const struct fetch_rules origins = {.origins = list};
	const struct fetch_rules ranges = {.private_ranges = list};
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		list[0] = bad[i];
		assert_int_equal(fetch_check_rules(&origins, &err), -1);
		assert_int_equal(err.code, ERROR_CONFIG);
	}
	list[0] = "10.0.0.0/33";
	assert_int_equal(fetch_check_rules(&ranges, &err), -1);
	assert_non_null(strstr(err.text, "http.allow_private"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_origins),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_list),
	    cmocka_unit_test(test_bad_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
