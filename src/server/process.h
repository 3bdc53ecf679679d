/* SPDX-License-Identifier: MIT */
#ifndef SERVER_PROCESS_H
#define SERVER_PROCESS_H

#include <signal.h>

#include "base/log.h"

/* What the process asks of the system. */

/* As many descriptors as it lets us have. */
void process_raise_limits(const struct log *log);

/*
 * Threads started from now on get no signals but those of their own faults;
 * SIGPIPE is ignored.  before is what was blocked so far.
 */
void process_block_signals(sigset_t *before);

#endif
