/* SPDX-License-Identifier: MIT */
#ifndef SERVER_PROBE_H
#define SERVER_PROBE_H

#include "http/request.h"

/*
 * What monitors ask: GET /healthz (the process serves), /readyz (it takes new
 * work: 200 or 503) and /metrics (Prometheus, text format 0.0.4; for loopback
 * and the ranges of the configuration).
 */
struct client;

void probe_health(struct client *client, const struct http_request *request);
void probe_ready(struct client *client, const struct http_request *request);
void probe_metrics(struct client *client, const struct http_request *request);

#endif
