/* SPDX-License-Identifier: MIT */
#ifndef SERVER_SCRIPTS_H
#define SERVER_SCRIPTS_H

#include <stdint.h>

#include "base/error.h"
#include "base/log.h"
#include "script/script.h"
#include "server/config.h"

/* What all generations of scripts are loaded with. */
struct scripts {
	struct script_options options;
	char *operator_folder;
};

/* fetch and log must outlive it. */
int scripts_init(struct scripts *scripts, const struct config *config,
    struct fetch *fetch, const struct log *log, struct error *err);

/* When all sets are freed.  Harmless on one that is all zero. */
void scripts_fini(struct scripts *scripts);

/* Budgets, for what is loaded from now on. */
void scripts_set_budgets(struct scripts *scripts, const struct config *config);

/* On any thread, one at a time. */
struct script_set *scripts_load(const struct scripts *scripts,
    uint32_t generation, struct error *err);

#endif
