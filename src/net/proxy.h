/* SPDX-License-Identifier: MIT */
#ifndef NET_PROXY_H
#define NET_PROXY_H

#include <stdbool.h>
#include <stddef.h>

#include "net/ip.h"

/*
 * The header of the PROXY protocol, version 2, with which a proxy says whom a
 * connection is from (haproxy's doc/proxy-protocol.txt, sections 2.2 and 2.3).
 * Version 1 is refused, and so is what is meant for datagrams.
 */
struct proxy_header {
	bool known;	   /* false: the proxy's own, or not of IP */
	struct ip source;
	size_t len;	   /* of the header: what follows is the client's */
	const char *reason; /* PROXY_BAD: a sentence */
};

/* The longest header that is taken, with all that is skipped in it. */
#define PROXY_MAX 4096

enum proxy_result { PROXY_MORE, PROXY_DONE, PROXY_BAD };

/*
 * Looks at the first bytes of a connection; asked again with more of them
 * while the answer is PROXY_MORE.
 */
enum proxy_result proxy_parse(const void *data, size_t len,
    struct proxy_header *header);

#endif
