/* SPDX-License-Identifier: MIT */
#ifndef CTL_CALL_H
#define CTL_CALL_H

#include <jansson.h>

#include "base/error.h"

/*
 * One request to the server that listens on the Unix socket at path, one
 * answer: a line of JSON each.  NULL and a sentence when there is no server,
 * or what it says is no answer.
 */
json_t *call(const char *path, const json_t *request, struct error *err);

#endif
