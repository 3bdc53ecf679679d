/* SPDX-License-Identifier: MIT */
#include "base/name.h"

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool
is_inner(char c)
{
	return is_alnum(c) || c == '.' || c == '_' || c == '-';
}

bool
name_fold(const char *text, size_t len, char out[NAME_BYTES_MAX + 1])
{
	size_t i;

	out[0] = '\0';
	if (len < NAME_BYTES_MIN || len > NAME_BYTES_MAX)
		return false;
	for (i = 0; i < len; i++) {
		out[i] = text[i] >= 'A' && text[i] <= 'Z'
		    ? (char)(text[i] - 'A' + 'a') : text[i];
		if (!is_inner(out[i])) {
			out[0] = '\0';
			return false;
		}
	}
	out[len] = '\0';
	return is_alnum(out[0]) && is_alnum(out[len - 1]);
}

bool
device_valid(const char *text, size_t len)
{
	size_t i;

	if (len < 1 || len > DEVICE_MAX)
		return false;
	for (i = 0; i < len; i++) {
		if (!is_inner(text[i]) && !(text[i] >= 'A' && text[i] <= 'Z'))
			return false;
	}
	return true;
}
