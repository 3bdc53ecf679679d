/* SPDX-License-Identifier: MIT */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/error.h"
#include "net/endpoint.h"

/*
 * A listening socket, and those who accept from it.  It is bound once for the
 * process; every loop has an acceptor that watches the same descriptor.
 */
struct listener;

/*
 * Binds a place of ENDPOINT_TCP or _UNIX: port 0 takes a free one; an IPv6
 * listener takes no IPv4; unix_mode is that of a Unix socket.  NULL on
 * failure, when the place is taken too.
 */
struct listener *listener_open(const struct endpoint *endpoint,
    mode_t unix_mode, struct error *err);

/* Takes over a socket that is bound, and listens, already. */
struct listener *listener_adopt(const struct endpoint *endpoint, int fd,
    struct error *err);

void listener_close(struct listener *listener); /* NULL is allowed */

/*
 * Where it listens really: "http://127.0.0.1:8000", "https://[::1]:8443",
 * "proxy+http://unix:/run/synctalk.sock".
 */
const char *listener_name(const struct listener *listener);

/* What is expected of its connections, and who can reach it. */
bool listener_has_tls(const struct listener *listener);
bool listener_has_proxy(const struct listener *listener);
bool listener_is_local(const struct listener *listener);

/*
 * fd is non-blocking, closes on exec, sends without delay, and is the
 * callee's.
 */
typedef void listener_accepted(void *arg, const struct listener *listener,
    int fd, const struct sockaddr *address);

/* Embedded in its owner; the fields are this module's. */
struct acceptor {
	ev_io watcher;
	ev_timer pause;
	struct ev_loop *loop;
	const struct listener *listener;
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
