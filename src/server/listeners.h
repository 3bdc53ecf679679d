/* SPDX-License-Identifier: MIT */
#ifndef SERVER_LISTENERS_H
#define SERVER_LISTENERS_H

#include "base/error.h"

/*
 * Where the configuration says to listen, and the sockets that a supervisor
 * has bound for us.
 */
struct server;

/* Binds all; while the process may still bind ports below 1024. */
int listeners_open(struct server *server, struct error *err);
void listeners_close(struct server *server);

/* Says on standard error where people can connect. */
void listeners_announce(const struct server *server);

#endif
