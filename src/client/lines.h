/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_LINES_H
#define CLIENT_LINES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * What was printed last above the line being typed, so that it can be printed
 * anew, and how much of a terminal it fills.  Texts are UTF-8, of one line or
 * several, with sequences of colour ("\033[…m") and no other controls.
 */
#define LINES_MAX 512

struct line {
	uint64_t id;
	char *text;
};

struct lines {
	struct line items[LINES_MAX]; /* a ring */
	size_t first, n;
	uint64_t last_id;
};

void lines_fini(struct lines *lines);

/* Its id, from 1; 0: no memory, and all before it is forgotten too. */
uint64_t lines_add(struct lines *lines, const char *text, size_t len);

/* Another text for a line that is kept.  -1: no memory, or it is not kept. */
int lines_set(struct lines *lines, uint64_t id, const char *text, size_t len);

/* How many rows those from id on fill; 0: id is not kept. */
size_t lines_rows(const struct lines *lines, uint64_t id, size_t columns);

/* The oldest line that together with all after it fits; 0: none does. */
uint64_t lines_fitting(const struct lines *lines, size_t columns, size_t rows);

/* Prints those from id on. */
void lines_print(const struct lines *lines, uint64_t id, FILE *file);

/* Where a cursor is, counted from where it began. */
struct place {
	size_t row, column; /* column == columns: it wraps before the next */
};

/* Moves on by text, as a terminal does. */
void place_advance(struct place *place, const char *text, size_t len,
    size_t columns);

#endif
