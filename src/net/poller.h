/* SPDX-License-Identifier: MIT */
#ifndef NET_POLLER_H
#define NET_POLLER_H

#include <stdint.h>

#include "base/error.h"

/*
 * The sockets of a loop in one kernel set (epoll), which the loop watches as
 * one descriptor.  Other than with a watcher of libev each, a socket costs 8
 * bytes, and when it is taken out it is out at once, so that another thread
 * may have it: libev leaves it in until it is closed or heard of.
 */
struct ev_loop;
struct poller;

enum poller_event {
	POLLER_READ = 1 << 0,
	POLLER_WRITE = 1 << 1
};

/* Embedded in its owner. */
struct polled {
	int fd;
	uint32_t events; /* waited for; 0: it is not in the set */
};

/*
 * Some of the events that are waited for; errors count as all of them.  The
 * callee may change, take out and free any polled.
 */
typedef void poller_ready(struct polled *polled, unsigned events);

struct poller *poller_new(struct ev_loop *loop, poller_ready *ready,
    struct error *err);

/* All are taken out.  NULL is allowed. */
void poller_free(struct poller *poller);

/* Waits for these events from now on; 0 takes it out.  -1: no memory. */
int poller_watch(struct poller *poller, struct polled *polled,
    unsigned events);

#endif
