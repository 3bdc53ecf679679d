/* SPDX-License-Identifier: MIT */
#ifndef STORE_MENTION_H
#define STORE_MENTION_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether text has "@name" as a word, in any case: not within an e-mail
 * address, and not where a longer name or word begins so.  A '.', '-' or '_'
 * behind it is no part of the name.  name is folded (base/name.h).
 */
bool mention_in(const char *text, size_t len, const char *name);

#endif
