/* SPDX-License-Identifier: MIT */
#include "auth/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads all, up to size.  -1 and errno. */
static ssize_t
read_all(int fd, char *room, size_t size)
{
	size_t n = 0;
	ssize_t got;

	while (n < size) {
		got = read(fd, room + n, size - n);
		if (got == 0)
			break;
		if (got < 0 && errno != EINTR)
			return -1;
		if (got > 0)
			n += (size_t)got;
	}
	return (ssize_t)n;
}

static int
fill(struct key_file *file, int fd, const char *path, struct error *err)
{
	struct stat st;
	ssize_t got;

	if (fstat(fd, &st) != 0) {
		error_set_errno(err, "cannot look at %s", path);
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		error_set(err, ERROR_CONFIG, "%s: not a regular file", path);
		return -1;
	}
	got = read_all(fd, file->data, sizeof(file->data));
	if (got < 0) {
		error_set_errno(err, "cannot read %s", path);
		return -1;
	}
	if (got > KEY_FILE_MAX) {
		error_set(err, ERROR_CONFIG, "%s: longer than %d bytes", path,
		    KEY_FILE_MAX);
		return -1;
	}
	file->mode = (unsigned)st.st_mode & 07777;
	file->len = (size_t)got;
	file->data[got] = '\0';
	return 0;
}

struct key_file *
key_file_read(const char *path, bool *absent, struct error *err)
{
	struct key_file *file = NULL;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	*absent = fd < 0 && errno == ENOENT;
	if (fd < 0) {
		error_set_errno(err, "cannot open %s", path);
		return NULL;
	}
	file = malloc(sizeof(*file));
	if (file == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for %s", path);
	} else if (fill(file, fd, path, err) != 0) {
		key_file_free(file);
		file = NULL;
	}
	close(fd);
	return file;
}

void
key_file_free(struct key_file *file)
{
	if (file == NULL)
		return;
	OPENSSL_cleanse(file, sizeof(*file));
	free(file);
}

int
key_file_check_mode(const struct key_file *file, const char *path,
    struct error *err)
{
	if ((file->mode & (S_IRWXO | S_IWGRP)) == 0)
		return 0;
	error_set(err, ERROR_CONFIG, "%s: mode %04o lets others at the "
	    "secret in it; chmod 600 it", path, file->mode);
	return -1;
}

static int
write_all(int fd, const char *data, size_t len)
{
	ssize_t put;

	while (len > 0) {
		put = write(fd, data, len);
		if (put < 0 && errno != EINTR)
			return -1;
		if (put > 0) {
			data += put;
			len -= (size_t)put;
		}
	}
	return fsync(fd);
}

/* link() is what decides between processes. */
int
key_file_create(const char *path, const void *data, size_t len,
    struct error *err)
{
	char temporary[4096];
	int fd, n, rc = -1;

	n = snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	if (n < 0 || (size_t)n >= sizeof(temporary)) {
		errno = ENAMETOOLONG;
		error_set_errno(err, "cannot make %s", path);
		return -1;
	}
	fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
	if (fd < 0) {
		error_set_errno(err, "cannot make %s", path);
		return -1;
	}
	if (write_all(fd, data, len) != 0)
		error_set_errno(err, "cannot write %s", path);
	else if (link(temporary, path) != 0 && errno != EEXIST)
		error_set_errno(err, "cannot make %s", path);
	else
		rc = 0;
	unlink(temporary);
	close(fd);
	return rc;
}
