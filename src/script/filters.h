/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_FILTERS_H
#define SCRIPT_FILTERS_H

#include <stdbool.h>

#include "chat/policy.h"
#include "script/engine.h"

/*
 * Lets each filter see the message, in their order, until one decides.  The
 * text of a rewrite lives until the next call.  -1: a filter failed (its
 * on_error was applied, and engine->failure says why).
 */
int filters_run(struct engine *engine, const struct policy_message *message,
    struct policy_result *result);

/* "#pub-*" and "?"; case matters. */
bool filters_glob(const char *pattern, const char *text);

#endif
