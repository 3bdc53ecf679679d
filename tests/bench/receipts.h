/* SPDX-License-Identifier: MIT */
#ifndef BENCH_RECEIPTS_H
#define BENCH_RECEIPTS_H

#include "load.h"
#include "measure.h"

/*
 * What receivers say of what they got, as options->confirm has it: the newest
 * seq, and while that is not answered nothing more, so that a busy receiver
 * covers many messages with one request.  Each client is in one conversation.
 */
#define RECEIPTS_NAME 64

/* How the client names its conversation. */
typedef void receipts_name(const struct load *load, unsigned index,
    char to[RECEIPTS_NAME]);

struct receipts {
	struct load *load;
	struct measure *measure;
	receipts_name *name;
	unsigned checking; /* authors that do not know yet */
};

/* Before the clients connect. */
void receipts_init(struct receipts *receipts, struct load *load,
    struct measure *measure, receipts_name *name);

/* For the hooks: of each message, of each answer. */
void receipts_message(struct receipts *receipts, struct client *client);
void receipts_answer(struct receipts *receipts, struct client *client,
    const char *type, size_t type_len);

/*
 * Asks the clients from..to (exclusive) for the receipts of the newest
 * message they sent, until all others have it, and with CONFIRM_READ have
 * read it.  Ends the program if that does not come.
 */
void receipts_check(struct receipts *receipts, unsigned from, unsigned to);

#endif
