/* SPDX-License-Identifier: MIT */
#include "auth/opaque.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/base64url.h"

#define OPAQUE_BYTES 32
#define CODE_DIGITS 12
#define CODE_GROUP 4

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static int
crypto_failed(struct error *err)
{
	error_set(err, ERROR_SYSTEM, "the crypto library failed");
	return -1;
}

/* ------------------------------------------------------------------ tokens */

static void
put_text(const unsigned char bytes[OPAQUE_BYTES], char text[OPAQUE_TEXT])
{
	text[base64url_encode(bytes, OPAQUE_BYTES, text)] = '\0';
}

static int
get_bytes(const char *text, unsigned char bytes[OPAQUE_BYTES])
{
	unsigned char room[BASE64URL_DECODED(OPAQUE_TEXT - 1)];
	size_t len;

	if (strlen(text) != OPAQUE_TEXT - 1 ||
	    base64url_decode(text, OPAQUE_TEXT - 1, room, &len) == -1 ||
	    len != OPAQUE_BYTES)
		return -1;
	memcpy(bytes, room, OPAQUE_BYTES);
	OPENSSL_cleanse(room, sizeof(room));
	return 0;
}

int
opaque_new(char text[OPAQUE_TEXT], struct error *err)
{
	unsigned char bytes[OPAQUE_BYTES];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return crypto_failed(err);
	put_text(bytes, text);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return 0;
}

int
opaque_hash(const char *text, unsigned char hash[OPAQUE_HASH])
{
	unsigned char bytes[OPAQUE_BYTES];
	bool well;

	if (get_bytes(text, bytes) == -1)
		return -1;
	well = EVP_Digest(bytes, sizeof(bytes), hash, NULL, EVP_sha256(),
	    NULL) == 1;
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return well ? 0 : -1;
}

int
opaque_successor(const unsigned char key[OPAQUE_KEY], const char *text,
    char next[OPAQUE_TEXT], struct error *err)
{
	unsigned char bytes[OPAQUE_BYTES], successor[OPAQUE_BYTES];
	unsigned len = sizeof(successor);
	bool well;

	if (get_bytes(text, bytes) == -1)
		return crypto_failed(err);
	well = HMAC(EVP_sha256(), key, OPAQUE_KEY, bytes, sizeof(bytes),
	    successor, &len) != NULL;
	if (well)
		put_text(successor, next);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	OPENSSL_cleanse(successor, sizeof(successor));
	return well ? 0 : crypto_failed(err);
}

/* ----------------------------------------------------------------- the key */

/*
 * The file appears under its name whole or not at all, and never replaces one
 * that is there.
 */
static int
make_key(const char *path, struct error *err)
{
	unsigned char key[OPAQUE_KEY];
	char temporary[4096];
	int fd, n, rc = -1;

	n = snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	if (n < 0 || (size_t)n >= sizeof(temporary)) {
		error_set(err, ERROR_CONFIG, "the path %s is too long", path);
		return -1;
	}
	fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
	if (fd == -1) {
		error_set_errno(err, "cannot make %s", path);
		return -1;
	}
	if (RAND_bytes(key, sizeof(key)) != 1)
		crypto_failed(err);
	else if (write(fd, key, sizeof(key)) != (ssize_t)sizeof(key) ||
	    fsync(fd) == -1)
		error_set_errno(err, "cannot write %s", path);
	else if (link(temporary, path) == -1 && errno != EEXIST)
		error_set_errno(err, "cannot make %s", path);
	else
		rc = 0;
	OPENSSL_cleanse(key, sizeof(key));
	unlink(temporary);
	close(fd);
	return rc;
}

static int
read_key(int fd, const char *path, unsigned char key[OPAQUE_KEY],
    struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) == -1) {
		error_set_errno(err, "cannot look at %s", path);
	} else if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		error_set(err, ERROR_CONFIG, "%s: mode %04o lets others at a "
		    "secret; chmod 600 it", path,
		    (unsigned)st.st_mode & 07777);
	} else if (!S_ISREG(st.st_mode) || st.st_size != OPAQUE_KEY ||
	    read(fd, key, OPAQUE_KEY) != OPAQUE_KEY) {
		error_set(err, ERROR_CONFIG, "%s: it should be a file of %d "
		    "random bytes; if it is removed, a new one is made and "
		    "refresh tokens that are used twice within their grace "
		    "are refused once", path, OPAQUE_KEY);
	} else {
		return 0;
	}
	return -1;
}

int
opaque_key_load(const char *path, unsigned char key[OPAQUE_KEY],
    struct error *err)
{
	int fd, rc;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1 && errno == ENOENT) {
		if (make_key(path, err) == -1)
			return -1;
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	}
	if (fd == -1) {
		error_set_errno(err, "cannot open %s", path);
		return -1;
	}
	rc = read_key(fd, path, key, err);
	close(fd);
	return rc;
}

/* ------------------------------------------------------------------- codes */

int
code_new(char text[CODE_TEXT], struct error *err)
{
	unsigned char bytes[CODE_DIGITS];
	size_t i;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return crypto_failed(err);
	for (i = 0; i < CODE_DIGITS; i++) {
		if (i > 0 && i % CODE_GROUP == 0)
			*text++ = '-';
		*text++ = alphabet[bytes[i] % 32]; /* 256 is a multiple */
	}
	*text = '\0';
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return 0;
}

/* As it is meant: O and o are 0, I, i, L and l are 1.  NUL: it is no digit. */
static char
fold_digit(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		return '0';
	if (c == 'I' || c == 'L')
		return '1';
	return c != '\0' && strchr(alphabet, c) != NULL ? c : '\0';
}

int
code_hash(const char *text, unsigned char hash[OPAQUE_HASH])
{
	char digits[CODE_DIGITS];
	size_t n = 0;
	bool well;

	for (; *text != '\0'; text++) {
		if (*text == '-' || *text == ' ')
			continue;
		if (n == CODE_DIGITS || fold_digit(*text) == '\0')
			return -1;
		digits[n++] = fold_digit(*text);
	}
	well = n == CODE_DIGITS && EVP_Digest(digits, sizeof(digits), hash,
	    NULL, EVP_sha256(), NULL) == 1;
	OPENSSL_cleanse(digits, sizeof(digits));
	return well ? 0 : -1;
}
