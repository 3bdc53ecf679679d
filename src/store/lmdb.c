/* SPDX-License-Identifier: MIT */
#include "store/lmdb.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MAP_DEFAULT (UINT64_C(1) << 40)
/* Sanitizers and address space limits refuse the usual sizes. */
#define MAP_FLOOR (UINT64_C(1) << 30)
/* Of other processes: an operator's mdb_stat or copy. */
#define FOREIGN_READERS 32
#define PATH_SIZE 4096

struct lmdb_txn {
	struct kv_txn txn;
	MDB_txn *handle;
	MDB_cursor *cursors[KV_TABLES]; /* the writer's, opened when needed */
};

struct lmdb {
	struct kv kv;
	MDB_env *env;
	MDB_dbi tables[KV_TABLES];
	bool absent[KV_TABLES]; /* reading: an older program made the store */
	struct lmdb_txn writer;
	int lock; /* descriptor of the folder's lock file */
};

struct lmdb_cursor {
	struct kv_cursor cursor;
	MDB_cursor *handle;
};

static const char *const table_names[KV_TABLES] = {
    [KV_META] = "meta", [KV_CONV] = "conv", [KV_IDS] = "ids",
    [KV_CHG] = "chg", [KV_MEMB] = "memb", [KV_UMEMB] = "umemb",
    [KV_CUR] = "cur", [KV_USER] = "user", [KV_UNAME] = "uname",
    [KV_CNAME] = "cname", [KV_BLOCK] = "block", [KV_SEEN] = "seen",
    [KV_BAN] = "ban", [KV_INVITE] = "invite", [KV_UINVITE] = "uinvite",
    [KV_MARK] = "mark", [KV_REACT] = "react", [KV_OLD] = "old",
    [KV_TRAIL] = "trail", [KV_ACCOUNT] = "account",
    [KV_EMAIL] = "email", [KV_FAMILY] = "family", [KV_TOKEN] = "token",
    [KV_CODE] = "code", [KV_RANGE] = "range", [KV_TERM] = "term"};

static enum kv_result
result_of(int code)
{
	switch (code) {
	case MDB_SUCCESS:
		return KV_OK;
	case MDB_NOTFOUND:
		return KV_NONE;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
		return KV_FULL;
	case ENOMEM:
		return KV_NOMEM;
	default:
		return KV_FAILED;
	}
}

static MDB_val
val_of(struct kv_bytes bytes)
{
	/* LMDB does not write through what it is given. */
	return (MDB_val){bytes.len, (void *)(uintptr_t)bytes.data};
}

static struct kv_bytes
bytes_of(MDB_val val)
{
	return (struct kv_bytes){val.mv_data, val.mv_size};
}

static struct lmdb *
lmdb_of(const struct kv_txn *txn)
{
	return (struct lmdb *)txn->kv;
}

static void
lmdb_close(struct kv *kv)
{
	struct lmdb *lmdb = (struct lmdb *)kv;

	if (lmdb->env != NULL)
		mdb_env_close(lmdb->env);
	if (lmdb->lock >= 0)
		close(lmdb->lock);
	free(lmdb);
}

static uint64_t
lmdb_room(struct kv *kv)
{
	struct statvfs stats;

	if (fstatvfs(((struct lmdb *)kv)->lock, &stats) != 0)
		return UINT64_MAX; /* unknown: the commit will tell */
	return (uint64_t)stats.f_bavail * stats.f_frsize;
}

static struct kv_txn *
lmdb_reader_new(struct kv *kv, struct error *err)
{
	struct lmdb_txn *reader = calloc(1, sizeof(*reader));
	int code;

	if (reader == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for a reader");
		return NULL;
	}
	reader->txn.kv = kv;
	code = mdb_txn_begin(((struct lmdb *)kv)->env, NULL, MDB_RDONLY,
	    &reader->handle);
	if (code != 0) {
		error_set(err, ERROR_SYSTEM, "cannot read the store: %s",
		    mdb_strerror(code));
		free(reader);
		return NULL;
	}
	mdb_txn_reset(reader->handle);
	return &reader->txn;
}

static void
lmdb_reader_free(struct kv_txn *txn)
{
	struct lmdb_txn *reader = (struct lmdb_txn *)txn;

	mdb_txn_abort(reader->handle);
	free(reader);
}

static enum kv_result
lmdb_renew(struct kv_txn *txn)
{
	return result_of(mdb_txn_renew(((struct lmdb_txn *)txn)->handle));
}

static void
lmdb_reset(struct kv_txn *txn)
{
	mdb_txn_reset(((struct lmdb_txn *)txn)->handle);
}

static struct kv_txn *
lmdb_begin(struct kv *kv, struct error *err)
{
	struct lmdb *lmdb = (struct lmdb *)kv;
	int code;

	code = mdb_txn_begin(lmdb->env, NULL, 0, &lmdb->writer.handle);
	if (code != 0) {
		error_set(err, code == ENOMEM ? ERROR_NOMEM : ERROR_SYSTEM,
		    "cannot begin a transaction: %s", mdb_strerror(code));
		return NULL;
	}
	return &lmdb->writer.txn;
}

static void
close_cursors(struct lmdb_txn *writer)
{
	int i;

	for (i = 0; i < KV_TABLES; i++) {
		if (writer->cursors[i] != NULL)
			mdb_cursor_close(writer->cursors[i]);
		writer->cursors[i] = NULL;
	}
}

static enum kv_result
lmdb_commit(struct kv_txn *txn, struct error *err)
{
	struct lmdb_txn *writer = (struct lmdb_txn *)txn;
	int code;

	close_cursors(writer);
	code = mdb_txn_commit(writer->handle);
	writer->handle = NULL;
	if (code != 0)
		error_set(err, ERROR_SYSTEM, "cannot commit: %s",
		    mdb_strerror(code));
	return result_of(code);
}

static void
lmdb_abort(struct kv_txn *txn)
{
	struct lmdb_txn *writer = (struct lmdb_txn *)txn;

	close_cursors(writer);
	mdb_txn_abort(writer->handle);
	writer->handle = NULL;
}

static enum kv_result
lmdb_get(struct kv_txn *txn, enum kv_table table, struct kv_bytes key,
    struct kv_bytes *value)
{
	MDB_val at = val_of(key), found;
	int code;

	if (lmdb_of(txn)->absent[table])
		return KV_NONE;
	code = mdb_get(((struct lmdb_txn *)txn)->handle,
	    lmdb_of(txn)->tables[table], &at, &found);
	if (code == 0)
		*value = bytes_of(found);
	return result_of(code);
}

/*
 * One cursor a table stays where the last change was: the next key is often
 * on the same leaf, and is then found without descending.
 */
static int
write_at(struct kv_txn *txn, enum kv_table table, struct kv_bytes key,
    MDB_val *value, unsigned flags)
{
	struct lmdb_txn *writer = (struct lmdb_txn *)txn;
	MDB_cursor **cursor = &writer->cursors[table];
	MDB_val at = val_of(key);
	int code;

	if (*cursor == NULL) {
		code = mdb_cursor_open(writer->handle,
		    lmdb_of(txn)->tables[table], cursor);
		if (code != 0)
			return code;
	}
	return mdb_cursor_put(*cursor, &at, value, flags);
}

static enum kv_result
lmdb_put(struct kv_txn *txn, enum kv_table table, struct kv_bytes key,
    struct kv_bytes value)
{
	MDB_val val = val_of(value);

	return result_of(write_at(txn, table, key, &val, 0));
}

static enum kv_result
lmdb_append(struct kv_txn *txn, enum kv_table table, struct kv_bytes key,
    struct kv_bytes value)
{
	MDB_val val = val_of(value);

	return result_of(write_at(txn, table, key, &val, MDB_APPEND));
}

static enum kv_result
lmdb_del(struct kv_txn *txn, enum kv_table table, struct kv_bytes key)
{
	MDB_val at = val_of(key);

	return result_of(mdb_del(((struct lmdb_txn *)txn)->handle,
	    lmdb_of(txn)->tables[table], &at, NULL));
}

static struct kv_cursor *
lmdb_cursor_new(struct kv_txn *txn, enum kv_table table)
{
	struct lmdb_cursor *cursor = malloc(sizeof(*cursor));

	if (cursor == NULL)
		return NULL;
	cursor->cursor.txn = txn;
	cursor->handle = NULL;
	if (lmdb_of(txn)->absent[table])
		return &cursor->cursor;
	/* The handles are valid, so that memory is all it can lack. */
	if (mdb_cursor_open(((struct lmdb_txn *)txn)->handle,
	    lmdb_of(txn)->tables[table], &cursor->handle) != 0) {
		free(cursor);
		return NULL;
	}
	return &cursor->cursor;
}

static void
lmdb_cursor_free(struct kv_cursor *cursor)
{
	struct lmdb_cursor *self = (struct lmdb_cursor *)cursor;

	if (self->handle != NULL)
		mdb_cursor_close(self->handle);
	free(self);
}

static enum kv_result
move(struct kv_cursor *cursor, MDB_cursor_op op, struct kv_bytes *key,
    struct kv_bytes *value, MDB_val at)
{
	MDB_cursor *handle = ((struct lmdb_cursor *)cursor)->handle;
	MDB_val found;
	int code;

	if (handle == NULL)
		return KV_NONE;
	code = mdb_cursor_get(handle, &at, &found, op);
	if (code == 0) {
		*key = bytes_of(at);
		*value = bytes_of(found);
	}
	return result_of(code);
}

static enum kv_result
lmdb_seek(struct kv_cursor *cursor, struct kv_bytes at, struct kv_bytes *key,
    struct kv_bytes *value)
{
	return move(cursor, MDB_SET_RANGE, key, value, val_of(at));
}

static enum kv_result
lmdb_next(struct kv_cursor *cursor, struct kv_bytes *key,
    struct kv_bytes *value)
{
	return move(cursor, MDB_NEXT, key, value, (MDB_val){0, NULL});
}

static enum kv_result
lmdb_last(struct kv_cursor *cursor, struct kv_bytes *key,
    struct kv_bytes *value)
{
	return move(cursor, MDB_LAST, key, value, (MDB_val){0, NULL});
}

static const struct kv_ops lmdb_ops = {
    .kind = "lmdb",
    .close = lmdb_close,
    .room = lmdb_room,
    .reader_new = lmdb_reader_new,
    .reader_free = lmdb_reader_free,
    .renew = lmdb_renew,
    .reset = lmdb_reset,
    .begin = lmdb_begin,
    .commit = lmdb_commit,
    .abort = lmdb_abort,
    .get = lmdb_get,
    .put = lmdb_put,
    .append = lmdb_append,
    .del = lmdb_del,
    .cursor_new = lmdb_cursor_new,
    .cursor_free = lmdb_cursor_free,
    .seek = lmdb_seek,
    .next = lmdb_next,
    .last = lmdb_last,
};

static int
lock_folder(struct lmdb *lmdb, const char *folder, struct error *err)
{
	char path[PATH_SIZE];

	if (mkdir(folder, 0750) != 0 && errno != EEXIST) {
		error_set_errno(err, "cannot make the data folder %s", folder);
		return -1;
	}
	if (snprintf(path, sizeof(path), "%s/lock", folder) >=
	    (int)sizeof(path)) {
		error_set(err, ERROR_CONFIG, "the data folder's name is "
		    "too long");
		return -1;
	}
	lmdb->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lmdb->lock < 0) {
		error_set_errno(err, "cannot open %s", path);
		return -1;
	}
	if (flock(lmdb->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		error_set(err, ERROR_STATE, "the data folder %s is in use by "
		    "another server", folder);
	else
		error_set_errno(err, "cannot lock %s", path);
	return -1;
}

/* One attempt with one size.  An environment that failed is of no use. */
static int
open_env(struct lmdb *lmdb, const struct kv_lmdb_options *options,
    uint64_t map_size)
{
	unsigned flags = MDB_NOTLS | (options->reading ? MDB_RDONLY : 0);
	int code;

	code = mdb_env_create(&lmdb->env);
	if (code != 0)
		return code;
	code = mdb_env_set_mapsize(lmdb->env, (size_t)map_size);
	if (code == 0)
		code = mdb_env_set_maxdbs(lmdb->env, KV_TABLES);
	if (code == 0)
		code = mdb_env_set_maxreaders(lmdb->env,
		    options->readers + FOREIGN_READERS);
	if (code == 0)
		code = mdb_env_open(lmdb->env, options->folder, flags, 0600);
	if (code != 0) {
		mdb_env_close(lmdb->env);
		lmdb->env = NULL;
	}
	return code;
}

static int
open_sized(struct lmdb *lmdb, const struct kv_lmdb_options *options,
    struct error *err)
{
	uint64_t size = options->map_size;
	int code;

	if (size == 0)
		size = MAP_DEFAULT;
	for (;; size /= 2) {
		code = open_env(lmdb, options, size);
		if (code != ENOMEM && code != EINVAL && code != EFBIG)
			break;
		if (size / 2 < MAP_FLOOR)
			break;
	}
	if (code == 0)
		return 0;
	error_set(err, code == MDB_VERSION_MISMATCH || code == MDB_INVALID
	    ? ERROR_CORRUPT : ERROR_SYSTEM, "cannot open the store in %s: %s",
	    options->folder, mdb_strerror(code));
	return -1;
}

/* Who only reads makes none: one that is not there is as an empty one. */
static int
open_table(struct lmdb *lmdb, MDB_txn *txn, int table, bool reading)
{
	int code = mdb_dbi_open(txn, table_names[table],
	    reading ? 0 : MDB_CREATE, &lmdb->tables[table]);

	lmdb->absent[table] = reading && code == MDB_NOTFOUND &&
	    table != KV_META;
	return lmdb->absent[table] ? 0 : code;
}

static int
open_tables(struct lmdb *lmdb, bool reading, struct error *err)
{
	MDB_txn *txn;
	int code, dead, i;

	/* Slots of processes that were killed would keep old pages. */
	code = mdb_reader_check(lmdb->env, &dead);
	if (code == 0)
		code = mdb_txn_begin(lmdb->env, NULL,
		    reading ? MDB_RDONLY : 0, &txn);
	if (code == 0) {
		for (i = 0; i < KV_TABLES && code == 0; i++)
			code = open_table(lmdb, txn, i, reading);
		if (code == 0)
			code = mdb_txn_commit(txn);
		else
			mdb_txn_abort(txn);
	}
	if (code == 0)
		return 0;
	error_set(err, ERROR_SYSTEM, "cannot open the store's tables: %s",
	    mdb_strerror(code));
	return -1;
}

/* The files' names, and the folder's, are as durable as what is in them. */
static int
sync_folder(const char *folder, const char *relative, struct error *err)
{
	char path[PATH_SIZE];
	int fd, result;

	snprintf(path, sizeof(path), "%s%s", folder, relative);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	result = fd >= 0 ? fsync(fd) : -1;
	if (result != 0)
		error_set_errno(err, "cannot synchronise %s", path);
	if (fd >= 0)
		close(fd);
	return result;
}

static struct lmdb *
make(struct error *err)
{
	struct lmdb *lmdb = calloc(1, sizeof(*lmdb));

	if (lmdb == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for the store");
		return NULL;
	}
	lmdb->kv.ops = &lmdb_ops;
	lmdb->writer.txn.kv = &lmdb->kv;
	lmdb->lock = -1;
	return lmdb;
}

struct kv *
kv_lmdb_open(const struct kv_lmdb_options *options, struct error *err)
{
	struct lmdb *lmdb = make(err);

	if (lmdb == NULL)
		return NULL;
	if (lock_folder(lmdb, options->folder, err) != 0 ||
	    open_sized(lmdb, options, err) != 0 ||
	    open_tables(lmdb, false, err) != 0 ||
	    sync_folder(options->folder, "", err) != 0 ||
	    sync_folder(options->folder, "/..", err) != 0) {
		lmdb_close(&lmdb->kv);
		return NULL;
	}
	return &lmdb->kv;
}

/* ------------------------------------------------------ for other processes */

struct kv *
kv_lmdb_open_reading(const char *folder, struct error *err)
{
	const struct kv_lmdb_options options = {
	    .folder = folder, .readers = 1, .reading = true};
	char path[PATH_SIZE];
	struct lmdb *lmdb;

	snprintf(path, sizeof(path), "%s/data.mdb", folder);
	if (access(path, R_OK) != 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			error_set(err, ERROR_STATE, "there is no store in %s: "
			    "--data says where the server has its data",
			    folder);
		else
			error_set_errno(err, "cannot read %s", path);
		return NULL;
	}
	lmdb = make(err);
	if (lmdb == NULL)
		return NULL;
	if (open_sized(lmdb, &options, err) != 0 ||
	    open_tables(lmdb, true, err) != 0) {
		lmdb_close(&lmdb->kv);
		return NULL;
	}
	return &lmdb->kv;
}

int
kv_lmdb_copy(struct kv *kv, const char *folder, struct error *err)
{
	int code, fd;
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/data.mdb", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		error_set_errno(err, "cannot make %s", path);
		return -1;
	}
	code = mdb_env_copyfd2(((struct lmdb *)kv)->env, fd, MDB_CP_COMPACT);
	if (close(fd) != 0 && code == 0)
		code = errno;
	if (code == 0)
		return 0;
	error_set(err, ERROR_SYSTEM, "cannot copy the store to %s: %s",
	    folder, mdb_strerror(code));
	return -1;
}
