/* SPDX-License-Identifier: MIT */
#include "auth/password.h"

int
password_hash(const char *password, size_t len, char out[PASSWORD_TEXT],
    struct error *err)
{
	(void)password;
	(void)len;
	(void)out;
	error_set(err, ERROR_STATE, "passwords cannot be hashed");
	return -1;
}

enum password_result
password_verify(const char *password, size_t len, const char *hash,
    struct error *err)
{
	(void)password;
	(void)len;
	(void)hash;
	error_set(err, ERROR_STATE, "passwords cannot be verified");
	return PASSWORD_FAILED;
}

bool
password_hash_valid(const char *hash)
{
	(void)hash;
	return false;
}
