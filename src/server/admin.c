/* SPDX-License-Identifier: MIT */
#include "server/admin.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/json.h"
#include "net/unix_socket.h"
#include "server/server.h"

/* Of a request: bytes. */
#define LINE_MAX_BYTES 65536
/* Without a descriptor or memory, the next attempt is after so long. */
#define PAUSE_MS 100
/* An answer may list every session. */
#define QUEUE_MAX (64u << 20)

struct admin {
	struct server *server;
	struct conn_pool *conns;
	struct admin_client *clients;
	char *path;
	int fd;
	ev_io watcher;
	struct timer pause;
};

/* ----------------------------------------------------------------- clients */

static void
client_free(struct admin_client *client)
{
	*client->prev = client->next;
	if (client->next != NULL)
		client->next->prev = client->prev;
	free(client);
}

static void
client_end(struct admin_client *client)
{
	if (client->gone)
		return;
	conn_close(&client->conn);
	client->gone = true;
	if (!client->busy)
		client_free(client);
}

static void
send_object(struct admin_client *client, json_t *object)
{
	struct blob *blob = NULL;
	char *line = NULL;
	size_t len;

	client->busy = false;
	if (client->gone) {
		json_decref(object);
		client_free(client);
		return;
	}
	if (object != NULL)
		line = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	if (line != NULL) {
		len = strlen(line);
		line[len] = '\n'; /* in the place of the NUL */
		blob = blob_new(line, len + 1);
		free(line);
	}
	if (blob == NULL) {
		conn_shutdown(&client->conn);
		return;
	}
	conn_send(&client->conn, blob);
	blob_unref(blob);
	conn_resume(&client->conn);
}

void
admin_answer(struct admin_client *client, const char *text, json_t *data)
{
	json_t *object = json_pack("{s:b,s:s}", "ok", 1, "text", text);

	if (object != NULL && data != NULL)
		json_object_set_new(object, "data", data);
	else
		json_decref(data);
	send_object(client, object);
}

void
admin_fail(struct admin_client *client, const char *error)
{
	send_object(client, json_pack("{s:b,s:s}", "ok", 0, "error", error));
}

static void
take_line(struct admin_client *client, const char *line, size_t len)
{
	struct server *server = client->server;
	const json_t *arguments;
	const char *name;
	struct error err;
	json_t *object;
	admin_run *run;

	conn_pause(&client->conn);
	client->busy = true;
	object = json_parse_object(line, len, &err);
	if (object == NULL) {
		admin_fail(client, err.text);
		return;
	}
	name = json_string_value(json_object_get(object, "command"));
	arguments = json_object_get(object, "arguments");
	run = name != NULL ? admin_find_command(name) : NULL;
	log_write(&server->log, LOG_LEVEL_INFO, "admin.command",
	    "command=%s uid=%lu", name != NULL ? name : "?",
	    (unsigned long)client->uid);
	if (run == NULL)
		admin_fail(client, "this server knows no such command");
	else
		run(client, arguments);
	json_decref(object);
}

static void
on_input(struct conn *conn, struct buf *in)
{
	struct admin_client *client = (struct admin_client *)(void *)conn;
	const char *start, *end;
	size_t len;

	if (conn->paused || buf_readable(in) == 0)
		return;
	start = buf_start(in);
	end = memchr(start, '\n', buf_readable(in));
	if (end == NULL && buf_readable(in) <= LINE_MAX_BYTES)
		return;
	if (end == NULL) {
		client_end(client);
		return;
	}
	len = (size_t)(end - start);
	take_line(client, start, len);
	buf_consume(in, len + 1);
}

static void
on_drained(struct conn *conn)
{
	(void)conn;
}

static void
on_ended(struct conn *conn, enum conn_end why)
{
	(void)why;
	client_end((struct admin_client *)(void *)conn);
}

static const struct conn_ops conn_ops = {
	.input = on_input,
	.drained = on_drained,
	.ended = on_ended,
};

static void
on_pause(struct timer *timer)
{
	struct admin *admin = (struct admin *)(void *)((char *)timer -
	    offsetof(struct admin, pause));

	ev_io_start(admin->server->loop, &admin->watcher);
}

/* Rather than be woken again and again for what cannot be accepted. */
static void
pause_accepting(struct admin *admin)
{
	ev_io_stop(admin->server->loop, &admin->watcher);
	timer_set(admin->server->timers, &admin->pause, PAUSE_MS);
}

static void
on_connect(struct ev_loop *loop, ev_io *watcher, int revents)
{
	struct admin *admin = watcher->data;
	struct admin_client *client;
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t len = sizeof(peer);
	int fd;

	(void)loop;
	(void)revents;
	fd = accept4(watcher->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd == -1) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM)
			pause_accepting(admin);
		return;
	}
	client = calloc(1, sizeof(*client));
	if (client == NULL) {
		close(fd);
		return;
	}
	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);
	client->admin = admin;
	client->server = admin->server;
	client->uid = peer.uid;
	client->next = admin->clients;
	client->prev = &admin->clients;
	if (client->next != NULL)
		client->next->prev = &client->next;
	admin->clients = client;
	conn_open(&client->conn, admin->conns, fd);
}

/* ---------------------------------------------------------------- lifetime */

struct admin *
admin_new(struct server *server, struct error *err)
{
	struct conn_pool_options options = {
		.loop = server->loop,
		.timers = server->timers,
		.ops = &conn_ops,
		.queue_max = QUEUE_MAX,
	};
	struct admin *admin;

	admin = calloc(1, sizeof(*admin));
	if (admin == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for the admin socket");
		return NULL;
	}
	admin->server = server;
	admin->fd = -1;
	admin->path = strdup(server->config->admin_socket);
	if (admin->path == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for the admin socket");
		goto fail;
	}
	admin->conns = conn_pool_new(&options, err);
	if (admin->conns == NULL)
		goto fail;
	admin->fd = unix_socket_listen(admin->path, 0660, err);
	if (admin->fd == -1)
		goto fail;
	ev_io_init(&admin->watcher, on_connect, admin->fd, EV_READ);
	admin->watcher.data = admin;
	admin->pause.fire = on_pause;
	ev_io_start(server->loop, &admin->watcher);
	return admin;
fail:
	admin_free(admin);
	return NULL;
}

void
admin_close(struct admin *admin)
{
	struct admin_client *client, *next;

	if (admin == NULL || admin->fd == -1)
		return;
	ev_io_stop(admin->server->loop, &admin->watcher);
	timer_clear(admin->server->timers, &admin->pause);
	unix_socket_close(admin->fd, admin->path);
	admin->fd = -1;
	for (client = admin->clients; client != NULL; client = next) {
		next = client->next;
		if (!client->gone)
			conn_flush(&client->conn);
		client_end(client);
	}
}

void
admin_free(struct admin *admin)
{
	if (admin == NULL)
		return;
	assert(admin->clients == NULL);
	if (admin->fd != -1)
		close(admin->fd);
	conn_pool_free(admin->conns);
	free(admin->path);
	free(admin);
}
