/* SPDX-License-Identifier: MIT */
#ifndef NET_UNIX_SOCKET_H
#define NET_UNIX_SOCKET_H

#include <sys/types.h>

#include "base/error.h"

/*
 * Listens at a path that only those can use whom mode lets in: a descriptor
 * that is non-blocking and closes on exec.  A socket there to which nobody
 * listens any more is removed; one that somebody does, or a file of another
 * kind, is an error.
 */
int unix_socket_listen(const char *path, mode_t mode, struct error *err);

/* Closes it, and removes the path if it is still this socket's. */
void unix_socket_close(int fd, const char *path);

#endif
