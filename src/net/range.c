/* SPDX-License-Identifier: MIT */
#include "net/range.h"

#include <stdio.h>
#include <string.h>

/* Of the mapping of IPv4 into IPv6. */
#define MAPPED_BITS 96

/* "0" to max, without a sign or zeros in front. */
static bool
parse_bits(const char *text, size_t len, unsigned max, unsigned *bits)
{
	size_t i;

	if (len == 0 || len > 3 || (len > 1 && text[0] == '0'))
		return false;
	*bits = 0;
	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*bits = *bits * 10 + (unsigned)(text[i] - '0');
	}
	return *bits <= max;
}

/* Zero after the prefix. */
void
range_around(const struct ip *ip, unsigned bits, struct range *range)
{
	unsigned char *bytes = range->ip.bytes;
	unsigned i;

	range->ip = *ip;
	range->bits = (unsigned char)bits;
	for (i = 0; i < sizeof(ip->bytes); i++, bits -= bits < 8 ? bits : 8) {
		if (bits < 8)
			bytes[i] &= (unsigned char)(0xff00U >> bits);
	}
}

int
range_parse(const char *text, size_t len, struct range *range,
    struct error *err)
{
	const char *slash = memchr(text, '/', len);
	size_t address = slash != NULL ? (size_t)(slash - text) : len;
	char right[RANGE_TEXT_SIZE];
	unsigned bits = 128, unmapped;
	struct ip ip;

	if (!ip_parse(text, address, &ip))
		goto fail;
	/* A mapped address may be written as either family. */
	unmapped = ip_is_v4(&ip) && memchr(text, ':', address) == NULL ?
	    MAPPED_BITS : 0;
	if (slash != NULL) {
		if (!parse_bits(slash + 1, len - address - 1, 128 - unmapped,
		    &bits))
			goto fail;
		bits += unmapped;
	}
	range_around(&ip, bits, range);
	if (memcmp(&range->ip, &ip, sizeof(ip)) == 0)
		return 0;
	range_format(range, right);
	error_set(err, ERROR_INPUT, "%.*s is an address within %s: name the "
	    "range, or the address without its /%.*s", (int)len, text, right,
	    (int)(len - address - 1), slash + 1);
	return -1;
fail:
	error_set(err, ERROR_INPUT, "an address or a range such as "
	    "192.0.2.0/24 or 2001:db8::/32 is expected, not \"%.*s\"",
	    len > 64 ? 64 : (int)len, text);
	return -1;
}

void
range_format(const struct range *range, char text[RANGE_TEXT_SIZE])
{
	unsigned bits = range->bits;
	size_t len;

	ip_format(&range->ip, text);
	if (bits == 128)
		return;
	if (ip_is_v4(&range->ip))
		bits -= MAPPED_BITS;
	len = strlen(text);
	snprintf(text + len, RANGE_TEXT_SIZE - len, "/%u", bits);
}

bool
range_has(const struct range *range, const struct ip *ip)
{
	struct range same;

	if (ip_is_v4(ip) != ip_is_v4(&range->ip))
		return false;
	range_around(ip, range->bits, &same);
	return memcmp(&same.ip, &range->ip, sizeof(same.ip)) == 0;
}

bool
range_any_has(const struct range *ranges, size_t n, const struct ip *ip)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (range_has(&ranges[i], ip))
			return true;
	}
	return false;
}
