/* SPDX-License-Identifier: MIT */
#include "ws/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../support/feed.h"
#include "../../support/transcript.h"

#define TEXT(literal) literal, sizeof(literal) - 1
#define FRAMES_MAX 8

static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};

static const struct ws_options server = {
    .message_max = 300,
    .fragments_max = 4,
};

static const struct ws_options client = {
    .message_max = 300,
    .fragments_max = 4,
    .client = true,
};

/* One frame; flags is its first byte, as on the wire. */
struct piece {
	uint8_t flags;
	const char *payload;
	size_t len;
};

struct row {
	const char *name;
	struct piece frames[FRAMES_MAX]; /* up to the first without payload */
	const char *expected;
};

#define EMPTY "", 0
#define KOSME "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"
#define X10 "xxxxxxxxxx"
#define X100 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10
#define BIN(literal) {0x82, TEXT(literal)}

/* One continuation frame of a text, as its last. */
#define LAST(literal) {0x80, TEXT(literal)}
#define FIRST(literal) {0x01, TEXT(literal)}
#define WHOLE(literal) {0x81, TEXT(literal)}

static const struct row rows[] = {
    /* framing */
    {"text", {WHOLE("Hello")}, "text Hello\n"},
    {"empty text", {{0x81, EMPTY}}, "text \n"},
    {"binary", {BIN("a\xff\xfe")}, "binary a\xff\xfe\n"},
    {"empty binary", {{0x82, EMPTY}}, "binary \n"},
    {"several", {WHOLE("a"), BIN("b"), {0x81, EMPTY}, WHOLE("c")},
	"text a\nbinary b\ntext \ntext c\n"},
    {"a length of two bytes", {WHOLE(X100 X10 X10 X10)},
	"text " X100 X10 X10 X10 "\n"},
    {"the longest message", {WHOLE(X100 X100 X100)},
	"text " X100 X100 X100 "\n"},
    {"a message too long", {WHOLE(X100 X100 X100 "x"), WHOLE("a")},
	"bad 1009\n"},
    /* pings and pongs */
    {"ping", {{0x89, TEXT("a\xff")}}, "ping a\xff\n"},
    {"empty ping", {{0x89, EMPTY}}, "ping \n"},
    {"the longest ping", {{0x89, TEXT(X100 X10 X10 "xxxxx")}},
	"ping " X100 X10 X10 "xxxxx\n"},
    {"pong", {{0x8a, TEXT("a")}, {0x8a, EMPTY}}, "pong a\npong \n"},
    {"ten", {{0x89, TEXT("1")}, {0x89, TEXT("2")}, {0x8a, TEXT("3")},
	WHOLE("4"), {0x89, TEXT("5")}},
	"ping 1\nping 2\npong 3\ntext 4\nping 5\n"},
    /* fragments */
    {"two fragments", {FIRST("Hel"), LAST("lo")}, "text Hello\n"},
    {"the most fragments",
	{FIRST("a"), {0x00, TEXT("b")}, {0x00, TEXT("c")}, LAST("d")},
	"text abcd\n"},
    {"too many fragments",
	{FIRST("a"), {0x00, TEXT("b")}, {0x00, TEXT("c")}, {0x00, TEXT("d")},
	LAST("e")}, "bad 1009\n"},
    {"empty fragments", {{0x01, EMPTY}, {0x00, EMPTY}, {0x80, EMPTY}},
	"text \n"},
    {"empty but one", {{0x02, EMPTY}, {0x00, TEXT("a")}, {0x80, EMPTY}},
	"binary a\n"},
    {"control frames between", {{0x02, TEXT("a")}, {0x89, TEXT("p")},
	{0x00, TEXT("b")}, {0x8a, TEXT("q")}, {0x89, EMPTY},
	{0x80, TEXT("c")}}, "ping p\npong q\nping \nbinary abc\n"},
    {"fragments, then a message", {FIRST("a"), LAST("b"), WHOLE("c"),
	FIRST("d"), LAST("e")}, "text ab\ntext c\ntext de\n"},
    {"fragments too long together",
	{FIRST(X100 X100), {0x00, TEXT(X100)}, LAST("x")}, "bad 1009\n"},
    {"fragments as long as allowed",
	{FIRST(X100 X100), {0x00, TEXT(X100)}, {0x80, EMPTY}},
	"text " X100 X100 X100 "\n"},
    {"nothing to continue", {LAST("a")}, "bad 1002\n"},
    {"nothing to continue, more to come", {{0x00, TEXT("a")}}, "bad 1002\n"},
    {"nothing left to continue", {FIRST("a"), LAST("b"), LAST("c")},
	"text ab\nbad 1002\n"},
    {"text within text", {FIRST("a"), WHOLE("b")}, "bad 1002\n"},
    {"binary within text", {FIRST("a"), {0x02, TEXT("b")}}, "bad 1002\n"},
    {"close between fragments",
	{FIRST("a"), {0x88, TEXT("\x03\xe8")}, LAST("b")}, "close 1000 \n"},
    /* reserved */
    {"a reserved bit", {{0xc1, TEXT("a")}}, "bad 1002\n"},
    {"another", {WHOLE("a"), {0xa1, TEXT("a")}}, "text a\nbad 1002\n"},
    {"a third", {{0x99, EMPTY}}, "bad 1002\n"},
    {"a reserved bit within fragments", {FIRST("a"), {0xc0, TEXT("b")}},
	"bad 1002\n"},
    {"opcode 3", {{0x83, TEXT("a")}}, "bad 1002\n"},
    {"opcode 7", {{0x87, EMPTY}}, "bad 1002\n"},
    {"opcode 11", {{0x8b, EMPTY}}, "bad 1002\n"},
    {"opcode 15", {WHOLE("a"), {0x8f, EMPTY}}, "text a\nbad 1002\n"},
    {"a ping in fragments", {{0x09, TEXT("a")}}, "bad 1002\n"},
    {"a close in fragments", {{0x08, EMPTY}}, "bad 1002\n"},
    {"a ping too long", {{0x89, TEXT(X100 X10 X10 "xxxxxx")}},
	"bad 1002\n"},
    {"a close too long",
	{{0x88, TEXT("\x03\xe8" X100 X10 X10 "xxxx")}}, "bad 1002\n"},
    /* UTF-8 */
    {"two, three and four bytes", {WHOLE(KOSME "\xf0\x9f\x8d\xb5")},
	"text " KOSME "\xf0\x9f\x8d\xb5\n"},
    {"NUL", {WHOLE("a\0b")}, "text a0b\n"},
    {"the last code point", {WHOLE("\xf4\x8f\xbf\xbf")},
	"text \xf4\x8f\xbf\xbf\n"},
    {"cut within a code point",
	{FIRST("\xf0"), {0x00, TEXT("\x9f")}, {0x00, TEXT("\x8d")},
	LAST("\xb5")}, "text \xf0\x9f\x8d\xb5\n"},
    {"cut within, with a ping between",
	{FIRST("\xe2\x82"), {0x89, TEXT("\xff")}, LAST("\xac")},
	"ping \xff\ntext \xe2\x82\xac\n"},
    {"a byte that never is", {WHOLE("a\xff")}, "bad 1007\n"},
    {"a continuation alone", {WHOLE("\x80")}, "bad 1007\n"},
    {"overlong", {WHOLE("\xc0\xaf")}, "bad 1007\n"},
    {"overlong in three", {WHOLE("\xe0\x80\xaf")}, "bad 1007\n"},
    {"overlong in four", {WHOLE("\xf0\x80\x80\xaf")}, "bad 1007\n"},
    {"a surrogate", {WHOLE("\xed\xa0\x80")}, "bad 1007\n"},
    {"beyond the last", {WHOLE("\xf4\x90\x80\x80")}, "bad 1007\n"},
    {"five bytes", {WHOLE("\xf8\x88\x80\x80\x80")}, "bad 1007\n"},
    {"not complete", {WHOLE("a\xe2\x82")}, "bad 1007\n"},
    {"not complete after fragments", {FIRST("\xe2"), LAST("\x82")},
	"bad 1007\n"},
    {"not complete after an empty one", {FIRST("\xe2"), {0x80, EMPTY}},
	"bad 1007\n"},
    {"bad in the first fragment", {FIRST("\xff"), LAST("a")}, "bad 1007\n"},
    {"bad across fragments", {FIRST("\xed"), LAST("\xa0\x80")},
	"bad 1007\n"},
    {"the next text begins anew", {BIN("\xe2"), WHOLE("a")},
	"binary \xe2\ntext a\n"},
    /* close */
    {"close", {{0x88, EMPTY}}, "close 1005 \n"},
    {"close with a code", {{0x88, TEXT("\x03\xe8")}}, "close 1000 \n"},
    {"close with a reason", {{0x88, TEXT("\x0f\xa0" KOSME)}},
	"close 4000 " KOSME "\n"},
    {"the longest reason", {{0x88, TEXT("\x03\xe8" X100 X10 X10 "xxx")}},
	"close 1000 " X100 X10 X10 "xxx\n"},
    {"half a code", {{0x88, TEXT("\x03")}}, "bad 1002\n"},
    {"a reserved code", {{0x88, TEXT("\x03\xed")}}, "bad 1002\n"},
    {"no code", {{0x88, TEXT("\x00\x00")}}, "bad 1002\n"},
    {"a code too large", {{0x88, TEXT("\x13\x88")}}, "bad 1002\n"},
    {"a reason that is not UTF-8", {{0x88, TEXT("\x03\xe8\xc0\xaf")}},
	"bad 1007\n"},
    {"half a character as reason", {{0x88, TEXT("\x03\xe8\xe2\x82")}},
	"bad 1007\n"},
    {"nothing after close", {{0x88, TEXT("\x03\xe8")}, WHOLE("a"),
	{0x89, TEXT("b")}, {0xff, EMPTY}}, "close 1000 \n"},
    {"nothing after a bad frame", {{0x83, EMPTY}, WHOLE("a")}, "bad 1002\n"},
};

static void
put_piece(struct buf *out, const struct piece *piece, bool masked)
{
	size_t n;

	buf_putc(out, (char)piece->flags);
	if (piece->len < 126) {
		buf_putc(out, (char)(piece->len | (masked ? 0x80 : 0)));
	} else {
		buf_putc(out, (char)(126 | (masked ? 0x80 : 0)));
		buf_putc(out, (char)(piece->len >> 8));
		buf_putc(out, (char)(piece->len & 0xff));
	}
	if (masked)
		buf_append(out, mask, sizeof(mask));
	for (n = 0; n < piece->len; n++)
		buf_putc(out, (char)(piece->payload[n] ^
			(masked ? mask[n % 4] : 0)));
}

static void
check(const struct row *row, const struct ws_options *options)
{
	struct buf bytes = {0}, out = {0};
	struct cuts cuts = {0};
	size_t i;

	for (i = 0; i < FRAMES_MAX && row->frames[i].payload != NULL; i++)
		put_piece(&bytes, &row->frames[i], !options->client);
	cuts.len = bytes.len;
	do {
		transcribe_ws(options, bytes.data, &cuts, &out);
		if (strcmp(out.data, row->expected) != 0)
			fail_msg("%s, cut at %zu: got\n%sexpected\n%s",
			    row->name, cuts.way, out.data, row->expected);
	} while (cuts_next(&cuts));
	buf_fini(&bytes);
	buf_fini(&out);
}

static void
test_table(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check(&rows[i], &server);
		check(&rows[i], &client);
	}
}

/* Frames above WS_IN_PLACE_MAX, which are gathered as they come. */
static void
test_large_frames(void **state)
{
	static const size_t sizes[] = {WS_IN_PLACE_MAX, WS_IN_PLACE_MAX + 1,
	    65535};
	static char payload[65536];
	struct buf bytes = {0}, out = {0}, expected = {0};
	struct cuts cuts;
	size_t i, j;

	(void)state;
	memset(payload, 'x', sizeof(payload));
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		buf_reset(&bytes);
		put_piece(&bytes, &(struct piece){0x81, payload, sizes[i]},
		    true);
		put_piece(&bytes, &(struct piece){0x81, TEXT("y")}, true);
		buf_reset(&expected);
		buf_puts(&expected, "text ");
		buf_append(&expected, payload, sizes[i]);
		buf_puts(&expected, "\ntext y\n");
		buf_putc(&expected, '\0');
		for (j = 0; j <= 16; j++) {
			cuts.len = bytes.len;
			cuts.way = bytes.len * j / 16;
			transcribe_ws(&ws_server_defaults, bytes.data, &cuts,
			    &out);
			assert_string_equal(out.data, expected.data);
		}
	}
	buf_fini(&bytes);
	buf_fini(&out);
	buf_fini(&expected);
}

static enum ws_result
feed_next(struct ws_session *session, struct buf *in, const char *bytes,
    size_t len, struct ws_event *event)
{
	feed(in, bytes, len);
	return ws_session_next(session, in, event);
}

/* Refused at the first byte that is wrong, not when the frame is whole. */
static void
test_fails_fast(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		uint16_t code;
	} heads[] = {
	    {TEXT("\x81\xfe\x01\x2d\0\0\0\0"), 1009},
	    {TEXT("\x01\xff\x00\x00\x00\x00\x00\x01\x00\x00\0\0\0\0"), 1009},
	    {TEXT("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0"), 1009},
	    {TEXT("\xc1"), 1002},
	    {TEXT("\x81\x05"), 1002}, /* not masked */
	    {TEXT("\x89\xfe"), 1002},
	    {TEXT("\x81\xe4\0\0\0\0a\xff"), 1007},
	    {TEXT("\x01\xe4\0\0\0\0a\xff"), 1007},
	    {TEXT("\x81\xe4\0\0\0\0\xed\xa0"), 1007},
	};
	struct ws_session session;
	struct ws_event event;
	struct buf in = {0};
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		ws_session_init(&session, &server);
		for (n = 0; n + 1 < heads[i].len; n++)
			assert_int_equal(feed_next(&session, &in,
			    heads[i].bytes + n, 1, &event), WS_MORE);
		assert_int_equal(feed_next(&session, &in, heads[i].bytes + n,
		    1, &event), WS_BAD);
		assert_int_equal(event.code, heads[i].code);
		assert_int_equal(strlen(event.data), event.len);
		assert_true(session.closed);
		assert_int_equal(ws_session_memory(&session), 0);
		ws_session_fini(&session);
		buf_fini(&in);
	}
}

/* The masks of the two roles. */
static void
test_roles(void **state)
{
	struct ws_session session;
	struct ws_event event;
	struct buf in = {0};

	(void)state;
	ws_session_init(&session, &server);
	assert_int_equal(feed_next(&session, &in, TEXT("\x89\x00"), &event),
	    WS_BAD);
	assert_int_equal(event.code, 1002);
	buf_fini(&in);
	ws_session_init(&session, &client);
	assert_int_equal(feed_next(&session, &in,
	    TEXT("\x89\x80\0\0\0\0"), &event), WS_BAD);
	assert_int_equal(event.code, 1002);
	buf_fini(&in);
}

/* A small message is handed out where it came, and nothing is allocated. */
static void
test_in_place(void **state)
{
	struct ws_session session;
	struct ws_event event;
	struct buf in = {0};
	const char *at;

	(void)state;
	ws_session_init(&session, &server);
	put_piece(&in, &rows[0].frames[0], true);
	put_piece(&in, &(struct piece){0x82, TEXT("b")}, true);
	at = in.data;
	assert_int_equal(ws_session_next(&session, &in, &event), WS_EVENT);
	assert_ptr_equal(event.data, at + 6);
	assert_memory_equal(event.data, "Hello", 5);
	assert_int_equal(buf_readable(&in), 7);
	assert_int_equal(ws_session_next(&session, &in, &event), WS_EVENT);
	assert_ptr_equal(event.data, at + 6 + 5 + 6);
	assert_null(session.partial);
	assert_int_equal(ws_session_next(&session, &in, &event), WS_MORE);
	buf_fini(&in);
}

/* A caller may stop between two events, and end amid a message. */
static void
test_stop_and_end(void **state)
{
	struct ws_session session;
	struct ws_event event;
	struct buf in = {0};

	(void)state;
	ws_session_init(&session, &server);
	put_piece(&in, &(struct piece){0x01, TEXT("a")}, true);
	put_piece(&in, &(struct piece){0x80, TEXT("b")}, true);
	put_piece(&in, &(struct piece){0x01, TEXT("c")}, true);
	assert_int_equal(ws_session_next(&session, &in, &event), WS_EVENT);
	assert_memory_equal(event.data, "ab", 2);
	assert_true(ws_session_memory(&session) > 0);
	assert_int_equal(ws_session_next(&session, &in, &event), WS_MORE);
	assert_int_equal(buf_readable(&in), 0);
	assert_true(ws_session_memory(&session) > 0);
	ws_session_fini(&session);
	ws_session_fini(&session);
	buf_fini(&in);
}

/* What the echo server allows: a long message in very many fragments. */
static void
test_many_fragments(void **state)
{
	static const struct ws_options wide = {
	    .message_max = 16 * 1024 * 1024,
	    .fragments_max = 65536,
	};
	struct ws_session session;
	struct ws_event event;
	struct buf in = {0};
	int extra, i;

	(void)state;
	for (extra = 0; extra <= 1; extra++) {
		ws_session_init(&session, &wide);
		put_piece(&in, &(struct piece){0x02, TEXT("a")}, true);
		for (i = 2; i < 65536 + extra; i++)
			put_piece(&in, &(struct piece){0x00, TEXT("b")}, true);
		put_piece(&in, &(struct piece){0x80, TEXT("c")}, true);
		if (extra) {
			assert_int_equal(ws_session_next(&session, &in,
			    &event), WS_BAD);
			assert_int_equal(event.code, 1009);
		} else {
			assert_int_equal(ws_session_next(&session, &in,
			    &event), WS_EVENT);
			assert_int_equal(event.len, 65536);
		}
		ws_session_fini(&session);
		buf_fini(&in);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_large_frames),
	    cmocka_unit_test(test_fails_fast),
	    cmocka_unit_test(test_roles),
	    cmocka_unit_test(test_in_place),
	    cmocka_unit_test(test_stop_and_end),
	    cmocka_unit_test(test_many_fragments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
