/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_HEALTH_H
#define SCRIPT_HEALTH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/log.h"

/*
 * How the scripts of a set fare, over all workers: what failed, what is
 * disabled for failing over and over, and what may still be logged.
 */
struct module {
	const char *path; /* relative, "commands/dm.lua" */
	_Atomic uint64_t errors;
	_Atomic bool disabled;
	/* Windows; a race between workers may lose a count, no more. */
	_Atomic int64_t window_ms; /* when the window of errors began */
	_Atomic unsigned window_errors;
	_Atomic int64_t logged_s; /* the second of the last lines */
	_Atomic unsigned logged;
};

struct health {
	const struct log *log;
	const struct clock *clock;
	_Atomic uint64_t errors;
	_Atomic bool settled; /* probation is over */
	size_t count;
	struct module modules[];
};

/* paths are borrowed; NULL: no memory. */
struct health *health_new(size_t count, const struct log *log,
    const struct clock *clock);
void health_free(struct health *health); /* NULL is allowed */

/* A call into the module failed.  what and trace are for the log. */
void health_failed(struct health *health, struct module *module,
    const char *what, const char *why, const char *trace);

/* The module may write one more line into the log. */
bool health_may_log(struct health *health, struct module *module);

static inline bool
module_disabled(const struct module *module)
{
	return atomic_load_explicit(&module->disabled, memory_order_relaxed);
}

#endif
