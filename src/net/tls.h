/* SPDX-License-Identifier: MIT */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stddef.h>

#include "net/conn.h"
#include "net/tls_context.h"

/*
 * TLS as the layer of a connection: a server's end.  Nothing of it belongs to
 * a loop or a thread; it moves with its connection.
 *
 *	socket -- recv --> [ciphertext] -- OpenSSL --> input()
 *	queue --> OpenSSL --> [unsent, while the socket is full] --> socket
 */

/*
 * Over fd, which stays the connection's.  early is what was received already
 * (behind a PROXY header), copied; len may be 0.  NULL: no memory.
 */
struct conn_layer *tls_new(struct tls_context *context, int fd,
    const void *early, size_t len);

#endif
