/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_ADDRESS_H
#define CLIENT_ADDRESS_H

#include <stdbool.h>

#include "base/error.h"

/* Where a server is: what a URL says, cut up. */
struct address {
	char node[256];	   /* for getaddrinfo(): no brackets */
	char service[8];   /* a port number */
	char host[280];	   /* for the Host field: as it stood */
	char path[512];	   /* "" or "/prefix" */
	bool secure;	   /* TLS */
};

/*
 * "http://HOST[:PORT][/PREFIX]", the same with https://, ws:// or wss://, or
 * bare HOST[:PORT] (port 8000).  -1: it is none.
 */
int address_parse(const char *url, struct address *address,
    struct error *err);

#endif
