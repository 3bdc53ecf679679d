/* SPDX-License-Identifier: MIT */
#include "server/server.h"

#include <errno.h>
#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "auth/guard.h"
#include "auth/hasher.h"
#include "base/clock.h"
#include "fetch/fetch.h"
#include "server/admin.h"
#include "server/bans.h"
#include "server/erasure.h"
#include "server/listeners.h"
#include "server/outgoing.h"
#include "server/process.h"
#include "server/reload.h"
#include "server/round.h"
#include "server/systemd.h"
#include "server/worker.h"

#define EXIT_CONFIG 78
/* How far the reconnections after a drain are spread. */
#define DRAIN_SPREAD_MS 5000

static const struct clock system_clock;

/* ------------------------------------------------------------ configuration */

static void
read_address_limits(const struct config *config, struct address_limits *out)
{
	const struct config_limits *limits = &config->limits;

	out->connections = limits->address_connections;
	out->unauthenticated = limits->address_unauthenticated;
	out->connect_rate = limits->address_connect.per_s;
	out->connect_burst = limits->address_connect.burst;
	out->account_rate = limits->address_account.per_s;
	out->account_burst = limits->address_account.burst;
	out->request_rate = limits->address_request.per_s;
	out->request_burst = limits->address_request.burst;
	out->abuse_ms = limits->abuse_ms;
}

/* One more try in `ms`; 0: no limit. */
static double
rate_of(uint32_t ms)
{
	return ms == 0 ? 0 : 1000.0 / ms;
}

static void
read_guard_limits(const struct config *config, struct guard_limits *out)
{
	const struct config_limits *limits = &config->limits;

	out->account_rate = rate_of(limits->guess_account_ms);
	out->account_burst = limits->guess_account_burst;
	out->address_rate = rate_of(limits->guess_address_ms);
	out->address_burst = limits->guess_address_burst;
}

static void
drop_config(struct server *server, struct config *config)
{
	if (config == NULL || config == server->first)
		return;
	config_free(config);
	free(config);
}

void
server_set_config(struct server *server, struct config *config,
    struct material *material)
{
	struct address_limits limits;
	struct guard_limits guesses;

	drop_config(server, server->config);
	server->config = config;
	material_drop(&server->material);
	server->material = *material;
	memset(material, 0, sizeof(*material));
	server->log.level = config->log.level;
	server->log.json = config->log.json;
	read_address_limits(config, &limits);
	addresses_set_limits(server->addresses, &limits);
	read_guard_limits(config, &guesses);
	guard_set_limits(server->guard, &guesses);
}

static int
read_config(struct server *server, struct error *err)
{
	const struct config_limits *limits;

	server->first = calloc(1, sizeof(*server->first));
	if (server->first == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for a configuration");
		return -1;
	}
	if (config_load(server->arguments, server->first, err) == -1)
		return -1;
	server->config = server->first;
	limits = &server->config->limits;
	server->log.level = server->config->log.level;
	server->log.json = server->config->log.json;
	server->workers_n = server->config->workers;
	if (page_init(&server->page, err) == -1)
		return -1;
	server->http = http_parser_defaults;
	server->http.head_max = limits->header_bytes;
	if (server->http.target_max > limits->header_bytes / 2)
		server->http.target_max = limits->header_bytes / 2;
	server->ws_unknown.message_max = limits->unauthenticated_bytes;
	server->ws_unknown.fragments_max = limits->message_fragments;
	server->ws.message_max = limits->message_bytes;
	server->ws.fragments_max = limits->message_fragments;
	return 0;
}

/* ------------------------------------------------------------------ parts */

static int
open_data(struct server *server, struct error *err)
{
	const struct config *config = server->config;
	const struct store_options options = {
		.kind = config->store == CONFIG_STORE_LMDB ? "lmdb" : "memory",
		.folder = config->data,
		.map_size = config->lmdb.map_size_bytes,
		.min_free = config->lmdb.min_free_bytes,
		.readers = config->lmdb.readers,
		.workers = config->workers,
		.device_max = config->limits.user_devices,
		.log = &server->log,
	};

	if (mkdir(config->data, 0750) == -1 && errno != EEXIST) {
		error_set_errno(err, "cannot make the folder %s",
		    config->data);
		return -1;
	}
	if (process_check_folder(config->data, err) == -1)
		return -1;
	server->store = store_open(&options, err);
	if (server->store == NULL)
		return -1;
	server->bus = bus_open_local(config->workers, err);
	if (server->bus == NULL)
		return -1;
	return material_load(config, NULL, &server->material, err);
}

/* What passwords and refresh tokens need beside the store. */
static int
open_accounts(struct server *server, struct error *err)
{
	const struct config *config = server->config;
	struct guard_limits limits;
	char path[4096];
	int len;

	read_guard_limits(config, &limits);
	server->guard = guard_new(&limits, err);
	if (server->guard == NULL)
		return -1;
	server->hasher = hasher_new(config->accounts.hash_threads,
	    config->accounts.hash_queue, config->accounts.password_cost, err);
	if (server->hasher == NULL)
		return -1;
	len = snprintf(path, sizeof(path), "%s/refresh.key", config->data);
	if (len < 0 || (size_t)len >= sizeof(path)) {
		error_set(err, ERROR_CONFIG, "data: the path is too long");
		return -1;
	}
	return opaque_key_load(path, server->refresh_key, err);
}

static int
open_loop(struct server *server, struct error *err)
{
	struct address_limits limits;

	server->loop = ev_default_loop(EVFLAG_AUTO | EVFLAG_NOENV);
	if (server->loop == NULL) {
		error_set(err, ERROR_SYSTEM, "cannot make an event loop");
		return -1;
	}
	server->mailbox = mailbox_new(server->loop, server, err);
	if (server->mailbox == NULL)
		return -1;
	server->timers = timers_new(server->loop, err);
	if (server->timers == NULL)
		return -1;
	read_address_limits(server->config, &limits);
	server->addresses = addresses_new(&limits, err);
	server->bans = bans_new(err);
	return server->addresses == NULL || server->bans == NULL ? -1 : 0;
}

static int
open_workers(struct server *server, struct error *err)
{
	unsigned i;

	server->workers = calloc(server->workers_n,
	    sizeof(*server->workers));
	server->mailboxes = calloc(server->workers_n,
	    sizeof(*server->mailboxes));
	server->apis = calloc(server->workers_n, sizeof(*server->apis));
	if (server->workers == NULL || server->mailboxes == NULL ||
	    server->apis == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for workers");
		return -1;
	}
	for (i = 0; i < server->workers_n; i++) {
		server->workers[i] = worker_new(server, i, err);
		if (server->workers[i] == NULL)
			return -1;
		chat_set_policy(server->workers[i]->chat,
		    reload_policy(server->reload, i));
	}
	if (bans_load(server->bans, server->workers[0], err) == -1)
		return -1;
	for (i = 0; i < server->workers_n; i++)
		worker_apply(server->workers[i]);
	return 0;
}

static int
start_workers(struct server *server, struct error *err)
{
	unsigned i;

	for (i = 0; i < server->workers_n; i++) {
		if (worker_start(server->workers[i], err) == -1)
			return -1;
	}
	return 0;
}

/* In the order in which the parts are used by each other, users first. */
static void
close_all(struct server *server)
{
	size_t i;

	server->state = SERVER_STOPPED;
	admin_close(server->admin);
	for (i = 0; server->workers != NULL && i < server->workers_n; i++) {
		if (server->workers[i] != NULL)
			worker_stop(server->workers[i]);
	}
	listeners_close(server);
	hasher_free(server->hasher);
	store_close(server->store);
	for (i = 0; server->workers != NULL && i < server->workers_n; i++)
		worker_close(server->workers[i]);
	for (i = 0; server->workers != NULL && i < server->workers_n; i++)
		worker_free(server->workers[i]);
	free(server->workers);
	free(server->mailboxes);
	free(server->apis);
	reload_finish(server->reload);
	mailbox_free(server->mailbox);
	admin_free(server->admin);
	reload_free(server->reload);
	fetch_free(server->fetch);
	bus_close(server->bus);
	timers_free(server->timers);
	addresses_free(server->addresses);
	bans_free(server->bans);
	guard_free(server->guard);
	explicit_bzero(server->refresh_key, sizeof(server->refresh_key));
	material_drop(&server->material);
	if (server->loop != NULL)
		ev_loop_destroy(server->loop);
	drop_config(server, server->config);
	if (server->first != NULL)
		config_free(server->first);
	free(server->first);
}

/* ---------------------------------------------------------------- stopping */

void
server_stop(struct server *server)
{
	ev_break(server->loop, EVBREAK_ALL);
}

static void
on_drain_end(struct timer *timer)
{
	struct server *server = (struct server *)(void *)((char *)timer -
	    offsetof(struct server, drain_end));

	log_write(&server->log, LOG_LEVEL_WARN, "server.stop",
	    "time is up: the rest is closed");
	server_stop(server);
}

static void
ask_drain(struct worker *worker, struct round_part *part)
{
	worker_drain(worker, part, DRAIN_SPREAD_MS);
}

static void
on_drained(struct round *round)
{
	if (round->server->state == SERVER_DRAINING)
		server_stop(round->server);
}

void
server_drain(struct server *server)
{
	if (server->state != SERVER_RUNNING ||
	    round_begin(server, ask_drain, on_drained, NULL, NULL) == -1) {
		server_stop(server);
		return;
	}
	server->state = SERVER_DRAINING;
	systemd_notify("STOPPING=1");
	log_write(&server->log, LOG_LEVEL_INFO, "server.drain",
	    "for up to %u ms", server->config->drain_ms);
	server->drain_end.fire = on_drain_end;
	timer_set(server->timers, &server->drain_end,
	    server->config->drain_ms);
}

/* ----------------------------------------------------------------- signals */

static void
on_signal(struct ev_loop *loop, ev_signal *watcher, int revents)
{
	struct server *server = watcher->data;

	(void)loop;
	(void)revents;
	switch (watcher->signum) {
	case SIGHUP:
		reload_begin(server->reload, NULL, NULL);
		break;
	case SIGTERM:
		server_drain(server);
		break;
	default:
		server_stop(server);
	}
}

static void
run_loop(struct server *server, const sigset_t *before)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGTERM };
	ev_signal watchers[sizeof(signals) / sizeof(signals[0])];
	sigset_t ours = *before;
	size_t i, n = sizeof(signals) / sizeof(signals[0]);

	for (i = 0; i < n; i++) {
		ev_signal_init(&watchers[i], on_signal, signals[i]);
		watchers[i].data = server;
		ev_signal_start(server->loop, &watchers[i]);
		sigdelset(&ours, signals[i]);
	}
	pthread_sigmask(SIG_SETMASK, &ours, NULL);
	ev_run(server->loop, 0);
	/* What ends is not ended halfway by one signal more. */
	process_block_signals(&ours);
	for (i = 0; i < n; i++)
		ev_signal_stop(server->loop, &watchers[i]);
}

/* --------------------------------------------------------------------- run */

static int
open_all(struct server *server, struct error *err)
{
	if (read_config(server, err) == -1)
		return -1;
	process_raise_limits(&server->log);
	/* Bound as root, perhaps; all that follows is done without. */
	if (listeners_open(server, err) == -1 ||
	    process_check_user(server->config->process.user,
	    server->config->process.group, err) == -1 ||
	    process_become(server->config->process.user,
	    server->config->process.group, &server->log, err) == -1)
		return -1;
	process_harden(server->config->process.core);
	if (open_loop(server, err) == -1)
		return -1;
	server->fetch = outgoing_new(server->config, &server->log, err);
	if (server->fetch == NULL)
		return -1;
	server->reload = reload_new(server, err);
	if (server->reload == NULL)
		return -1;
	if (open_data(server, err) == -1 || open_accounts(server, err) == -1 ||
	    open_workers(server, err) == -1)
		return -1;
	server->admin = admin_new(server, err);
	if (server->admin == NULL)
		return -1;
	if (start_workers(server, err) == -1)
		return -1;
	erasure_resume(server);
	return 0;
}

static int
exit_status(const struct error *err)
{
	if (err->code == ERROR_USAGE)
		return 2;
	return err->code == ERROR_CONFIG ? EXIT_CONFIG : EXIT_FAILURE;
}

int
server_run(const struct config_arguments *arguments)
{
	struct server server = { .arguments = arguments };
	struct error err = { 0 };
	int status = EXIT_SUCCESS;
	sigset_t before;

	process_block_signals(&before);
	server.started_us = clock_realtime_us(&system_clock);
	if (open_all(&server, &err) == 0) {
		server.state = SERVER_RUNNING;
		listeners_announce(&server);
		systemd_notify("READY=1");
		run_loop(&server, &before);
		systemd_notify("STOPPING=1");
		log_write(&server.log, LOG_LEVEL_INFO, "server.stop",
		    "closing");
	} else {
		fprintf(stderr, "synctalkd: %s\n", err.text);
		status = exit_status(&err);
	}
	close_all(&server);
	return status;
}

int
server_check(const struct config_arguments *arguments)
{
	struct server server = { .arguments = arguments };
	struct error err = { 0 };
	struct buf text = { 0 };
	int status = EXIT_SUCCESS;
	sigset_t before;

	process_block_signals(&before);
	if (read_config(&server, &err) == 0 &&
	    process_check_user(server.config->process.user,
	    server.config->process.group, &err) == 0 &&
	    material_check(server.config, &err) == 0 &&
	    outgoing_check(server.config, &err) == 0 &&
	    open_loop(&server, &err) == 0)
		server.reload = reload_new(&server, &err);
	if (server.reload != NULL) {
		config_describe(server.config, &text);
		buf_putc(&text, '\n');
		reload_describe(server.reload, &text);
		if (!text.failed)
			fwrite(text.data, 1, text.len, stdout);
		buf_fini(&text);
	} else {
		fprintf(stderr, "synctalkd: %s\n", err.text);
		status = err.code == ERROR_USAGE ? 2 : EXIT_CONFIG;
	}
	close_all(&server);
	return status;
}
