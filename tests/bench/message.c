/* SPDX-License-Identifier: MIT */
#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char *
put_hex(char *out, uint64_t n, unsigned digits)
{
	static const char hex[] = "0123456789abcdef";
	unsigned i;

	for (i = digits; i-- > 0; n >>= 4)
		out[i] = hex[n & 15];
	out[digits] = ' ';
	return out + digits + 1;
}

static uint64_t
get_hex(const char *text, unsigned digits)
{
	uint64_t n = 0;
	unsigned i;

	for (i = 0; i < digits; i++)
		n = n << 4 | (uint64_t)(text[i] <= '9' ? text[i] - '0' :
			text[i] - 'a' + 10);
	return n;
}

static char *
put_string(char *out, const char *string)
{
	size_t len = strlen(string);

	memcpy(out, string, len);
	return out + len;
}

void
message_send(struct load *load, struct client *client, const char *to,
    const struct message *message)
{
	char room[17 * 1024], *at = room, *text;
	unsigned size = load->options->size;
	bool json = load->options->dialect == DIALECT_SYNCTALK;

	if (json) {
		at = put_string(at, "{\"type\":\"send\",\"to\":\"");
		at = put_string(at, to);
		at = put_string(at, "\",\"text\":\"");
	}
	text = at;
	at = put_hex(at, message->sender, 8);
	at = put_hex(at, message->number, 16);
	at = put_hex(at, message->due, 16);
	memset(at, 'x', size - (size_t)(at - text));
	at = text + size;
	if (json)
		at = put_string(at, "\"}");
	client_send(load, client, room, (size_t)(at - room));
	client->sent++;
}

void
message_read(const char *text, size_t len, struct message *message)
{
	if (len < MESSAGE_MIN || text[8] != ' ' || text[25] != ' ')
		die("a message that is none of ours: %.*s", (int)len, text);
	message->sender = (unsigned)get_hex(text, 8);
	message->number = get_hex(text + 9, 16);
	message->due = get_hex(text + 26, 16);
}

void
request_send(struct load *load, struct client *client, const char *format,
    ...)
{
	char room[512];
	va_list arguments;
	int len;

	va_start(arguments, format);
	len = vsnprintf(room, sizeof(room), format, arguments);
	va_end(arguments);
	if (len < 0 || (size_t)len >= sizeof(room))
		die("a request that is too long");
	client_send(load, client, room, (size_t)len);
}
