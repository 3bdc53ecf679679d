/* SPDX-License-Identifier: MIT */
#include "tests/contract/kv_fail.h"

#include <stdlib.h>

struct wrapper {
	struct kv kv;
	struct kv *inner;
	struct kv_fail *fail;
};

struct wrapped_txn {
	struct kv_txn txn;
	struct kv_txn *inner;
};

struct wrapped_cursor {
	struct kv_cursor cursor;
	struct kv_cursor *inner;
};

static struct kv_txn *
inner_of(struct kv_txn *txn)
{
	return ((struct wrapped_txn *)txn)->inner;
}

static struct kv_fail *
fail_of(const struct kv_txn *txn)
{
	return ((struct wrapper *)txn->kv)->fail;
}

static struct kv_cursor *
inner_cursor(struct kv_cursor *cursor)
{
	return ((struct wrapped_cursor *)cursor)->inner;
}

/* Whether this is the call that fails. */
static bool
strikes(atomic_int *count)
{
	return atomic_load(count) > 0 && atomic_fetch_sub(count, 1) == 1;
}

static struct kv_txn *
wrap(struct kv *kv, struct kv_txn *inner)
{
	struct wrapped_txn *txn = malloc(sizeof(*txn));

	if (txn == NULL || inner == NULL)
		abort();
	txn->txn.kv = kv;
	txn->inner = inner;
	return &txn->txn;
}

static void
fail_close(struct kv *kv)
{
	kv_close(((struct wrapper *)kv)->inner);
	free(kv);
}

static uint64_t
fail_room(struct kv *kv)
{
	struct wrapper *wrapper = (struct wrapper *)kv;
	uint64_t room = atomic_load(&wrapper->fail->room);

	return room != 0 ? room : kv_room(wrapper->inner);
}

static struct kv_txn *
fail_reader_new(struct kv *kv, struct error *err)
{
	return wrap(kv, kv_reader_new(((struct wrapper *)kv)->inner, err));
}

static void
fail_reader_free(struct kv_txn *reader)
{
	kv_reader_free(inner_of(reader));
	free(reader);
}

static enum kv_result
fail_renew(struct kv_txn *reader)
{
	if (strikes(&fail_of(reader)->snapshots))
		return atomic_load(&fail_of(reader)->result);
	return kv_renew(inner_of(reader));
}

static void
fail_reset(struct kv_txn *reader)
{
	kv_reset(inner_of(reader));
}

static struct kv_txn *
fail_begin(struct kv *kv, struct error *err)
{
	struct wrapper *wrapper = (struct wrapper *)kv;

	if (strikes(&wrapper->fail->begins)) {
		error_set(err, atomic_load(&wrapper->fail->result) == KV_NOMEM
		    ? ERROR_NOMEM : ERROR_SYSTEM, "as the test wants");
		return NULL;
	}
	return wrap(kv, kv_begin(wrapper->inner, err));
}

static enum kv_result
fail_commit(struct kv_txn *txn, struct error *err)
{
	enum kv_result result = atomic_load(&fail_of(txn)->result);

	if (strikes(&fail_of(txn)->commits)) {
		kv_abort(inner_of(txn));
		error_set(err, ERROR_SYSTEM, "as the test wants");
	} else {
		result = kv_commit(inner_of(txn), err);
	}
	free(txn);
	return result;
}

static void
fail_abort(struct kv_txn *txn)
{
	kv_abort(inner_of(txn));
	free(txn);
}

static enum kv_result
fail_get(struct kv_txn *txn, enum kv_table table, struct kv_bytes key,
    struct kv_bytes *value)
{
	return kv_get(inner_of(txn), table, key, value);
}

static enum kv_result
fail_put(struct kv_txn *txn, enum kv_table table, struct kv_bytes key,
    struct kv_bytes value)
{
	if (strikes(&fail_of(txn)->changes))
		return atomic_load(&fail_of(txn)->result);
	return kv_put(inner_of(txn), table, key, value);
}

static enum kv_result
fail_append(struct kv_txn *txn, enum kv_table table, struct kv_bytes key,
    struct kv_bytes value)
{
	if (strikes(&fail_of(txn)->changes))
		return atomic_load(&fail_of(txn)->result);
	return kv_append(inner_of(txn), table, key, value);
}

static enum kv_result
fail_del(struct kv_txn *txn, enum kv_table table, struct kv_bytes key)
{
	if (strikes(&fail_of(txn)->changes))
		return atomic_load(&fail_of(txn)->result);
	return kv_del(inner_of(txn), table, key);
}

static struct kv_cursor *
fail_cursor_new(struct kv_txn *txn, enum kv_table table)
{
	struct wrapped_cursor *cursor = malloc(sizeof(*cursor));

	if (cursor == NULL)
		abort();
	cursor->cursor.txn = txn;
	cursor->inner = kv_cursor_new(inner_of(txn), table);
	return &cursor->cursor;
}

static void
fail_cursor_free(struct kv_cursor *cursor)
{
	kv_cursor_free(inner_cursor(cursor));
	free(cursor);
}

static enum kv_result
fail_seek(struct kv_cursor *cursor, struct kv_bytes at, struct kv_bytes *key,
    struct kv_bytes *value)
{
	return kv_seek(inner_cursor(cursor), at, key, value);
}

static enum kv_result
fail_next(struct kv_cursor *cursor, struct kv_bytes *key,
    struct kv_bytes *value)
{
	return kv_next(inner_cursor(cursor), key, value);
}

static enum kv_result
fail_last(struct kv_cursor *cursor, struct kv_bytes *key,
    struct kv_bytes *value)
{
	return kv_last(inner_cursor(cursor), key, value);
}

static const struct kv_ops fail_ops = {
    .kind = "fail",
    .close = fail_close,
    .room = fail_room,
    .reader_new = fail_reader_new,
    .reader_free = fail_reader_free,
    .renew = fail_renew,
    .reset = fail_reset,
    .begin = fail_begin,
    .commit = fail_commit,
    .abort = fail_abort,
    .get = fail_get,
    .put = fail_put,
    .append = fail_append,
    .del = fail_del,
    .cursor_new = fail_cursor_new,
    .cursor_free = fail_cursor_free,
    .seek = fail_seek,
    .next = fail_next,
    .last = fail_last,
};

struct kv *
kv_fail_wrap(struct kv *kv, struct kv_fail *fail)
{
	struct wrapper *wrapper = malloc(sizeof(*wrapper));

	if (wrapper == NULL)
		abort();
	wrapper->kv.ops = &fail_ops;
	wrapper->inner = kv;
	wrapper->fail = fail;
	return &wrapper->kv;
}
