/* SPDX-License-Identifier: MIT */
#include "api/document.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

#define TEXT_MAX 1024

static void
put_key(struct buf *out, const char *key)
{
	if (buf_readable(out) > 0 &&
	    strchr("{[", out->data[out->len - 1]) == NULL)
		buf_putc(out, ',');
	if (key == NULL)
		return;
	json_put_string(out, key, strlen(key));
	buf_putc(out, ':');
}

void
document_open(struct buf *out, const char *key, char bracket)
{
	put_key(out, key);
	buf_putc(out, bracket);
}

void
document_close(struct buf *out, char bracket)
{
	buf_putc(out, bracket);
}

void
document_text(struct buf *out, const char *key, const char *text)
{
	put_key(out, key);
	json_put_string(out, text, strlen(text));
}

void
document_format(struct buf *out, const char *key, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	document_text(out, key, text);
}

void
document_number(struct buf *out, const char *key, int64_t number)
{
	put_key(out, key);
	buf_printf(out, "%" PRId64, number);
}

void
document_bool(struct buf *out, const char *key, bool value)
{
	document_json(out, key, value ? "true" : "false");
}

void
document_json(struct buf *out, const char *key, const char *json)
{
	put_key(out, key);
	buf_puts(out, json);
}

void
document_ref(struct buf *out, const char *key, const char *kind,
    const char *name)
{
	document_open(out, key, '{');
	document_format(out, "$ref", "#/components/%s/%s", kind, name);
	document_close(out, '}');
}
