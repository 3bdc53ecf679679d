/* SPDX-License-Identifier: MIT */
#include "net/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Accepted in one turn of a loop, so that others get their share. */
#define ACCEPT_BATCH 64
/* Without a descriptor or memory, the next attempt is after so long. */
#define PAUSE_S 0.1

struct listener {
	int fd;
	char name[LISTENER_NAME_SIZE];
};

/* Splits "host:port", "[host]:port". */
static int
split_address(const char *address, char host[256], char port[6],
    struct error *err)
{
	const char *colon = strrchr(address, ':');
	size_t len;

	if (colon == NULL || strlen(colon + 1) == 0 || strlen(colon + 1) > 5)
		goto fail;
	len = (size_t)(colon - address);
	if (len > 1 && address[0] == '[' && address[len - 1] == ']') {
		address++;
		len -= 2;
	} else if (memchr(address, ':', len) != NULL) {
		goto fail;
	}
	if (len == 0 || len > 255)
		goto fail;
	memcpy(host, address, len);
	host[len] = '\0';
	strcpy(port, colon + 1);
	return 0;
fail:
	error_set(err, ERROR_CONFIG,
	    "cannot listen on %s: expected ADDRESS:PORT", address);
	return -1;
}

static struct addrinfo *
resolve(const char *address, struct error *err)
{
	struct addrinfo *result, hints = {
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
	};
	char host[256], port[6];
	int status;

	if (split_address(address, host, port, err) == -1)
		return NULL;
	status = getaddrinfo(host, port, &hints, &result);
	if (status != 0) {
		error_set(err, ERROR_CONFIG, "cannot listen on %s: %s",
		    address, gai_strerror(status));
		return NULL;
	}
	return result;
}

static int
bind_socket(int fd, const struct addrinfo *info)
{
	const int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1)
		return -1;
	/* What is accepted inherits it, without a call each. */
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == -1)
		return -1;
	if (info->ai_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6,
	    IPV6_V6ONLY, &on, sizeof(on)) == -1)
		return -1;
	if (bind(fd, info->ai_addr, info->ai_addrlen) == -1)
		return -1;
	return listen(fd, SOMAXCONN);
}

static int
read_name(struct listener *listener, struct error *err)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getsockname(listener->fd, (struct sockaddr *)&address,
	    &len) == -1) {
		error_set_errno(err, "getsockname");
		return -1;
	}
	if (getnameinfo((struct sockaddr *)&address, len, host, sizeof(host),
	    port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
		error_set(err, ERROR_SYSTEM, "getnameinfo failed");
		return -1;
	}
	snprintf(listener->name, sizeof(listener->name),
	    address.ss_family == AF_INET6 ? "[%.45s]:%.5s" : "%.45s:%.5s",
	    host, port);
	return 0;
}

struct listener *
listener_open(const char *address, struct error *err)
{
	struct listener *listener;
	struct addrinfo *info;

	info = resolve(address, err);
	if (info == NULL)
		return NULL;
	listener = calloc(1, sizeof(*listener));
	if (listener == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for a listener");
		goto fail;
	}
	listener->fd = socket(info->ai_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (listener->fd == -1 || bind_socket(listener->fd, info) == -1) {
		error_set_errno(err, "cannot listen on %s", address);
		goto fail;
	}
	if (read_name(listener, err) == -1)
		goto fail;
	freeaddrinfo(info);
	return listener;
fail:
	freeaddrinfo(info);
	listener_close(listener);
	return NULL;
}

void
listener_close(struct listener *listener)
{
	if (listener == NULL)
		return;
	if (listener->fd != -1)
		close(listener->fd);
	free(listener);
}

const char *
listener_name(const struct listener *listener)
{
	return listener->name;
}

static void
on_pause(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct acceptor *acceptor = timer->data;

	(void)revents;
	ev_io_start(loop, &acceptor->watcher);
}

/*
 * Descriptors have run out.  The reserved one lets us take the connection
 * from the queue and close it, rather than be woken for it for ever.
 */
static void
refuse_one(struct acceptor *acceptor)
{
	int fd;

	if (acceptor->reserve != -1) {
		close(acceptor->reserve);
		fd = accept(acceptor->watcher.fd, NULL, NULL);
		if (fd != -1)
			close(fd);
		acceptor->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (acceptor->reserve != -1)
			return;
	}
	ev_io_stop(acceptor->loop, &acceptor->watcher);
	ev_timer_set(&acceptor->pause, PAUSE_S, 0);
	ev_timer_start(acceptor->loop, &acceptor->pause);
}

static void
on_readable(struct ev_loop *loop, ev_io *watcher, int revents)
{
	struct acceptor *acceptor = watcher->data;
	struct sockaddr_storage address;
	socklen_t len;
	int fd, i;

	(void)loop;
	(void)revents;
	for (i = 0; i < ACCEPT_BATCH && ev_is_active(watcher); i++) {
		len = sizeof(address);
		fd = accept4(watcher->fd, (struct sockaddr *)&address, &len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd != -1) {
			acceptor->accepted(acceptor->arg, fd,
			    (struct sockaddr *)&address, len);
		} else if (errno == EMFILE || errno == ENFILE ||
		    errno == ENOBUFS || errno == ENOMEM) {
			refuse_one(acceptor);
			return;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			return;
		}
		/* Else it failed before it was accepted: the next one. */
	}
}

int
acceptor_init(struct acceptor *acceptor, struct listener *listener,
    struct ev_loop *loop, listener_accepted *accepted, void *arg,
    struct error *err)
{
	memset(acceptor, 0, sizeof(*acceptor));
	acceptor->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (acceptor->reserve == -1) {
		error_set_errno(err, "cannot open /dev/null");
		return -1;
	}
	acceptor->loop = loop;
	acceptor->accepted = accepted;
	acceptor->arg = arg;
	ev_io_init(&acceptor->watcher, on_readable, listener->fd, EV_READ);
	acceptor->watcher.data = acceptor;
	ev_timer_init(&acceptor->pause, on_pause, PAUSE_S, 0);
	acceptor->pause.data = acceptor;
	ev_io_start(loop, &acceptor->watcher);
	return 0;
}

void
acceptor_fini(struct acceptor *acceptor)
{
	if (acceptor->loop == NULL)
		return;
	ev_io_stop(acceptor->loop, &acceptor->watcher);
	ev_timer_stop(acceptor->loop, &acceptor->pause);
	if (acceptor->reserve != -1)
		close(acceptor->reserve);
	acceptor->loop = NULL;
}
