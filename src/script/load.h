/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_LOAD_H
#define SCRIPT_LOAD_H

#include "base/error.h"
#include "script/engine.h"

/*
 * Runs every script of the snapshot and fills the registry with what they
 * return.  -1 and err ("file:line: cause"); the trace is logged.
 */
int load_scripts(struct engine *engine, struct error *err);

/* A new state for tests: loads the scripts, then loads and runs the tests. */
int load_and_test(const struct engine_options *options, struct error *err);

#endif
