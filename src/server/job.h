/* SPDX-License-Identifier: MIT */
#ifndef SERVER_JOB_H
#define SERVER_JOB_H

#include "base/error.h"
#include "net/mailbox.h"
#include "store/store.h"

/*
 * What the main thread has the first worker do, which may take its time:
 * run() begins it there; whatever it submits to the store is answered there;
 * job_finish() sends it back, where done() runs, once, in any case, and frees
 * it.  A larger struct begins with one.
 */
struct admin_client;
struct server;
struct worker;

struct job {
	struct mail mail; /* first */
	struct server *server;
	struct worker *worker; /* on its thread */
	struct job *next, **prev; /* of the worker's */
	void (*run)(struct job *job);
	void (*done)(struct job *job);
	struct admin_client *client; /* who waits for it, or NULL */
	struct error err; /* code ERROR_NONE: it went well */
};

/* On the main thread; run, done and client are set. */
void job_begin(struct server *server, struct job *job);

/* The same, on the worker's. */
void job_run(struct worker *worker, struct job *job);

/* On the worker's thread.  The job is not touched there any more. */
void job_finish(struct job *job);

/*
 * Questions to the store, from the worker's thread, answered there with the
 * job as arg.  NULL: no memory.
 */
struct store_read *job_read_new(struct job *job, enum store_read_kind kind,
    store_read_done *done);
struct store_write *job_write_new(struct job *job, enum store_write_kind kind,
    size_t extra, store_write_done *done);

/* When no thread runs any more: all that are left are done, and failed. */
void jobs_abandon(struct worker *worker);

#endif
