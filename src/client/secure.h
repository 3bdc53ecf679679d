/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_SECURE_H
#define CLIENT_SECURE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * TLS 1.2 or 1.3 over a socket that does not block, to a server whose
 * certificate is for the name that was asked for and leads to an authority of
 * the system's (or of SSL_CERT_FILE).  One after the other: a client that
 * connects again begins again.
 */
struct secure;

/* node is a name or a numeric address; copied. */
struct secure *secure_new(const char *node, struct error *err);
void secure_free(struct secure *secure); /* NULL is allowed */

/* On a connected socket, which stays the caller's.  -1: no memory. */
int secure_begin(struct secure *secure, int fd);
void secure_end(struct secure *secure); /* NULL is allowed */

/*
 * As recv() and send(): -1 with EAGAIN waits for the socket to be readable,
 * or writable if secure_wants_write(); with EPROTO see secure_failure().
 */
ssize_t secure_read(struct secure *secure, char *data, size_t len);
ssize_t secure_write(struct secure *secure, const char *data, size_t len);
bool secure_wants_write(const struct secure *secure);

/* Why it failed.  True: it is not the server that was asked for. */
bool secure_failure(const struct secure *secure, char *why, size_t size);

#endif
