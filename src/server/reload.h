/* SPDX-License-Identifier: MIT */
#ifndef SERVER_RELOAD_H
#define SERVER_RELOAD_H

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/*
 * The scripts in force, and how they and the configuration are exchanged for
 * others while people talk: loaded aside by a thread, taken into use by all
 * workers or by none.  For a minute the former scripts are kept, and come
 * back if the new ones fail much more often.  Main thread only.
 */
struct policy;
struct reload;
struct server;

/* Loads the scripts, at once.  ERROR_CONFIG when they are not good. */
struct reload *reload_new(struct server *server, struct error *err);

/*
 * When no worker runs any more: waits for scripts that are being loaded.  The
 * main thread's mailbox is closed next, and then all is freed.  NULL is
 * allowed.
 */
void reload_finish(struct reload *reload);
void reload_free(struct reload *reload);

/* What a worker uses from the start. */
struct policy *reload_policy(struct reload *reload, unsigned worker);

/* err is NULL when all is in force now; borrowed. */
typedef void reload_done(void *arg, const struct error *err);

/*
 * Reads the configuration and the scripts again.  done() (or NULL) runs once,
 * perhaps before this returns, and when the server stops meanwhile too.  One
 * that is asked for while another is under way comes after it.
 */
void reload_begin(struct reload *reload, reload_done *done, void *arg);

/* Of the scripts in force. */
uint32_t reload_generation(const struct reload *reload);
void reload_hooks(const struct reload *reload, struct buf *json);

/* What the scripts in force are, for people. */
void reload_describe(const struct reload *reload, struct buf *text);

#endif
