/* SPDX-License-Identifier: MIT */
#ifndef SERVER_RETENTION_H
#define SERVER_RETENTION_H

#include "base/error.h"

/*
 * Erases what is older, or more, than the configuration keeps: a sweep over
 * all conversations every so often, in small steps, one at a time, so that
 * people talk on meanwhile.  Of one worker, on its thread.
 */
struct retention;
struct worker;

struct retention *retention_new(struct worker *worker, struct error *err);

/* When the store answers no more.  NULL is allowed. */
void retention_free(struct retention *retention);

/* The worker has another configuration.  NULL is allowed. */
void retention_set_config(struct retention *retention);

#endif
