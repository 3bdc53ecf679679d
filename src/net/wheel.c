/* SPDX-License-Identifier: MIT */
#include "net/wheel.h"

#include <assert.h>
#include <string.h>

static void
link_timer(struct timer **head, struct timer *timer)
{
	timer->next = *head;
	timer->prev = head;
	if (timer->next != NULL)
		timer->next->prev = &timer->next;
	*head = timer;
}

static void
unlink_timer(struct timer *timer)
{
	*timer->prev = timer->next;
	if (timer->next != NULL)
		timer->next->prev = timer->prev;
	timer->next = NULL;
	timer->prev = NULL;
}

static void
place(struct wheel *wheel, struct timer *timer)
{
	uint32_t away = timer->tick - wheel->now;
	unsigned level = 0, slot;

	while (away >= WHEEL_SLOTS) {
		away >>= WHEEL_BITS;
		level++;
	}
	slot = timer->tick >> (WHEEL_BITS * level) & (WHEEL_SLOTS - 1);
	link_timer(&wheel->slots[level][slot], timer);
	wheel->used[level] |= UINT64_C(1) << slot;
}

void
wheel_add(struct wheel *wheel, struct timer *timer)
{
	assert(timer->prev == NULL && timer->fire != NULL);
	assert(timer->tick != wheel->now &&
	    timer->tick - wheel->now <= WHEEL_SPAN);
	place(wheel, timer);
	wheel->pending++;
}

void
wheel_remove(struct wheel *wheel, struct timer *timer)
{
	unlink_timer(timer);
	if (--wheel->pending == 0)
		memset(wheel->used, 0, sizeof(wheel->used));
}

uint32_t
wheel_next(const struct wheel *wheel)
{
	uint32_t slot, away, nearest = UINT32_MAX;
	unsigned level, turn;
	uint64_t used;

	for (level = 0; level < WHEEL_LEVELS; level++) {
		used = wheel->used[level];
		if (used == 0)
			continue;
		slot = (wheel->now >> (WHEEL_BITS * level)) + 1;
		turn = slot & (WHEEL_SLOTS - 1);
		if (turn != 0)
			used = used >> turn | used << (WHEEL_SLOTS - turn);
		slot += (uint32_t)__builtin_ctzll(used);
		away = (slot << (WHEEL_BITS * level)) - wheel->now;
		if (away < nearest)
			nearest = away;
	}
	return wheel->now + nearest;
}

/* Takes a slot's timers into list, where they can still be removed. */
static void
take_slot(struct wheel *wheel, unsigned level, struct timer **list)
{
	unsigned slot;

	slot = wheel->now >> (WHEEL_BITS * level) & (WHEEL_SLOTS - 1);
	wheel->used[level] &= ~(UINT64_C(1) << slot);
	*list = wheel->slots[level][slot];
	wheel->slots[level][slot] = NULL;
	if (*list != NULL)
		(*list)->prev = list;
}

static void
cascade(struct wheel *wheel)
{
	struct timer *list, *timer;
	unsigned level;

	for (level = WHEEL_LEVELS - 1; level > 0; level--) {
		if (wheel->now &
		    ((UINT32_C(1) << (WHEEL_BITS * level)) - 1))
			continue;
		take_slot(wheel, level, &list);
		while ((timer = list) != NULL) {
			unlink_timer(timer);
			place(wheel, timer);
		}
	}
}

void
wheel_advance(struct wheel *wheel, uint32_t tick)
{
	struct timer *list, *timer;
	uint32_t next;

	while (wheel->pending != 0) {
		next = wheel_next(wheel);
		if ((int32_t)(next - tick) > 0)
			break;
		wheel->now = next;
		cascade(wheel);
		take_slot(wheel, 0, &list);
		while ((timer = list) != NULL) {
			wheel_remove(wheel, timer);
			timer->fire(timer);
		}
	}
	if ((int32_t)(tick - wheel->now) > 0)
		wheel->now = tick;
}
