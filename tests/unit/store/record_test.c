/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "store/pack.h"
#include "store/record.h"

/* RFC 3720 appendix B.4. */
static void
crc32c_of_the_standard(void **state)
{
	static const unsigned char read_command[48] = {
	    0x01, 0xc0, [16] = 0x14, [22] = 0x04, [27] = 0x14, [31] = 0x18,
	    [32] = 0x28, [40] = 0x02};
	unsigned char bytes[32];
	int i;

	(void)state;
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(record_crc32c(0, bytes, 32), 0x8a9136aa);
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(record_crc32c(0, bytes, 32), 0x62a8ab43);
	for (i = 0; i < 32; i++)
		bytes[i] = (unsigned char)i;
	assert_int_equal(record_crc32c(0, bytes, 32), 0x46dd794e);
	for (i = 0; i < 32; i++)
		bytes[i] = (unsigned char)(31 - i);
	assert_int_equal(record_crc32c(0, bytes, 32), 0x113fdb5c);
	assert_int_equal(record_crc32c(0, read_command, 48), 0xd9963a56);
	assert_int_equal(record_crc32c(0, "123456789", 9), 0xe3069283);
	assert_int_equal(record_crc32c(0, NULL, 0), 0);
}

static void
crc32c_continues(void **state)
{
	static const char text[] = "the quick brown fox jumps over the dog";
	uint32_t whole = record_crc32c(0, text, sizeof(text));
	size_t cut;

	(void)state;
	for (cut = 0; cut <= sizeof(text); cut++)
		assert_int_equal(record_crc32c(record_crc32c(0, text, cut),
		    text + cut, sizeof(text) - cut), whole);
}

static const struct record sample = {
    .id = 123456789, .at_us = 1795311000123456, .count = 77, .sender = 300,
    .subject = 301, .target = 5, .reply_to = 4,
    .edited_us = 1795311000999999, .generation = 12, .kind = RECORD_ROLE,
    .flags = RECORD_REWRITTEN | RECORD_ACTION, .transport = TRANSPORT_SSE,
    .role = ROLE_ADMIN, .client_msg_id_len = 4, .client_msg_id = "abcd",
    .text_len = 5, .text = "hello"};

static void
assert_same(const struct record *one, const struct record *other)
{
	assert_int_equal(one->id, other->id);
	assert_int_equal(one->at_us, other->at_us);
	assert_int_equal(one->count, other->count);
	assert_int_equal(one->sender, other->sender);
	assert_int_equal(one->subject, other->subject);
	assert_int_equal(one->target, other->target);
	assert_int_equal(one->reply_to, other->reply_to);
	assert_int_equal(one->edited_us, other->edited_us);
	assert_int_equal(one->generation, other->generation);
	assert_int_equal(one->kind, other->kind);
	assert_int_equal(one->flags, other->flags);
	assert_int_equal(one->transport, other->transport);
	assert_int_equal(one->role, other->role);
	assert_int_equal(one->client_msg_id_len, other->client_msg_id_len);
	assert_int_equal(one->text_len, other->text_len);
	if (one->client_msg_id_len != 0)
		assert_memory_equal(one->client_msg_id, other->client_msg_id,
		    one->client_msg_id_len);
	if (one->text_len != 0)
		assert_memory_equal(one->text, other->text, one->text_len);
}

static void
what_is_written_is_read(void **state)
{
	unsigned char room[RECORD_ENCODED_MAX];
	struct record back, bare = {.kind = RECORD_LEFT, .sender = 1};
	size_t len;

	(void)state;
	len = record_encode(&sample, room, sizeof(room));
	assert_true(len > 0);
	assert_int_equal(record_decode(room, len, &back, NULL), 0);
	assert_same(&sample, &back);
	len = record_encode(&bare, room, sizeof(room));
	assert_int_equal(record_decode(room, len, &back, NULL), 0);
	assert_same(&bare, &back);
}

static void
the_largest_has_room(void **state)
{
	static char text[TEXT_MAX], id[CLIENT_MSG_ID_MAX];
	unsigned char room[RECORD_ENCODED_MAX];
	struct record back, large = {
	    .id = UINT64_MAX, .at_us = -1, .count = UINT64_MAX,
	    .sender = UINT64_MAX, .subject = UINT64_MAX,
	    .target = UINT64_MAX, .reply_to = UINT64_MAX, .edited_us = -1,
	    .generation = UINT32_MAX, .kind = UINT8_MAX, .flags = UINT8_MAX,
	    .transport = UINT8_MAX, .role = UINT8_MAX,
	    .client_msg_id_len = CLIENT_MSG_ID_MAX, .client_msg_id = id,
	    .text_len = TEXT_MAX, .text = text};
	size_t len;

	(void)state;
	len = record_encode(&large, room, sizeof(room));
	assert_true(len > 0);
	assert_int_equal(record_decode(room, len, &back, NULL), 0);
	assert_same(&large, &back);
}

static void
too_little_room(void **state)
{
	unsigned char room[RECORD_ENCODED_MAX];
	size_t len = record_encode(&sample, room, sizeof(room)), size;

	(void)state;
	for (size = 0; size < len; size++)
		assert_int_equal(record_encode(&sample, room, size), 0);
	assert_int_equal(record_encode(&sample, room, len), len);
}

/* In memory of its own size, so that a byte read too far is seen. */
static int
decode_copy(const unsigned char *data, size_t len)
{
	unsigned char *copy = malloc(len + (len == 0));
	struct error err = {0};
	struct record record;
	int result;

	assert_non_null(copy);
	memcpy(copy, data, len);
	result = record_decode(copy, len, &record, &err);
	if (result != 0)
		assert_int_equal(err.code, ERROR_CORRUPT);
	free(copy);
	return result;
}

static void
damage_is_seen(void **state)
{
	unsigned char room[RECORD_ENCODED_MAX];
	size_t len = record_encode(&sample, room, sizeof(room)), i;
	int bit;

	(void)state;
	for (i = 0; i < len; i++) {
		for (bit = 0; bit < 8; bit++) {
			room[i] ^= (unsigned char)(1 << bit);
			assert_int_equal(decode_copy(room, len), -1);
			room[i] ^= (unsigned char)(1 << bit);
		}
		assert_int_equal(decode_copy(room, i), -1);
	}
	room[len] = 0;
	assert_int_equal(decode_copy(room, len + 1), -1);
	assert_int_equal(decode_copy(room, len), 0);
}

/* With a checksum that is right: what the fields say must still add up. */
static void
nonsense_is_refused(void **state)
{
	unsigned char room[256], byte;
	struct pack pack;
	size_t len, cut;
	unsigned value, i;

	(void)state;
	for (cut = 0; cut < 60; cut++) {
		for (value = 0; value < 256; value += 51) {
			pack_begin(&pack, room, sizeof(room), 0);
			byte = (unsigned char)value;
			for (i = 0; i < cut; i++)
				pack_u8(&pack, byte);
			len = pack_end(&pack);
			/* Only a row of zeroes has the right form, no kind. */
			assert_int_equal(decode_copy(room, len), -1);
		}
	}
}

static void
numbers_of_all_sizes(void **state)
{
	unsigned char room[64];
	struct unpack in;
	struct pack out;
	uint64_t value;
	size_t len;
	int bit;

	(void)state;
	for (bit = 0; bit < 64; bit++) {
		for (value = (UINT64_C(1) << bit) - 1;
		     value <= UINT64_C(1) << bit; value++) {
			pack_begin(&out, room, sizeof(room), 7);
			pack_varint(&out, value);
			pack_u64(&out, value);
			len = pack_end(&out);
			assert_int_equal(unpack_begin(&in, room, len, NULL),
			    0);
			assert_int_equal(in.flags, 7);
			assert_true(unpack_varint(&in) == value);
			assert_true(unpack_u64(&in) == value);
			assert_int_equal(unpack_end(&in, NULL), 0);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(crc32c_of_the_standard),
	    cmocka_unit_test(crc32c_continues),
	    cmocka_unit_test(what_is_written_is_read),
	    cmocka_unit_test(the_largest_has_room),
	    cmocka_unit_test(too_little_room),
	    cmocka_unit_test(damage_is_seen),
	    cmocka_unit_test(nonsense_is_refused),
	    cmocka_unit_test(numbers_of_all_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
