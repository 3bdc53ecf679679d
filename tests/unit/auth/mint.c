/* SPDX-License-Identifier: MIT */
#include "mint.h"

#include <dirent.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/base64url.h"

#define LETTERS 3000
#define BRACKETS 2500

static EVP_PKEY *
make(enum mint_who who)
{
	if (who == MINT_EC)
		return EVP_EC_gen("P-256");
	if (who == MINT_RSA || who == MINT_OUTSIDE_RSA)
		return EVP_RSA_gen(2048);
	return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}

void
mint_write(const struct mint *mint, const char *name, const void *data,
    size_t len, unsigned mode, char out[MINT_PATH])
{
	int fd;

	snprintf(out, MINT_PATH, "%.60s/%s", mint->folder, name);
	unlink(out);
	fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void
write_pem(struct mint *mint, enum mint_who who)
{
	BIO *pem = BIO_new(BIO_s_mem());
	char name[16], *data;
	long len;

	assert_int_equal(PEM_write_bio_PrivateKey(pem, mint->pkeys[who], NULL,
	    NULL, 0, NULL, NULL), 1);
	len = BIO_get_mem_data(pem, &data);
	snprintf(name, sizeof(name), "%d.pem", (int)who);
	mint_write(mint, name, data, (size_t)len, 0600, mint->files[who]);
	BIO_free(pem);
}

/* A set whose second key says no `kid`. */
static void
write_outside(struct mint *mint)
{
	struct buf set = {0};
	char *comma;

	buf_puts(&set, "{\"keys\":[");
	token_key_put_jwk(mint->keys[MINT_OUTSIDE_ED], &set);
	buf_putc(&set, ',');
	token_key_put_jwk(mint->keys[MINT_OUTSIDE_RSA], &set);
	set.data[set.len] = '\0';
	comma = strstr(set.data, ",\"kid\":\"none\"");
	assert_non_null(comma);
	set.len = (size_t)(comma - set.data);
	buf_puts(&set, "}]}");
	assert_false(set.failed);
	mint_write(mint, "outside.json", set.data, set.len, 0644,
	    mint->outside_file);
	buf_fini(&set);
}

struct trust_options
mint_options(const struct mint *mint, const char *files[3])
{
	struct trust_options options = {
	    .key_files = files,
	    .key_files_n = 3,
	    .secret_file = mint->secret_file,
	    .issuer = MINT_ISSUER,
	    .audience = MINT_AUDIENCE,
	    .outside = {MINT_OUTSIDE, MINT_OUTSIDE_AUDIENCE,
		mint->outside_file, "name"}};
	int i;

	for (i = 0; i < 3; i++)
		files[i] = mint->files[i];
	return options;
}

struct mint *
mint_new(void)
{
	struct mint *mint = calloc(1, sizeof(*mint));
	struct trust_options options;
	struct error err = {0};
	const char *files[3];
	enum mint_who who;

	assert_non_null(mint);
	strcpy(mint->folder, "/tmp/mint.XXXXXX");
	assert_non_null(mkdtemp(mint->folder));
	for (who = 0; who < MINT_KEYS; who++) {
		mint->pkeys[who] = make(who);
		mint->keys[who] = token_key_of(mint->pkeys[who], &err);
		assert_non_null(mint->keys[who]);
		assert_int_equal(token_key_set_thumbprint(mint->keys[who],
		    NULL), 0);
		write_pem(mint, who);
	}
	assert_int_equal(token_key_set_id(mint->keys[MINT_OUTSIDE_ED],
	    "out-1", 5), 0);
	assert_int_equal(token_key_set_id(mint->keys[MINT_OUTSIDE_RSA],
	    "none", 4), 0);
	write_outside(mint);
	mint->secret = token_key_new(MINT_SECRET, strlen(MINT_SECRET), NULL);
	assert_non_null(mint->secret);
	mint_write(mint, "secret", MINT_SECRET, strlen(MINT_SECRET), 0600,
	    mint->secret_file);
	options = mint_options(mint, files);
	mint->trust = trust_open(&options, &err);
	if (mint->trust == NULL)
		fail_msg("%s", err.text);
	return mint;
}

void
mint_free(struct mint *mint)
{
	struct dirent *entry;
	DIR *folder;
	int i;

	trust_unref(mint->trust);
	for (i = 0; i < MINT_KEYS; i++) {
		EVP_PKEY_free(mint->pkeys[i]);
		token_key_free(mint->keys[i]);
	}
	token_key_free(mint->secret);
	folder = opendir(mint->folder);
	while (folder != NULL && (entry = readdir(folder)) != NULL)
		unlinkat(dirfd(folder), entry->d_name, 0);
	closedir(folder);
	rmdir(mint->folder);
	free(mint);
}

void
mint_encode(struct buf *out, const void *data, size_t len)
{
	char *room = buf_reserve(out, BASE64URL_ENCODED(len) + 1);

	assert_non_null(room);
	out->len += base64url_encode(data, len, room);
}

static size_t
sign(const struct token_key *key, const char *input, size_t len,
    unsigned char *signature)
{
	size_t n;

	assert_int_equal(token_key_sign(key, input, len, signature, &n, NULL),
	    0);
	return n;
}

#define BY(name, key) \
	size_t \
	name(const struct mint *mint, const char *input, size_t len, \
	    unsigned char *signature) \
	{ \
		return sign(mint->key, input, len, signature); \
	}
BY(by_ed, keys[MINT_ED])
BY(by_ec, keys[MINT_EC])
BY(by_rsa, keys[MINT_RSA])
BY(by_secret, secret)
BY(by_outside, keys[MINT_OUTSIDE_ED])
BY(by_outside_rsa, keys[MINT_OUTSIDE_RSA])
BY(by_stranger, keys[MINT_STRANGER])

static void
fill(struct buf *out, char c, int n)
{
	while (n-- > 0)
		buf_putc(out, c);
}

static void
expand(const struct mint *mint, const char *text, struct buf *out)
{
	for (; *text != '\0'; text++) {
		if (*text != '@') {
			buf_putc(out, *text == '\'' ? '"' : *text);
			continue;
		}
		switch (*++text) {
		case 'e':
			buf_puts(out, token_key_id(mint->keys[MINT_ED]));
			break;
		case 'c':
			buf_puts(out, token_key_id(mint->keys[MINT_EC]));
			break;
		case 'r':
			buf_puts(out, token_key_id(mint->keys[MINT_RSA]));
			break;
		case 'o':
			buf_puts(out, "out-1");
			break;
		case 'q':
			buf_putc(out, '\'');
			break;
		case 'l':
			fill(out, 'l', 65);
			break;
		case 'x':
			fill(out, 'x', LETTERS);
			break;
		case 'd':
			fill(out, '[', BRACKETS);
			break;
		default:
			fail_msg("@%c?", *text);
		}
	}
}

void
mint_token(const struct mint *mint, const char *header, const char *payload,
    mint_change *before, mint_forge *forge, mint_change *after,
    struct buf *token)
{
	unsigned char signature[TOKEN_SIGNATURE_MAX];
	struct buf text = {0};

	expand(mint, header, &text);
	mint_encode(token, text.data, text.len);
	buf_putc(token, '.');
	buf_reset(&text);
	expand(mint, payload, &text);
	mint_encode(token, text.data, text.len);
	buf_fini(&text);
	if (before != NULL)
		before(token);
	if (forge != NULL) {
		size_t n = forge(mint, token->data, token->len, signature);

		buf_putc(token, '.');
		mint_encode(token, signature, n);
	}
	if (after != NULL)
		after(token);
	assert_false(token->failed);
}
