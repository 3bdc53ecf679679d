/* SPDX-License-Identifier: MIT */
#ifndef SERVER_WATCH_H
#define SERVER_WATCH_H

#include <stddef.h>

#include "base/error.h"
#include "net/timers.h"

/*
 * Notices that a file in one of some folders has changed, come or gone, by
 * looking twice a second: for development.
 */
struct watch;

typedef void watch_changed(void *arg);

/* A folder may be NULL, or not be there yet.  They must outlive it. */
struct watch *watch_new(struct timers *timers, const char *const *folders,
    size_t n, watch_changed *changed, void *arg, struct error *err);
void watch_free(struct watch *watch); /* NULL is allowed */

#endif
