/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_PIPE_H
#define CLIENT_PIPE_H

#include "client/talk.h"

/*
 * The client in a pipe: each line of standard input is a chat line or, if it
 * begins with "{", a request of the protocol; each event is a line of JSON on
 * standard output.  At the end of the input it waits until all is answered.
 *
 * Returns the exit status: 0; 1 when a request was refused, or the server
 * does not let this person in.  stop_fd becomes readable to end it early.
 */
int pipe_run(struct talk_options *options, int stop_fd, struct error *err);

#endif
