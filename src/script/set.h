/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_SET_H
#define SCRIPT_SET_H

#include "script/engine.h"
#include "script/script.h"

/* Within the folder: what a set is made of. */
struct script_worker {
	struct policy policy; /* first, so that one is the other */
	struct engine *engine;
};

struct script_set {
	struct script_options options; /* with the defaults filled in */
	uint32_t generation;
	struct snapshot snapshot;
	struct health *health;
	struct script_worker workers[];
};

#endif
