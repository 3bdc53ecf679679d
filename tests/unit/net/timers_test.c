/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ev.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "net/wheel.h"

/* A timer that notes the wheel's time when it fires. */
struct probe {
	struct timer timer; /* first */
	struct wheel *wheel;
	struct probe *victim;
	uint32_t fired_at;
	unsigned fired;
};

static void
note(struct timer *timer)
{
	struct probe *probe = (struct probe *)(void *)timer;

	probe->fired_at = probe->wheel->now;
	probe->fired++;
}

static void
add(struct wheel *wheel, struct probe *probe, uint32_t away)
{
	memset(probe, 0, sizeof(*probe));
	probe->wheel = wheel;
	probe->timer.fire = note;
	probe->timer.tick = wheel->now + away;
	wheel_add(wheel, &probe->timer);
}

static const uint32_t starts[] = {
	0, 1, 62, 63, 64, 4095, 4096, 262143, 16777215, 16777216,
	UINT32_C(0x7fffffff), UINT32_MAX - 5000, UINT32_MAX - 63, UINT32_MAX,
};

static const uint32_t distances[] = {
	1, 2, 63, 64, 65, 127, 128, 4031, 4032, 4095, 4096, 4097, 262143,
	262144, 262145, 16777215, 16777216, 16777217, WHEEL_SPAN,
};

/* Every distance from every start, over the wrap too, fires at its tick. */
static void
test_fires_at_its_tick(void **state)
{
	struct wheel *wheel = calloc(1, sizeof(*wheel));
	struct probe probe;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		for (j = 0; j < sizeof(distances) / sizeof(distances[0]);
		    j++) {
			memset(wheel, 0, sizeof(*wheel));
			wheel->now = starts[i];
			add(wheel, &probe, distances[j]);
			wheel_advance(wheel, probe.timer.tick - 1);
			assert_int_equal(probe.fired, 0);
			wheel_advance(wheel, probe.timer.tick);
			assert_int_equal(probe.fired, 1);
			assert_int_equal(probe.fired_at, probe.timer.tick);
			assert_int_equal(wheel->pending, 0);
		}
	}
	free(wheel);
}

/* As above in one leap far beyond it. */
static void
test_leap(void **state)
{
	struct wheel *wheel = calloc(1, sizeof(*wheel));
	struct probe probes[100];
	size_t i;

	(void)state;
	wheel->now = UINT32_MAX - 1000;
	for (i = 0; i < 100; i++)
		add(wheel, &probes[i], (uint32_t)(1 + i * i * i));
	wheel_advance(wheel, wheel->now + 2000000);
	for (i = 0; i < 100; i++) {
		assert_int_equal(probes[i].fired, 1);
		assert_int_equal(probes[i].fired_at, probes[i].timer.tick);
	}
	assert_int_equal(wheel->now, UINT32_MAX - 1000 + 2000000);
	free(wheel);
}

static uint32_t
random_next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Random sets, clears and steps against the plain truth of each timer. */
static void
test_against_model(void **state)
{
	enum { N = 200, ROUNDS = 20000 };
	struct wheel *wheel = calloc(1, sizeof(*wheel));
	struct probe *probes = calloc(N, sizeof(*probes));
	uint32_t seed = 7, n, step;
	size_t i, pending;
	int round;

	(void)state;
	wheel->now = UINT32_MAX - 100000;
	for (round = 0; round < ROUNDS; round++) {
		i = random_next(&seed) % N;
		if (timer_is_set(&probes[i].timer)) {
			wheel_remove(wheel, &probes[i].timer);
		} else {
			n = random_next(&seed);
			add(wheel, &probes[i], 1 + n % (n & 1 ? 70 : 9000));
		}
		step = random_next(&seed) % 40;
		wheel_advance(wheel, wheel->now + step);
		for (i = 0, pending = 0; i < N; i++) {
			if (probes[i].wheel == NULL)
				continue;
			if (timer_is_set(&probes[i].timer)) {
				pending++;
				assert_true((int32_t)(probes[i].timer.tick -
				    wheel->now) > 0);
			} else if (probes[i].fired) {
				assert_int_equal(probes[i].fired_at,
				    probes[i].timer.tick);
			}
		}
		assert_int_equal(pending, wheel->pending);
	}
	free(probes);
	free(wheel);
}

/* Of two that fire in the same tick, the first may take away the second. */
static void
note_and_clear(struct timer *timer)
{
	struct probe *probe = (struct probe *)(void *)timer;

	note(timer);
	if (timer_is_set(&probe->victim->timer))
		wheel_remove(probe->wheel, &probe->victim->timer);
}

static void
test_clear_in_the_same_tick(void **state)
{
	struct wheel *wheel = calloc(1, sizeof(*wheel));
	struct probe a, b;

	(void)state;
	add(wheel, &a, 5);
	add(wheel, &b, 5);
	a.victim = &b;
	b.victim = &a;
	a.timer.fire = b.timer.fire = note_and_clear;
	wheel_advance(wheel, 5);
	assert_int_equal(a.fired + b.fired, 1);
	assert_int_equal(wheel->pending, 0);
	free(wheel);
}

/* With a real loop: none comes early. */
struct alarm {
	struct timer timer; /* first */
	int64_t due_ms;
	int *left;
	struct ev_loop *loop;
};

static int64_t
now_ms(void)
{
	static const struct clock system_clock;

	return clock_monotonic_ms(&system_clock);
}

static void
ring(struct timer *timer)
{
	struct alarm *alarm = (struct alarm *)(void *)timer;

	assert_true(now_ms() >= alarm->due_ms);
	if (--*alarm->left == 0)
		ev_break(alarm->loop, EVBREAK_ALL);
}

static void
test_loop(void **state)
{
	static const uint64_t ms[] = { 0, 1, 30, 49, 50, 51, 120, 200 };
	enum { N = sizeof(ms) / sizeof(ms[0]) };
	struct ev_loop *loop = ev_loop_new(0);
	struct timers *timers = timers_new(loop, NULL);
	struct alarm alarms[N + 1];
	int left = N;
	size_t i;

	(void)state;
	memset(alarms, 0, sizeof(alarms));
	for (i = 0; i < N + 1; i++) {
		alarms[i].timer.fire = ring;
		alarms[i].left = &left;
		alarms[i].loop = loop;
	}
	for (i = 0; i < N; i++) {
		timer_set(timers, &alarms[i].timer, 10000);
		alarms[i].due_ms = now_ms() + (int64_t)ms[i];
		timer_set(timers, &alarms[i].timer, ms[i]);
	}
	timer_set(timers, &alarms[N].timer, 20);
	assert_true(timer_is_set(&alarms[N].timer));
	timer_clear(timers, &alarms[N].timer);
	timer_clear(timers, &alarms[N].timer);
	ev_run(loop, 0);
	assert_int_equal(left, 0);
	/* With none pending, nothing keeps the loop alive. */
	assert_int_equal(ev_run(loop, 0), 0);
	timers_free(timers);
	ev_loop_destroy(loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fires_at_its_tick),
		cmocka_unit_test(test_leap),
		cmocka_unit_test(test_against_model),
		cmocka_unit_test(test_clear_in_the_same_tick),
		cmocka_unit_test(test_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
