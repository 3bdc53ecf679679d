/* SPDX-License-Identifier: MIT */
#ifndef CTL_IMPORT_H
#define CTL_IMPORT_H

#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/*
 * Makes the new data folder `data` of a whole export (lines.h): ids, seqs,
 * times, roles and marks are what they were.  When a line is damaged, or what
 * comes of them all does not pass the check, err says which and why, and no
 * folder is made.
 */
int import_read(FILE *in, const char *data, uint64_t *lines,
    struct error *err);

#endif
