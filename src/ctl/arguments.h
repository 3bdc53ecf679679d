/* SPDX-License-Identifier: MIT */
#ifndef CTL_ARGUMENTS_H
#define CTL_ARGUMENTS_H

#include <jansson.h>
#include <stdio.h>

#include "base/error.h"

/*
 * What an operator can ask for: the words of the command line as the request
 * {"command":"token","arguments":{"name":"alice","ttl_s":2592000}}.  NULL and
 * ERROR_USAGE when they are no command.
 */
json_t *command_parse(int argc, char *argv[], struct error *err);

/* A line for each command. */
void command_print_all(FILE *out);

#endif
