/* SPDX-License-Identifier: MIT */
#ifndef CTL_CARE_H
#define CTL_CARE_H

#include <jansson.h>
#include <stdbool.h>

/*
 * Carries out a local command (arguments.h) on the data folder, and prints
 * what came of it: the exit status.
 */
int care_run(const char *name, const json_t *arguments, const char *data,
    bool json);

#endif
