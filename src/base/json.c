/* SPDX-License-Identifier: MIT */
#include "base/json.h"

#include "base/clock.h"

/* 0: as it is; 1: as \u00XX; else the letter after the backslash. */
static const char escapes[256] = {
    ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r',
    ['"'] = '"', ['\\'] = '\\',
    [0x00] = 1, [0x01] = 1, [0x02] = 1, [0x03] = 1, [0x04] = 1, [0x05] = 1,
    [0x06] = 1, [0x07] = 1, [0x0b] = 1, [0x0e] = 1, [0x0f] = 1, [0x10] = 1,
    [0x11] = 1, [0x12] = 1, [0x13] = 1, [0x14] = 1, [0x15] = 1, [0x16] = 1,
    [0x17] = 1, [0x18] = 1, [0x19] = 1, [0x1a] = 1, [0x1b] = 1, [0x1c] = 1,
    [0x1d] = 1, [0x1e] = 1, [0x1f] = 1, [0x7f] = 1};

void
json_put_string(struct buf *buf, const char *string, size_t len)
{
	size_t i, from = 0;
	char escape;

	if (buf_reserve(buf, len + 2) == NULL)
		return;
	buf_putc(buf, '"');
	for (i = 0; i < len; i++) {
		escape = escapes[(unsigned char)string[i]];
		if (escape == 0)
			continue;
		buf_append(buf, string + from, i - from);
		from = i + 1;
		if (escape == 1) {
			buf_printf(buf, "\\u%04x", (unsigned char)string[i]);
		} else {
			buf_putc(buf, '\\');
			buf_putc(buf, escape);
		}
	}
	buf_append(buf, string + from, len - from);
	buf_putc(buf, '"');
}

void
json_put_time(struct buf *buf, int64_t us)
{
	char text[CLOCK_TEXT_SIZE];

	clock_format(us, text);
	buf_putc(buf, '"');
	buf_append(buf, text, CLOCK_TEXT_SIZE - 1);
	buf_putc(buf, '"');
}

json_t *
json_parse_object(const char *text, size_t len, struct error *err)
{
	json_error_t why;
	json_t *json;

	json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	if (json == NULL) {
		error_set(err, ERROR_INPUT, "not valid JSON at byte %d: %s",
		    why.position, why.text);
		return NULL;
	}
	if (!json_is_object(json)) {
		error_set(err, ERROR_INPUT, "a JSON object is expected");
		json_decref(json);
		return NULL;
	}
	return json;
}
