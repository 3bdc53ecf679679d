/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

#include <string.h>

/* RFC 3629 section 4: what may follow each lead byte. */
static bool
start(struct utf8 *state, uint8_t byte)
{
	state->low = 0x80;
	state->high = 0xbf;
	if (byte >= 0xc2 && byte <= 0xdf) {
		state->need = 1;
	} else if (byte >= 0xe0 && byte <= 0xef) {
		state->need = 2;
		if (byte == 0xe0)
			state->low = 0xa0;
		else if (byte == 0xed)
			state->high = 0x9f;
	} else if (byte >= 0xf0 && byte <= 0xf4) {
		state->need = 3;
		if (byte == 0xf0)
			state->low = 0x90;
		else if (byte == 0xf4)
			state->high = 0x8f;
	} else {
		return false;
	}
	return true;
}

bool
utf8_feed(struct utf8 *state, const void *data, size_t len)
{
	const uint8_t *at = data, *end = at + len;
	uint64_t word;

	while (at < end) {
		if (state->need == 0) {
			while ((size_t)(end - at) >= sizeof(word)) {
				memcpy(&word, at, sizeof(word));
				if (word & UINT64_C(0x8080808080808080))
					break;
				at += sizeof(word);
			}
			if (at == end)
				break;
			if (*at >= 0x80 && !start(state, *at))
				return false;
			at++;
		} else {
			if (*at < state->low || *at > state->high)
				return false;
			state->low = 0x80;
			state->high = 0xbf;
			state->need--;
			at++;
		}
	}
	return true;
}

bool
utf8_valid(const void *data, size_t len)
{
	struct utf8 state = {0};

	return utf8_feed(&state, data, len) && utf8_complete(&state);
}

size_t
utf8_cut(const char *text, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	return max;
}

size_t
utf8_control_len(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	if (at[0] == '\0')
		return 0;
	if (*at < 0x20 || *at == 0x7f)
		return 1;
	if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f)
		return 2;
	if (at[0] == 0xe2 && at[1] == 0x80 && at[2] >= 0xaa && at[2] <= 0xae)
		return 3; /* U+202A to U+202E */
	if (at[0] == 0xe2 && at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9)
		return 3; /* U+2066 to U+2069 */
	return 0;
}
