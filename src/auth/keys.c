/* SPDX-License-Identifier: MIT */
#include "auth/keys.h"

#include <jansson.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#include "auth/jwk.h"
#include "auth/key_file.h"
#include "base/json.h"

/* No terminal is asked for a passphrase. */
static int
no_passphrase(char *room, int size, int writing, void *arg)
{
	(void)room;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static int
create(const char *path, struct error *err)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	BIO *pem = BIO_new(BIO_s_secmem());
	char *data;
	long len;
	int rc = -1;

	if (pkey != NULL && pem != NULL && PEM_write_bio_PrivateKey(pem, pkey,
	    NULL, NULL, 0, NULL, NULL) == 1) {
		len = BIO_get_mem_data(pem, &data);
		rc = key_file_create(path, data, (size_t)len, err);
	} else {
		ERR_clear_error();
		error_set(err, ERROR_SYSTEM, "cannot make a key for %s", path);
	}
	BIO_free(pem);
	EVP_PKEY_free(pkey);
	return rc;
}

static EVP_PKEY *
read_private(const struct key_file *file, const char *path, struct error *err)
{
	BIO *pem = BIO_new_mem_buf(file->data, (int)file->len);
	EVP_PKEY *pkey = NULL;

	if (pem != NULL)
		pkey = PEM_read_bio_PrivateKey(pem, NULL, no_passphrase, NULL);
	BIO_free(pem);
	ERR_clear_error();
	if (pkey == NULL)
		error_set(err, ERROR_CONFIG, "%s: there must be a private key "
		    "in PEM, not encrypted", path);
	return pkey;
}

struct token_key *
token_key_load(const char *path, bool make, struct error *err)
{
	struct token_key *key = NULL;
	struct error why = {0};
	struct key_file *file;
	EVP_PKEY *pkey = NULL;
	bool absent;

	file = key_file_read(path, &absent, err);
	if (file == NULL && absent && make) {
		if (create(path, err) != 0)
			return NULL;
		file = key_file_read(path, &absent, err);
	}
	if (file == NULL)
		return NULL;
	if (key_file_check_mode(file, path, err) == 0)
		pkey = read_private(file, path, err);
	key_file_free(file);
	if (pkey == NULL)
		return NULL;
	key = token_key_of(pkey, &why);
	EVP_PKEY_free(pkey);
	if (key == NULL || token_key_set_thumbprint(key, &why) != 0) {
		error_set(err, why.code, "%s: %s", path, why.text);
		token_key_free(key);
		return NULL;
	}
	return key;
}

/* Why one more key of this id cannot be told from the others, or NULL. */
static const char *
ambiguous(const struct token_keys *keys, const char *id)
{
	size_t i, nameless = 0;

	for (i = 0; i < keys->n; i++) {
		if (strcmp(token_key_id(keys->keys[i]), id) != 0)
			continue;
		if (id[0] != '\0')
			return "two keys have the same `kid`";
		nameless++;
	}
	return nameless < TOKEN_NAMELESS_MAX ? NULL :
	    "more than 8 keys have no `kid`";
}

/* Owns key from now on. */
static int
add(struct token_keys *keys, struct token_key *key, struct error *err)
{
	const char *why = ambiguous(keys, token_key_id(key));

	if (why == NULL && keys->n < TOKEN_KEYS_MAX) {
		keys->keys[keys->n++] = key;
		return 0;
	}
	error_set(err, ERROR_CONFIG, "%s",
	    why != NULL ? why : "more than 32 keys");
	token_key_free(key);
	return -1;
}

static int
parse_set(const char *text, size_t len, struct token_keys *keys, bool *secret,
    struct error *err)
{
	json_t *set = json_parse_object(text, len, err), *jwk;
	const json_t *list = json_object_get(set, "keys");
	struct error why = {0};
	struct token_key *key;
	size_t i;
	int rc = 0;

	if (set != NULL && !json_is_array(list))
		error_set(err, ERROR_CONFIG,
		    "a JWK Set has its keys in an array `keys`");
	if (!json_is_array(list))
		rc = -1;
	json_array_foreach(list, i, jwk) {
		*secret = *secret || jwk_secret(jwk);
		switch (jwk_read(jwk, &key, &why)) {
		case JWK_KEY:
			rc = add(keys, key, err);
			break;
		case JWK_BAD:
			error_set(err, why.code, "key number %zu: %s", i + 1,
			    why.text);
			rc = -1;
			break;
		case JWK_SKIPPED:
			break;
		}
		if (rc != 0)
			break;
	}
	json_decref(set);
	return rc;
}

static size_t
count(const char *text, const char *words)
{
	size_t n = 0;

	while ((text = strstr(text, words)) != NULL) {
		text += strlen(words);
		n++;
	}
	return n;
}

static int
parse_pem(const char *text, size_t len, struct token_keys *keys,
    struct error *err)
{
	BIO *pem = BIO_new_mem_buf(text, (int)len);
	EVP_PKEY *pkey;
	struct token_key *key;
	int rc = pem == NULL ? -1 : 0;

	while (rc == 0 && (pkey = PEM_read_bio_PUBKEY(pem, NULL,
	    no_passphrase, NULL)) != NULL) {
		key = token_key_of(pkey, err);
		EVP_PKEY_free(pkey);
		rc = key == NULL ? -1 : add(keys, key, err);
	}
	if (rc == 0 && keys->n != count(text, "-----BEGIN PUBLIC KEY-----")) {
		error_set(err, ERROR_CONFIG, "a PUBLIC KEY is malformed");
		rc = -1;
	}
	BIO_free(pem);
	ERR_clear_error();
	return rc;
}

int
token_keys_parse(const char *text, size_t len, struct token_keys *keys,
    bool *secret, struct error *err)
{
	int rc;

	memset(keys, 0, sizeof(*keys));
	*secret = false;
	if (text[strspn(text, " \t\r\n")] == '{') {
		rc = parse_set(text, len, keys, secret, err);
	} else if (strstr(text, "PRIVATE KEY-----") != NULL) {
		*secret = true;
		error_set(err, ERROR_CONFIG,
		    "only the public half of a key belongs in there");
		rc = -1;
	} else {
		rc = parse_pem(text, len, keys, err);
	}
	if (rc == 0 && keys->n == 0) {
		error_set(err, ERROR_CONFIG, "there is no key that verifies "
		    "EdDSA, ES256, RS256 or HS256");
		rc = -1;
	}
	if (rc != 0)
		token_keys_free(keys);
	return rc;
}

int
token_keys_load(const char *path, struct token_keys *keys, struct error *err)
{
	struct error why = {0};
	struct key_file *file;
	bool absent, secret;
	int rc;

	memset(keys, 0, sizeof(*keys));
	file = key_file_read(path, &absent, err);
	if (file == NULL)
		return -1;
	rc = token_keys_parse(file->data, file->len, keys, &secret, &why);
	if (rc != 0)
		error_set(err, ERROR_CONFIG, "%s: %s", path, why.text);
	else if (secret)
		rc = key_file_check_mode(file, path, err);
	if (rc != 0)
		token_keys_free(keys);
	key_file_free(file);
	return rc;
}

void
token_keys_free(struct token_keys *keys)
{
	size_t i;

	for (i = 0; i < keys->n; i++)
		token_key_free(keys->keys[i]);
	keys->n = 0;
}
