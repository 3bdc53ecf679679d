/* SPDX-License-Identifier: MIT */
#include "server/listeners.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server/server.h"
#include "server/systemd.h"

/* The sockets that were passed; fd is -1 once one is taken. */
struct passed {
	struct systemd_socket sockets[CONFIG_LIST_MAX];
	size_t n;
};

static int
add(struct server *server, struct listener *listener, struct error *err)
{
	if (listener == NULL)
		return -1;
	if (server->listeners_n == CONFIG_LIST_MAX) {
		listener_close(listener);
		error_set(err, ERROR_CONFIG, "listen: %d places at most",
		    CONFIG_LIST_MAX);
		return -1;
	}
	server->listeners[server->listeners_n++] = listener;
	return 0;
}

/* What config.c asks of a place, it asks of a socket that is there. */
static int
check_reach(const struct server *server, const struct listener *listener,
    struct error *err)
{
	const struct config *config = server->config;

	if (listener_is_local(listener) || (!config->limits.off &&
	    (config->auth != CONFIG_AUTH_OPEN || config->open_anywhere)))
		return 0;
	error_set(err, ERROR_CONFIG, "others can reach %s, which was passed "
	    "to listen on: that needs auth = \"token\" (or open_anywhere = "
	    "true), and limits", listener_name(listener));
	return -1;
}

/* Those of the name, or, without one, all that are left. */
static int
adopt(struct server *server, const struct endpoint *endpoint,
    struct passed *passed, struct error *err)
{
	struct systemd_socket *socket;
	size_t i, found = 0;

	for (i = 0; i < passed->n; i++) {
		socket = &passed->sockets[i];
		if (socket->fd == -1 || (endpoint->place[0] != '\0' &&
		    strcmp(socket->name, endpoint->place) != 0))
			continue;
		if (add(server, listener_adopt(endpoint, socket->fd, err),
		    err) == -1) {
			socket->fd = -1;
			return -1;
		}
		socket->fd = -1;
		found++;
		if (check_reach(server,
		    server->listeners[server->listeners_n - 1], err) == -1)
			return -1;
	}
	if (found > 0)
		return 0;
	error_set(err, ERROR_CONFIG, "listen: no socket was passed as "
	    "systemd:%s; is there a .socket unit with this "
	    "FileDescriptorName, and was it this that started us?",
	    endpoint->place);
	return -1;
}

int
listeners_open(struct server *server, struct error *err)
{
	const struct config *config = server->config;
	struct passed passed;
	struct endpoint endpoint;
	size_t i;
	int rc = 0;

	passed.n = systemd_take_sockets(passed.sockets, CONFIG_LIST_MAX);
	for (i = 0; i < config->listen.n && rc == 0; i++) {
		rc = endpoint_parse(config->listen.items[i], &endpoint, err);
		if (rc == 0 && endpoint.kind == ENDPOINT_SYSTEMD)
			rc = adopt(server, &endpoint, &passed, err);
		else if (rc == 0)
			rc = add(server, listener_open(&endpoint,
			    config_socket_mode(config), err), err);
	}
	for (i = 0; i < passed.n; i++) {
		if (passed.sockets[i].fd != -1)
			close(passed.sockets[i].fd);
	}
	return rc;
}

void
listeners_close(struct server *server)
{
	while (server->listeners_n > 0)
		listener_close(server->listeners[--server->listeners_n]);
}

void
listeners_announce(const struct server *server)
{
	size_t i;

	for (i = 0; i < server->listeners_n; i++)
		fprintf(stderr, "synctalkd: listening on %s\n",
		    listener_name(server->listeners[i]));
}
