/* SPDX-License-Identifier: MIT */
#ifndef BENCH_SECURE_H
#define BENCH_SECURE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * TLS of the load's connections.  Certificates are not verified: what is
 * measured is the server.
 */
struct secure;

/* `resume`: all but the first use the ticket of the first. */
struct secure *secure_new(bool resume);
void secure_free(struct secure *secure); /* NULL is allowed */

/* Of a connection over fd, which stays the caller's. */
struct ssl_st *secure_begin(struct secure *secure, int fd);
void secure_end(struct ssl_st *ssl); /* NULL is allowed */

/* Goes on with the handshake; false while it is not over. */
bool secure_open(struct ssl_st *ssl);

/* As recv(2) and send(2). */
ssize_t secure_read(struct ssl_st *ssl, void *data, size_t size);
ssize_t secure_write(struct ssl_st *ssl, const void *data, size_t len);

#endif
