/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "server/bans.h"

#define NOW 1000

static struct bans *
banned(const char *const *ranges, size_t n)
{
	struct bans *bans = bans_new(NULL);
	struct store_ban ban = { .until_us = INT64_MAX };
	size_t i;

	for (i = 0; i < n; i++) {
		snprintf(ban.range, sizeof(ban.range), "%s", ranges[i]);
		snprintf(ban.reason, sizeof(ban.reason), "of %s", ranges[i]);
		assert_int_equal(bans_add(bans, &ban), 0);
	}
	return bans;
}

static bool
has(struct bans *bans, const char *text, char reason[REASON_MAX + 1])
{
	struct ip ip;

	assert_true(ip_parse(text, strlen(text), &ip));
	return bans_have(bans, &ip, NOW, reason);
}

static void
test_ranges(void **state)
{
	static const char *const ranges[] = {"192.0.2.0/24", "10.0.0.0/8",
		"192.0.2.7", "2001:db8::/32", "2001:db8:1::/48",
		"203.0.113.9"};
	static const struct {
		const char *ip, *reason; /* NULL: let in */
	} rows[] = {
		{"192.0.2.0", "of 192.0.2.0/24"},
		{"192.0.2.255", "of 192.0.2.0/24"},
		{"192.0.3.0", NULL},
		{"10.255.255.255", "of 10.0.0.0/8"},
		{"11.0.0.0", NULL},
		{"203.0.113.9", "of 203.0.113.9"},
		{"203.0.113.8", NULL},
		{"2001:db8:ffff::", "of 2001:db8::/32"},
		{"2001:db9::", NULL},
		{"::1", NULL},
	};
	char reason[REASON_MAX + 1];
	struct bans *bans = banned(ranges, 6);
	size_t i;

	(void)state;
	assert_int_equal(bans_count(bans), 6);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (has(bans, rows[i].ip, reason) != (rows[i].reason != NULL))
			fail_msg("%s", rows[i].ip);
		if (rows[i].reason != NULL)
			assert_string_equal(reason, rows[i].reason);
	}
	/* Where a wide one goes, a narrow one within stays. */
	bans_remove(bans, "192.0.2.0/24");
	bans_remove(bans, "192.0.2.0/24");
	assert_int_equal(bans_count(bans), 5);
	assert_false(has(bans, "192.0.2.1", reason));
	assert_true(has(bans, "192.0.2.7", reason));
	bans_free(bans);
	bans_free(NULL);
}

/* A ban of all of IPv4 is none of IPv6, nor the other way round. */
static void
test_families(void **state)
{
	static const char *const four[] = {"0.0.0.0/0"}, *const six[] =
	    {"::/0"};
	char reason[REASON_MAX + 1];
	struct bans *bans = banned(four, 1);

	(void)state;
	assert_true(has(bans, "255.255.255.255", reason));
	assert_false(has(bans, "2001:db8::", reason));
	bans_free(bans);
	bans = banned(six, 1);
	assert_false(has(bans, "192.0.2.1", reason));
	assert_true(has(bans, "2001:db8::", reason));
	bans_free(bans);
}

/* The same range again takes the place of what was said before. */
static void
test_times(void **state)
{
	struct bans *bans = bans_new(NULL);
	struct store_ban ban = { .range = "192.0.2.1", .until_us = NOW };
	char reason[REASON_MAX + 1];

	(void)state;
	bans_add(bans, &ban);
	assert_false(has(bans, "192.0.2.1", reason));
	ban.until_us = NOW + 1;
	bans_add(bans, &ban);
	assert_int_equal(bans_count(bans), 1);
	assert_true(has(bans, "192.0.2.1", reason));
	assert_string_equal(reason, "");
	bans_free(bans);
}

/* Of IPv6 nobody has less than a /64; loopback stays as it is. */
static void
test_parse(void **state)
{
	static const struct {
		const char *text, *range;
	} rows[] = {
		{"192.0.2.1", "192.0.2.1"},
		{"192.0.2.0/25", "192.0.2.0/25"},
		{"2001:db8::1", "2001:db8::/64"},
		{"2001:db8::ff00/120", "2001:db8::/64"},
		{"2001:db8::/63", "2001:db8::/63"},
		{"::1", "::1"},
	};
	char text[RANGE_TEXT_SIZE];
	struct range range;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(bans_parse(rows[i].text, &range, &err), 0);
		range_format(&range, text);
		assert_string_equal(text, rows[i].range);
	}
	assert_int_equal(bans_parse("eve", &range, &err), -1);
	assert_int_equal(bans_parse("192.0.2.1/24", &range, &err), -1);
}

/* As many as can be stored, in an order that is none. */
static void
test_many(void **state)
{
	struct bans *bans = bans_new(NULL);
	struct store_ban ban = { .until_us = INT64_MAX };
	char reason[REASON_MAX + 1], text[32];
	unsigned i, n;

	(void)state;
	for (i = 0; i < RANGES_MAX; i++) {
		n = i * 2654435761U % RANGES_MAX;
		snprintf(ban.range, sizeof(ban.range), "10.%u.%u.0/%u",
		    n / 256, n % 256, 24 + n % 9);
		assert_int_equal(bans_add(bans, &ban), 0);
	}
	assert_int_equal(bans_count(bans), RANGES_MAX);
	for (i = 0; i < RANGES_MAX; i++) {
		snprintf(text, sizeof(text), "10.%u.%u.0", i / 256, i % 256);
		assert_true(has(bans, text, reason));
		snprintf(text, sizeof(text), "11.%u.%u.0", i / 256, i % 256);
		assert_false(has(bans, text, reason));
	}
	bans_free(bans);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
