/* SPDX-License-Identifier: MIT */
#ifndef SERVER_WORKER_H
#define SERVER_WORKER_H

#include <ev.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"
#include "base/buf.h"
#include "base/log.h"
#include "chat/chat.h"
#include "net/conn.h"
#include "net/listener.h"
#include "net/mailbox.h"
#include "net/timers.h"
#include "server/close_reasons.h"
#include "server/config.h"
#include "server/material.h"
#include "server/numbers.h"
#include "server/stream.h"

/*
 * A thread with its loop, its clients, and the domain of the people it owns.
 * Other threads touch nothing of it but the mailbox.
 */
struct api;
struct server;
struct client;
struct job;
struct retention;
struct round_part;

struct worker {
	unsigned index;
	struct server *server;
	const struct config *config; /* in force here */
	struct material material;    /* of it */
	struct log log;
	pthread_t thread;
	bool started;
	struct ev_loop *loop;
	struct mailbox *mailbox;
	struct timers *timers;
	struct conn_pool *conns;
	struct chat *chat;
	struct api *api;
	struct acceptor acceptors[CONFIG_LIST_MAX];
	struct client *clients;
	size_t clients_n;
	struct buf out;		  /* where answers are encoded */
	struct blob *heartbeat;	  /* a ping that is no mark */
	struct stream_cache streams;
	struct job *jobs;	     /* of the first worker: job.h */
	struct retention *retention; /* of the first worker */
	struct round_part *drain; /* to be answered when all clients left */
	bool draining;
	size_t late_n; /* clients that came while draining */
	uint64_t accepted, requests;
	uint64_t closed[CLOSE_REASONS_COUNT];
	ev_prepare publish;
	pthread_mutex_t published_lock;
	struct numbers published; /* for other threads: numbers.h */
};

/*
 * All but the thread.  server->config, log, store, bus, listeners and limits
 * are set.
 */
struct worker *worker_new(struct server *server, unsigned index,
    struct error *err);

/* Starts the thread, which begins to accept. */
int worker_start(struct worker *worker, struct error *err);

/* Asks it to close all clients and to end, and waits. */
void worker_stop(struct worker *worker);

/*
 * When no thread of this server posts any more: first each worker's mailbox
 * is closed, then each is freed, for its last mail may be about another.
 * NULL is allowed.
 */
void worker_close(struct worker *worker);
void worker_free(struct worker *worker);

/*
 * On its thread: sessions are told and closed, and who still connects is told
 * too.  The part is answered when the last of the others has left.
 */
void worker_drain(struct worker *worker, struct round_part *part,
    uint32_t spread_ms);

/* On its thread: takes another configuration into use. */
void worker_set_config(struct worker *worker, const struct config *config,
    const struct material *material);

/* On its thread: what follows from its configuration, and from a lockdown. */
void worker_apply(struct worker *worker);

/* On its thread: a client came, or has left. */
void worker_got_client(struct worker *worker, struct client *client);
void worker_lost_client(struct worker *worker, const struct client *client);

#endif
