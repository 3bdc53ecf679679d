/* SPDX-License-Identifier: MIT */
#include "auth/base64url.h"

#include <stdint.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

size_t
base64url_encode(const void *data, size_t len, char *out)
{
	const unsigned char *in = data;
	uint32_t bits = 0;
	unsigned int have = 0;
	size_t i, n = 0;

	for (i = 0; i < len; i++) {
		bits = bits << 8 | in[i];
		for (have += 8; have >= 6; have -= 6)
			out[n++] = alphabet[bits >> (have - 6) & 63];
	}
	if (have > 0)
		out[n++] = alphabet[bits << (6 - have) & 63];
	return n;
}

static int
digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-')
		return 62;
	return c == '_' ? 63 : -1;
}

int
base64url_decode(const char *text, size_t len, void *out, size_t *out_len)
{
	unsigned char *bytes = out;
	uint32_t bits = 0;
	unsigned int have = 0;
	size_t i, n = 0;
	int value;

	if (len % 4 == 1)
		return -1;
	for (i = 0; i < len; i++) {
		value = digit(text[i]);
		if (value < 0)
			return -1;
		bits = bits << 6 | (uint32_t)value;
		have += 6;
		if (have >= 8) {
			have -= 8;
			bytes[n++] = (unsigned char)(bits >> have);
		}
	}
	if ((bits & ((1u << have) - 1)) != 0)
		return -1;
	*out_len = n;
	return 0;
}
