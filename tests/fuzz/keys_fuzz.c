/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/keys.h"
#include "auth/password_text.h"
#include "base/buf.h"

/* What operators hand over: hashes of passwords, and files of keys. */

/* A string that is read is one that is written alike. */
static void
check_hash(const char *text)
{
	struct password_text parsed;
	char again[PASSWORD_TEXT];

	if (password_text_parse(text, &parsed) != 0 ||
	    parsed.kind == PASSWORD_BCRYPT)
		return;
	assert(parsed.salt_len <= PASSWORD_SALT_MAX);
	assert(parsed.key_len <= PASSWORD_KEY_MAX);
	if (parsed.salt_len <= 32) {
		password_text_format(&parsed, again);
		assert(strcmp(text, again) == 0);
	}
}

/* Keys are of the kinds that are accepted; what is shown is read again. */
static void
check_keys(const char *text, size_t len)
{
	struct token_keys keys, again;
	struct error err = {0};
	struct buf set = {0};
	bool secret, none;
	size_t i;

	if (token_keys_parse(text, len, &keys, &secret, &err) != 0) {
		assert(err.code != ERROR_NONE && err.text[0] != '\0');
		assert(keys.n == 0);
		return;
	}
	assert(keys.n > 0 && keys.n <= TOKEN_KEYS_MAX);
	for (i = 0; i < keys.n; i++) {
		if (token_key_algorithm(keys.keys[i]) == TOKEN_HS256) {
			assert(secret);
			continue;
		}
		assert(token_key_set_thumbprint(keys.keys[i], NULL) == 0);
		buf_reset(&set);
		buf_puts(&set, "{\"keys\":[");
		token_key_put_jwk(keys.keys[i], &set);
		buf_puts(&set, "]}");
		buf_putc(&set, '\0');
		assert(!set.failed);
		assert(token_keys_parse(set.data, set.len - 1, &again,
		    &none, &err) == 0 && !none);
		assert(strcmp(token_key_id(again.keys[0]),
		    token_key_id(keys.keys[i])) == 0);
		token_keys_free(&again);
	}
	buf_fini(&set);
	token_keys_free(&keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	assert(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	check_hash(text);
	check_keys(text, size);
	free(text);
	return 0;
}
