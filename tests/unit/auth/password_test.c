/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h>

#include "auth/password.h"

#define COST PASSWORD_COST_MIN
#define SCRYPT_SALT "$c2FsdHNhbHRzYWx0c2FsdA"
#define SCRYPT_KEY "$qVVYkl/ko29sCZzxD87Qyj0joeUTYC5i2K66OVDqw6k"
#define X16 "xxxxxxxxxxxxxxxx"
#define BCRYPT_SALT "abcdefghijklmnopqrstuu"
#define BCRYPT_KEY "jydOTSfIH/d5oUHpsygqV5X9xJLQc6e"

static enum password_result
verify(const char *password, const char *hash)
{
	return password_verify(password, strlen(password), hash, COST, NULL);
}

struct known_case {
	const char *password, *hash;
	enum password_result result;
};

static const struct known_case known_cases[] = {
    /* RFC 7914 section 12 */
    {"pleaseletmein", "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9"
     "c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF"
     "7RVdYhw", PASSWORD_WEAK}, /* its salt is short */
    /* of another implementation, hashlib of Python */
    {"p\303\244ssword", "$scrypt$ln=10,r=8,p=2" SCRYPT_SALT
     "$TGaEzG1xq8lK+XspqcVouQ7ou24eAJikYA/uYJuO2Io", PASSWORD_RIGHT},
    {"p\303\244ssword", "$scrypt$ln=4,r=1,p=1" SCRYPT_SALT SCRYPT_KEY,
     PASSWORD_WEAK},
    {"password", "$scrypt$ln=4,r=1,p=1" SCRYPT_SALT SCRYPT_KEY,
     PASSWORD_WRONG},
    /* of Openwall's crypt_blowfish, and of libxcrypt */
    {"U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
     PASSWORD_WEAK},
    {"correct horse", "$2a$04$" BCRYPT_SALT BCRYPT_KEY, PASSWORD_WEAK},
    {"correct horse", "$2b$04$" BCRYPT_SALT BCRYPT_KEY, PASSWORD_WEAK},
    {"correct horse", "$2y$04$" BCRYPT_SALT BCRYPT_KEY, PASSWORD_WEAK},
    /* unused bits of the salt's last character */
    {"correct horse", "$2b$04$abcdefghijklmnopqrstuv" BCRYPT_KEY,
     PASSWORD_WEAK},
    {"correct Horse", "$2b$04$" BCRYPT_SALT BCRYPT_KEY, PASSWORD_WRONG},
    {"", "$2b$04$" BCRYPT_SALT BCRYPT_KEY, PASSWORD_WRONG},
    /* nobody's, and what is no hash */
    {"correct horse", "", PASSWORD_WRONG},
    {"correct horse", NULL, PASSWORD_WRONG},
    {"correct horse", "correct horse", PASSWORD_FAILED},
};

static void
strings_of_others_verify(void **state)
{
	const struct known_case *c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(known_cases) / sizeof(known_cases[0]); i++) {
		c = &known_cases[i];
		if (verify(c->password, c->hash) != c->result)
			fail_msg("case %zu (%s): %d", i, c->hash,
			    verify(c->password, c->hash));
	}
}

/* The reference implementation's vector; OpenSSL has Argon2 from 3.2 on. */
static void
argon2id_verifies_where_there_is_one(void **state)
{
	static const char hash[] = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ"
	    "$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

	(void)state;
	if (!password_hash_valid(hash))
		skip();
	assert_int_equal(verify("password", hash), PASSWORD_WEAK);
	assert_int_equal(verify("passworD", hash), PASSWORD_WRONG);
}

static void
what_was_hashed_verifies(void **state)
{
	char longest[PASSWORD_MAX], hash[PASSWORD_TEXT], other[PASSWORD_TEXT];

	(void)state;
	memset(longest, 'p', sizeof(longest));
	assert_int_equal(password_hash(longest, sizeof(longest), COST, hash,
	    NULL), 0);
	assert_int_equal(password_hash(longest, sizeof(longest), COST, other,
	    NULL), 0);
	assert_string_not_equal(hash, other); /* their salts differ */
	assert_true(password_hash_valid(hash));
	assert_int_equal(password_verify(longest, sizeof(longest), hash, COST,
	    NULL), PASSWORD_RIGHT);
	assert_int_equal(password_verify(longest, sizeof(longest) - 1, hash,
	    COST, NULL), PASSWORD_WRONG);
	longest[PASSWORD_MAX - 1] = 'q';
	assert_int_equal(password_verify(longest, sizeof(longest), hash, COST,
	    NULL), PASSWORD_WRONG);
}

static void
a_string_of_lower_cost_is_weak(void **state)
{
	char hash[PASSWORD_TEXT];

	(void)state;
	assert_int_equal(password_hash("password", 8, COST + 1, hash, NULL),
	    0);
	assert_int_equal(password_verify("password", 8, hash, COST, NULL),
	    PASSWORD_RIGHT);
	assert_int_equal(password_verify("password", 8, hash, COST + 2, NULL),
	    PASSWORD_WEAK);
	assert_int_equal(password_verify("passw0rd", 8, hash, COST + 2, NULL),
	    PASSWORD_WRONG);
}

/* crypt(3) would see only what is before the NUL. */
static void
a_nul_never_fits_bcrypt(void **state)
{
	(void)state;
	assert_int_equal(password_verify("correct horse\0x", 15,
	    "$2b$04$" BCRYPT_SALT BCRYPT_KEY, COST, NULL), PASSWORD_WRONG);
	assert_int_equal(password_verify("correct horse\0", 14,
	    "$2b$04$" BCRYPT_SALT BCRYPT_KEY, COST, NULL), PASSWORD_WRONG);
}

struct string_case {
	const char *hash;
	bool valid;
};

static const struct string_case string_cases[] = {
    {"$scrypt$ln=4,r=1,p=1" SCRYPT_SALT SCRYPT_KEY, true},
    {"$scrypt$ln=17,r=8,p=1" SCRYPT_SALT SCRYPT_KEY, true},
    {"$scrypt$ln=18,r=8,p=1" SCRYPT_SALT SCRYPT_KEY, true}, /* 256 MiB */
    {"$scrypt$ln=15,r=1,p=1" SCRYPT_SALT SCRYPT_KEY, true},
    /* gigabytes, or minutes */
    {"$scrypt$ln=19,r=8,p=1" SCRYPT_SALT SCRYPT_KEY, false},
    {"$scrypt$ln=18,r=16,p=1" SCRYPT_SALT SCRYPT_KEY, false},
    {"$scrypt$ln=17,r=8,p=5" SCRYPT_SALT SCRYPT_KEY, false},
    {"$scrypt$ln=1,r=1024,p=1024" SCRYPT_SALT SCRYPT_KEY, true},
    {"$scrypt$ln=3,r=1024,p=1024" SCRYPT_SALT SCRYPT_KEY, false},
    {"$scrypt$ln=63,r=8,p=1" SCRYPT_SALT SCRYPT_KEY, false},
    {"$scrypt$ln=17,r=4294967295,p=1" SCRYPT_SALT SCRYPT_KEY, false},
    {"$scrypt$ln=17,r=18446744073709551617,p=1" SCRYPT_SALT SCRYPT_KEY,
     false},
    {"$scrypt$ln=17,r=8,p=4294967297" SCRYPT_SALT SCRYPT_KEY, false},
    /* no scrypt: N must be less than 2^(16 r) */
    {"$scrypt$ln=16,r=1,p=1" SCRYPT_SALT SCRYPT_KEY, false},
    {"$scrypt$ln=0,r=8,p=1" SCRYPT_SALT SCRYPT_KEY, false},
    {"$scrypt$ln=4,r=0,p=1" SCRYPT_SALT SCRYPT_KEY, false},
    {"$scrypt$ln=4,r=1,p=0" SCRYPT_SALT SCRYPT_KEY, false},
    /* not canonical */
    {"$scrypt$ln=04,r=1,p=1" SCRYPT_SALT SCRYPT_KEY, false},
    {"$scrypt$ln=+4,r=1,p=1" SCRYPT_SALT SCRYPT_KEY, false},
    {"$scrypt$ln= 4,r=1,p=1" SCRYPT_SALT SCRYPT_KEY, false},
    {"$scrypt$ln=-4,r=1,p=1" SCRYPT_SALT SCRYPT_KEY, false},
    {"$scrypt$ln=0x4,r=1,p=1" SCRYPT_SALT SCRYPT_KEY, false},
    {"$scrypt$ln=,r=1,p=1" SCRYPT_SALT SCRYPT_KEY, false},
    {"$scrypt$r=1,ln=4,p=1" SCRYPT_SALT SCRYPT_KEY, false},
    {"$scrypt$ln=4,r=1" SCRYPT_SALT SCRYPT_KEY, false},
    {"$scrypt$ln=4,r=1,p=1,x=1" SCRYPT_SALT SCRYPT_KEY, false},
    {"$SCRYPT$ln=4,r=1,p=1" SCRYPT_SALT SCRYPT_KEY, false},
    {"$scrypt$ln=4,r=1,p=1" SCRYPT_SALT SCRYPT_KEY "$", false},
    {"$scrypt$ln=4,r=1,p=1" SCRYPT_SALT SCRYPT_KEY "=", false},
    {"$scrypt$ln=4,r=1,p=1" SCRYPT_SALT SCRYPT_KEY "\n", false},
    {"$scrypt$ln=4,r=1,p=1" SCRYPT_SALT, false},
    {"$scrypt$ln=4,r=1,p=1" SCRYPT_SALT "$", false},
    {"$scrypt$ln=4,r=1,p=1$" SCRYPT_KEY, false},
    {"$scrypt$ln=4,r=1,p=1$c2FsdA" SCRYPT_KEY, false}, /* 4 bytes of salt */
    {"$scrypt$ln=4,r=1,p=1" SCRYPT_SALT "$c2FsdHNhbHQ", false},
    {"$scrypt$ln=4,r=1,p=1$c2FsdHNhbHRzYWx0c2FsdB" SCRYPT_KEY, false},
    {"$scrypt$ln=4,r=1,p=1$c2FsdHNhbHRz_Wx0c2FsdA" SCRYPT_KEY, false},
    {"$scrypt$ln=4,r=1,p=1$c2FsdHNhbHRz-Wx0c2FsdA" SCRYPT_KEY, false},
    {"$scrypt$ln=4,r=1,p=1$" X16 X16 X16 X16 X16 X16 SCRYPT_KEY, false},
    {"$scrypt$ln=4,r=1,p=1$" X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16
     X16 X16 X16 X16 SCRYPT_KEY, false},
    {"$scrypt$", false},
    /* bcrypt */
    {"$2b$04$" BCRYPT_SALT BCRYPT_KEY, true},
    {"$2b$15$" BCRYPT_SALT BCRYPT_KEY, true},
    {"$2b$16$" BCRYPT_SALT BCRYPT_KEY, false},
    {"$2b$31$" BCRYPT_SALT BCRYPT_KEY, false},
    {"$2b$03$" BCRYPT_SALT BCRYPT_KEY, false},
    {"$2x$04$" BCRYPT_SALT BCRYPT_KEY, false}, /* a bug's own name */
    {"$2$04$" BCRYPT_SALT BCRYPT_KEY, false},
    {"$2b$4$" BCRYPT_SALT BCRYPT_KEY "x", false},
    {"$2b$04$" BCRYPT_SALT BCRYPT_KEY "x", false},
    {"$2b$04$" BCRYPT_SALT "jydOTSfIH/d5oUHpsygqV5X9xJLQc6", false},
    {"$2b$04$" BCRYPT_SALT "jydOTSfIH/d5oUHpsygqV5X9xJLQc6+", false},
    {"$2", false},
    /* what crypt(3) would take, and what nobody should */
    {"", false}, {"x", false}, {"*", false}, {"!", false}, {"password", false},
    {"$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/", false},
    {"$5$saltsalt$qjXMvbEw8oaL.CzflDtaK/", false},
    {"$y$j9T$abc$def", false},
    /* Argon2, whether there is one or not */
    {"$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ" SCRYPT_KEY, false},
    {"$argon2id$m=65536,t=2,p=1$c29tZXNhbHQ" SCRYPT_KEY, false},
    {"$argon2id$v=16$m=65536,t=2,p=1$c29tZXNhbHQ" SCRYPT_KEY, false},
    {"$argon2id$v=19$m=262145,t=1,p=1$c29tZXNhbHQ" SCRYPT_KEY, false},
    {"$argon2id$v=19$m=65536,t=17,p=1$c29tZXNhbHQ" SCRYPT_KEY, false},
    {"$argon2id$v=19$m=7,t=1,p=1$c29tZXNhbHQ" SCRYPT_KEY, false},
    {"$argon2id$v=19$m=64,t=1,p=65$c29tZXNhbHQ" SCRYPT_KEY, false},
};

static void
strings_are_read_strictly(void **state)
{
	const struct string_case *c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(string_cases) / sizeof(string_cases[0]); i++) {
		c = &string_cases[i];
		if (password_hash_valid(c->hash) != c->valid)
			fail_msg("case %zu: %s", i, c->hash);
	}
}

static void
each_truncated_string_is_refused(void **state)
{
	static const char *const hashes[] = {
	    "$scrypt$ln=4,r=1,p=1" SCRYPT_SALT "$qVVYkl/ko29sCZzxD87Qyg",
	    "$2b$04$" BCRYPT_SALT BCRYPT_KEY};
	char text[PASSWORD_TEXT];
	size_t i, len;

	(void)state;
	for (i = 0; i < 2; i++) {
		assert_true(password_hash_valid(hashes[i]));
		for (len = 0; len < strlen(hashes[i]); len++) {
			snprintf(text, len + 1, "%s", hashes[i]);
			assert_false(password_hash_valid(text));
		}
	}
}

static void
passwords_have_their_rules(void **state)
{
	char longest[PASSWORD_MAX + 1];
	struct error err = {0};

	(void)state;
	memset(longest, 'p', sizeof(longest));
	assert_int_equal(password_check("password", 8, &err), 0);
	assert_int_equal(password_check(longest, PASSWORD_MAX, &err), 0);
	assert_int_equal(password_check("passwor", 7, &err), -1);
	assert_int_equal(err.code, ERROR_INPUT);
	assert_non_null(strstr(err.text, "8"));
	assert_int_equal(password_check("", 0, &err), -1);
	assert_int_equal(password_check(longest, PASSWORD_MAX + 1, &err), -1);
	assert_non_null(strstr(err.text, "1024"));
	assert_int_equal(password_check("pass\0word", 9, &err), -1);
	assert_non_null(strstr(err.text, "NUL"));
	assert_int_equal(password_check("p\344ssword", 8, &err), -1);
	assert_non_null(strstr(err.text, "UTF-8"));
}

/* The largest piece of memory that was asked for: hashing takes it. */
static size_t largest;

static void *
note_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	if (size > largest)
		largest = size;
	return malloc(size);
}

static void *
note_realloc(void *data, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return realloc(data, size);
}

static void
note_free(void *data, const char *file, int line)
{
	(void)file;
	(void)line;
	free(data);
}

/* How long an answer takes does not tell whether there is an account. */
static void
nobody_costs_as_much_as_somebody(void **state)
{
	static const char *const none[] = {NULL, ""};
	char hash[PASSWORD_TEXT];
	size_t cost, i;

	(void)state;
	assert_int_equal(password_hash("correct horse", 13, 10, hash, NULL), 0);
	largest = 0;
	assert_int_equal(password_verify("wrong", 5, hash, 10, NULL),
	    PASSWORD_WRONG);
	cost = largest;
	assert_true(cost >= 1 << 20);
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		largest = 0;
		assert_int_equal(password_verify("wrong", 5, none[i], 10, NULL),
		    PASSWORD_WRONG);
		assert_int_equal(largest, cost);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(strings_of_others_verify),
	    cmocka_unit_test(argon2id_verifies_where_there_is_one),
	    cmocka_unit_test(what_was_hashed_verifies),
	    cmocka_unit_test(a_string_of_lower_cost_is_weak),
	    cmocka_unit_test(a_nul_never_fits_bcrypt),
	    cmocka_unit_test(strings_are_read_strictly),
	    cmocka_unit_test(each_truncated_string_is_refused),
	    cmocka_unit_test(passwords_have_their_rules),
	    cmocka_unit_test(nobody_costs_as_much_as_somebody),
	};

	/* Before OpenSSL has any memory. */
	if (CRYPTO_set_mem_functions(note_malloc, note_realloc, note_free) != 1)
		return 1;
	return cmocka_run_group_tests_name("password", tests, NULL, NULL);
}
