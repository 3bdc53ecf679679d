/* SPDX-License-Identifier: MIT */
#ifndef CHAT_TEXT_H
#define CHAT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Texts that people write. */

/* Leaves out the spaces around it. */
void text_trim(const char **text, size_t *len);

/*
 * Whether valid UTF-8 can stand in a line without harm: nothing that controls
 * a terminal or the direction of writing, no line break; with `words`, spaces
 * are allowed, else not.
 */
bool text_is_plain(const char *text, size_t len, bool words);

#endif
