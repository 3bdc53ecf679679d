/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_TTY_H
#define CLIENT_TTY_H

#include "client/talk.h"

/*
 * The client in a terminal, until the person leaves.  Returns the exit
 * status: 0; 1 when the server does not let this person in, or what was typed
 * could not be sent.  stop_fd delivers signals (signalfd).
 */
int tty_run(struct talk_options *options, int stop_fd, struct error *err);

#endif
