/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "api/call.h"
#include "api/compress.h"

static void
check_unpacks(const char *text, size_t len)
{
	static char plain[COMPRESS_MAX];
	struct buf packed = {0};
	z_stream stream = {0};

	buf_puts(&packed, "before");
	assert_int_equal(compress_gzip(text, len, &packed), 0);
	assert_memory_equal(packed.data, "before", 6);
	stream.next_in = (Bytef *)packed.data + 6;
	stream.avail_in = (uInt)(packed.len - 6);
	stream.next_out = (Bytef *)plain;
	stream.avail_out = sizeof(plain);
	assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
	assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
	assert_int_equal(stream.total_out, len);
	assert_memory_equal(plain, text, len);
	inflateEnd(&stream);
	buf_fini(&packed);
}

static void
what_is_packed_comes_out(void **state)
{
	static char text[COMPRESS_MAX];
	size_t i;

	(void)state;
	check_unpacks("x", 1);
	memset(text, 'x', sizeof(text));
	check_unpacks(text, COMPRESS_MIN);
	check_unpacks(text, sizeof(text));
	/* What does not shrink fits as well. */
	for (i = 0; i < sizeof(text); i++)
		text[i] = (char)((i * UINT32_C(2654435761)) >> 13);
	check_unpacks(text, sizeof(text));
}

static void
cursors(void **state)
{
	static const uint64_t values[] = {0, 1, 255, (1ULL << 53) - 1};
	static const char *const wrong[] = {"", "m", "x1", "m 1", "m-1",
	    "mg", "mA", "m1 ", "m11111111111111111", "M1",
	    "m20000000000000", "mffffffffffffffff"};
	char text[API_CURSOR_SIZE];
	uint64_t value;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		api_cursor_put(values[i], 'm', text);
		assert_int_equal(api_cursor_get(text, 'm', &value), 0);
		assert_true(value == values[i]);
		assert_int_equal(api_cursor_get(text, 'c', &value), -1);
	}
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(api_cursor_get(wrong[i], 'm', &value), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_packed_comes_out),
	    cmocka_unit_test(cursors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
