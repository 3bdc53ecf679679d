/* SPDX-License-Identifier: MIT */
#include "ws/handshake.h"

#include <openssl/evp.h>
#include <string.h>

#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define BEARER "bearer."

static int
refuse(struct ws_handshake *handshake, int status, const char *reason,
    const char *fields)
{
	handshake->status = status;
	handshake->reason = reason;
	handshake->fields = fields;
	return -1;
}

/* Section 4.1: 16 bytes in base64, so 22 letters, the last of them short. */
static bool
key_valid(struct http_slice key)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	if (key.len != WS_KEY_LEN)
		return false;
	for (i = 0; i < 22; i++)
		if (memchr(letters, key.data[i], sizeof(letters) - 1) == NULL)
			return false;
	return memchr("AQgw", key.data[21], 4) != NULL &&
	    memcmp(key.data + 22, "==", 2) == 0;
}

/* Sections 4.2.1 and 4.4. */
static int
check_upgrade(const struct http_request *request,
    struct ws_handshake *handshake)
{
	struct http_slice version;

	if (request->method != HTTP_GET)
		return refuse(handshake, 405,
		    "A WebSocket is opened with GET.", "Allow: GET\r\n");
	if (!http_request_lists(request, "Upgrade", "websocket"))
		return refuse(handshake, 426, "Here a WebSocket is expected.",
		    "Upgrade: websocket\r\nConnection: Upgrade\r\n");
	if (request->minor == 0 ||
	    !http_request_lists(request, "Connection", "upgrade"))
		return refuse(handshake, 400,
		    "Upgrade needs HTTP/1.1 and Connection: Upgrade.", "");
	version = http_request_field(request, "Sec-WebSocket-Version");
	if (version.data == NULL)
		return refuse(handshake, 400,
		    "There is no Sec-WebSocket-Version.", "");
	if (!http_slice_is(version, "13") ||
	    http_request_count(request, "Sec-WebSocket-Version") != 1)
		return refuse(handshake, 426,
		    "Only version 13 of WebSocket is spoken here.",
		    "Sec-WebSocket-Version: 13\r\n"
		    "Upgrade: websocket\r\nConnection: Upgrade\r\n");
	if (request->body.len > 0)
		return refuse(handshake, 400, "An upgrade has no body.", "");
	handshake->key = http_request_field(request, "Sec-WebSocket-Key");
	if (http_request_count(request, "Sec-WebSocket-Key") != 1 ||
	    !key_valid(handshake->key))
		return refuse(handshake, 400,
		    "Sec-WebSocket-Key is not 16 bytes in base64.", "");
	return 0;
}

/* One element of what the client offers. */
static int
note_offer(struct http_slice offer, const char *protocol,
    struct ws_handshake *handshake)
{
	size_t prefix = strlen(BEARER);

	if (!http_token_valid(offer.data, offer.len))
		return refuse(handshake, 400,
		    "Sec-WebSocket-Protocol is malformed.", "");
	if (offer.len >= prefix && memcmp(offer.data, BEARER, prefix) == 0) {
		if (handshake->bearer.data != NULL || offer.len == prefix)
			return refuse(handshake, 400,
			    "One bearer token is expected.", "");
		handshake->bearer.data = offer.data + prefix;
		handshake->bearer.len = offer.len - prefix;
	} else if (protocol != NULL && offer.len == strlen(protocol) &&
	    memcmp(offer.data, protocol, offer.len) == 0) {
		handshake->protocol = protocol;
	}
	return 0;
}

static int
choose_protocol(const struct http_request *request, const char *protocol,
    struct ws_handshake *handshake)
{
	struct http_slice list, offer;
	size_t i;

	for (i = 0; i < request->n_fields; i++) {
		if (!http_slice_is(request->fields[i].name,
			"Sec-WebSocket-Protocol"))
			continue;
		list = request->fields[i].value;
		while (http_list_next(&list, &offer))
			if (note_offer(offer, protocol, handshake) != 0)
				return -1;
	}
	if (handshake->bearer.data != NULL && handshake->protocol == NULL)
		return refuse(handshake, 400,
		    "A bearer token comes beside a protocol spoken here.", "");
	return 0;
}

int
ws_handshake_check(const struct http_request *request, const char *protocol,
    struct ws_handshake *handshake)
{
	*handshake = (struct ws_handshake){.fields = ""};
	if (check_upgrade(request, handshake) != 0)
		return -1;
	return choose_protocol(request, protocol, handshake);
}

int
ws_handshake_accept(const char key[WS_KEY_LEN], char accept[WS_ACCEPT_LEN + 1])
{
	unsigned char text[WS_KEY_LEN + sizeof(GUID) - 1];
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int n;

	memcpy(text, key, WS_KEY_LEN);
	memcpy(text + WS_KEY_LEN, GUID, sizeof(GUID) - 1);
	if (EVP_Digest(text, sizeof(text), digest, &n, EVP_sha1(), NULL) != 1)
		return -1;
	EVP_EncodeBlock((unsigned char *)accept, digest, (int)n);
	return 0;
}

int
ws_handshake_put_accept(struct buf *out, const struct ws_handshake *handshake,
    const char *fields)
{
	char accept[WS_ACCEPT_LEN + 1];

	if (ws_handshake_accept(handshake->key.data, accept) != 0) {
		out->failed = true;
		return -1;
	}
	buf_puts(out, "HTTP/1.1 101 Switching Protocols\r\n"
	    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Accept: ");
	buf_append(out, accept, WS_ACCEPT_LEN);
	if (handshake->protocol != NULL) {
		buf_puts(out, "\r\nSec-WebSocket-Protocol: ");
		buf_puts(out, handshake->protocol);
	}
	buf_puts(out, "\r\n");
	if (fields != NULL)
		buf_puts(out, fields);
	buf_puts(out, "\r\n");
	return out->failed ? -1 : 0;
}
