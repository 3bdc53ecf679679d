/* SPDX-License-Identifier: MIT */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include "load.h"

/* What is spoken to the peer, in the dialect of the options. */

/* On a connection that is up: asks for the upgrade, where there is one. */
void wire_begin(struct load *load, struct client *client);

/* Takes what is whole off the front of data; how many bytes that were. */
size_t wire_take(struct load *load, struct client *client, const char *data,
    size_t len);

/* Of the frame in hand: the first member of that name, a number; 0: none. */
uint64_t wire_number(const struct load *load, const char *member);

#endif
