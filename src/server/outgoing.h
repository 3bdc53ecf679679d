/* SPDX-License-Identifier: MIT */
#ifndef SERVER_OUTGOING_H
#define SERVER_OUTGOING_H

#include "base/error.h"
#include "base/log.h"
#include "server/config.h"

/* Where scripts may send requests, as the configuration says (fetch.h). */
struct fetch;

struct fetch *outgoing_new(const struct config *config, const struct log *log,
    struct error *err);

/* -1: the former rules stay. */
int outgoing_set_config(struct fetch *fetch, const struct config *config,
    struct error *err);

/* -1: what is wrong in the configuration. */
int outgoing_check(const struct config *config, struct error *err);

#endif
