/* SPDX-License-Identifier: MIT */
#ifndef CTL_USERS_H
#define CTL_USERS_H

#include <jansson.h>
#include <stdbool.h>

/*
 * The commands about accounts that take more than a question and its answer.
 */

/*
 * A command that needs a password gets it: from standard input with
 * --password-stdin, else typed twice.  -1: go on; else the exit status.
 */
int users_ask_password(const char *name, json_t *arguments);

/* Whether users_run() carries it out. */
bool users_has(const char *name);

/* Asks the server at the socket, and prints what came of it: the exit status */
int users_run(const char *name, const json_t *arguments, const char *socket,
    bool json);

#endif
