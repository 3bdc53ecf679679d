/* SPDX-License-Identifier: MIT */
#ifndef SERVER_CONFIG_FILE_H
#define SERVER_CONFIG_FILE_H

#include "base/error.h"
#include "server/config.h"

/*
 * Sets in config what the file at path assigns.  The file is Lua, but has
 * nothing to call except env("NAME") and env("NAME", "default").  -1:
 * ERROR_CONFIG with "path:line: ", or ERROR_NOMEM; config may then have been
 * set in part.
 */
int config_file_read(const char *path, struct config *config,
    struct error *err);

#endif
