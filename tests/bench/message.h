/* SPDX-License-Identifier: MIT */
#ifndef BENCH_MESSAGE_H
#define BENCH_MESSAGE_H

#include "load.h"

/*
 * A text of a fixed size that begins with who sent it, its number and when it
 * was due: "000003e8 0000000012345678 00000123456789ab xxxx…".
 */
#define MESSAGE_MIN 43

struct message {
	unsigned sender;
	uint64_t number; /* of this sender, from 0 */
	uint64_t due;	 /* ns: latency counts from here */
};

/* Sends it; `to` is "@bob" or "#tea", used in the synctalk dialect. */
void message_send(struct load *load, struct client *client, const char *to,
    const struct message *message);

/* Ends the program if text is none. */
void message_read(const char *text, size_t len, struct message *message);

/* Sends a request such as {"type":"join",…}. */
void request_send(struct load *load, struct client *client,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
