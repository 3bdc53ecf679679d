/* SPDX-License-Identifier: MIT */
#ifndef SERVER_PROCESS_H
#define SERVER_PROCESS_H

#include <signal.h>

#include <stdbool.h>

#include "base/error.h"
#include "base/log.h"

/* What the process asks of the system. */

/* As many descriptors as it lets us have. */
void process_raise_limits(const struct log *log);

/*
 * Threads started from now on get no signals but those of their own faults;
 * SIGPIPE is ignored.  before is what was blocked so far.
 */
void process_block_signals(sigset_t *before);

/*
 * Files are made for user and group alone, and nothing that is executed gains
 * rights.  Without `core` the process leaves no core dump and shows its memory
 * to nobody but root: it holds keys.
 */
void process_harden(bool core);

/* -1: there is no such user or group, or it is root.  NULL: none is named. */
int process_check_user(const char *user, const char *group,
    struct error *err);

/*
 * As root: becomes the user and the group (NULL: that of the user) for good,
 * and makes sure that there is no way back; before any thread was started.  As
 * another user: nothing, or an error when that is not the one asked for.
 * Without a user a process of root is warned of.  Both were checked.
 */
int process_become(const char *user, const char *group,
    const struct log *log, struct error *err);

/* -1: the folder cannot be used by who we are now; the error says by whom. */
int process_check_folder(const char *path, struct error *err);

#endif
