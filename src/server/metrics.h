/* SPDX-License-Identifier: MIT */
#ifndef SERVER_METRICS_H
#define SERVER_METRICS_H

#include "base/buf.h"

/*
 * The numbers of all workers and of the process, in Prometheus' text format
 * 0.0.4.  On any worker's thread.
 */
struct server;

void metrics_put(const struct server *server, struct buf *out);

#endif
