/* SPDX-License-Identifier: MIT */
#include "auth/token.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Room for the largest secret in hexadecimal, and to notice a larger file. */
#define FILE_MAX (2 * TOKEN_SECRET_MAX + 2)
#define CREATED_BYTES 32

static int
hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes in place.  The number of bytes, or 0 when it is not all hex. */
static size_t
hex_decode(unsigned char *text, size_t len)
{
	size_t i;

	if (len % 2 != 0 || len < 2 * TOKEN_SECRET_MIN)
		return 0;
	for (i = 0; i < len; i++) {
		if (hex_digit(text[i]) < 0)
			return 0;
	}
	for (i = 0; i < len / 2; i++)
		text[i] = (unsigned char)(hex_digit(text[2 * i]) << 4 |
		    hex_digit(text[2 * i + 1]));
	return len / 2;
}

/* The length without a line end, if the rest is printable ASCII. */
static size_t
text_len(const unsigned char *text, size_t len)
{
	size_t i, n = len;

	if (n > 0 && text[n - 1] == '\n')
		n--;
	if (n > 0 && text[n - 1] == '\r')
		n--;
	for (i = 0; i < n; i++) {
		if (text[i] < 0x20 || text[i] > 0x7e)
			return len;
	}
	return n;
}

/* Reads all, up to size.  -1 and errno. */
static ssize_t
read_all(int fd, unsigned char *room, size_t size)
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
check_mode(int fd, const char *path, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0) {
		error_set_errno(err, "cannot look at %s", path);
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		error_set(err, ERROR_CONFIG, "%s: not a regular file", path);
		return -1;
	}
	if ((st.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
		error_set(err, ERROR_CONFIG, "%s: mode %04o lets others at the "
		    "token secret; chmod 600 it", path,
		    (unsigned int)st.st_mode & 07777);
		return -1;
	}
	return 0;
}

static struct token_key *
load(int fd, const char *path, struct error *err)
{
	unsigned char text[FILE_MAX];
	struct token_key *key = NULL;
	struct error why = {0};
	size_t len, n;
	ssize_t got;

	if (check_mode(fd, path, err) != 0)
		return NULL;
	got = read_all(fd, text, sizeof(text));
	if (got < 0) {
		error_set_errno(err, "cannot read %s", path);
		goto wipe;
	}
	len = text_len(text, (size_t)got);
	n = hex_decode(text, len);
	key = token_key_new(TOKEN_HS256, text, n > 0 ? n : len, &why);
	if (key == NULL)
		error_set(err, why.code, "%s: %s", path, why.text);
wipe:
	OPENSSL_cleanse(text, sizeof(text));
	return key;
}

static int
write_secret(int fd)
{
	unsigned char secret[CREATED_BYTES];
	char line[2 * CREATED_BYTES + 2];
	size_t i;
	ssize_t put = -1;

	errno = EIO;
	if (RAND_bytes(secret, sizeof(secret)) == 1) {
		for (i = 0; i < sizeof(secret); i++)
			snprintf(line + 2 * i, 3, "%02x", secret[i]);
		line[2 * CREATED_BYTES] = '\n';
		put = write(fd, line, 2 * CREATED_BYTES + 1);
	}
	OPENSSL_cleanse(secret, sizeof(secret));
	OPENSSL_cleanse(line, sizeof(line));
	if (put != 2 * CREATED_BYTES + 1 || fsync(fd) != 0)
		return -1;
	return 0;
}

/*
 * The file appears under its name whole or not at all, and never replaces one
 * that is there: link() is what decides between processes.
 */
static int
create_file(const char *path, struct error *err)
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
	if (write_secret(fd) != 0)
		error_set_errno(err, "cannot write %s", path);
	else if (link(temporary, path) != 0 && errno != EEXIST)
		error_set_errno(err, "cannot make %s", path);
	else
		rc = 0;
	unlink(temporary);
	close(fd);
	return rc;
}

struct token_key *
token_secret_load(const char *path, bool create, struct error *err)
{
	struct token_key *key;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT && create) {
		if (create_file(path, err) != 0)
			return NULL;
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	}
	if (fd < 0) {
		error_set_errno(err, "cannot open the token secret %s", path);
		return NULL;
	}
	key = load(fd, path, err);
	close(fd);
	return key;
}
