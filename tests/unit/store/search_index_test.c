/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/memory.h"
#include "store/rows.h"
#include "store/search_index.h"

#define MESSAGES 200
#define TERM_BYTES 3 /* each character is a word */

static void
put(struct kv_txn *txn, enum kv_table table, const struct key *key,
    const void *value, size_t len)
{
	assert_int_equal(kv_put(txn, table, key_bytes(key),
	    (struct kv_bytes){value, len}), KV_OK);
}

/* As long as can be, and all of short words. */
static void
say(struct kv_txn *txn, uint64_t seq)
{
	static char text[TEXT_MAX / TERM_BYTES * TERM_BYTES];
	static unsigned char room[RECORD_ENCODED_MAX];
	const struct record record = {.kind = RECORD_MESSAGE, .id = seq,
	    .sender = 1, .text = text, .text_len = sizeof(text)};
	struct key key;
	size_t i;

	for (i = 0; i < sizeof(text); i += TERM_BYTES)
		memcpy(text + i, "\xe4\xb8\x80", TERM_BYTES);
	key_record(&key, 1, seq);
	put(txn, KV_CONV, &key, room,
	    record_encode(&record, room, sizeof(room)));
	key_u64(&key, seq);
	put(txn, KV_CHG, &key, room, row_pack_change(1, seq, room));
}

static struct kv *
make_store(void)
{
	struct kv *kv = kv_memory_open(NULL);
	struct kv_txn *txn = kv_begin(kv, NULL);
	uint64_t seq;

	for (seq = 1; seq <= MESSAGES; seq++)
		say(txn, seq);
	assert_int_equal(kv_commit(txn, NULL), KV_OK);
	return kv;
}

/* However long the texts are, a transaction and its memory are bounded. */
static void
a_step_is_bounded(void **state)
{
	atomic_bool stopping = false;
	struct kv *store = make_store();
	struct search_index index = {.store = kv_reader_new(store, NULL),
	    .tables = kv_memory_open(NULL), .stopping = &stopping};
	struct error err = {0};
	unsigned steps = 0;

	(void)state;
	assert_int_equal(search_index_make(&index, 1, &err), 0);
	while (search_index_step(&index, &err) == SEARCH_MORE) {
		assert_true(index.postings_n <= 1 << 18);
		steps++;
	}
	assert_true(steps > 5);
	assert_int_equal(index.position, MESSAGES);
	search_index_fini(&index);
	kv_close(store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_step_is_bounded)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
