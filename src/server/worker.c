/* SPDX-License-Identifier: MIT */
#include "server/worker.h"

#include <assert.h>
#include <errno.h>
#include <ev.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "chat/policy.h"
#include "script/script.h"
#include "server/bans.h"
#include "server/client.h"
#include "server/erasure.h"
#include "server/job.h"
#include "server/retention.h"
#include "server/round.h"
#include "server/server.h"
#include "ws/frame.h"

static const struct clock system_clock;

/* No mark: that has four bytes. */
static const char heartbeat_payload[] = "hb";

static void
read_limits(const struct config *config, bool locked_down,
    struct chat_limits *out)
{
	const struct config_limits *limits = &config->limits;

	*out = chat_limits_default;
	out->off = limits->off;
	out->user_rate = limits->user_message.per_s;
	out->user_burst = limits->user_message.burst;
	out->conversation_rate = limits->conversation_message.per_s;
	out->conversation_burst = limits->conversation_message.burst;
	out->join_rate = limits->user_join.per_s;
	out->join_burst = limits->user_join.burst;
	out->abuse_ms = limits->abuse_ms;
	out->typing_relay_ms = limits->typing_interval_ms;
	out->presence_grace_ms = config->chat.presence_grace_ms;
	out->idle_after_ms = config->chat.idle_after_ms;
	out->catch_up = config->chat.catch_up_limit;
	out->lobby_history = config->chat.lobby_history;
	out->group_members = limits->group_members;
	out->user_groups = limits->user_groups;
	out->edit_window_s = config->chat.edit_window_s;
	out->delete_window_s = config->chat.delete_window_s;
	out->keep_versions = config->chat.keep_versions;
	out->queue_soft = limits->queue_soft_bytes;
	out->slow_ms = locked_down ? limits->lockdown_slow_ms : 0;
}

static size_t
queues_max(const struct config *config)
{
	uint64_t memory = (uint64_t)sysconf(_SC_PHYS_PAGES) *
	    (uint64_t)sysconf(_SC_PAGESIZE);

	return (size_t)(memory / 100 * config->limits.queue_memory_percent /
	    config->workers);
}

/* Before the loop waits: whoever asks then is told how it is. */
static void
on_rest(struct ev_loop *loop, ev_prepare *watcher, int revents)
{
	(void)loop;
	(void)revents;
	numbers_publish(watcher->data);
}

static int
make_loop(struct worker *worker, struct error *err)
{
	const struct config_limits *limits = &worker->config->limits;
	struct conn_pool_options options = {
		.ops = &client_conn_ops,
		.queue_max = limits->queue_hard_bytes,
		/* Half of the least limits.queue_soft: who waits is told. */
		.long_queue = 512,
		.stall_s = (limits->queue_stall_ms + 999) / 1000,
		.total_max = queues_max(worker->config),
	};

	worker->loop = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
	if (worker->loop == NULL) {
		error_set(err, ERROR_SYSTEM, "cannot make an event loop");
		return -1;
	}
	worker->mailbox = mailbox_new(worker->loop, worker, err);
	if (worker->mailbox == NULL)
		return -1;
	worker->timers = timers_new(worker->loop, err);
	if (worker->timers == NULL)
		return -1;
	options.loop = worker->loop;
	options.timers = worker->timers;
	worker->conns = conn_pool_new(&options, err);
	if (worker->conns == NULL)
		return -1;
	ev_prepare_init(&worker->publish, on_rest);
	worker->publish.data = worker;
	ev_prepare_start(worker->loop, &worker->publish);
	return 0;
}

static int
make_chat(struct worker *worker, struct error *err)
{
	struct server *server = worker->server;
	struct chat_limits limits;
	struct chat_options options = {
		.worker = worker->index,
		.workers = (unsigned)server->workers_n,
		.store = server->store,
		.bus = server->bus,
		.mailbox = worker->mailbox,
		.timers = worker->timers,
		.clock = &system_clock,
		.log = &worker->log,
		.server = SERVER_NAME,
		.fed = bans_fed,
		.fed_arg = worker,
		.limits = &limits,
	};

	read_limits(worker->config, bans_locked_down(server->bans), &limits);
	worker->chat = chat_new(&options, err);
	return worker->chat == NULL ? -1 : 0;
}

/* Where a name is enough, an account lets nobody in who was not before. */
static enum api_registration
registration(const struct worker *worker)
{
	switch (worker->config->accounts.registration) {
	case CONFIG_REGISTRATION_OPEN:
		return API_OPEN;
	case CONFIG_REGISTRATION_INVITATION:
		return API_INVITATION;
	case CONFIG_REGISTRATION_CLOSED:
		return API_CLOSED;
	case CONFIG_REGISTRATION_AUTO:
		break;
	}
	return worker->server->first->auth == CONFIG_AUTH_OPEN ? API_OPEN :
	    API_CLOSED;
}

static void
set_api(struct worker *worker)
{
	const struct config *config = worker->config;
	const struct api_settings settings = {
		.open = worker->server->first->auth == CONFIG_AUTH_OPEN,
		.registration = registration(worker),
		.access_ttl_s = config->accounts.access_ttl_s,
		.refresh_idle_s = config->accounts.refresh_idle_s,
		.refresh_ttl_s = config->accounts.refresh_ttl_s,
		.refresh_grace_s = config->accounts.refresh_grace_s,
		.reset_ttl_s = config->accounts.reset_ttl_s,
		.lockdown = bans_locked_down(worker->server->bans),
		.origins = config->origins.n != 0 ?
		    (const char *const *)config->origins.items : NULL,
	};

	api_set_settings(worker->api, &settings);
}

/* Of a person whom another worker may own: scripts are the same on all. */
static int
send_code(void *arg, const struct api_code *code)
{
	const struct worker *worker = arg;

	if (code == NULL)
		return chat_send_code(worker->chat, NULL);
	return chat_send_code(worker->chat, &(struct policy_code){
	    .user = code->name,
	    .email = code->email,
	    .code = code->code,
	    .expires_us = code->expires_us,
	});
}

static int
erase(void *arg, uint64_t uid, const char *name)
{
	const struct worker *worker = arg;

	(void)uid;
	return erasure_ask(worker->server, name);
}

static int
make_api(struct worker *worker, struct error *err)
{
	struct server *server = worker->server;
	const struct api_options options = {
		.worker = worker->index,
		.workers = (unsigned)server->workers_n,
		.mailbox = worker->mailbox,
		.mailboxes = server->mailboxes,
		.peers = server->apis,
		.chat = worker->chat,
		.store = server->store,
		.timers = worker->timers,
		.clock = &system_clock,
		.log = &worker->log,
		.hasher = server->hasher,
		.guard = server->guard,
		.refresh_key = server->refresh_key,
		.trust = worker->material.trust,
		.send_code = send_code,
		.erase = erase,
		.arg = worker,
	};

	worker->api = api_new(&options, err);
	if (worker->api == NULL)
		return -1;
	set_api(worker);
	server->mailboxes[worker->index] = worker->mailbox;
	server->apis[worker->index] = worker->api;
	return 0;
}

struct worker *
worker_new(struct server *server, unsigned index, struct error *err)
{
	struct worker *worker;

	worker = calloc(1, sizeof(*worker));
	if (worker == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for a worker");
		return NULL;
	}
	worker->index = index;
	worker->server = server;
	worker->config = server->config;
	worker->log = server->log;
	pthread_mutex_init(&worker->published_lock, NULL);
	material_copy(&server->material, &worker->material);
	worker->heartbeat = ws_frame_blob(WS_PING, heartbeat_payload,
	    sizeof(heartbeat_payload) - 1);
	if (worker->heartbeat == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for a worker");
		goto fail;
	}
	if (make_loop(worker, err) == -1 || make_chat(worker, err) == -1 ||
	    make_api(worker, err) == -1)
		goto fail;
	if (index == 0) {
		worker->retention = retention_new(worker, err);
		if (worker->retention == NULL)
			goto fail;
	}
	return worker;
fail:
	worker_free(worker);
	return NULL;
}

void
worker_free(struct worker *worker)
{
	if (worker == NULL)
		return;
	assert(worker->clients == NULL);
	jobs_abandon(worker);
	api_free(worker->api);
	retention_free(worker->retention);
	chat_free(worker->chat);
	conn_pool_free(worker->conns);
	timers_free(worker->timers);
	if (worker->loop != NULL)
		ev_loop_destroy(worker->loop);
	blob_unref(worker->heartbeat);
	stream_cache_fini(&worker->streams);
	material_drop(&worker->material);
	buf_fini(&worker->out);
	pthread_mutex_destroy(&worker->published_lock);
	free(worker);
}

void
worker_close(struct worker *worker)
{
	if (worker == NULL)
		return;
	mailbox_free(worker->mailbox);
	worker->mailbox = NULL;
}

/* ------------------------------------------------------------- the thread */

static void
on_accepted(void *arg, const struct listener *listener, int fd,
    const struct sockaddr *address)
{
	client_accept(arg, listener, fd, address);
}

static void
close_clients(struct worker *worker)
{
	struct client *client;

	while ((client = worker->clients) != NULL) {
		if (client->state == CLIENT_OPEN)
			client_close(client, CLOSE_STOPPING, NULL);
		conn_flush(&client->conn);
		client_free(client);
	}
}

/* Clients may still arrive in the turn in which the loop is told to end. */
static void *
run(void *arg)
{
	struct worker *worker = arg;

	script_thread_attach();
	ev_run(worker->loop, 0);
	close_clients(worker);
	return NULL;
}

int
worker_start(struct worker *worker, struct error *err)
{
	struct server *server = worker->server;
	size_t i;
	int status;

	for (i = 0; i < server->listeners_n; i++) {
		if (acceptor_init(&worker->acceptors[i], server->listeners[i],
		    worker->loop, on_accepted, worker, err) == -1)
			return -1;
	}
	status = pthread_create(&worker->thread, NULL, run, worker);
	if (status != 0) {
		errno = status;
		error_set_errno(err, "cannot start a worker thread");
		return -1;
	}
	worker->started = true;
	return 0;
}

static void
stop_accepting(struct worker *worker)
{
	size_t i;

	for (i = 0; i < worker->server->listeners_n; i++)
		acceptor_fini(&worker->acceptors[i]);
}

/* --------------------------------------------------------------- draining */

static void
answer_drain(struct worker *worker)
{
	struct round_part *part = worker->drain;

	if (part == NULL || worker->clients_n != worker->late_n)
		return;
	worker->drain = NULL;
	round_answer(part);
}

/* The drain does not wait for it. */
static void
set_late(struct client *client)
{
	client->late = true;
	client->worker->late_n++;
}

void
worker_got_client(struct worker *worker, struct client *client)
{
	worker->clients_n++;
	client->late = false;
	if (worker->draining)
		set_late(client);
}

void
worker_lost_client(struct worker *worker, const struct client *client)
{
	worker->clients_n--;
	worker->late_n -= client->late;
	answer_drain(worker);
}

void
worker_drain(struct worker *worker, struct round_part *part, uint32_t spread_ms)
{
	struct client *client, *next;

	worker->drain = part;
	worker->draining = true;
	chat_drain(worker->chat, spread_ms);
	for (client = worker->clients; client != NULL; client = next) {
		next = client->next;
		if (client->state == CLIENT_GREETING)
			client_free(client);
		else if (client->state == CLIENT_HTTP && !client->busy)
			client_close(client, CLOSE_HTTP_DONE, NULL);
		else if (client->state == CLIENT_HTTP)
			set_late(client); /* answered, if it asks in time */
		else if (client->state == CLIENT_UNKNOWN)
			client_close(client, CLOSE_DRAINING, NULL);
	}
	answer_drain(worker);
}

/* ---------------------------------------------------------------- stopping */

static void
on_stop(struct mail *mail, void *owner)
{
	struct worker *worker = owner;

	(void)mail;
	stop_accepting(worker);
	worker->draining = true;
	ev_break(worker->loop, EVBREAK_ALL);
}

void
worker_stop(struct worker *worker)
{
	struct mail stop = { .deliver = on_stop };

	if (!worker->started) {
		stop_accepting(worker);
		return;
	}
	mailbox_post(worker->mailbox, &stop);
	pthread_join(worker->thread, NULL);
	worker->started = false;
}

/* ----------------------------------------------------------- configuration */

void
worker_apply(struct worker *worker)
{
	struct chat_limits limits;

	read_limits(worker->config, bans_locked_down(worker->server->bans),
	    &limits);
	chat_set_limits(worker->chat, &limits);
	set_api(worker);
}

/* They look at their tokens, whose key may have been taken away. */
static void
wake_clients(struct worker *worker)
{
	struct client *client;

	for (client = worker->clients; client != NULL; client = client->next) {
		if (client->state == CLIENT_OPEN && client->key != 0)
			timer_set(worker->timers, &client->timer, 0);
	}
}

void
worker_set_config(struct worker *worker, const struct config *config,
    const struct material *material)
{
	worker->config = config;
	material_drop(&worker->material);
	material_copy(material, &worker->material);
	api_set_trust(worker->api, worker->material.trust);
	wake_clients(worker);
	worker_apply(worker);
	retention_set_config(worker->retention);
	worker->log.level = config->log.level;
	worker->log.json = config->log.json;
}
