/* SPDX-License-Identifier: MIT */
#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/lmdb.h"
#include "store/meta.h"

int
backup_begin(struct backup_folder *folder, const char *dest,
    struct error *err)
{
	size_t len = strlen(dest);
	struct stat st;

	while (len > 1 && dest[len - 1] == '/')
		len--;
	if (len == 0 || len + sizeof(".part-XXXXXX") > PATH_MAX) {
		error_set(err, ERROR_USAGE, "\"%s\" is no name for a new "
		    "folder", dest);
		return -1;
	}
	snprintf(folder->dest, sizeof(folder->dest), "%.*s", (int)len, dest);
	if (lstat(folder->dest, &st) == 0) {
		error_set(err, ERROR_STATE, "%s exists already: name a folder "
		    "that is to be made", folder->dest);
		return -1;
	}
	memcpy(folder->part, folder->dest, len);
	strcpy(folder->part + len, ".part-XXXXXX");
	if (mkdtemp(folder->part) != NULL && chmod(folder->part, 0750) == 0)
		return 0;
	error_set_errno(err, "cannot make a folder for %s", folder->dest);
	return -1;
}

static void
remove_file(const struct backup_folder *folder, const char *name)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/%s", folder->part, name);
	unlink(path);
}

/* The names in it. */
static int
sync_folder(const char *folder)
{
	int fd, result;

	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	result = fsync(fd);
	close(fd);
	return result;
}

static int
sync_parent(const char *dest)
{
	const char *slash = strrchr(dest, '/');
	char parent[PATH_MAX] = ".";

	if (slash != NULL)
		snprintf(parent, sizeof(parent), "%.*s",
		    slash == dest ? 1 : (int)(slash - dest), dest);
	return sync_folder(parent);
}

int
backup_finish(struct backup_folder *folder, struct error *err)
{
	remove_file(folder, "lock");
	remove_file(folder, "lock.mdb");
	if (sync_folder(folder->part) == 0 &&
	    rename(folder->part, folder->dest) == 0 &&
	    sync_parent(folder->dest) == 0)
		return 0;
	error_set_errno(err, "cannot make %s", folder->dest);
	return -1;
}

void
backup_abandon(struct backup_folder *folder)
{
	remove_file(folder, "data.mdb");
	remove_file(folder, "lock");
	remove_file(folder, "lock.mdb");
	rmdir(folder->part);
}

static int
copy(const char *data, const char *part, struct error *err)
{
	struct kv *kv = kv_lmdb_open_reading(data, err);
	int result;

	if (kv == NULL)
		return -1;
	result = kv_lmdb_copy(kv, part, err);
	kv_close(kv);
	return result;
}

/* The commit makes the whole copy durable. */
static int
renew_epoch(const char *part, struct error *err)
{
	const struct kv_lmdb_options options = {.folder = part, .readers = 1};
	struct kv *kv = kv_lmdb_open(&options, err);
	struct kv_txn *txn;
	struct meta meta;
	int result = -1;

	if (kv == NULL)
		return -1;
	txn = kv_begin(kv, err);
	if (txn == NULL)
		goto out;
	if (meta_read(txn, &meta, err) < 0 || meta_renew_epoch(txn, err) != 0)
		kv_abort(txn);
	else
		result = kv_commit(txn, err) == KV_OK ? 0 : -1;
out:
	kv_close(kv);
	return result;
}

int
backup_make(const char *data, const char *dest, struct error *err)
{
	struct backup_folder folder;

	if (backup_begin(&folder, dest, err) != 0)
		return -1;
	if (copy(data, folder.part, err) == 0 &&
	    renew_epoch(folder.part, err) == 0 &&
	    backup_finish(&folder, err) == 0)
		return 0;
	backup_abandon(&folder);
	return -1;
}
