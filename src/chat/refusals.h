/* SPDX-License-Identifier: MIT */
#ifndef CHAT_REFUSALS_H
#define CHAT_REFUSALS_H

#include <stddef.h>
#include <stdint.h>

#include "chat/codes.h"

/*
 * The last messages that one worker refused, for whoever asks why: in memory
 * alone, so many and no more, and never what they said.
 */
#define REFUSALS_MAX 1024

struct chat;
struct session;
struct wire_error;

struct refused {
	int64_t at_us;
	enum chat_code code;
	char user[NAME_BYTES_MAX + 1];
	char conversation[CONVERSATION_NAME_MAX + 1]; /* "": none was found */
	char client_msg_id[CLIENT_MSG_ID_MAX + 1];    /* "": it had none */
	char rule[64];				      /* "": it was none */
	char reason[256];
};

struct refusals;

/*
 * Takes note of a message of session's person; conversation may be NULL, and
 * client_msg_id of no bytes.  Without memory it is not noted.
 */
void refusals_note(struct session *session, const char *conversation,
    const char *client_msg_id, size_t client_msg_id_len,
    const struct wire_error *error);

/* Calls see() for each that is remembered, the oldest first. */
void chat_each_refused(const struct chat *chat,
    void (*see)(void *arg, const struct refused *refused), void *arg);

void refusals_free(struct refusals *refusals); /* NULL is allowed */

#endif
