/* SPDX-License-Identifier: MIT */
#include "script/watchdog.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define POLL_MS 2
#define IDLE_POLL_MS 10
#define IDLE_AFTER 500 /* polls without an entry */

struct script_watchdog {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	bool stopping;
	struct watch *watches;
	unsigned idle;
	struct sigaction former;
};

/* A signal handler finds its thread's watch in no other way. */
static _Thread_local struct watch *current;

static void
on_signal(int number)
{
	struct watch *watch = current;
	int saved = errno;

	(void)number;
	/* A signal that comes late concerns an entry that is over. */
	if (watch != NULL && watch_expired(watch))
		watch->interrupt(watch);
	errno = saved;
}

static int64_t
now_ms(void)
{
	const struct clock system_clock = {0};

	return clock_monotonic_ms(&system_clock);
}

/*
 * Claims the entry by making it odd, so that the thread cannot leave it (and
 * perhaps end) before it is signalled.
 */
static void
expire(struct watch *watch, uint64_t entry)
{
	uint64_t expected = entry;

	if (!atomic_compare_exchange_strong(&watch->entry, &expected,
	    entry | 1))
		return;
	atomic_store_explicit(&watch->expired, entry, memory_order_relaxed);
	pthread_kill(watch->thread, SIGURG);
	atomic_store_explicit(&watch->entry, entry, memory_order_release);
}

/* CPU time that the thread has used; -1 where that cannot be asked. */
static int64_t
thread_cpu_ms(const struct watch *watch)
{
#if defined(_POSIX_THREAD_CPUTIME) && _POSIX_THREAD_CPUTIME >= 0
	struct timespec ts;

	if (clock_gettime(atomic_load_explicit(&watch->cpu_clock,
	    memory_order_relaxed), &ts) == 0)
		return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
#endif
	(void)watch;
	return -1;
}

/* How long it is in the entry that was seen before. */
static int64_t
spent_ms(struct watch *watch, int64_t now)
{
	int64_t wall = now - watch->since_ms, cpu = thread_cpu_ms(watch);

	if (cpu < 0)
		return wall;
	/* Asked from the second look on; before, it may have run one turn. */
	if (watch->cpu_ms < 0)
		watch->cpu_ms = cpu - (wall < POLL_MS ? wall : POLL_MS);
	return cpu - watch->cpu_ms;
}

static bool
look(struct watch *watch, int64_t now)
{
	uint64_t entry = atomic_load_explicit(&watch->entry,
	    memory_order_acquire);
	uint32_t budget, warn;
	int64_t spent;

	if (entry == 0)
		return false;
	if (entry != watch->seen) {
		watch->seen = entry;
		watch->since_ms = now;
		watch->cpu_ms = -1;
		return true;
	}
	budget = atomic_load_explicit(&watch->budget_ms,
	    memory_order_relaxed);
	warn = atomic_load_explicit(&watch->warn_ms, memory_order_relaxed);
	spent = spent_ms(watch, now);
	if (warn != 0 && spent >= warn)
		atomic_store_explicit(&watch->slow, entry,
		    memory_order_relaxed);
	/* Again at each look: a signal may find the thread inside of C. */
	if (spent >= budget)
		expire(watch, entry);
	return true;
}

/* True if anybody is or was inside since the last look. */
static bool
look_at_all(struct script_watchdog *watchdog)
{
	struct watch *watch;
	int64_t now = now_ms();
	bool active = false;

	for (watch = watchdog->watches; watch != NULL; watch = watch->next) {
		if (look(watch, now))
			active = true;
	}
	return active;
}

static void
wait_ms(struct script_watchdog *watchdog, long ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += ms * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_cond_timedwait(&watchdog->wake, &watchdog->mutex, &until);
}

static void *
run(void *arg)
{
	struct script_watchdog *watchdog = arg;

	pthread_mutex_lock(&watchdog->mutex);
	while (!watchdog->stopping) {
		if (look_at_all(watchdog))
			watchdog->idle = 0;
		else if (watchdog->idle < IDLE_AFTER)
			watchdog->idle++;
		wait_ms(watchdog, watchdog->idle < IDLE_AFTER
		    ? POLL_MS : IDLE_POLL_MS);
	}
	pthread_mutex_unlock(&watchdog->mutex);
	return NULL;
}

static int
start_thread(struct script_watchdog *watchdog)
{
	sigset_t all, former;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &former);
	rc = pthread_create(&watchdog->thread, NULL, run, watchdog);
	pthread_sigmask(SIG_SETMASK, &former, NULL);
	errno = rc;
	return rc == 0 ? 0 : -1;
}

struct script_watchdog *
script_watchdog_start(struct error *err)
{
	struct script_watchdog *watchdog = calloc(1, sizeof(*watchdog));
	struct sigaction action = {.sa_handler = on_signal,
	    .sa_flags = SA_RESTART};
	pthread_condattr_t attr;

	if (watchdog == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for the watchdog");
		return NULL;
	}
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&watchdog->wake, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&watchdog->mutex, NULL);
	sigemptyset(&action.sa_mask);
	sigaction(SIGURG, &action, &watchdog->former);
	if (start_thread(watchdog) != 0) {
		error_set_errno(err, "cannot start the watchdog's thread");
		sigaction(SIGURG, &watchdog->former, NULL);
		pthread_mutex_destroy(&watchdog->mutex);
		pthread_cond_destroy(&watchdog->wake);
		free(watchdog);
		return NULL;
	}
	return watchdog;
}

void
script_watchdog_stop(struct script_watchdog *watchdog)
{
	if (watchdog == NULL)
		return;
	assert(watchdog->watches == NULL);
	pthread_mutex_lock(&watchdog->mutex);
	watchdog->stopping = true;
	pthread_cond_signal(&watchdog->wake);
	pthread_mutex_unlock(&watchdog->mutex);
	pthread_join(watchdog->thread, NULL);
	sigaction(SIGURG, &watchdog->former, NULL);
	pthread_mutex_destroy(&watchdog->mutex);
	pthread_cond_destroy(&watchdog->wake);
	free(watchdog);
}

void
script_thread_attach(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGURG);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void
watchdog_add(struct script_watchdog *watchdog, struct watch *watch)
{
	pthread_mutex_lock(&watchdog->mutex);
	watch->next = watchdog->watches;
	watch->prev = &watchdog->watches;
	if (watch->next != NULL)
		watch->next->prev = &watch->next;
	watchdog->watches = watch;
	pthread_mutex_unlock(&watchdog->mutex);
}

void
watchdog_remove(struct script_watchdog *watchdog, struct watch *watch)
{
	pthread_mutex_lock(&watchdog->mutex);
	*watch->prev = watch->next;
	if (watch->next != NULL)
		watch->next->prev = watch->prev;
	pthread_mutex_unlock(&watchdog->mutex);
}

static void
set_thread(struct watch *watch)
{
	watch->entered = true;
	watch->thread = pthread_self();
#if defined(_POSIX_THREAD_CPUTIME) && _POSIX_THREAD_CPUTIME >= 0
	clockid_t clock;

	/* On failure a clock that nobody has: then the wall's counts. */
	if (pthread_getcpuclockid(watch->thread, &clock) != 0)
		clock = -1;
	atomic_store_explicit(&watch->cpu_clock, (int)clock,
	    memory_order_relaxed);
#endif
}

void
watch_enter(struct watch *watch, uint32_t budget_ms, uint32_t warn_ms)
{
	assert(current == NULL);
	atomic_store_explicit(&watch->budget_ms, budget_ms,
	    memory_order_relaxed);
	atomic_store_explicit(&watch->warn_ms, warn_ms, memory_order_relaxed);
	watch->number += 2;
	if (!watch->entered || !pthread_equal(watch->thread, pthread_self()))
		set_thread(watch);
	current = watch;
	atomic_store_explicit(&watch->entry, watch->number,
	    memory_order_release);
}

bool
watch_leave(struct watch *watch)
{
	uint64_t expected;

	do
		expected = watch->number;
	while (!atomic_compare_exchange_weak(&watch->entry, &expected, 0));
	atomic_signal_fence(memory_order_seq_cst);
	current = NULL;
	return atomic_load_explicit(&watch->slow, memory_order_relaxed) ==
	    watch->number;
}
