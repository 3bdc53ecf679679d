/* SPDX-License-Identifier: MIT */
#ifndef BENCH_MODES_H
#define BENCH_MODES_H

#include <stdbool.h>

#include "options.h"

/* Each runs one measurement, prints it, and says whether all was in order. */

/* Pairs of people write to each other. */
bool mode_direct(const struct options *options);

/* One writes to a group, all others receive. */
bool mode_fanout(const struct options *options);

/* Many sign in and do nothing: memory of each. */
bool mode_idle(const struct options *options);

/* Many connect, sign in and leave: CPU of each. */
bool mode_handshake(const struct options *options);

/* Messages to people who are away, who then return. */
bool mode_drain(const struct options *options);

/* A group of many people, who come and go: their receipts. */
bool mode_crowd(const struct options *options);

#endif
