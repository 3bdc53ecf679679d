/* SPDX-License-Identifier: MIT */
#include "ws/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"

#define TEXT(literal) literal, sizeof(literal) - 1

static const struct {
	const char *bytes;
	size_t len;
	size_t bad_at; /* bytes after which it is refused; 0: it is good */
	struct ws_frame frame;
} headers[] = {
    {TEXT("\x81\x00"), 0, {0, 2, WS_TEXT, true, false, {0}}},
    {TEXT("\x02\x7d"), 0, {125, 2, WS_BINARY, false, false, {0}}},
    {TEXT("\x80\x85\x01\x02\x03\x04"), 0,
	{5, 6, WS_CONTINUATION, true, true, {1, 2, 3, 4}}},
    {TEXT("\x82\x7e\x00\x7e"), 0, {126, 4, WS_BINARY, true, false, {0}}},
    {TEXT("\x82\xfe\xff\xff\x01\x02\x03\x04"), 0,
	{65535, 8, WS_BINARY, true, true, {1, 2, 3, 4}}},
    {TEXT("\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"), 0,
	{65536, 10, WS_BINARY, true, false, {0}}},
    {TEXT("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04"), 0,
	{INT64_MAX, 14, WS_BINARY, true, true, {1, 2, 3, 4}}},
    {TEXT("\x88\x00"), 0, {0, 2, WS_CLOSE, true, false, {0}}},
    {TEXT("\x89\x7d"), 0, {125, 2, WS_PING, true, false, {0}}},
    {TEXT("\x8a\x80\x00\x00\x00\x00"), 0,
	{0, 6, WS_PONG, true, true, {0}}},
    /* reserved bits and opcodes */
    {TEXT("\xc1"), 1, {0}},
    {TEXT("\xa1"), 1, {0}},
    {TEXT("\x91"), 1, {0}},
    {TEXT("\xf1"), 1, {0}},
    {TEXT("\xc9"), 1, {0}},
    {TEXT("\x83"), 1, {0}},
    {TEXT("\x84"), 1, {0}},
    {TEXT("\x85"), 1, {0}},
    {TEXT("\x86"), 1, {0}},
    {TEXT("\x87"), 1, {0}},
    {TEXT("\x8b"), 1, {0}},
    {TEXT("\x8c"), 1, {0}},
    {TEXT("\x8d"), 1, {0}},
    {TEXT("\x8e"), 1, {0}},
    {TEXT("\x8f"), 1, {0}},
    /* control frames */
    {TEXT("\x08"), 1, {0}},
    {TEXT("\x09"), 1, {0}},
    {TEXT("\x0a"), 1, {0}},
    {TEXT("\x89\x7e"), 2, {0}},
    {TEXT("\x89\x7f"), 2, {0}},
    {TEXT("\x88\xfe"), 2, {0}},
    {TEXT("\x8a\xff"), 2, {0}},
    /* lengths that are not the shortest, or negative */
    {TEXT("\x81\x7e\x00\x7d"), 4, {0}},
    {TEXT("\x81\xfe\x00\x00"), 4, {0}},
    {TEXT("\x81\x7f\x00\x00\x00\x00\x00\x00\xff\xff"), 10, {0}},
    {TEXT("\x81\xff\x00\x00\x00\x00\x00\x00\x00\x01"), 10, {0}},
    {TEXT("\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00"), 10, {0}},
    {TEXT("\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff"), 10, {0}},
};

static void
test_decode(void **state)
{
	struct ws_frame frame;
	const char *reason;
	enum ws_frame_result expected;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		for (n = 0; n <= headers[i].len; n++) {
			expected = n < headers[i].len ? WS_FRAME_MORE :
			    headers[i].bad_at > 0 ? WS_FRAME_BAD :
			    WS_FRAME_DONE;
			assert_int_equal(ws_frame_decode(headers[i].bytes, n,
			    &frame, &reason), expected);
		}
		if (headers[i].bad_at > 0) {
			assert_int_equal(headers[i].bad_at, headers[i].len);
			assert_non_null(reason);
			continue;
		}
		assert_int_equal(frame.len, headers[i].frame.len);
		assert_int_equal(frame.header, headers[i].frame.header);
		assert_int_equal(frame.opcode, headers[i].frame.opcode);
		assert_int_equal(frame.fin, headers[i].frame.fin);
		assert_int_equal(frame.masked, headers[i].frame.masked);
		assert_memory_equal(frame.mask, headers[i].frame.mask, 4);
	}
}

/* What is decoded encodes to the same bytes. */
static void
test_encode(void **state)
{
	unsigned char out[WS_HEADER_MAX];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		if (headers[i].bad_at > 0)
			continue;
		n = ws_frame_encode(out, &headers[i].frame);
		assert_int_equal(n, headers[i].len);
		assert_memory_equal(out, headers[i].bytes, n);
	}
}

/* Against the definition, at every alignment, length and place. */
static void
test_mask(void **state)
{
	static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
	unsigned char data[64], expected[64];
	size_t from, len, at, i;

	(void)state;
	for (from = 0; from < 8; from++) {
		for (len = 0; len < 40; len++) {
			for (at = 0; at < 8; at++) {
				for (i = 0; i < sizeof(data); i++)
					data[i] = (unsigned char)(i * 7);
				memcpy(expected, data, sizeof(data));
				for (i = 0; i < len; i++)
					expected[from + i] ^=
					    mask[(at + i) % 4];
				ws_frame_mask(data + from, len, mask, at);
				assert_memory_equal(data, expected,
				    sizeof(data));
			}
		}
	}
}

static void
test_seal(void **state)
{
	static const struct {
		size_t len;
		const char *header;
		size_t n;
	} rows[] = {
	    {0, TEXT("\x81\x00")},
	    {125, TEXT("\x81\x7d")},
	    {126, TEXT("\x81\x7e\x00\x7e")},
	    {65535, TEXT("\x81\x7e\xff\xff")},
	    {65536, TEXT("\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00")},
	};
	static char payload[65536];
	struct blob *blob;
	size_t i;

	(void)state;
	memset(payload, 'x', sizeof(payload));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		blob = ws_frame_blob(WS_TEXT, payload, rows[i].len);
		assert_non_null(blob);
		ws_frame_seal(blob, WS_TEXT);
		assert_int_equal(blob_wire_len(blob), rows[i].len + rows[i].n);
		assert_memory_equal(blob_wire(blob), rows[i].header,
		    rows[i].n);
		assert_memory_equal(blob_payload(blob), payload, rows[i].len);
		blob_unref(blob);
	}
}

static void
test_put(void **state)
{
	static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
	struct buf out = {0};

	(void)state;
	/* RFC 6455 section 5.7 */
	ws_frame_put(&out, WS_TEXT, "Hello", 5, NULL);
	ws_frame_put(&out, WS_TEXT, "Hello", 5, mask);
	ws_frame_put_close(&out, WS_CODE_NORMAL, "", NULL);
	ws_frame_put(&out, WS_PING, NULL, 0, mask);
	assert_false(out.failed);
	assert_int_equal(out.len, 7 + 11 + 4 + 6);
	assert_memory_equal(out.data,
	    "\x81\x05Hello"
	    "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"
	    "\x88\x02\x03\xe8"
	    "\x89\x80\x37\xfa\x21\x3d", out.len);
	buf_fini(&out);
}

/* A long reason is cut where a character ends. */
static void
test_close(void **state)
{
	char reason[200] = "";
	struct blob *blob;
	size_t i, shift;

	(void)state;
	for (shift = 0; shift < 4; shift++) {
		memset(reason, 'x', shift);
		for (i = shift; i + 4 < sizeof(reason) - 1; i += 4)
			memcpy(reason + i, "\xf0\x9f\x8d\xb5", 5);
		blob = ws_frame_close_blob(4001, reason);
		assert_non_null(blob);
		assert_true(blob->len > 2 + 119 && blob->len <= 125);
		assert_memory_equal(blob_payload(blob), "\x0f\xa1", 2);
		assert_true(utf8_valid(blob_payload(blob) + 2, blob->len - 2));
		blob_unref(blob);
	}
	blob = ws_frame_close_blob(WS_CODE_TOO_BIG, "too long");
	assert_memory_equal(blob_wire(blob), "\x88\x0a\x03\xf1too long", 12);
	blob_unref(blob);
}

static void
test_codes(void **state)
{
	static const unsigned int good[] = {1000, 1001, 1002, 1003, 1007, 1008,
	    1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999};
	static const unsigned int bad[] = {0, 1, 999, 1004, 1005, 1006, 1015,
	    1016, 1100, 1999, 2000, 2999, 5000, 65535};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(ws_code_valid(good[i]));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(ws_code_valid(bad[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_decode),
	    cmocka_unit_test(test_encode),
	    cmocka_unit_test(test_mask),
	    cmocka_unit_test(test_seal),
	    cmocka_unit_test(test_put),
	    cmocka_unit_test(test_close),
	    cmocka_unit_test(test_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
