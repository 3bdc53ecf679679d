/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_ORDER_H
#define SCRIPT_ORDER_H

#include <stddef.h>

#include "base/error.h"

/*
 * Puts filters in the order in which they run: by phase, then by what they
 * say about before and after, then by name.  -1 and err: a circle, a name
 * that is misspelt, or one of a phase that contradicts.
 */
struct filter;

int order_filters(struct filter **filters, size_t count, struct error *err);

#endif
