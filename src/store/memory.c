/* SPDX-License-Identifier: MIT */
#include "store/memory.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "store/tree.h"

/* value_len of an item that stands for "deleted" until the commit. */
#define DELETED UINT32_MAX

/* What the transaction put in place of what (NULL: of nothing). */
struct change {
	enum kv_table table;
	struct tree_item *now, *before;
};

struct memory {
	struct kv kv;
	struct kv_txn txn;
	struct tree tables[KV_TABLES];
	struct change *changes;
	size_t changes_n, changes_size;
	/*
	 * Everyone passes the gate before the lock; the writer waits for the
	 * lock inside it, so that a stream of readers cannot starve it.
	 */
	pthread_mutex_t gate;
	pthread_rwlock_t lock;
};

struct memory_cursor {
	struct kv_cursor cursor;
	const struct tree *table;
	struct tree_at at;
};

static struct memory *
memory_of(const struct kv_txn *txn)
{
	return (struct memory *)txn->kv;
}

static void
memory_close(struct kv *kv)
{
	struct memory *memory = (struct memory *)kv;
	int i;

	for (i = 0; i < KV_TABLES; i++)
		tree_fini(&memory->tables[i]);
	pthread_rwlock_destroy(&memory->lock);
	pthread_mutex_destroy(&memory->gate);
	free(memory->changes);
	free(memory);
}

static uint64_t
memory_room(struct kv *kv)
{
	(void)kv;
	return UINT64_MAX;
}

static struct kv_txn *
memory_reader_new(struct kv *kv, struct error *err)
{
	struct kv_txn *reader = malloc(sizeof(*reader));

	if (reader == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for a reader");
		return NULL;
	}
	reader->kv = kv;
	return reader;
}

static void
memory_reader_free(struct kv_txn *reader)
{
	free(reader);
}

static enum kv_result
memory_renew(struct kv_txn *reader)
{
	struct memory *memory = memory_of(reader);

	pthread_mutex_lock(&memory->gate);
	pthread_rwlock_rdlock(&memory->lock);
	pthread_mutex_unlock(&memory->gate);
	return KV_OK;
}

static void
memory_reset(struct kv_txn *reader)
{
	pthread_rwlock_unlock(&memory_of(reader)->lock);
}

static struct kv_txn *
memory_begin(struct kv *kv, struct error *err)
{
	struct memory *memory = (struct memory *)kv;

	(void)err;
	pthread_mutex_lock(&memory->gate);
	pthread_rwlock_wrlock(&memory->lock);
	pthread_mutex_unlock(&memory->gate);
	memory->changes_n = 0;
	return &memory->txn;
}

/*
 * A key may be in the changes more than once: only the last item of it is in
 * the tree, and each one but that is the `before` of the next.
 */
static enum kv_result
memory_commit(struct kv_txn *txn, struct error *err)
{
	struct memory *memory = memory_of(txn);
	struct change *change;
	struct tree *table;
	struct kv_bytes key;
	size_t i;

	(void)err;
	for (i = 0; i < memory->changes_n; i++) {
		change = &memory->changes[i];
		free(change->before);
		if (change->now->value_len != DELETED)
			continue;
		table = &memory->tables[change->table];
		key = tree_item_key(change->now);
		if (tree_get(table, key) == change->now)
			free(tree_remove(table, key));
	}
	pthread_rwlock_unlock(&memory->lock);
	return KV_OK;
}

static void
memory_abort(struct kv_txn *txn)
{
	struct memory *memory = memory_of(txn);
	struct change *change;
	struct tree_item *now;
	struct tree *table;

	while (memory->changes_n > 0) {
		change = &memory->changes[--memory->changes_n];
		table = &memory->tables[change->table];
		if (change->before == NULL) {
			now = tree_remove(table, tree_item_key(change->now));
		} else if (tree_put(table, change->before, &now) != 0) {
			abort(); /* it replaces, which allocates nothing */
		}
		assert(now == change->now);
		free(now);
	}
	pthread_rwlock_unlock(&memory->lock);
}

static struct change *
next_change(struct memory *memory)
{
	struct change *changes;
	size_t size;

	if (memory->changes_n == memory->changes_size) {
		size = memory->changes_size != 0 ? memory->changes_size * 2
						 : 256;
		changes = realloc(memory->changes, size * sizeof(*changes));
		if (changes == NULL)
			return NULL;
		memory->changes = changes;
		memory->changes_size = size;
	}
	return &memory->changes[memory->changes_n];
}

static enum kv_result
change(struct memory *memory, enum kv_table table, struct tree_item *item)
{
	struct change *next;

	if (item == NULL)
		return KV_NOMEM;
	next = next_change(memory);
	if (next == NULL ||
	    tree_put(&memory->tables[table], item, &next->before) != 0) {
		free(item);
		return KV_NOMEM;
	}
	next->table = table;
	next->now = item;
	memory->changes_n++;
	return KV_OK;
}

static bool
is_absent(const struct tree_item *item)
{
	return item == NULL || item->value_len == DELETED;
}

static enum kv_result
memory_get(struct kv_txn *txn, enum kv_table table, struct kv_bytes key,
    struct kv_bytes *value)
{
	struct tree_item *item;

	item = tree_get(&memory_of(txn)->tables[table], key);
	if (is_absent(item))
		return KV_NONE;
	*value = tree_item_value(item);
	return KV_OK;
}

static enum kv_result
memory_put(struct kv_txn *txn, enum kv_table table, struct kv_bytes key,
    struct kv_bytes value)
{
	assert(value.len < DELETED && key.len < UINT32_MAX);
	return change(memory_of(txn), table, tree_item_new(key, value));
}

static enum kv_result
memory_del(struct kv_txn *txn, enum kv_table table, struct kv_bytes key)
{
	struct memory *memory = memory_of(txn);
	struct tree_item *item;

	if (is_absent(tree_get(&memory->tables[table], key)))
		return KV_NONE;
	item = tree_item_new(key, (struct kv_bytes){NULL, 0});
	if (item != NULL)
		item->value_len = DELETED;
	return change(memory, table, item);
}

static struct kv_cursor *
memory_cursor_new(struct kv_txn *txn, enum kv_table table)
{
	struct memory_cursor *cursor = malloc(sizeof(*cursor));

	if (cursor == NULL)
		return NULL;
	cursor->cursor.txn = txn;
	cursor->table = &memory_of(txn)->tables[table];
	cursor->at = (struct tree_at){NULL, 0};
	return &cursor->cursor;
}

static void
memory_cursor_free(struct kv_cursor *cursor)
{
	free(cursor);
}

static enum kv_result
found(const struct tree_item *item, struct kv_bytes *key,
    struct kv_bytes *value)
{
	if (item == NULL)
		return KV_NONE;
	*key = tree_item_key(item);
	*value = tree_item_value(item);
	return KV_OK;
}

static enum kv_result
memory_seek(struct kv_cursor *base, struct kv_bytes at, struct kv_bytes *key,
    struct kv_bytes *value)
{
	struct memory_cursor *cursor = (struct memory_cursor *)base;
	struct tree_item *item = tree_seek(cursor->table, at, &cursor->at);

	while (item != NULL && item->value_len == DELETED)
		item = tree_next(&cursor->at);
	return found(item, key, value);
}

static enum kv_result
memory_next(struct kv_cursor *base, struct kv_bytes *key,
    struct kv_bytes *value)
{
	struct memory_cursor *cursor = (struct memory_cursor *)base;
	struct tree_item *item;

	do {
		item = tree_next(&cursor->at);
	} while (item != NULL && item->value_len == DELETED);
	return found(item, key, value);
}

static enum kv_result
memory_last(struct kv_cursor *base, struct kv_bytes *key,
    struct kv_bytes *value)
{
	struct memory_cursor *cursor = (struct memory_cursor *)base;
	struct tree_item *item = tree_last(cursor->table, &cursor->at);

	while (item != NULL && item->value_len == DELETED)
		item = tree_prev(&cursor->at);
	return found(item, key, value);
}

static const struct kv_ops memory_ops = {
    .kind = "memory",
    .close = memory_close,
    .room = memory_room,
    .reader_new = memory_reader_new,
    .reader_free = memory_reader_free,
    .renew = memory_renew,
    .reset = memory_reset,
    .begin = memory_begin,
    .commit = memory_commit,
    .abort = memory_abort,
    .get = memory_get,
    .put = memory_put,
    .append = memory_put,
    .del = memory_del,
    .cursor_new = memory_cursor_new,
    .cursor_free = memory_cursor_free,
    .seek = memory_seek,
    .next = memory_next,
    .last = memory_last,
};

struct kv *
kv_memory_open(struct error *err)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	if (memory == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for the store");
		return NULL;
	}
	memory->kv.ops = &memory_ops;
	memory->txn.kv = &memory->kv;
	/* With default attributes neither can fail on Linux or the BSDs. */
	errno = pthread_mutex_init(&memory->gate, NULL);
	if (errno == 0)
		errno = pthread_rwlock_init(&memory->lock, NULL);
	if (errno != 0) {
		error_set_errno(err, "cannot make a lock");
		free(memory);
		return NULL;
	}
	return &memory->kv;
}
