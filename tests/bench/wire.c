/* SPDX-License-Identifier: MIT */
#include "wire.h"

#include <stdio.h>
#include <string.h>

#include "ws/frame.h"

static const char upgrade[] = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/* A zero mask is a mask (RFC 6455, 5.3), and costs neither side anything. */
static void
put_frame(struct load *load, struct client *client, enum ws_opcode opcode,
    const void *data, size_t len)
{
	struct ws_frame frame = {.len = len, .opcode = (uint8_t)opcode,
	    .fin = true, .masked = true};
	unsigned char header[WS_HEADER_MAX];

	buf_append(&client->out, header, ws_frame_encode(header, &frame));
	buf_append(&client->out, data, len);
	client_dirty(load, client);
}

void
client_send(struct load *load, struct client *client, const char *text,
    size_t len)
{
	put_frame(load, client, WS_TEXT, text, len);
}

static bool
begins(const char *text, size_t len, const char *start)
{
	size_t n = strlen(start);

	return len >= n && memcmp(text, start, n) == 0;
}

uint64_t
wire_number(const struct load *load, const char *member)
{
	const char *end = load->frame + load->frame_len, *at;
	uint64_t n = 0;
	char name[32];
	int len = snprintf(name, sizeof(name), "\"%s\":", member);

	at = memmem(load->frame, load->frame_len, name, (size_t)len);
	if (at == NULL)
		return 0;
	for (at += len; at < end && *at >= '0' && *at <= '9'; at++)
		n = n * 10 + (uint64_t)(*at - '0');
	return n;
}

/* {"type":"message",…,"text":"…",…} and the like, as our server writes it. */
static void
take_synctalk(struct load *load, struct client *client, const char *text,
    size_t len)
{
	static const char start[] = "{\"type\":\"", member[] = "\"text\":\"";
	const char *type = text + sizeof(start) - 1, *found, *end;

	load->frame = text;
	load->frame_len = len;
	if (!begins(text, len, start))
		die("unexpected: %.*s", (int)len, text);
	if (begins(type, len - (sizeof(start) - 1), "message\"")) {
		found = memmem(text, len, member, sizeof(member) - 1);
		if (found == NULL)
			die("a message without text");
		found += sizeof(member) - 1;
		load->hooks.on_message(load, client, found,
		    len - (size_t)(found - text));
		return;
	}
	end = memchr(type, '"', len - (sizeof(start) - 1));
	if (begins(type, len - (sizeof(start) - 1), "error\"") || end == NULL)
		die("refused: %.*s", (int)len, text);
	if (client->state == CLIENT_SIGNING_IN)
		client_opened(load, client); /* `welcome` comes first */
	else if (load->hooks.on_answer != NULL)
		load->hooks.on_answer(load, client, type,
		    (size_t)(end - type));
}

static void
take_frame(struct load *load, struct client *client,
    const struct ws_frame *frame, const char *payload)
{
	if (frame->opcode == WS_PING) {
		put_frame(load, client, WS_PONG, payload, (size_t)frame->len);
	} else if (frame->opcode == WS_CLOSE) {
		die("connection %u was closed: %.*s", client->index,
		    (int)frame->len, payload);
	} else if (frame->opcode == WS_TEXT && frame->fin) {
		if (load->options->dialect == DIALECT_SYNCTALK)
			take_synctalk(load, client, payload,
			    (size_t)frame->len);
		else
			load->hooks.on_message(load, client, payload,
			    (size_t)frame->len);
	} else if (frame->opcode != WS_PONG) {
		die("an unexpected frame");
	}
}

/* Bytes used of the whole frames at the front of data. */
static size_t
take_frames(struct load *load, struct client *client, const char *data,
    size_t len)
{
	struct ws_frame frame;
	const char *reason;
	size_t at = 0;
	enum ws_frame_result result;

	for (;;) {
		result = ws_frame_decode(data + at, len - at, &frame, &reason);
		if (result == WS_FRAME_BAD)
			die("a bad frame: %s", reason);
		if (result == WS_FRAME_MORE ||
		    len - at - frame.header < frame.len)
			return at;
		take_frame(load, client, &frame, data + at + frame.header);
		at += frame.header + (size_t)frame.len;
	}
}

/* The answer to the upgrade; the first frames may come with it. */
static size_t
take_upgrade(struct load *load, struct client *client, const char *data,
    size_t len)
{
	const char *end = memmem(data, len, "\r\n\r\n", 4);
	size_t head;

	if (end == NULL)
		return 0;
	if (!begins(data, len, "HTTP/1.1 101"))
		die("refused: %.*s", (int)len, data);
	head = (size_t)(end - data) + 4;
	client->state = CLIENT_SIGNING_IN;
	if (load->options->dialect == DIALECT_PLAIN)
		client_opened(load, client);
	return head;
}

size_t
wire_take(struct load *load, struct client *client, const char *data,
    size_t len)
{
	size_t used = 0;

	if (client->state == CLIENT_UPGRADING) {
		used = take_upgrade(load, client, data, len);
		if (used == 0)
			return 0;
	}
	return used + take_frames(load, client, data + used, len - used);
}

void
wire_begin(struct load *load, struct client *client)
{
	const struct options *options = load->options;

	client->state = CLIENT_UPGRADING;
	if (options->dialect == DIALECT_RAW) {
		client_opened(load, client);
		return;
	}
	if (options->dialect == DIALECT_SYNCTALK)
		buf_printf(&client->out, "GET /chat?user=%s%u%s HTTP/1.1\r\n",
		    options->prefix, client->index, load->device);
	else
		buf_printf(&client->out, "GET %s HTTP/1.1\r\n", options->path);
	buf_printf(&client->out, "Host: %s:%s\r\n%s", options->host,
	    options->port, upgrade);
	client_dirty(load, client);
}
