/* SPDX-License-Identifier: MIT */
#include "net/timers.h"

#include <ev.h>
#include <stdlib.h>

#include "base/clock.h"
#include "net/wheel.h"

#define TICK_MS 50

struct timers {
	struct ev_loop *loop;
	int64_t start_ms;
	uint32_t armed; /* the tick that the watcher is set to */
	struct wheel wheel;
	ev_timer watcher;
};

static int64_t
elapsed_ms(const struct timers *timers)
{
	static const struct clock system_clock;

	return clock_monotonic_ms(&system_clock) - timers->start_ms;
}

/* Sets the watcher to the next tick at which something can happen. */
static void
arm(struct timers *timers, int64_t elapsed)
{
	uint32_t next, now;
	double after;

	ev_timer_stop(timers->loop, &timers->watcher);
	if (timers->wheel.pending == 0)
		return;
	next = wheel_next(&timers->wheel);
	now = (uint32_t)(elapsed / TICK_MS);
	after = ((double)(int32_t)(next - now) * TICK_MS -
	    (double)(elapsed % TICK_MS)) / 1000;
	timers->armed = next;
	ev_timer_set(&timers->watcher, after > 0 ? after : 0, 0);
	ev_timer_start(timers->loop, &timers->watcher);
}

static void
on_timer(struct ev_loop *loop, ev_timer *watcher, int revents)
{
	struct timers *timers = watcher->data;

	(void)loop;
	(void)revents;
	wheel_advance(&timers->wheel,
	    (uint32_t)(elapsed_ms(timers) / TICK_MS));
	arm(timers, elapsed_ms(timers));
}

struct timers *
timers_new(struct ev_loop *loop, struct error *err)
{
	struct timers *timers;

	timers = calloc(1, sizeof(*timers));
	if (timers == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for timers");
		return NULL;
	}
	timers->loop = loop;
	timers->start_ms = elapsed_ms(timers);
	ev_timer_init(&timers->watcher, on_timer, 0, 0);
	timers->watcher.data = timers;
	return timers;
}

void
timers_free(struct timers *timers)
{
	if (timers == NULL)
		return;
	ev_timer_stop(timers->loop, &timers->watcher);
	free(timers);
}

void
timer_set(struct timers *timers, struct timer *timer, uint64_t ms)
{
	const uint64_t ms_max = (uint64_t)(WHEEL_SPAN / 2) * TICK_MS;
	struct wheel *wheel = &timers->wheel;
	int64_t elapsed = elapsed_ms(timers);

	if (timer_is_set(timer))
		wheel_remove(wheel, timer);
	if (wheel->pending == 0)
		wheel->now = (uint32_t)(elapsed / TICK_MS);
	if (ms > ms_max)
		ms = ms_max;
	/* Up: the millisecond that has begun, and the tick. */
	timer->tick = (uint32_t)((elapsed + (int64_t)ms + TICK_MS) / TICK_MS);
	wheel_add(wheel, timer);
	if (!ev_is_active(&timers->watcher) ||
	    (int32_t)(timer->tick - timers->armed) < 0)
		arm(timers, elapsed);
}

void
timer_clear(struct timers *timers, struct timer *timer)
{
	if (!timer_is_set(timer))
		return;
	wheel_remove(&timers->wheel, timer);
	if (timers->wheel.pending == 0)
		ev_timer_stop(timers->loop, &timers->watcher);
}
