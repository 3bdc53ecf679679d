/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/keys.h"
#include "auth/token.h"
#include "base/scope.h"

#define TEXT32 "a secret of thirty-two letters!!"
#define HEX32 \
	"61207365637265742066207468697274792d74776f206c657474657273212121"

static const struct token_rules no_rules;

struct folder {
	char path[64];
	char file[80];
};

static int
set_up(void **state)
{
	static struct folder folder;

	strcpy(folder.path, "/tmp/secret_test.XXXXXX");
	if (mkdtemp(folder.path) == NULL)
		return -1;
	snprintf(folder.file, sizeof(folder.file), "%s/secret", folder.path);
	*state = &folder;
	return 0;
}

static int
tear_down(void **state)
{
	struct folder *folder = *state;

	unlink(folder->file);
	return rmdir(folder->path); /* fails if anything was left behind */
}

static int
tear_down_empty(void **state)
{
	struct folder *folder = *state;

	return rmdir(folder->path);
}

static void
write_file(const struct folder *folder, const void *data, size_t len,
    mode_t mode)
{
	FILE *file = fopen(folder->file, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	fclose(file);
	assert_int_equal(chmod(folder->file, mode), 0);
}

/* Is what the file's secret signs accepted by this secret? */
static void
assert_same_secret(const struct folder *folder, const void *secret, size_t len)
{
	struct token_key *file, *key;
	char token[TOKEN_MAX + 1];
	struct token_signer by_file = {NULL, &no_rules};
	struct token_signer by_secret = {NULL, &no_rules};
	static const struct token_grant grant = {"alice", 0, SCOPE_ALL, 1};
	struct token_claims claims;

	file = token_secret_load(folder->file, false, NULL);
	key = token_key_new(secret, len, NULL);
	assert_non_null(file);
	assert_non_null(key);
	by_file.key = file;
	by_secret.key = key;
	assert_int_equal(token_sign(&by_file, &grant, 1, token, NULL), 0);
	assert_int_equal(token_verify(&by_secret, 1, token, strlen(token), 1,
	    &claims, NULL), 0);
	token_key_free(file);
	token_key_free(key);
}

static void
assert_refused(const struct folder *folder, const char *why)
{
	struct error err = {0};

	assert_null(token_secret_load(folder->file, true, &err));
	assert_non_null(strstr(err.text, why));
}

static void
an_absent_file_is_made_once(void **state)
{
	struct folder *folder = *state;
	struct token_key *key;
	char first[128] = "", second[128] = "";
	struct stat st;
	FILE *file;
	int i;

	assert_null(token_secret_load(folder->file, false, NULL));
	for (i = 0; i < 2; i++) {
		key = token_secret_load(folder->file, true, NULL);
		assert_non_null(key);
		token_key_free(key);
		file = fopen(folder->file, "r");
		assert_non_null(fgets(i == 0 ? first : second, 128, file));
		fclose(file);
	}
	assert_int_equal(strlen(first), 65);
	assert_string_equal(first, second);
	assert_int_equal(stat(folder->file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
a_secret_is_hex_text_or_bytes(void **state)
{
	static const unsigned char bytes[33] = {0, 0xff, '\n', [32] = '\n'};
	struct folder *folder = *state;
	static const char decoded[] = "a secret f thirty-two letters!!!";

	write_file(folder, HEX32 "\n", 65, 0600);
	assert_same_secret(folder, decoded, 32);
	write_file(folder, TEXT32, 32, 0400);
	assert_same_secret(folder, TEXT32, 32);
	unlink(folder->file);
	write_file(folder, TEXT32 "\r\n", 34, 0640);
	assert_same_secret(folder, TEXT32, 32);
	write_file(folder, bytes, sizeof(bytes), 0600);
	assert_same_secret(folder, bytes, sizeof(bytes));
}

static void
a_file_that_others_may_read_is_refused(void **state)
{
	static const mode_t modes[] = {0604, 0602, 0601, 0620, 0777};
	struct folder *folder = *state;
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		write_file(folder, HEX32, 64, modes[i]);
		assert_refused(folder, "chmod 600");
	}
}

static void
a_wrong_size_is_refused(void **state)
{
	struct folder *folder = *state;
	char large[4000];

	memset(large, 'x', sizeof(large));
	write_file(folder, "", 0, 0600);
	assert_refused(folder, "32 to 1024 bytes, not 0");
	write_file(folder, TEXT32 "\n", 31, 0600);
	assert_refused(folder, "32 to 1024 bytes, not 31");
	write_file(folder, large, sizeof(large), 0600);
	assert_refused(folder, "32 to 1024 bytes");
}

static void
what_is_no_file_is_refused(void **state)
{
	struct folder *folder = *state;
	struct error err = {0};

	assert_null(token_secret_load(folder->path, true, &err));
	assert_non_null(strstr(err.text, "regular file"));
	assert_null(token_secret_load("/nonexistent/secret", true, &err));
	assert_int_equal(err.code, ERROR_SYSTEM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(an_absent_file_is_made_once,
	        set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_secret_is_hex_text_or_bytes,
	        set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
	        a_file_that_others_may_read_is_refused, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_wrong_size_is_refused, set_up,
	        tear_down),
	    cmocka_unit_test_setup_teardown(what_is_no_file_is_refused, set_up,
	        tear_down_empty),
	};

	return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
