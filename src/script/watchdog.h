/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_WATCHDOG_H
#define SCRIPT_WATCHDOG_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "script/script.h"

/*
 * Ends what runs too long without a cost for what does not.  A watched thread
 * only numbers its entries; the watchdog's thread looks every 2 ms, and one
 * that stays in the same entry beyond its budget is sent SIGURG.  The handler
 * calls interrupt() there, between any two instructions of the thread.  What
 * counts is the thread's CPU time: a crowded machine is no fault of a script.
 */
struct watch {
	struct watch *next, **prev; /* under the watchdog's mutex */
	void (*interrupt)(struct watch *watch);
	_Atomic uint64_t entry;	  /* 0 outside; odd while it is signalled */
	_Atomic uint64_t expired; /* the entry that is over its budget */
	_Atomic uint64_t slow;	  /* the entry that is over its warning */
	_Atomic uint32_t budget_ms, warn_ms;
	uint64_t number;
	pthread_t thread; /* set before entry, read after claiming it */
	_Atomic int cpu_clock; /* a clockid_t */
	bool entered;	  /* ever: thread is set */
	/* The watchdog's own. */
	uint64_t seen;
	int64_t since_ms;
	int64_t cpu_ms; /* of the thread, when it entered; -1: unknown yet */
};

/* The watch is zeroed but for interrupt. */
void watchdog_add(struct script_watchdog *watchdog, struct watch *watch);
void watchdog_remove(struct script_watchdog *watchdog, struct watch *watch);

/* Entries do not nest.  A warning of 0 is none. */
void watch_enter(struct watch *watch, uint32_t budget_ms, uint32_t warn_ms);

/* True if it took longer than the warning.  No signal arrives afterwards. */
bool watch_leave(struct watch *watch);

/* Inside of an entry: it is over its budget.  For loops in C. */
static inline bool
watch_expired(const struct watch *watch)
{
	return atomic_load_explicit(&watch->expired, memory_order_relaxed) ==
	    watch->number;
}

#endif
