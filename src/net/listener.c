/* SPDX-License-Identifier: MIT */
#include "net/listener.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/ip.h"
#include "net/unix_socket.h"

/* Accepted in one turn of a loop, so that others get their share. */
#define ACCEPT_BATCH 64
/* Without a descriptor or memory, the next attempt is after so long. */
#define PAUSE_S 0.1

/* "proxy+https://unix:", a path, and a NUL. */
#define NAME_SIZE (40 + sizeof(((struct sockaddr_un *)NULL)->sun_path))

struct listener {
	int fd;
	bool tls, proxy, local;
	char *path; /* of a Unix socket of our own, or NULL */
	char name[NAME_SIZE];
};

/* -------------------------------------------------------------------- TCP */

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
open_tcp(const char *address, struct error *err)
{
	struct addrinfo *info = resolve(address, err);
	int fd;

	if (info == NULL)
		return -1;
	fd = socket(info->ai_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1 || bind_socket(fd, info) == -1) {
		error_set_errno(err, "cannot listen on %s", address);
		if (fd != -1)
			close(fd);
		fd = -1;
	}
	freeaddrinfo(info);
	return fd;
}

/* --------------------------------------------------------------- listeners */

/* Who it is, and whether only this machine reaches it. */
static int
look_at(struct listener *listener, const char *scheme, struct error *err)
{
	struct sockaddr_storage address = { 0 };
	socklen_t len = sizeof(address);
	char host[NI_MAXHOST], port[NI_MAXSERV];
	struct ip ip;

	if (getsockname(listener->fd, (struct sockaddr *)&address,
	    &len) == -1) {
		error_set_errno(err, "getsockname");
		return -1;
	}
	if (address.ss_family == AF_UNIX) {
		listener->local = true;
		snprintf(listener->name, sizeof(listener->name), "%s"
		    "unix:%.107s", scheme, ((struct sockaddr_un *)&address)->sun_path);
		return 0;
	}
	if (!ip_of_sockaddr((struct sockaddr *)&address, &ip) ||
	    getnameinfo((struct sockaddr *)&address, len, host, sizeof(host),
	    port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
		error_set(err, ERROR_CONFIG, "a socket to listen on must be "
		    "of IPv4, IPv6 or a Unix path");
		return -1;
	}
	listener->local = ip_is_loopback(&ip);
	snprintf(listener->name, sizeof(listener->name),
	    address.ss_family == AF_INET6 ? "%s[%.45s]:%.5s" :
	    "%s%.45s:%.5s", scheme, host, port);
	return 0;
}

/* fd is taken over in any case; -1: there is an error already. */
static struct listener *
make(const struct endpoint *endpoint, int fd, const char *path,
    struct error *err)
{
	struct listener *listener;

	if (fd == -1)
		return NULL;
	listener = calloc(1, sizeof(*listener));
	if (listener == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for a listener");
		close(fd);
		return NULL;
	}
	listener->fd = fd;
	listener->tls = endpoint->tls;
	listener->proxy = endpoint->proxy;
	if (path != NULL)
		listener->path = strdup(path);
	if (path != NULL && listener->path == NULL)
		error_set(err, ERROR_NOMEM, "no memory for a listener");
	else if (look_at(listener, endpoint_scheme(endpoint), err) == 0)
		return listener;
	listener_close(listener);
	return NULL;
}

struct listener *
listener_open(const struct endpoint *endpoint, mode_t unix_mode,
    struct error *err)
{
	assert(endpoint->kind != ENDPOINT_SYSTEMD);
	if (endpoint->kind == ENDPOINT_TCP)
		return make(endpoint, open_tcp(endpoint->place, err), NULL,
		    err);
	return make(endpoint, unix_socket_listen(endpoint->place, unix_mode,
	    err), endpoint->place, err);
}

struct listener *
listener_adopt(const struct endpoint *endpoint, int fd, struct error *err)
{
	const int on = 1;
	int type = 0, listens = 0;
	socklen_t len = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == -1 ||
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == -1 ||
	    type != SOCK_STREAM || listens == 0) {
		error_set(err, ERROR_CONFIG, "descriptor %d, which was passed "
		    "to listen on, is no listening stream socket", fd);
		close(fd);
		return NULL;
	}
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == -1 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == -1) {
		error_set_errno(err, "descriptor %d", fd);
		close(fd);
		return NULL;
	}
	/* A Unix socket has no such option, and no need of it. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return make(endpoint, fd, NULL, err);
}

void
listener_close(struct listener *listener)
{
	if (listener == NULL)
		return;
	if (listener->path != NULL)
		unix_socket_close(listener->fd, listener->path);
	else
		close(listener->fd);
	free(listener->path);
	free(listener);
}

const char *
listener_name(const struct listener *listener)
{
	return listener->name;
}

bool
listener_has_tls(const struct listener *listener)
{
	return listener->tls;
}

bool
listener_has_proxy(const struct listener *listener)
{
	return listener->proxy;
}

bool
listener_is_local(const struct listener *listener)
{
	return listener->local;
}

/* --------------------------------------------------------------- accepting */

static void
on_pause(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct acceptor *acceptor = timer->data;

	(void)revents;
	if (acceptor->reserve == -1)
		acceptor->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
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
	struct sockaddr_storage address = { 0 };
	socklen_t len;
	int fd, i;

	(void)loop;
	(void)revents;
	for (i = 0; i < ACCEPT_BATCH && ev_is_active(watcher); i++) {
		len = sizeof(address);
		fd = accept4(watcher->fd, (struct sockaddr *)&address, &len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd != -1) {
			acceptor->accepted(acceptor->arg, acceptor->listener,
			    fd, (struct sockaddr *)&address);
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
	acceptor->listener = listener;
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
