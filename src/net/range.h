/* SPDX-License-Identifier: MIT */
#ifndef NET_RANGE_H
#define NET_RANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "net/ip.h"

/*
 * A range of addresses as CIDR writes it: "192.0.2.0/24", "2001:db8::/32"; an
 * address alone is a range of one.  A range of IPv4 has IPv4 addresses alone,
 * also those that come mapped into IPv6, and one of IPv6 has none of them.
 */
struct range {
	struct ip ip;	    /* zero after the prefix */
	unsigned char bits; /* of the 128 */
};

/* The longest of range_format(), and a NUL. */
#define RANGE_TEXT_SIZE (IP_TEXT_SIZE + 4)

/*
 * -1 and ERROR_INPUT when it is not one, or names an address within a range
 * rather than the range.
 */
int range_parse(const char *text, size_t len, struct range *range,
    struct error *err);

/* In one form alone: equal ranges have equal texts. */
void range_format(const struct range *range, char text[RANGE_TEXT_SIZE]);

/* The range of so many of the 128 bits that ip is in. */
void range_around(const struct ip *ip, unsigned bits, struct range *range);

bool range_has(const struct range *range, const struct ip *ip);

/* Whether any of the n has it. */
bool range_any_has(const struct range *ranges, size_t n,
    const struct ip *ip);

#endif
