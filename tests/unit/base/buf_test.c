/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static void
assert_holds(const struct buf *buf, const char *text)
{
	assert_false(buf->failed);
	assert_int_equal(buf_readable(buf), strlen(text));
	if (*text != '\0')
		assert_memory_equal(buf_start(buf), text, strlen(text));
}

static void
test_append(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	assert_holds(&buf, "");
	buf_append(&buf, NULL, 0);
	buf_puts(&buf, "a=");
	buf_put_u64(&buf, 0);
	buf_putc(&buf, ' ');
	buf_put_u64(&buf, UINT64_MAX);
	buf_printf(&buf, " %s:%03d", "x", 7);
	assert_holds(&buf, "a=0 18446744073709551615 x:007");
	buf_reset(&buf);
	assert_holds(&buf, "");
	assert_true(buf.cap > 0);
	buf_fini(&buf);
	assert_null(buf.data);
}

static void
test_printf_grows(void **state)
{
	struct buf buf = { 0 };
	char text[1001];
	int i;

	(void)state;
	memset(text, 'x', 1000);
	text[1000] = '\0';
	for (i = 0; i < 10; i++)
		buf_printf(&buf, "%s", text);
	assert_int_equal(buf_readable(&buf), 10000);
	buf_fini(&buf);
}

/* Consumed and appended in turns, it never loses its place. */
static void
test_consume(void **state)
{
	struct buf buf = { 0 };
	uint8_t in = 0, out = 0;
	size_t i, n;
	int round;

	(void)state;
	for (round = 0; round < 2000; round++) {
		n = (size_t)(round * 7 % 61);
		for (i = 0; i < n; i++)
			buf_putc(&buf, (char)in++);
		n = (size_t)(round * 13 % 67);
		if (n > buf_readable(&buf))
			n = buf_readable(&buf);
		for (i = 0; i < n; i++)
			assert_int_equal((uint8_t)buf_start(&buf)[i], out++);
		buf_consume(&buf, n);
	}
	assert_int_equal((uint8_t)(in - out), (uint8_t)buf_readable(&buf));
	assert_true(buf.cap < 4096);
	buf_fini(&buf);
}

/* What cannot be allocated is noticed once, at the end. */
static void
test_failure(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	buf_puts(&buf, "kept");
	assert_null(buf_reserve(&buf, SIZE_MAX / 2));
	assert_true(buf.failed);
	buf_puts(&buf, "dropped");
	assert_null(buf_reserve(&buf, 1));
	assert_int_equal(buf_readable(&buf), 4);
	buf_reset(&buf);
	buf_puts(&buf, "again");
	assert_holds(&buf, "again");
	buf_fini(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_printf_grows),
		cmocka_unit_test(test_consume),
		cmocka_unit_test(test_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
