/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "net/proxy.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define V4 "\xc0\0\2\1\x7f\0\0\1\x15\xb3\0\x50"
#define V6 "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\7" \
	"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\x15\xb3\0\x50"

/* Of bytes with NULs in them. */
#define BYTES(text) text, sizeof(text) - 1

struct row {
	const char *bytes;
	size_t len;
	const char *source; /* NULL: it has none */
};

static const struct row good[] = {
	{BYTES(SIGNATURE "\x21\x11\0\x0c" V4), "192.0.2.1"},
	{BYTES(SIGNATURE "\x21\x21\0\x24" V6), "2001:db8::7"},
	{BYTES(SIGNATURE "\x21\x11\0\x13" V4 "\x04\0\4abcd"), "192.0.2.1"},
	{BYTES(SIGNATURE "\x21\x11\0\x0f" V4 "\x05\0\0"), "192.0.2.1"},
	{BYTES(SIGNATURE "\x20\0\0\0"), NULL},
	{BYTES(SIGNATURE "\x20\x11\0\x0c" V4), NULL},
	{BYTES(SIGNATURE "\x20\xff\0\3abc"), NULL},
	{BYTES(SIGNATURE "\x21\0\0\0"), NULL},
	{BYTES(SIGNATURE "\x21\0\0\3abc"), NULL},
};

/*
 * Each prefix asks for more, from memory that ends with it; what follows the
 * header is not looked at.
 */
static void
test_every_boundary(void **state)
{
	struct proxy_header header;
	char text[IP_TEXT_SIZE], *copy;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		for (len = 0; len < good[i].len; len++) {
			copy = malloc(len > 0 ? len : 1);
			assert_non_null(copy);
			memcpy(copy, good[i].bytes, len);
			assert_int_equal(proxy_parse(copy, len, &header),
			    PROXY_MORE);
			free(copy);
		}
		copy = calloc(1, len + 1);
		assert_non_null(copy);
		memcpy(copy, good[i].bytes, len);
		assert_int_equal(proxy_parse(copy, len, &header), PROXY_DONE);
		assert_int_equal(proxy_parse(copy, len + 1, &header),
		    PROXY_DONE);
		free(copy);
		assert_int_equal(header.len, len);
		assert_int_equal(header.known, good[i].source != NULL);
		if (good[i].source == NULL)
			continue;
		ip_format(&header.source, text);
		assert_string_equal(text, good[i].source);
	}
}

/* Refused as soon as it is clear, `at` that byte, and from then on. */
static void
test_bad(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		size_t at;
	} rows[] = {
		{BYTES("GET / HTTP/1.1\r\n"), 1},
		{BYTES("POST / HTTP/1.1\r\n"), 2},
		{BYTES("PROXY TCP4 "), 5},
		{BYTES("PROXZ"), 5},
		{BYTES("\r\n\r\nX"), 5},
		{BYTES("\0"), 1},
		{BYTES(SIGNATURE "\x11\x11\0\x0c" V4), 13},
		{BYTES(SIGNATURE "\x31\x11\0\x0c" V4), 13},
		{BYTES(SIGNATURE "\x22\x11\0\x0c" V4), 13},
		{BYTES(SIGNATURE "\x2f\x11\0\x0c" V4), 13},
		{BYTES(SIGNATURE "\x21\x12\0\x0c" V4), 16},
		{BYTES(SIGNATURE "\x21\x31\0\x0c" V4), 16},
		{BYTES(SIGNATURE "\x21\x11\0\x0b" V4), 16},
		{BYTES(SIGNATURE "\x21\x21\0\x0c" V4), 16},
		{BYTES(SIGNATURE "\x21\x11\x0f\xf1" V4), 16},
		{BYTES(SIGNATURE "\x20\x11\xff\xff" V4), 16},
		{BYTES(SIGNATURE "\x21\x11\0\x0d" V4 "\4"), 29},
		{BYTES(SIGNATURE "\x21\x11\0\x0f" V4 "\4\0\1"), 31},
		{BYTES(SIGNATURE "\x21\x11\0\x10" V4 "\4\xff\xff!"), 32},
	};
	enum proxy_result result;
	struct proxy_header header;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (len = 0; len <= rows[i].len; len++) {
			result = proxy_parse(rows[i].bytes, len, &header);
			if (result != (len < rows[i].at ? PROXY_MORE :
			    PROXY_BAD))
				fail_msg("row %zu at %zu", i, len);
			if (result == PROXY_BAD)
				assert_non_null(header.reason);
		}
	}
}

/* The longest header there may be, and one byte more. */
static void
test_longest(void **state)
{
	unsigned char *bytes = calloc(1, PROXY_MAX + 1);
	size_t rest = PROXY_MAX - 16, tlv = rest - 12 - 3;
	struct proxy_header header;

	(void)state;
	assert_non_null(bytes);
	memcpy(bytes, SIGNATURE "\x21\x11", 14);
	bytes[14] = (unsigned char)(rest >> 8);
	bytes[15] = (unsigned char)rest;
	memcpy(bytes + 16, V4, 12);
	bytes[29] = (unsigned char)(tlv >> 8);
	bytes[30] = (unsigned char)tlv;
	assert_int_equal(proxy_parse(bytes, PROXY_MAX - 1, &header),
	    PROXY_MORE);
	assert_int_equal(proxy_parse(bytes, PROXY_MAX, &header), PROXY_DONE);
	bytes[15]++;
	assert_int_equal(proxy_parse(bytes, PROXY_MAX + 1, &header),
	    PROXY_BAD);
	free(bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_boundary),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
