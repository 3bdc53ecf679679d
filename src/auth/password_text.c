/* SPDX-License-Identifier: MIT */
#include "auth/password_text.h"

#include <stdio.h>
#include <string.h>

#include "auth/base64url.h"

/* r * p * N of scrypt: four times what is made here by default. */
#define SCRYPT_WORK_MAX (UINT64_C(1) << 22)
/* KiB * passes of Argon2id: OWASP advises 38,912. */
#define ARGON2_WORK_MAX (UINT64_C(1) << 20)
#define SALT_MIN 8
#define BCRYPT_LEN 60
#define BCRYPT_SALT_AT 7
#define BCRYPT_COST_MIN 4
#define BCRYPT_COST_MAX 15 /* some seconds */

static bool
skip(const char **at, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*at, word, len) != 0)
		return false;
	*at += len;
	return true;
}

/* Decimal without leading zeros, from 1 to max. */
static bool
number(const char **at, uint32_t max, uint32_t *value)
{
	uint64_t n = 0;

	if (**at < '1' || **at > '9')
		return false;
	for (; **at >= '0' && **at <= '9'; (*at)++) {
		n = n * 10 + (uint64_t)(**at - '0');
		if (n > max)
			return false;
	}
	*value = (uint32_t)n;
	return true;
}

/*
 * Base64 of RFC 4648 section 4 without padding, as far as it goes: min to max
 * bytes.
 */
static bool
bytes(const char **at, size_t min, size_t max, unsigned char *out,
    size_t *out_len)
{
	unsigned char data[BASE64URL_DECODED(
	    BASE64URL_ENCODED(PASSWORD_KEY_MAX))];
	char url[BASE64URL_ENCODED(PASSWORD_KEY_MAX)];
	size_t len;

	len = strcspn(*at, "$");
	if (len > sizeof(url) || memchr(*at, '-', len) != NULL ||
	    memchr(*at, '_', len) != NULL)
		return false;
	for (size_t i = 0; i < len; i++)
		url[i] = (*at)[i] == '+' ? '-' :
		    (*at)[i] == '/' ? '_' : (*at)[i];
	*at += len;
	if (base64url_decode(url, len, data, out_len) != 0 ||
	    *out_len < min || *out_len > max)
		return false;
	memcpy(out, data, *out_len);
	return true;
}

static bool
salt_and_key(const char *at, struct password_text *text)
{
	return skip(&at, "$") &&
	    bytes(&at, SALT_MIN, PASSWORD_SALT_MAX, text->salt,
		&text->salt_len) &&
	    skip(&at, "$") &&
	    bytes(&at, PASSWORD_KEY_MIN, PASSWORD_KEY_MAX, text->key,
		&text->key_len) &&
	    *at == '\0';
}

static bool
parse_scrypt(const char *at, struct password_text *text)
{
	uint64_t work;

	text->kind = PASSWORD_SCRYPT;
	if (!skip(&at, "ln=") || !number(&at, 24, &text->ln) ||
	    !skip(&at, ",r=") || !number(&at, 1024, &text->rounds) ||
	    !skip(&at, ",p=") || !number(&at, 1024, &text->lanes))
		return false;
	work = ((uint64_t)text->rounds << text->ln) * text->lanes;
	/* RFC 7914 section 2: N is less than 2^(128 * r / 8). */
	return text->ln < 16 * text->rounds && work <= SCRYPT_WORK_MAX &&
	    ((uint64_t)text->rounds << text->ln) * 128 <=
		PASSWORD_MEMORY_MAX &&
	    salt_and_key(at, text);
}

static bool
parse_argon2id(const char *at, struct password_text *text)
{
	text->kind = PASSWORD_ARGON2ID;
	if (!skip(&at, "v=19$m=") ||
	    !number(&at, PASSWORD_MEMORY_MAX / 1024, &text->memory) ||
	    !skip(&at, ",t=") || !number(&at, 1024, &text->rounds) ||
	    !skip(&at, ",p=") || !number(&at, 64, &text->lanes))
		return false;
	/* RFC 9106 section 3.1: at least 8 KiB a lane. */
	return text->memory >= 8 * text->lanes &&
	    (uint64_t)text->memory * text->rounds <= ARGON2_WORK_MAX &&
	    salt_and_key(at, text);
}

/* $2b$12$, 22 characters of salt and 31 of hash. */
static bool
parse_bcrypt(const char *string, struct password_text *text)
{
	static const char alphabet[] = "./0123456789"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	unsigned cost;

	text->kind = PASSWORD_BCRYPT;
	if (strlen(string) != BCRYPT_LEN || string[3] != '$' ||
	    strchr("aby", string[2]) == NULL || string[6] != '$' ||
	    string[4] < '0' || string[4] > '9' ||
	    string[5] < '0' || string[5] > '9')
		return false;
	cost = (unsigned)(string[4] - '0') * 10 + (unsigned)(string[5] - '0');
	return cost >= BCRYPT_COST_MIN && cost <= BCRYPT_COST_MAX &&
	    strspn(string + BCRYPT_SALT_AT, alphabet) ==
		BCRYPT_LEN - BCRYPT_SALT_AT;
}

int
password_text_parse(const char *string, struct password_text *text)
{
	const char *at = string;
	bool good = false;

	memset(text, 0, sizeof(*text));
	if (strnlen(string, PASSWORD_TEXT) == PASSWORD_TEXT)
		return -1;
	if (skip(&at, "$scrypt$"))
		good = parse_scrypt(at, text);
	else if (skip(&at, "$argon2id$"))
		good = parse_argon2id(at, text);
	else if (skip(&at, "$2"))
		good = parse_bcrypt(string, text);
	return good ? 0 : -1;
}

static char *
put_bytes(char *out, const unsigned char *data, size_t len)
{
	size_t n, i;

	*out++ = '$';
	n = base64url_encode(data, len, out);
	for (i = 0; i < n; i++)
		out[i] = out[i] == '-' ? '+' : out[i] == '_' ? '/' : out[i];
	return out + n;
}

void
password_text_format(const struct password_text *text,
    char out[PASSWORD_TEXT])
{
	int n;

	if (text->kind == PASSWORD_SCRYPT)
		n = snprintf(out, PASSWORD_TEXT, "$scrypt$ln=%u,r=%u,p=%u",
		    text->ln, text->rounds, text->lanes);
	else
		n = snprintf(out, PASSWORD_TEXT,
		    "$argon2id$v=19$m=%u,t=%u,p=%u", text->memory,
		    text->rounds, text->lanes);
	out = put_bytes(out + n, text->salt, text->salt_len);
	out = put_bytes(out, text->key, text->key_len);
	*out = '\0';
}
