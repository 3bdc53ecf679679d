/* SPDX-License-Identifier: MIT */
#ifndef SERVER_ADDRESS_H
#define SERVER_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "net/ip.h"

/*
 * What the peers' addresses are up to, so that none takes all: an IPv4
 * address, or the /64 of an IPv6 one.  Used from all threads.
 */
struct addresses;
struct address;

/* 0: no limit.  Rates are in events a second. */
struct address_limits {
	uint32_t connections;
	uint32_t unauthenticated; /* of them */
	double connect_rate, connect_burst;
	double account_rate, account_burst; /* names made without a token */
	double request_rate, request_burst; /* of HTTP, by nobody known */
	uint32_t abuse_ms; /* of going on over request_rate: closed */
};

struct addresses *addresses_new(const struct address_limits *limits,
    struct error *err);

/* All addresses are released.  NULL is allowed. */
void addresses_free(struct addresses *addresses);

/* For connections from now on. */
void addresses_set_limits(struct addresses *addresses,
    const struct address_limits *limits);

enum address_verdict {
	ADDRESS_OK,
	ADDRESS_REFUSED, /* counted; tell it so, then close */
	ADDRESS_DROPPED	 /* goes on being refused: not counted, close at once */
};

/* How a new connection counts. */
enum address_kind {
	ADDRESS_DIRECT,	   /* it is from there */
	ADDRESS_FORWARDED, /* a proxy says that it is: the rate of new ones is
			      not looked at, for a proxy makes them as it likes */
	ADDRESS_PROXY	   /* a trusted proxy's own, which nothing limits */
};

/*
 * Counts a new connection that is not signed in yet; ip is NULL for a process
 * of this machine, over a Unix socket.  *out is NULL when it is not counted,
 * else released by address_disconnect().  *wait_ms, when it is refused: after
 * how long to try again.
 */
enum address_verdict address_connect(struct addresses *addresses,
    const struct ip *ip, enum address_kind kind, struct address **out,
    uint32_t *wait_ms);

/* Whether it counts what comes from there, other than as a proxy. */
bool address_is(const struct address *address, const struct ip *ip);

/* It has signed in. */
void address_authenticated(struct addresses *addresses,
    struct address *address);
void address_disconnect(struct addresses *addresses, struct address *address,
    bool authenticated);

/*
 * Counts a request.  Refused: it is to be told so, and to try again after
 * *wait_ms; dropped: it goes on for too long, its connection is to end.
 */
enum address_verdict address_request(struct addresses *addresses,
    struct address *address, uint32_t *wait_ms);
/* It was by somebody who is known: their own limits count instead. */
void address_request_known(struct addresses *addresses,
    struct address *address);

/* False when too many accounts were made from there lately. */
bool address_may_register(struct addresses *addresses,
    struct address *address);

/* "192.0.2.1", "2001:db8::", "unix" */
const char *address_text(const struct address *address);
/* Of a Unix socket: all zero, which is nobody's. */
const struct ip *address_ip(const struct address *address);

#endif
