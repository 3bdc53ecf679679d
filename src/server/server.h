/* SPDX-License-Identifier: MIT */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/opaque.h"
#include "base/error.h"
#include "base/log.h"
#include "bus/bus.h"
#include "http/parser.h"
#include "net/listener.h"
#include "net/mailbox.h"
#include "net/timers.h"
#include "server/address.h"
#include "server/config.h"
#include "server/material.h"
#include "server/page.h"
#include "store/store.h"
#include "ws/session.h"

/*
 * Everything, put together.  The main thread has a loop for signals, the
 * admin socket and reloads; clients are the workers' business.
 */
#define SERVER_NAME "synctalk/" SYNCTALK_VERSION

struct admin;
struct guard;
struct hasher;
struct api;
struct bans;
struct fetch;
struct ev_loop;
struct reload;
struct worker;

enum server_state { SERVER_STARTING, SERVER_RUNNING, SERVER_DRAINING,
	SERVER_STOPPED };

struct server {
	/* Workers read these; they do not change while workers run. */
	struct store *store;
	struct bus *bus;
	struct addresses *addresses;
	struct bans *bans;
	struct fetch *fetch;
	struct mailbox *mailbox; /* of the main thread */
	struct worker **workers;
	struct mailbox **mailboxes; /* of the workers */
	struct api **apis;	    /* of the workers */
	struct hasher *hasher;
	struct guard *guard;
	unsigned char refresh_key[OPAQUE_KEY]; /* of successors */
	size_t workers_n;
	struct http_parser_options http;
	struct page page;
	struct ws_options ws_unknown; /* before and after signing in */
	struct ws_options ws;
	struct listener *listeners[CONFIG_LIST_MAX];
	size_t listeners_n;

	/* The rest is the main thread's. */
	const struct config_arguments *arguments;
	struct config *config; /* in force */
	struct config *first;  /* that it was started with */
	struct material material; /* of config */
	struct log log;
	struct ev_loop *loop;
	struct timers *timers;
	struct reload *reload;
	struct admin *admin;
	struct timer drain_end;
	enum server_state state;
	int64_t started_us;
};

/*
 * synctalkd from start to end: the exit status.  Errors go to standard error.
 */
int server_run(const struct config_arguments *arguments);

/* `--check`: the configuration and the scripts; 0, or 78 and what is wrong. */
int server_check(const struct config_arguments *arguments);

/*
 * Sessions are told to come back and close, then the server stops; at the
 * latest after the time that the configuration gives it.  A second call stops
 * at once.
 */
void server_drain(struct server *server);
void server_stop(struct server *server);

/* Takes over a configuration, with its material, that all workers use. */
void server_set_config(struct server *server, struct config *config,
    struct material *material);

#endif
