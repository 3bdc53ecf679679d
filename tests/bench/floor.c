/* SPDX-License-Identifier: MIT */

/*
 * The floor: a bare relay of bytes, one thread on epoll, recv and send.  It
 * knows no messages; what it costs is what the system calls cost.
 *
 *	floor direct	connections 2k and 2k+1 are joined
 *	floor fanout	what one sends goes to all others
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 65536
#define EVENTS 512
#define ROOM 65536

struct relay {
	int epoll, listener;
	bool fanout;
	unsigned n;		  /* connections accepted since none was left */
	unsigned open;
	int fds[CONNECTIONS_MAX]; /* -1: closed */
};

static void
fail(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
watch(struct relay *relay, int fd, unsigned index)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = index};

	if (epoll_ctl(relay->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		fail("epoll_ctl");
}

/* The kernel's buffer is full: waits, as a relay without queues must. */
static void
relay_to(struct relay *relay, unsigned to, const char *data, size_t len)
{
	struct pollfd wait = {.fd = relay->fds[to], .events = POLLOUT};
	ssize_t n;

	while (len > 0 && wait.fd >= 0) {
		n = send(wait.fd, data, len, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN)
			return;
		if (n < 0) {
			poll(&wait, 1, 1000);
			continue;
		}
		data += n;
		len -= (size_t)n;
	}
}

static void
readable(struct relay *relay, unsigned from)
{
	static char room[ROOM];
	ssize_t n = recv(relay->fds[from], room, sizeof(room), 0);
	unsigned to;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		close(relay->fds[from]);
		relay->fds[from] = -1;
		if (--relay->open == 0)
			relay->n = 0;
		return;
	}
	if (!relay->fanout) {
		if ((from ^ 1) < relay->n)
			relay_to(relay, from ^ 1, room, (size_t)n);
		return;
	}
	for (to = 0; to < relay->n; to++) {
		if (to != from)
			relay_to(relay, to, room, (size_t)n);
	}
}

static void
accept_all(struct relay *relay)
{
	int fd, on = 1;

	while ((fd = accept4(relay->listener, NULL, NULL,
	    SOCK_NONBLOCK)) >= 0) {
		if (relay->n == CONNECTIONS_MAX - 1)
			fail("too many connections");
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		relay->fds[relay->n] = fd;
		relay->open++;
		watch(relay, fd, relay->n++);
	}
}

static void
open_listener(struct relay *relay)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	relay->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (relay->listener < 0 ||
	    bind(relay->listener, (struct sockaddr *)&address, size) != 0 ||
	    listen(relay->listener, 4096) != 0 ||
	    getsockname(relay->listener, (struct sockaddr *)&address,
		&size) != 0)
		fail("listen");
	relay->epoll = epoll_create1(0);
	if (relay->epoll < 0)
		fail("epoll_create1");
	watch(relay, relay->listener, CONNECTIONS_MAX);
	fprintf(stderr, "floor: listening on 127.0.0.1:%d\n",
	    ntohs(address.sin_port));
}

int
main(int argc, char *argv[])
{
	static struct relay relay;
	struct epoll_event events[EVENTS];
	int i, n;

	if (argc != 2 || (strcmp(argv[1], "direct") != 0 &&
	    strcmp(argv[1], "fanout") != 0)) {
		fprintf(stderr, "usage: floor direct|fanout\n");
		return 2;
	}
	relay.fanout = strcmp(argv[1], "fanout") == 0;
	open_listener(&relay);
	for (;;) {
		n = epoll_wait(relay.epoll, events, EVENTS, -1);
		if (n < 0 && errno != EINTR)
			fail("epoll_wait");
		for (i = 0; i < n; i++) {
			if (events[i].data.u32 == CONNECTIONS_MAX)
				accept_all(&relay);
			else
				readable(&relay, events[i].data.u32);
		}
	}
}
