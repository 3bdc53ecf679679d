/* SPDX-License-Identifier: MIT */
#ifndef STORE_KV_H
#define STORE_KV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Tables of ordered keys and values, under one transaction at a time that
 * writes and many that read a snapshot: what the embedded back ends have in
 * common.  The writing transaction belongs to one thread, each reader to one
 * thread at a time.
 */

enum kv_table {
	KV_META,  /* name: format, epoch, … */
	KV_CONV,  /* conv, …: logs and heads (see keys.h) */
	KV_IDS,	  /* conv, seq: marks of client ids, by blocks */
	KV_CHG,	  /* id: conv, seq; ascending */
	KV_MEMB,  /* conv, uid: membership and marks */
	KV_UMEMB, /* uid, conv */
	KV_CUR,	  /* uid, device: its cursors */
	KV_USER,  /* uid: name, … */
	KV_UNAME, /* name: uid */
	KV_CNAME, /* name, or pair of people: conv */
	KV_BLOCK, /* uid, uid of the blocked */
	KV_SEEN,  /* uid: when last seen */
	KV_BAN,	  /* conv, uid: until when, by whom */
	KV_INVITE, /* conv, uid: by whom, when */
	KV_UINVITE, /* uid, conv */
	KV_MARK,  /* conv, uid, which, seq: when a mark moved there */
	KV_REACT, /* conv, seq, uid, emoji: when */
	KV_OLD,	  /* conv, seq, id of the event that ended it: what it said */
	KV_TRAIL, /* hash: verdicts, as text */
	KV_ACCOUNT, /* uid: how they sign in, profile */
	KV_EMAIL, /* e-mail, folded: uid */
	KV_FAMILY, /* uid, family: a sign-in */
	KV_TOKEN, /* hash of a refresh token: uid, family, when it was used */
	KV_CODE,  /* which, hash or uid: codes to reset and to register */
	KV_RANGE, /* address range: until when it is banned, why */
	KV_TERM,  /* of the search index (search_block.h) alone */
	KV_TABLES
};

enum kv_result {
	KV_OK,
	KV_NONE,   /* no such key, or the end of the table */
	KV_FULL,   /* map or transaction is full */
	KV_NOMEM,
	KV_FAILED  /* damage, or the system refused */
};

struct kv_bytes {
	const void *data;
	size_t len;
};

struct kv {
	const struct kv_ops *ops;
};

struct kv_txn {
	struct kv *kv;
};

struct kv_cursor {
	struct kv_txn *txn;
};

/* What a back end implements; callers use the functions below. */
struct kv_ops {
	const char *kind;
	void (*close)(struct kv *kv);
	uint64_t (*room)(struct kv *kv);
	struct kv_txn *(*reader_new)(struct kv *kv, struct error *err);
	void (*reader_free)(struct kv_txn *reader);
	enum kv_result (*renew)(struct kv_txn *reader);
	void (*reset)(struct kv_txn *reader);
	struct kv_txn *(*begin)(struct kv *kv, struct error *err);
	enum kv_result (*commit)(struct kv_txn *txn, struct error *err);
	void (*abort)(struct kv_txn *txn);
	enum kv_result (*get)(struct kv_txn *txn, enum kv_table table,
	    struct kv_bytes key, struct kv_bytes *value);
	enum kv_result (*put)(struct kv_txn *txn, enum kv_table table,
	    struct kv_bytes key, struct kv_bytes value);
	enum kv_result (*append)(struct kv_txn *txn, enum kv_table table,
	    struct kv_bytes key, struct kv_bytes value);
	enum kv_result (*del)(struct kv_txn *txn, enum kv_table table,
	    struct kv_bytes key);
	struct kv_cursor *(*cursor_new)(struct kv_txn *txn,
	    enum kv_table table);
	void (*cursor_free)(struct kv_cursor *cursor);
	enum kv_result (*seek)(struct kv_cursor *cursor, struct kv_bytes at,
	    struct kv_bytes *key, struct kv_bytes *value);
	enum kv_result (*next)(struct kv_cursor *cursor,
	    struct kv_bytes *key, struct kv_bytes *value);
	enum kv_result (*last)(struct kv_cursor *cursor,
	    struct kv_bytes *key, struct kv_bytes *value);
};

/* After all transactions and readers.  NULL is allowed. */
static inline void
kv_close(struct kv *kv)
{
	if (kv != NULL)
		kv->ops->close(kv);
}

/* Bytes the disk still has for others than root. */
static inline uint64_t
kv_room(struct kv *kv)
{
	return kv->ops->room(kv);
}

/* A reader without a snapshot yet; NULL and err on failure. */
static inline struct kv_txn *
kv_reader_new(struct kv *kv, struct error *err)
{
	return kv->ops->reader_new(kv, err);
}

/* NULL is allowed.  The reader must be reset. */
static inline void
kv_reader_free(struct kv_txn *reader)
{
	if (reader != NULL)
		reader->kv->ops->reader_free(reader);
}

/* Takes a snapshot: KV_OK, KV_NOMEM or KV_FAILED. */
static inline enum kv_result
kv_renew(struct kv_txn *reader)
{
	return reader->kv->ops->renew(reader);
}

/* Lets go of the snapshot, and of all that was borrowed from it. */
static inline void
kv_reset(struct kv_txn *reader)
{
	reader->kv->ops->reset(reader);
}

/* The transaction that writes; NULL and err on failure. */
static inline struct kv_txn *
kv_begin(struct kv *kv, struct error *err)
{
	return kv->ops->begin(kv, err);
}

/*
 * Durable once it returns KV_OK.  KV_FULL: nothing was written.  Anything
 * else, with err: unknown, and the kv must not be used any more.  The
 * transaction is gone either way.
 */
static inline enum kv_result
kv_commit(struct kv_txn *txn, struct error *err)
{
	return txn->kv->ops->commit(txn, err);
}

static inline void
kv_abort(struct kv_txn *txn)
{
	txn->kv->ops->abort(txn);
}

/* Borrows the value, until the next change or the end of the transaction. */
static inline enum kv_result
kv_get(struct kv_txn *txn, enum kv_table table, struct kv_bytes key,
    struct kv_bytes *value)
{
	return txn->kv->ops->get(txn, table, key, value);
}

/*
 * Sets a value.  After KV_FULL, KV_NOMEM or KV_FAILED from this and the next
 * two, the transaction can only be aborted.
 */
static inline enum kv_result
kv_put(struct kv_txn *txn, enum kv_table table, struct kv_bytes key,
    struct kv_bytes value)
{
	return txn->kv->ops->put(txn, table, key, value);
}

/* As kv_put() of a key above all others of the table. */
static inline enum kv_result
kv_append(struct kv_txn *txn, enum kv_table table, struct kv_bytes key,
    struct kv_bytes value)
{
	return txn->kv->ops->append(txn, table, key, value);
}

static inline enum kv_result
kv_del(struct kv_txn *txn, enum kv_table table, struct kv_bytes key)
{
	return txn->kv->ops->del(txn, table, key);
}

/*
 * For one transaction or snapshot; freed before its end.  Changing the table
 * invalidates the position.  NULL: no memory.
 */
static inline struct kv_cursor *
kv_cursor_new(struct kv_txn *txn, enum kv_table table)
{
	return txn->kv->ops->cursor_new(txn, table);
}

static inline void
kv_cursor_free(struct kv_cursor *cursor)
{
	if (cursor != NULL)
		cursor->txn->kv->ops->cursor_free(cursor);
}

/* The first key at or after `at`; borrowed as by kv_get(). */
static inline enum kv_result
kv_seek(struct kv_cursor *cursor, struct kv_bytes at, struct kv_bytes *key,
    struct kv_bytes *value)
{
	return cursor->txn->kv->ops->seek(cursor, at, key, value);
}

static inline enum kv_result
kv_next(struct kv_cursor *cursor, struct kv_bytes *key, struct kv_bytes *value)
{
	return cursor->txn->kv->ops->next(cursor, key, value);
}

static inline enum kv_result
kv_last(struct kv_cursor *cursor, struct kv_bytes *key, struct kv_bytes *value)
{
	return cursor->txn->kv->ops->last(cursor, key, value);
}

#endif
