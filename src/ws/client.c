/* SPDX-License-Identifier: MIT */
#include "ws/client.h"

#include <openssl/evp.h>
#include <string.h>

#include "http/field.h"

#define REPLY_MAX (16 * 1024)

void
ws_client_key(const unsigned char nonce[16], char key[WS_KEY_LEN + 1])
{
	EVP_EncodeBlock((unsigned char *)key, nonce, 16);
}

static bool
word_valid(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text <= 0x20 || *text == 0x7f)
			return false;
	return true;
}

int
ws_client_put_request(struct buf *out, const struct ws_client_request *request)
{
	if (!word_valid(request->host) || !word_valid(request->target))
		return -1;
	buf_printf(out,
	    "GET %s HTTP/1.1\r\n"
	    "Host: %s\r\n"
	    "Upgrade: websocket\r\n"
	    "Connection: Upgrade\r\n"
	    "Sec-WebSocket-Version: 13\r\n"
	    "Sec-WebSocket-Key: %s\r\n",
	    request->target, request->host, request->key);
	if (request->protocol != NULL)
		buf_printf(out, "Sec-WebSocket-Protocol: %s\r\n",
		    request->protocol);
	if (request->fields != NULL)
		buf_puts(out, request->fields);
	buf_puts(out, "\r\n");
	return out->failed ? -1 : 0;
}

struct reply {
	bool upgrade, connection;
	size_t n_accept, n_protocol, n_extensions;
	struct http_slice accept, protocol;
};

static bool
lists(struct http_slice list, const char *token)
{
	struct http_slice element;

	while (http_list_next(&list, &element))
		if (http_slice_is(element, token))
			return true;
	return false;
}

static void
note_field(const struct http_field *field, struct reply *reply)
{
	if (http_slice_is(field->name, "Upgrade")) {
		reply->upgrade |= lists(field->value, "websocket");
	} else if (http_slice_is(field->name, "Connection")) {
		reply->connection |= lists(field->value, "upgrade");
	} else if (http_slice_is(field->name, "Sec-WebSocket-Accept")) {
		reply->accept = field->value;
		reply->n_accept++;
	} else if (http_slice_is(field->name, "Sec-WebSocket-Protocol")) {
		reply->protocol = field->value;
		reply->n_protocol++;
	} else if (http_slice_is(field->name, "Sec-WebSocket-Extensions")) {
		reply->n_extensions++;
	}
}

/* "HTTP/1.1 101 Switching Protocols" */
static int
read_status(struct http_slice line)
{
	int status = 0;
	size_t i;

	if (line.len < 12 || memcmp(line.data, "HTTP/1.", 7) != 0 ||
	    line.data[8] != ' ')
		return -1;
	for (i = 9; i < 12; i++) {
		if (line.data[i] < '0' || line.data[i] > '9')
			return -1;
		status = status * 10 + (line.data[i] - '0');
	}
	return line.len == 12 || line.data[12] == ' ' ? status : -1;
}

/* Reads the lines of a whole head. */
static int
read_head(struct http_slice head, struct reply *reply, int *status)
{
	struct http_slice line;
	struct http_field field;
	const char *cr;
	bool first = true;
	int n;

	while (head.len > 2) {
		cr = memmem(head.data, head.len, "\r\n", 2);
		line = (struct http_slice){head.data,
		    (size_t)(cr - head.data)};
		head.data += line.len + 2;
		head.len -= line.len + 2;
		if (first) {
			n = read_status(line);
			if (n < 0)
				return -1;
			*status = n;
		} else if (!http_text_valid(line.data, line.len) ||
		    http_field_parse(line.data, line.len, &field) != 0) {
			return -1;
		} else {
			note_field(&field, reply);
		}
		first = false;
	}
	return 0;
}

static bool
same(struct http_slice slice, const char *text)
{
	return slice.len == strlen(text) &&
	    memcmp(slice.data, text, slice.len) == 0;
}

static const char *
judge(const struct reply *reply, const char *key, const char *protocol)
{
	char accept[WS_ACCEPT_LEN + 1];

	if (!reply->upgrade || !reply->connection)
		return "the server does not upgrade to WebSocket";
	if (ws_handshake_accept(key, accept) != 0)
		return "no SHA-1";
	if (reply->n_accept != 1 || !same(reply->accept, accept))
		return "the server's Sec-WebSocket-Accept is wrong";
	if (reply->n_extensions > 0)
		return "the server uses an extension that was not offered";
	if (reply->n_protocol > 1 ||
	    (protocol == NULL) != (reply->n_protocol == 0) ||
	    (protocol != NULL && !same(reply->protocol, protocol)))
		return "the server chose another subprotocol";
	return NULL;
}

enum ws_client_result
ws_client_check_reply(struct buf *in, const char *key, const char *protocol,
    int *status, struct error *err)
{
	struct http_slice head = {NULL, 0};
	struct reply reply = {0};
	const char *end = NULL, *why;

	*status = 0;
	if (buf_readable(in) > 0)
		end = memmem(buf_start(in), buf_readable(in), "\r\n\r\n", 4);
	if (end == NULL && buf_readable(in) < REPLY_MAX)
		return WS_CLIENT_MORE;
	if (end == NULL) {
		error_set(err, ERROR_INPUT, "the server's answer has no end");
		return WS_CLIENT_BAD;
	}
	head.data = buf_start(in);
	head.len = (size_t)(end - head.data) + 4;
	if (read_head(head, &reply, status) != 0) {
		error_set(err, ERROR_INPUT, "the server does not speak HTTP");
		return WS_CLIENT_BAD;
	}
	if (*status != 101) {
		error_set(err, ERROR_INPUT, "the server answered %d", *status);
		buf_consume(in, head.len);
		return WS_CLIENT_BAD;
	}
	why = judge(&reply, key, protocol);
	if (why != NULL)
		error_set(err, ERROR_INPUT, "%s", why);
	buf_consume(in, head.len);
	return why == NULL ? WS_CLIENT_DONE : WS_CLIENT_BAD;
}
