/* SPDX-License-Identifier: MIT */
#ifndef NET_WHEEL_H
#define NET_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/timers.h"

/*
 * The hierarchical timing wheel under net/timers.h, in ticks and without a
 * clock.  Level n has slots of 64^n ticks; a timer moves one level down each
 * time its slot comes up.  Ticks wrap at 2^32.
 */
#define WHEEL_BITS 6
#define WHEEL_SLOTS (1 << WHEEL_BITS)
#define WHEEL_LEVELS 5
/* A timer is at most this many ticks away. */
#define WHEEL_SPAN ((UINT32_C(1) << (WHEEL_BITS * WHEEL_LEVELS)) - 1)

struct wheel {
	uint32_t now; /* all up to this tick have fired */
	size_t pending;
	uint64_t used[WHEEL_LEVELS]; /* a slot with timers has its bit set;
					one without may have it still */
	struct timer *slots[WHEEL_LEVELS][WHEEL_SLOTS];
};

/* Adds a timer that is not set; its tick is (0, WHEEL_SPAN] past now. */
void wheel_add(struct wheel *wheel, struct timer *timer);
void wheel_remove(struct wheel *wheel, struct timer *timer);

/*
 * The tick up to which nothing can fire but at it.  Only while timers are
 * pending.
 */
uint32_t wheel_next(const struct wheel *wheel);

/*
 * Fires all up to and including tick, in the order of ticks.  What fires may
 * add and remove timers, and free itself.
 */
void wheel_advance(struct wheel *wheel, uint32_t tick);

#endif
