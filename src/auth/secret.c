/* SPDX-License-Identifier: MIT */
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>

#include "auth/key_file.h"
#include "auth/keys.h"

#define CREATED_BYTES 32

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes in place.  The number of bytes, or 0 when it is not all hex. */
static size_t
hex_decode(char *text, size_t len)
{
	size_t i;

	if (len % 2 != 0 || len < 2 * TOKEN_SECRET_MIN)
		return 0;
	for (i = 0; i < len; i++) {
		if (hex_digit(text[i]) < 0)
			return 0;
	}
	for (i = 0; i < len / 2; i++)
		text[i] = (char)(hex_digit(text[2 * i]) << 4 |
		    hex_digit(text[2 * i + 1]));
	return len / 2;
}

/* The length without a line end, if the rest is printable ASCII. */
static size_t
text_len(const char *text, size_t len)
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

static int
create(const char *path, struct error *err)
{
	unsigned char secret[CREATED_BYTES];
	char line[2 * CREATED_BYTES + 2];
	size_t i;
	int rc = -1;

	if (RAND_bytes(secret, sizeof(secret)) != 1) {
		error_set(err, ERROR_SYSTEM, "no random bytes for %s", path);
	} else {
		for (i = 0; i < sizeof(secret); i++)
			snprintf(line + 2 * i, 3, "%02x", secret[i]);
		line[2 * CREATED_BYTES] = '\n';
		rc = key_file_create(path, line, 2 * CREATED_BYTES + 1, err);
	}
	OPENSSL_cleanse(secret, sizeof(secret));
	OPENSSL_cleanse(line, sizeof(line));
	return rc;
}

struct token_key *
token_secret_load(const char *path, bool make, struct error *err)
{
	struct token_key *key = NULL;
	struct error why = {0};
	struct key_file *file;
	size_t len, n;
	bool absent;

	file = key_file_read(path, &absent, err);
	if (file == NULL && absent && make) {
		if (create(path, err) != 0)
			return NULL;
		file = key_file_read(path, &absent, err);
	}
	if (file == NULL)
		return NULL;
	if (key_file_check_mode(file, path, err) == 0) {
		len = text_len(file->data, file->len);
		n = hex_decode(file->data, len);
		key = token_key_new(file->data, n > 0 ? n : len, &why);
		if (key == NULL)
			error_set(err, why.code, "%s: %s", path, why.text);
	}
	key_file_free(file);
	return key;
}
