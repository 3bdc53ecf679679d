/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_LINES_H
#define SCRIPT_LINES_H

#include "chat/policy.h"
#include "script/engine.h"

/*
 * Finds the command of a line, checks its arguments, scope and rate, runs it
 * and carries out what it did; or answers with the error.  -1: the command
 * failed (engine->failure says why); then it did nothing but that.
 */
int lines_run(struct engine *engine, const struct policy_line *line);

#endif
