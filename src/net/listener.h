/* SPDX-License-Identifier: MIT */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include <ev.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/error.h"

/*
 * A listening TCP socket, and those who accept from it.  It is bound once for
 * the process; every loop has an acceptor that watches the same descriptor.
 */
struct listener;

/* "[ffff:...:255.255.255.255]:65535" and a NUL. */
#define LISTENER_NAME_SIZE 64

/*
 * "127.0.0.1:8000", "[::1]:8000", "localhost:8000"; port 0 takes a free one.
 * An IPv6 listener takes no IPv4.  NULL on failure, when the address is in
 * use too.
 */
struct listener *listener_open(const char *address, struct error *err);
void listener_close(struct listener *listener); /* NULL is allowed */

/* Where it listens really, as an address and port in numbers. */
const char *listener_name(const struct listener *listener);

/*
 * fd is non-blocking, closes on exec, sends without delay, and is the
 * callee's.
 */
typedef void listener_accepted(void *arg, int fd,
    const struct sockaddr *address, socklen_t len);

/* Embedded in its owner; the fields are this module's. */
struct acceptor {
	ev_io watcher;
	ev_timer pause;
	struct ev_loop *loop;
	int reserve; /* given up to refuse one when descriptors run out */
	listener_accepted *accepted;
	void *arg;
};

/* Begins to accept on the loop; the listener must outlive it. */
int acceptor_init(struct acceptor *acceptor, struct listener *listener,
    struct ev_loop *loop, listener_accepted *accepted, void *arg,
    struct error *err);

/* Harmless on one that is all zero or was ended before. */
void acceptor_fini(struct acceptor *acceptor);

#endif
