/* SPDX-License-Identifier: MIT */
#include "load.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "process.h"
#include "secure.h"
#include "wire.h"

#define ROOM (256 * 1024)
#define EVENTS 512
#define OPENING_MAX 64

void
die(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("bench: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(1);
}

void
load_init(struct load *load, const struct options *options)
{
	struct rlimit limit;
	unsigned i;

	memset(load, 0, sizeof(*load));
	load->options = options;
	load->device = "";
	load->now = now_ns();
	load->epoll = epoll_create1(EPOLL_CLOEXEC);
	load->room = malloc(ROOM);
	load->clients = calloc(options->connections, sizeof(*load->clients));
	if (load->epoll < 0 || load->room == NULL || load->clients == NULL)
		die("cannot begin: %s", strerror(errno));
	for (i = 0; i < options->connections; i++)
		load->clients[i].index = i;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (options->tls)
		load->secure = secure_new(options->resume);
}

void
load_fini(struct load *load)
{
	unsigned i;

	for (i = 0; i < load->options->connections; i++)
		client_close(load, &load->clients[i]);
	close(load->epoll);
	secure_free(load->secure);
	free(load->clients);
	free(load->room);
}

void
client_opened(struct load *load, struct client *client)
{
	client->state = CLIENT_OPEN;
	load->opening--;
	load->open++;
	if (load->hooks.on_open != NULL)
		load->hooks.on_open(load, client);
}

static void
watch(struct load *load, struct client *client, int operation,
    uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = client};

	if (epoll_ctl(load->epoll, operation, client->fd, &event) != 0)
		die("epoll_ctl: %s", strerror(errno));
}

static int
open_socket(const struct options *options)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
	int fd, on = 1, status;

	status = getaddrinfo(options->host, options->port, &hints, &found);
	if (status != 0)
		die("%s: %s", options->host, gai_strerror(status));
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (fd < 0)
		die("socket: %s", strerror(errno));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(fd, found->ai_addr, found->ai_addrlen) != 0 &&
	    errno != EINPROGRESS)
		die("connect: %s", strerror(errno));
	freeaddrinfo(found);
	return fd;
}

void
client_connect(struct load *load, struct client *client)
{
	client->fd = open_socket(load->options);
	client->state = CLIENT_CONNECTING;
	load->opening++;
	watch(load, client, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
}

void
client_close(struct load *load, struct client *client)
{
	if (client->state == CLIENT_NONE)
		return;
	if (client->state == CLIENT_OPEN)
		load->open--;
	else
		load->opening--;
	secure_end(client->ssl);
	client->ssl = NULL;
	close(client->fd);
	buf_fini(&client->in);
	buf_fini(&client->out);
	client->state = CLIENT_NONE;
	client->stuck = false;
}

void
load_connect(struct load *load, unsigned from, unsigned to)
{
	unsigned next = from, goal = load->open + (to - from);

	while (load->open < goal) {
		while (next < to && load->opening < OPENING_MAX)
			client_connect(load, &load->clients[next++]);
		load_turn(load, 1000);
	}
}

/* ---------------------------------------------------------------- sending */

void
client_dirty(struct load *load, struct client *client)
{
	if (client->dirty || client->stuck)
		return;
	client->dirty = true;
	client->next_dirty = load->dirty;
	load->dirty = client;
}

static void
flush(struct load *load, struct client *client)
{
	size_t left = buf_readable(&client->out);
	ssize_t n;

	if (left == 0)
		return;
	if (client->out.failed)
		die("no memory");
	if (client->ssl != NULL && !secure_open(client->ssl))
		return; /* it goes on when something comes */
	if (client->ssl != NULL)
		n = secure_write(client->ssl, buf_start(&client->out), left);
	else
		n = send(client->fd, buf_start(&client->out), left,
		    MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN)
		die("send to connection %u: %s", client->index,
		    strerror(errno));
	if (n > 0)
		buf_consume(&client->out, (size_t)n);
	if (buf_readable(&client->out) == 0) {
		buf_reset(&client->out);
	} else if (!client->stuck) {
		client->stuck = true;
		watch(load, client, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
	}
}

/* -------------------------------------------------------------- receiving */

static void
readable(struct load *load, struct client *client)
{
	size_t used, len;
	ssize_t n;

	if (client->ssl != NULL && !secure_open(client->ssl))
		return;
	n = client->ssl != NULL ? secure_read(client->ssl, load->room, ROOM) :
	    recv(client->fd, load->room, ROOM, 0);
	len = (size_t)n;
	if (client->ssl != NULL && !client->dirty)
		client_dirty(load, client);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0)
		die("connection %u is gone: %s", client->index,
		    n < 0 ? strerror(errno) : "closed");
	if (buf_readable(&client->in) == 0) {
		used = wire_take(load, client, load->room, len);
		if (used < len)
			buf_append(&client->in, load->room + used, len - used);
		return;
	}
	buf_append(&client->in, load->room, len);
	used = wire_take(load, client, buf_start(&client->in),
	    buf_readable(&client->in));
	buf_consume(&client->in, used);
	if (buf_readable(&client->in) == 0)
		buf_fini(&client->in);
}

static void
connected(struct load *load, struct client *client)
{
	socklen_t size = sizeof(int);
	int status = 0;

	getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &status, &size);
	if (status != 0)
		die("connect: %s", strerror(status));
	watch(load, client, EPOLL_CTL_MOD, EPOLLIN);
	if (load->secure != NULL)
		client->ssl = secure_begin(load->secure, client->fd);
	wire_begin(load, client);
}

static void
writable(struct load *load, struct client *client)
{
	if (client->state == CLIENT_CONNECTING) {
		connected(load, client);
		return;
	}
	client->stuck = false;
	watch(load, client, EPOLL_CTL_MOD, EPOLLIN);
	client_dirty(load, client);
}

void
load_turn(struct load *load, int ms)
{
	struct epoll_event events[EVENTS];
	struct client *client;
	int i, n;

	n = epoll_wait(load->epoll, events, EVENTS, load->dirty ? 0 : ms);
	if (n < 0 && errno != EINTR)
		die("epoll_wait: %s", strerror(errno));
	load->now = now_ns();
	for (i = 0; i < n; i++) {
		client = events[i].data.ptr;
		if (events[i].events & EPOLLOUT)
			writable(load, client);
		if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
			readable(load, client);
	}
	while ((client = load->dirty) != NULL) {
		load->dirty = client->next_dirty;
		client->dirty = false;
		flush(load, client);
	}
}
