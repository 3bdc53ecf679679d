/* SPDX-License-Identifier: MIT */
#include "net/proxy.h"

#include <string.h>

/* Signature, version and command, family and protocol, length of the rest. */
#define HEAD_SIZE 16
#define V4_SIZE 12
#define V6_SIZE 36
#define UNIX_SIZE 216

static const unsigned char signature[12] = {
	0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a
};

static enum proxy_result
bad(struct proxy_header *header, const char *reason)
{
	header->reason = reason;
	return PROXY_BAD;
}

/* Of the family and protocol; the size of its addresses, -1: not for us. */
static int
addresses_size(unsigned char family)
{
	switch (family) {
	case 0x00: /* unspecified: whoever it is, it has no address */
		return 0;
	case 0x11:
		return V4_SIZE;
	case 0x21:
		return V6_SIZE;
	case 0x31:
		return UNIX_SIZE;
	default:
		return -1;
	}
}

/* The rest is a row of type, length and value: each must end within it. */
static bool
check_rest(const unsigned char *at, size_t len)
{
	size_t size;

	while (len > 0) {
		if (len < 3)
			return false;
		size = 3 + ((size_t)at[1] << 8 | at[2]);
		if (size > len)
			return false;
		at += size;
		len -= size;
	}
	return true;
}

static enum proxy_result
check_head(const unsigned char *data, size_t len,
    struct proxy_header *header)
{
	size_t n = len < sizeof(signature) ? len : sizeof(signature);

	if (len >= 5 && memcmp(data, "PROXY", 5) == 0)
		return bad(header, "this is version 1 of the PROXY protocol; "
		    "version 2 is needed (send-proxy-v2)");
	/* Version 1 begins with a P: for that much of it one may wait. */
	if (memcmp(data, signature, n) != 0 &&
	    (len >= 5 || memcmp(data, "PROXY", len) != 0))
		return bad(header, "no header of the PROXY protocol");
	if (len > 12 && data[12] >> 4 != 2)
		return bad(header, "not version 2 of the PROXY protocol");
	if (len > 12 && (data[12] & 0xf) > 1)
		return bad(header, "an unknown command of the PROXY protocol");
	if (len < HEAD_SIZE)
		return PROXY_MORE;
	header->len = HEAD_SIZE + ((size_t)data[14] << 8 | data[15]);
	if (header->len > PROXY_MAX)
		return bad(header, "the header of the PROXY protocol is too "
		    "long");
	return PROXY_DONE;
}

enum proxy_result
proxy_parse(const void *bytes, size_t len, struct proxy_header *header)
{
	const unsigned char *data = bytes;
	enum proxy_result result;
	size_t rest;
	int size;

	memset(header, 0, sizeof(*header));
	result = len == 0 ? PROXY_MORE : check_head(data, len, header);
	if (result != PROXY_DONE)
		return result;
	size = addresses_size(data[13]);
	rest = header->len - HEAD_SIZE;
	/* LOCAL: the proxy asks for itself, and what it says is skipped. */
	if ((data[12] & 0xf) == 0)
		return len < header->len ? PROXY_MORE : PROXY_DONE;
	if (size == -1)
		return bad(header, "the PROXY header is not of a stream");
	if (rest < (size_t)size)
		return bad(header, "the PROXY header is too short for its "
		    "addresses");
	if (len < header->len)
		return PROXY_MORE;
	if (data[13] != 0 && !check_rest(data + HEAD_SIZE + size,
	    rest - (size_t)size))
		return bad(header, "the PROXY header has a part that goes "
		    "beyond its end");
	header->known = size == V4_SIZE || size == V6_SIZE;
	if (size == V4_SIZE)
		ip_of_v4(data + HEAD_SIZE, &header->source);
	else if (size == V6_SIZE)
		ip_of_v6(data + HEAD_SIZE, &header->source);
	return PROXY_DONE;
}
