/* SPDX-License-Identifier: MIT */
#include "auth/password.h"

#include <assert.h>
#include <crypt.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "auth/password_text.h"
#include "base/utf8.h"

#define SALT_LEN 16
#define KEY_LEN 32
#define SCRYPT_R 8
#define ARGON2_KIB 19456 /* at PASSWORD_COST */
#define ARGON2_PASSES 2
#define BCRYPT_HASH_AT 29 /* "$2b$12$" and 22 characters of salt */
#define BCRYPT_HASH_LEN 31

static EVP_KDF *
kdf_fetch(enum password_kind kind)
{
	return EVP_KDF_fetch(NULL,
	    kind == PASSWORD_SCRYPT ? "SCRYPT" : "ARGON2ID", NULL);
}

static bool
argon2id_exists(void)
{
	EVP_KDF *kdf = kdf_fetch(PASSWORD_ARGON2ID);

	EVP_KDF_free(kdf);
	ERR_clear_error();
	return kdf != NULL;
}

/* The parameters of new strings. */
static void
choose(unsigned cost, struct password_text *text)
{
	memset(text, 0, sizeof(*text));
	text->lanes = 1;
	text->salt_len = SALT_LEN;
	text->key_len = KEY_LEN;
	if (argon2id_exists()) {
		text->kind = PASSWORD_ARGON2ID;
		text->memory = (uint32_t)(((uint64_t)ARGON2_KIB << cost) >>
		    PASSWORD_COST);
		if (text->memory < 8)
			text->memory = 8;
		text->rounds = ARGON2_PASSES;
	} else {
		text->kind = PASSWORD_SCRYPT;
		text->ln = cost;
		text->rounds = SCRYPT_R;
	}
}

/*
 * Names of parameters that headers before OpenSSL 3.2 lack: "lanes",
 * "memcost" and "iter" (EVP_KDF-ARGON2).
 */
static void
fill_params(const struct password_text *text, uint64_t *n,
    uint64_t *memory, uint32_t values[3], OSSL_PARAM *param)
{
	values[0] = text->rounds;
	values[1] = text->lanes;
	values[2] = text->memory;
	if (text->kind == PASSWORD_SCRYPT) {
		*n = UINT64_C(1) << text->ln;
		*memory = 2 * PASSWORD_MEMORY_MAX;
		*param++ = OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N,
		    n);
		*param++ = OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R,
		    &values[0]);
		*param++ = OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P,
		    &values[1]);
		*param++ = OSSL_PARAM_construct_uint64(
		    OSSL_KDF_PARAM_SCRYPT_MAXMEM, memory);
	} else {
		*param++ = OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ITER,
		    &values[0]);
		*param++ = OSSL_PARAM_construct_uint32("lanes", &values[1]);
		*param++ = OSSL_PARAM_construct_uint32("memcost", &values[2]);
	}
	*param = OSSL_PARAM_construct_end();
}

/* The key of text->key_len bytes, by the parameters and the salt of text. */
static int
derive(const struct password_text *text, const char *password, size_t len,
    unsigned char *key, struct error *err)
{
	OSSL_PARAM params[8];
	uint64_t n, memory;
	uint32_t values[3];
	EVP_KDF *kdf = kdf_fetch(text->kind);
	EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
	int ok = 0;

	EVP_KDF_free(kdf);
	if (context != NULL) {
		params[0] = OSSL_PARAM_construct_octet_string(
		    OSSL_KDF_PARAM_PASSWORD, (void *)(uintptr_t)password, len);
		params[1] = OSSL_PARAM_construct_octet_string(
		    OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)text->salt,
		    text->salt_len);
		fill_params(text, &n, &memory, values, params + 2);
		ok = EVP_KDF_derive(context, key, text->key_len, params);
		EVP_KDF_CTX_free(context);
	}
	if (ok == 1)
		return 0;
	ERR_clear_error();
	error_set(err, ERROR_SYSTEM, "the crypto library cannot hash a "
	    "password; perhaps memory is short");
	return -1;
}

int
password_check(const char *password, size_t len, struct error *err)
{
	if (len < PASSWORD_MIN)
		error_set(err, ERROR_INPUT,
		    "the password is too short: it has %zu bytes, and %d is "
		    "the least", len, PASSWORD_MIN);
	else if (len > PASSWORD_MAX)
		error_set(err, ERROR_INPUT,
		    "the password is too long: it may have %d bytes",
		    PASSWORD_MAX);
	else if (memchr(password, '\0', len) != NULL ||
	    !utf8_valid(password, len))
		error_set(err, ERROR_INPUT,
		    "the password must be UTF-8 without NUL");
	else
		return 0;
	return -1;
}

int
password_hash(const char *password, size_t len, unsigned cost,
    char out[PASSWORD_TEXT], struct error *err)
{
	struct password_text text;
	int rc = -1;

	assert(len <= PASSWORD_MAX);
	assert(cost >= PASSWORD_COST_MIN && cost <= PASSWORD_COST_MAX);
	out[0] = '\0';
	choose(cost, &text);
	if (RAND_bytes(text.salt, SALT_LEN) != 1)
		error_set(err, ERROR_SYSTEM, "no random bytes for a salt");
	else
		rc = derive(&text, password, len, text.key, err);
	if (rc == 0)
		password_text_format(&text, out);
	OPENSSL_cleanse(&text, sizeof(text));
	return rc;
}

/* Is text less hard than what is made now? */
static bool
weaker(const struct password_text *text, const struct password_text *now)
{
	return text->kind != now->kind || text->ln < now->ln ||
	    text->memory < now->memory || text->rounds < now->rounds ||
	    text->salt_len < now->salt_len || text->key_len < now->key_len;
}

static enum password_result
verify_derived(const char *password, size_t len,
    const struct password_text *text, unsigned cost, struct error *err)
{
	unsigned char key[PASSWORD_KEY_MAX];
	struct password_text now;
	enum password_result result = PASSWORD_WRONG;

	if (derive(text, password, len, key, err) != 0)
		return PASSWORD_FAILED;
	if (CRYPTO_memcmp(key, text->key, text->key_len) == 0) {
		choose(cost, &now);
		result = weaker(text, &now) ? PASSWORD_WEAK : PASSWORD_RIGHT;
	}
	OPENSSL_cleanse(key, sizeof(key));
	return result;
}

/*
 * The salt's last character has unused bits that crypt_r() clears, so only
 * the hash is compared.
 */
static enum password_result
verify_bcrypt(const char *password, size_t len, const char *hash,
    struct error *err)
{
	struct {
		struct crypt_data crypt;
		char password[PASSWORD_MAX + 1];
	} *room = calloc(1, sizeof(*room));
	enum password_result result = PASSWORD_FAILED;
	const char *made;

	if (room == NULL) {
		error_set(err, ERROR_NOMEM, "no memory to verify a password");
		return PASSWORD_FAILED;
	}
	memcpy(room->password, password, len);
	made = crypt_r(room->password, hash, &room->crypt);
	if (made == NULL || strlen(made) != BCRYPT_HASH_AT + BCRYPT_HASH_LEN)
		error_set(err, ERROR_SYSTEM, "crypt(3) failed on bcrypt");
	else if (memchr(password, '\0', len) == NULL &&
	    CRYPTO_memcmp(made + BCRYPT_HASH_AT, hash + BCRYPT_HASH_AT,
	    BCRYPT_HASH_LEN) == 0)
		result = PASSWORD_WEAK;
	else
		result = PASSWORD_WRONG;
	OPENSSL_cleanse(room, sizeof(*room));
	free(room);
	return result;
}

/* Nobody's password: a key of zeros, which no password derives. */
static enum password_result
verify_nobody(const char *password, size_t len, unsigned cost,
    struct error *err)
{
	struct password_text text;

	choose(cost, &text);
	return verify_derived(password, len, &text, cost, err) ==
	    PASSWORD_FAILED ? PASSWORD_FAILED : PASSWORD_WRONG;
}

enum password_result
password_verify(const char *password, size_t len, const char *hash,
    unsigned cost, struct error *err)
{
	struct password_text text;
	enum password_result result;

	assert(len <= PASSWORD_MAX);
	assert(cost >= PASSWORD_COST_MIN && cost <= PASSWORD_COST_MAX);
	if (hash == NULL || hash[0] == '\0')
		return verify_nobody(password, len, cost, err);
	if (password_text_parse(hash, &text) != 0) {
		error_set(err, ERROR_CORRUPT,
		    "a stored password hash is not one of ours");
		return PASSWORD_FAILED;
	}
	if (text.kind == PASSWORD_BCRYPT)
		return verify_bcrypt(password, len, hash, err);
	result = verify_derived(password, len, &text, cost, err);
	OPENSSL_cleanse(&text, sizeof(text));
	return result;
}

bool
password_hash_valid(const char *hash)
{
	struct password_text text;

	return password_text_parse(hash, &text) == 0 &&
	    (text.kind != PASSWORD_ARGON2ID || argon2id_exists());
}
