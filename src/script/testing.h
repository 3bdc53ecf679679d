/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_TESTING_H
#define SCRIPT_TESTING_H

#include "base/clock.h"
#include "script/effects.h"
#include "script/engine.h"

/*
 * What the scripts' own tests see: test(name, function(s) … end), people who
 * say and type things, and a clock that moves when it is told to.  In a state
 * of their own, so that nothing of it reaches the server.
 */
#define TESTING_BEGINS_US INT64_C(1767268800000000) /* 2026-01-01T12:00Z */

struct testing {
	struct clock clock;
	uint64_t people; /* each is somebody new */
	struct effects seen;
};

/*
 * Runs what the module's file gave to test(), each under the budget for
 * loading.  -1: engine->failure says which failed and why.
 */
int testing_run(struct engine *engine, struct module *module);

/* Pushes an empty list of outcomes. */
void outcome_push(lua_State *L);

/* The list is below n values, which become its next item. */
void outcome_add(lua_State *L, int n);

#endif
