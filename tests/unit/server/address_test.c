/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "server/address.h"

/* Rates so low that nothing comes back while the test runs. */
static const struct address_limits limits = {
	.connections = 4,
	.unauthenticated = 2,
	.connect_rate = 1e-6,
	.connect_burst = 100,
	.account_rate = 1e-6,
	.account_burst = 3,
	.request_rate = 1e-6,
	.request_burst = 3,
	.abuse_ms = 60000,
};

static enum address_verdict
connect_from(struct addresses *addresses, const char *text,
    struct address **out)
{
	struct ip ip;
	uint32_t wait_ms;

	assert_true(ip_parse(text, strlen(text), &ip));
	return address_connect(addresses, &ip, ADDRESS_DIRECT, out, &wait_ms);
}

/* Over a cap it is told so, and over twice the cap it is not even counted. */
static void
test_unauthenticated(void **state)
{
	struct addresses *addresses = addresses_new(&limits, NULL);
	struct address *held[5], *other;
	int i;

	(void)state;
	for (i = 0; i < 2; i++)
		assert_int_equal(connect_from(addresses, "192.0.2.1",
		    &held[i]), ADDRESS_OK);
	for (; i < 4; i++)
		assert_int_equal(connect_from(addresses, "192.0.2.1",
		    &held[i]), ADDRESS_REFUSED);
	assert_int_equal(connect_from(addresses, "192.0.2.1", &held[4]),
	    ADDRESS_DROPPED);
	assert_null(held[4]);
	assert_int_equal(connect_from(addresses, "192.0.2.2", &other),
	    ADDRESS_OK);
	address_disconnect(addresses, other, false);
	while (i > 0)
		address_disconnect(addresses, held[--i], false);
	assert_int_equal(connect_from(addresses, "192.0.2.1", &held[0]),
	    ADDRESS_OK);
	address_disconnect(addresses, held[0], false);
	addresses_free(addresses);
}

/* Who has signed in counts among all, not among the unknown. */
static void
test_authenticated(void **state)
{
	struct addresses *addresses = addresses_new(&limits, NULL);
	struct address *held[5];
	int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		assert_int_equal(connect_from(addresses, "192.0.2.1",
		    &held[i]), ADDRESS_OK);
		address_authenticated(addresses, held[i]);
	}
	assert_int_equal(connect_from(addresses, "192.0.2.1", &held[4]),
	    ADDRESS_REFUSED);
	address_disconnect(addresses, held[4], false);
	while (i > 0)
		address_disconnect(addresses, held[--i], true);
	addresses_free(addresses);
}

static void
test_rate(void **state)
{
	struct address_limits slow = { .connect_rate = 1e-6,
		.connect_burst = 5 };
	struct addresses *addresses = addresses_new(&slow, NULL);
	struct address *address;
	int i;

	(void)state;
	for (i = 0; i < 5; i++) {
		assert_int_equal(connect_from(addresses, "192.0.2.1",
		    &address), ADDRESS_OK);
		address_disconnect(addresses, address, false);
	}
	assert_int_equal(connect_from(addresses, "192.0.2.1", &address),
	    ADDRESS_REFUSED);
	address_disconnect(addresses, address, false);
	addresses_free(addresses);
}

/* An IPv6 peer has 2^64 addresses: they count as one. */
static void
test_prefix(void **state)
{
	struct addresses *addresses = addresses_new(&limits, NULL);
	struct address *a, *b, *c, *d;

	(void)state;
	connect_from(addresses, "2001:db8::1", &a);
	connect_from(addresses, "2001:db8::ffff:1", &b);
	connect_from(addresses, "2001:db8:0:1::1", &c);
	connect_from(addresses, "::1", &d);
	assert_ptr_equal(a, b);
	assert_ptr_not_equal(a, c);
	assert_ptr_not_equal(a, d);
	assert_string_equal(address_text(a), "2001:db8::");
	assert_string_equal(address_text(c), "2001:db8:0:1::");
	assert_string_equal(address_text(d), "::1");
	assert_true(ip_is_loopback(address_ip(d)));
	address_disconnect(addresses, a, false);
	address_disconnect(addresses, b, false);
	address_disconnect(addresses, c, false);
	address_disconnect(addresses, d, false);
	addresses_free(addresses);
}

static void
test_accounts(void **state)
{
	struct addresses *addresses = addresses_new(&limits, NULL);
	struct address *address;
	int i;

	(void)state;
	connect_from(addresses, "127.0.0.1", &address);
	assert_string_equal(address_text(address), "127.0.0.1");
	for (i = 0; i < 3; i++)
		assert_true(address_may_register(addresses, address));
	assert_false(address_may_register(addresses, address));
	address_disconnect(addresses, address, false);
	addresses_free(addresses);
}

/* A request by somebody who turns out to be known does not count. */
static void
test_requests(void **state)
{
	struct addresses *addresses = addresses_new(&limits, NULL);
	struct address *address, *other;
	uint32_t wait_ms;
	int i;

	(void)state;
	connect_from(addresses, "192.0.2.1", &address);
	connect_from(addresses, "192.0.2.2", &other);
	for (i = 0; i < 10; i++) {
		assert_int_equal(address_request(addresses, address, &wait_ms),
		    ADDRESS_OK);
		assert_int_equal(wait_ms, 0);
		address_request_known(addresses, address);
	}
	for (i = 0; i < 3; i++)
		assert_int_equal(address_request(addresses, address, &wait_ms),
		    ADDRESS_OK);
	assert_int_equal(address_request(addresses, address, &wait_ms),
	    ADDRESS_REFUSED);
	assert_true(wait_ms > 900000000);
	assert_int_equal(address_request(addresses, other, &wait_ms),
	    ADDRESS_OK);
	address_disconnect(addresses, address, false);
	address_disconnect(addresses, other, false);
	addresses_free(addresses);
}

/* No limits are no limits; thousands of addresses are forgotten again. */
static void
test_many(void **state)
{
	static const struct address_limits none;
	struct addresses *addresses = addresses_new(&none, NULL);
	struct address *address, *kept;
	char text[32];
	int i;

	(void)state;
	assert_int_equal(connect_from(addresses, "10.255.0.1", &kept),
	    ADDRESS_OK);
	for (i = 0; i < 20000; i++) {
		snprintf(text, sizeof(text), "10.0.%d.%d", i / 250, i % 250);
		assert_int_equal(connect_from(addresses, text, &address),
		    ADDRESS_OK);
		assert_true(address_may_register(addresses, address));
		address_disconnect(addresses, address, false);
	}
	assert_string_equal(address_text(kept), "10.255.0.1");
	address_disconnect(addresses, kept, false);
	addresses_free(addresses);
	addresses_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unauthenticated),
		cmocka_unit_test(test_authenticated),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_accounts),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
