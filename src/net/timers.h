/* SPDX-License-Identifier: MIT */
#ifndef NET_TIMERS_H
#define NET_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Deadlines for one loop: a hierarchical wheel with ticks of 50 ms, driven by
 * one libev timer that only runs while a deadline is pending.  Setting and
 * clearing are O(1) and allocate nothing.  A deadline fires never early, and
 * at most two ticks late on an idle loop.
 */
struct ev_loop;
struct timers;

struct timer {
	struct timer *next, **prev; /* prev is NULL while not set */
	uint32_t tick;
	void (*fire)(struct timer *timer);
};

struct timers *timers_new(struct ev_loop *loop, struct error *err);
void timers_free(struct timers *timers); /* pending ones are forgotten */

/* (Re)sets it to fire once, ms from now.  fire must be set. */
void timer_set(struct timers *timers, struct timer *timer, uint64_t ms);
void timer_clear(struct timers *timers, struct timer *timer);

static inline bool
timer_is_set(const struct timer *timer)
{
	return timer->prev != NULL;
}

#endif
