/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_DEVICE_H
#define CLIENT_DEVICE_H

#include "base/name.h"

/*
 * Which device this terminal is.  Each running client of one person at one
 * server holds the lowest free number on this machine, by a lock on a file in
 * $XDG_STATE_HOME/synctalk: two at once are two devices, and one that is
 * started again is the device it was.
 *
 * Returns the descriptor that holds the lock, for the life of the program;
 * -1 when there is no place for such files (device is then "": a connection
 * that lives for itself).
 */
int device_claim(const char *host, const char *name,
    char device[DEVICE_MAX + 1]);

#endif
