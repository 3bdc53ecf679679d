/* SPDX-License-Identifier: MIT */
#include "store/mention.h"

#include <string.h>

static bool
is_alnum(unsigned char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	    (byte >= '0' && byte <= '9');
}

static bool
is_of_name(unsigned char byte)
{
	return is_alnum(byte) || byte == '.' || byte == '_' || byte == '-';
}

/* What an e-mail address may have before its '@'. */
static bool
ends_local_part(unsigned char byte)
{
	return is_alnum(byte) || byte == '_' || byte == '-' || byte == '+' ||
	    byte == '%';
}

/* The first byte of Latin, Greek, Cyrillic …: of words that have spaces. */
static bool
goes_on(unsigned char byte)
{
	return byte == '@' || (byte >= 0xc3 && byte <= 0xdf);
}

static unsigned char
fold(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static bool
is_name(const char *text, size_t len, const char *name)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (fold(text[i]) != (unsigned char)name[i])
			return false;
	}
	return name[len] == '\0';
}

/* at: behind an '@'. */
static bool
begins_name(const char *at, const char *end, const char *name)
{
	size_t len = 0, max = (size_t)(end - at);

	while (len < max && is_of_name((unsigned char)at[len]))
		len++;
	if (len < max && goes_on((unsigned char)at[len]))
		return false;
	while (len > 0 && !is_alnum((unsigned char)at[len - 1]))
		len--; /* a name ends with a letter or a digit */
	return len > 0 && is_name(at, len, name);
}

bool
mention_in(const char *text, size_t len, const char *name)
{
	const char *at = text, *end = text + len;

	while ((at = memchr(at, '@', (size_t)(end - at))) != NULL) {
		at++;
		if (at - 1 > text && ends_local_part((unsigned char)at[-2]))
			continue;
		if (begins_name(at, end, name))
			return true;
	}
	return false;
}
