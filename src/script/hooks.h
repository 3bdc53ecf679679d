/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_HOOKS_H
#define SCRIPT_HOOKS_H

#include "chat/policy.h"
#include "script/engine.h"

/*
 * Observers: functions that are told of what happens, and decide nothing.
 * Each runs under the budget of a filter; one that fails is logged.
 */

/* As policy_ops.send_code. */
int hooks_send_code(struct engine *engine, const struct policy_code *code);

#endif
