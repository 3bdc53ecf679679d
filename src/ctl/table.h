/* SPDX-License-Identifier: MIT */
#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/*
 * A file of rows as objects: CSV (RFC 4180) whose first record names the
 * columns, or JSON, an object a line.  Which it is its first byte says.
 */
struct table;

struct table *table_open(FILE *in, struct error *err);
void table_close(struct table *table); /* in stays open; NULL is allowed */

enum table_result {
	TABLE_ROW,
	TABLE_BAD, /* this row is none; the next may be */
	TABLE_END,
	TABLE_FAILED /* no more can be read */
};

/*
 * The next row, and the line it begins at.  Empty cells of CSV are left out.
 */
enum table_result table_next(struct table *table, json_t **row, int64_t *line,
    struct error *err);

#endif
