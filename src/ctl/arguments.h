/* SPDX-License-Identifier: MIT */
#ifndef CTL_ARGUMENTS_H
#define CTL_ARGUMENTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

/*
 * What an operator can ask for: the words of the command line as the request
 * {"command":"token","arguments":{"name":"alice","ttl_s":2592000}}.  NULL and
 * ERROR_USAGE when they are no command.
 */
json_t *command_parse(int argc, char *argv[], struct error *err);

/* Whether this program carries it out by itself, on the data folder. */
bool command_is_local(const char *name);

/* A line for each command that is, or is not, local. */
void command_print_all(FILE *out, bool local);

#endif
