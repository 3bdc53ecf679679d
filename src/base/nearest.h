/* SPDX-License-Identifier: MIT */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/*
 * "Did you mean": how many letters must be changed, added, dropped or swapped
 * with their neighbour to make one word of the other, without regard to case.
 * Words longer than 32 bytes are far from everything.
 */
unsigned nearest_distance(const char *a, const char *b);

/* A distance above this is a different word, not a slip. */
unsigned nearest_limit(const char *word);

/* The choice nearest to word, or NULL when none is near.  Ends with NULL. */
const char *nearest(const char *word, const char *const *choices);

#endif
