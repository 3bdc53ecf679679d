/* SPDX-License-Identifier: MIT */
#include "tests/contract/table_stage.h"

#include <stdlib.h>
#include <string.h>

#include "store/check.h"

static struct kv *
keep_kv(struct kv *kv, void *arg)
{
	*(struct kv **)arg = kv;
	return kv;
}

struct kv *
open_with_kv(struct harness *h)
{
	static struct kv *kept; /* tests run one after the other */

	harness_close(h);
	h->wrap = keep_kv;
	h->wrap_arg = &kept;
	harness_open(h);
	return kept;
}

static void
print_finding(void *arg, const char *finding)
{
	if (arg != NULL)
		print_message("%s\n", finding);
}

uint64_t
count_findings(struct kv *kv, bool print)
{
	struct kv_txn *reader = kv_reader_new(kv, NULL);
	struct check_totals totals;
	struct error err = {0};

	assert_non_null(reader);
	assert_int_equal(kv_renew(reader), KV_OK);
	if (check_store(reader, print_finding, print ? reader : NULL, &totals,
	    &err) != 0)
		totals.findings++;
	kv_reset(reader);
	kv_reader_free(reader);
	return totals.findings;
}

void
assert_sound(struct kv *kv)
{
	assert_int_equal(count_findings(kv, true), 0);
}

static bool
contains(struct kv_bytes bytes, const char *text)
{
	return memmem(bytes.data, bytes.len, text, strlen(text)) != NULL;
}

size_t
count_rows_with(struct kv *kv, const char *text)
{
	struct kv_txn *reader = kv_reader_new(kv, NULL);
	struct kv_bytes first = {"", 1}, key, value;
	struct kv_cursor *cursor;
	enum kv_result result;
	size_t n = 0;
	int table;

	assert_int_equal(kv_renew(reader), KV_OK);
	for (table = 0; table < KV_TABLES; table++) {
		cursor = kv_cursor_new(reader, (enum kv_table)table);
		result = kv_seek(cursor, first, &key, &value);
		for (; result == KV_OK; result = kv_next(cursor, &key, &value))
			n += contains(key, text) || contains(value, text);
		kv_cursor_free(cursor);
	}
	kv_reset(reader);
	kv_reader_free(reader);
	return n;
}

size_t
count_rows_of(struct kv *kv, enum kv_table table, uint64_t uid)
{
	struct kv_txn *reader = kv_reader_new(kv, NULL);
	struct kv_bytes key, value;
	struct kv_cursor *cursor;
	enum kv_result result;
	struct key from;
	size_t n = 0;

	assert_int_equal(kv_renew(reader), KV_OK);
	cursor = kv_cursor_new(reader, table);
	key_u64(&from, uid);
	result = kv_seek(cursor, key_bytes(&from), &key, &value);
	for (; result == KV_OK && get_be64(key.data) == uid; n++)
		result = kv_next(cursor, &key, &value);
	kv_cursor_free(cursor);
	kv_reset(reader);
	kv_reader_free(reader);
	return n;
}

bool
find_row(struct kv *kv, enum kv_table table, size_t n, struct key *found,
    struct kv_bytes *kept)
{
	struct kv_txn *reader = kv_reader_new(kv, NULL);
	struct kv_bytes first = {"", 1}, key, value;
	struct kv_cursor *cursor;
	enum kv_result result;
	void *copy;

	assert_int_equal(kv_renew(reader), KV_OK);
	cursor = kv_cursor_new(reader, table);
	result = kv_seek(cursor, first, &key, &value);
	while (result == KV_OK && n-- > 0)
		result = kv_next(cursor, &key, &value);
	if (result == KV_OK) {
		found->len = key.len;
		memcpy(found->bytes, key.data, key.len);
		copy = malloc(value.len + 1);
		memcpy(copy, value.data, value.len);
		*kept = (struct kv_bytes){copy, value.len};
	}
	kv_cursor_free(cursor);
	kv_reset(reader);
	kv_reader_free(reader);
	return result == KV_OK;
}

void
table_put(struct kv *kv, enum kv_table table, const struct key *key,
    struct kv_bytes value)
{
	struct kv_txn *txn = kv_begin(kv, NULL);

	assert_int_equal(kv_put(txn, table, key_bytes(key), value), KV_OK);
	assert_int_equal(kv_commit(txn, NULL), KV_OK);
}

void
table_del(struct kv *kv, enum kv_table table, const struct key *key)
{
	struct kv_txn *txn = kv_begin(kv, NULL);

	assert_int_equal(kv_del(txn, table, key_bytes(key)), KV_OK);
	assert_int_equal(kv_commit(txn, NULL), KV_OK);
}
