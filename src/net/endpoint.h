/* SPDX-License-Identifier: MIT */
#ifndef NET_ENDPOINT_H
#define NET_ENDPOINT_H

#include <stdbool.h>

#include "base/error.h"

/*
 * Where and how to listen, as the configuration writes it:
 *
 *	[[proxy+]http://|[proxy+]https://]PLACE
 *
 * PLACE is ADDRESS:PORT with a numeric address (IPv6 in brackets) or
 * localhost, unix:PATH, or systemd:NAME, a socket that was passed to the
 * process under that name (systemd: alone is all of them).  With proxy+ each
 * connection begins with a header of the PROXY protocol.
 */
enum endpoint_kind { ENDPOINT_TCP, ENDPOINT_UNIX, ENDPOINT_SYSTEMD };

struct endpoint {
	enum endpoint_kind kind;
	bool tls, proxy;
	bool local; /* nobody from another machine can reach it */
	const char *place; /* in the text: ADDRESS:PORT, PATH or NAME */
};

/* The text must outlive endpoint.  -1 and ERROR_CONFIG. */
int endpoint_parse(const char *text, struct endpoint *endpoint,
    struct error *err);

/* "http://", "proxy+https://" and so on. */
const char *endpoint_scheme(const struct endpoint *endpoint);

#endif
