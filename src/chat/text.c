/* SPDX-License-Identifier: MIT */
#include "chat/text.h"

#include <stdint.h>

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

void
text_trim(const char **text, size_t *len)
{
	while (*len > 0 && is_space((*text)[0])) {
		(*text)++;
		(*len)--;
	}
	while (*len > 0 && is_space((*text)[*len - 1]))
		(*len)--;
}

/* The character at *at of valid UTF-8 (RFC 3629), which is left behind. */
static uint32_t
next_character(const char *text, size_t *at)
{
	uint32_t c = (unsigned char)text[(*at)++];
	unsigned more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

	if (more > 0)
		c &= 0x3fu >> more;
	for (; more > 0; more--)
		c = c << 6 | ((unsigned char)text[(*at)++] & 0x3f);
	return c;
}

/* Of Unicode: Cc, line and paragraph separators, and bidirectional controls. */
static bool
is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) ||
	    (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* Of Unicode: Zs. */
static bool
is_blank(uint32_t c)
{
	return c == ' ' || c == 0xa0 || c == 0x1680 ||
	    (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f ||
	    c == 0x3000;
}

bool
text_is_plain(const char *text, size_t len, bool words)
{
	size_t at = 0;
	uint32_t c;

	while (at < len) {
		c = next_character(text, &at);
		if (is_control(c) || (!words && is_blank(c)))
			return false;
	}
	return true;
}
