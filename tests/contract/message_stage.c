/* SPDX-License-Identifier: MIT */
#include "tests/contract/message_stage.h"

#include <string.h>

/* ------------------------------------------------------------------- making */

static struct store_write *
make_about(enum store_write_kind kind, uint64_t sender, uint64_t conv,
    uint64_t target, const char *text)
{
	struct store_write *write = make_append(sender, conv, 0, NULL, text);

	write->kind = kind;
	write->record.target = target;
	return write;
}

struct store_write *
make_edit(uint64_t sender, uint64_t conv, uint64_t target, const char *text)
{
	return make_about(STORE_WRITE_EDIT, sender, conv, target, text);
}

struct store_write *
make_delete(uint64_t sender, uint64_t conv, uint64_t target)
{
	return make_about(STORE_WRITE_DELETE, sender, conv, target, "");
}

struct store_write *
make_react(uint64_t sender, uint64_t conv, uint64_t target, const char *emoji,
    bool on)
{
	struct store_write *write = make_about(STORE_WRITE_REACT, sender,
	    conv, target, emoji);

	if (!on)
		write->record.flags = RECORD_OFF;
	return write;
}

struct store_write *
keeping(struct store_write *write)
{
	write->keep_versions = true;
	return write;
}

enum store_status
edit(struct harness *h, uint64_t sender, uint64_t conv, uint64_t target,
    const char *text)
{
	return harness_do(h, make_edit(sender, conv, target, text));
}

enum store_status
delete(struct harness *h, uint64_t sender, uint64_t conv, uint64_t target)
{
	return harness_do(h, make_delete(sender, conv, target));
}

enum store_status
react(struct harness *h, uint64_t sender, uint64_t conv, uint64_t target,
    const char *emoji, bool on)
{
	return harness_do(h, make_react(sender, conv, target, emoji, on));
}

struct store_read *
history(struct harness *h, uint64_t conv)
{
	struct store_read *read =
	    harness_ask(h, make_read(STORE_READ_HISTORY, 0, conv));
	size_t i;

	assert_int_equal(read->status, STORE_OK);
	assert_int_equal(read->gaps_n, 0);
	for (i = 0; i < read->records_n; i++)
		assert_int_equal(read->records[i].seq, i + 1);
	return read;
}

void
check_record(const struct record *record, enum record_kind kind,
    uint64_t target, const char *text)
{
	assert_int_equal(record->kind, kind);
	assert_int_equal(record->target, target);
	assert_int_equal(record->text_len, strlen(text));
	assert_memory_equal(record->text, text, record->text_len);
}
void
give_trail(struct store_write *write, const char *trail)
{
	write->trail = trail;
	write->trail_len = (uint32_t)strlen(trail);
}

/* ------------------------------------------------------------- the tables */

static struct kv *
hold(struct kv *kv, void *arg)
{
	struct kv **held = arg;

	*held = kv;
	return kv;
}

void
open_held(struct harness *h, struct kv **kv)
{
	harness_close(h);
	h->wrap = hold;
	h->wrap_arg = kv;
	harness_open(h);
}

static bool
has_bytes(struct kv_bytes bytes, const char *needle)
{
	return memmem(bytes.data, bytes.len, needle, strlen(needle)) != NULL;
}

unsigned
count_places(struct kv *kv, const char *needle)
{
	struct kv_txn *txn = kv_reader_new(kv, NULL);
	struct kv_bytes key, value;
	struct kv_cursor *cursor;
	enum kv_result result;
	unsigned n = 0;
	int table;

	assert_non_null(txn);
	assert_int_equal(kv_renew(txn), KV_OK);
	for (table = 0; table < KV_TABLES; table++) {
		cursor = kv_cursor_new(txn, (enum kv_table)table);
		assert_non_null(cursor);
		result = kv_seek(cursor, (struct kv_bytes){"", 1}, &key,
		    &value);
		for (; result == KV_OK; result = kv_next(cursor, &key, &value))
			n += has_bytes(key, needle) + has_bytes(value, needle);
		assert_int_equal(result, KV_NONE);
		kv_cursor_free(cursor);
	}
	kv_reset(txn);
	kv_reader_free(txn);
	return n;
}
