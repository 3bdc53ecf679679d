/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_SCRIPT_H
#define SCRIPT_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "chat/policy.h"

/*
 * The operator's policy in Lua.  A set is one generation of scripts: one
 * snapshot of the files, and for each worker a Lua state that loaded it.  A
 * reload loads a new set beside the one in use and, when all of it is good,
 * hands each worker the new set's policy; the old set is freed once no
 * worker uses it.
 */
struct script_set;

/* What scripts share across workers and reloads: `shared` in Lua. */
struct script_shared;

/* The thread that ends what runs over its budget; one a process. */
struct script_watchdog;

struct fetch;

/*
 * Zero means the default for every figure.  All pointers must outlive the
 * sets that were loaded with them.
 */
struct script_options {
	const char *shipped_folder;
	const char *operator_folder; /* laid over it, or NULL */
	unsigned workers;	     /* states to build, at least 1 */
	bool limits_off;	     /* chat.limits is false */
	unsigned filter_warn_ms;     /* 5 */
	unsigned filter_ms;	     /* 50 */
	unsigned command_ms;	     /* 100 */
	unsigned load_ms;	     /* 2000, for each file and each test */
	size_t memory_max;	     /* 64 MiB, for each state */
	struct script_shared *shared;
	struct script_watchdog *watchdog;
	struct fetch *fetch; /* behind http.post; NULL: nothing goes out */
	const struct log *log;
	const struct clock *clock; /* NULL: the system's */
};

/*
 * NULL on failure.  The signal SIGURG belongs to the watchdog from then on.
 */
struct script_watchdog *script_watchdog_start(struct error *err);

/* After the last set is freed.  NULL is allowed. */
void script_watchdog_stop(struct script_watchdog *watchdog);

/*
 * On each worker's own thread, before it first uses a policy: lets the
 * watchdog's signal through, whatever signals the thread blocks.
 */
void script_thread_attach(void);

/* Holds at most about max bytes, 0 for 32 MiB; the least used goes first. */
struct script_shared *script_shared_new(size_t max, struct error *err);
void script_shared_free(struct script_shared *shared); /* NULL is allowed */

/*
 * Reads, compiles and checks all scripts, runs their tests and builds a state
 * for each worker: all or nothing.  Runs on any one thread, for milliseconds
 * or longer: not on a loop.  On failure NULL, with ERROR_CONFIG and
 * "file:line: cause (hint)" in err; the traceback is in the log.
 */
struct script_set *script_set_load(const struct script_options *options,
    uint32_t generation, struct error *err);

/*
 * Off the loops, when no worker uses a policy of it any more: closing a
 * state may take a while.  NULL is allowed.
 */
void script_set_free(struct script_set *set);

/*
 * The policy of one worker (counted from 0), for its thread only.  It lives
 * as long as the set.
 */
struct policy *script_set_policy(struct script_set *set, unsigned worker);

/*
 * Ends the probation that a set begins in: from now on a module with 20
 * errors within 60 s is disabled.  Any thread.
 */
void script_set_settle(struct script_set *set);

/* Failed calls since it was loaded, over all workers.  Any thread. */
uint64_t script_set_errors(const struct script_set *set);

/* For people: each script, its file, what it shadows, what it declares. */
void script_set_describe(const struct script_set *set, struct buf *text);

/*
 * {"generation":1,"filters":[…],"commands":[…]}: the filters in their order
 * with phase, mode, file, line, errors and whether they are disabled.
 */
void script_set_hooks(const struct script_set *set, struct buf *json);

#endif
