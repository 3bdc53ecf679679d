/* SPDX-License-Identifier: MIT */
#ifndef SERVER_STORY_H
#define SERVER_STORY_H

#include <stdint.h>

struct admin_client;

/* What `synctalkctl why` asks; strings are borrowed, NULL: not given. */
struct story_question {
	const char *message; /* an id; with seq, a conversation */
	uint64_t seq;
	const char *refused; /* a person: what of theirs was refused lately */
};

/*
 * Answers with all that is known of a message: who sent it and how, which
 * rules saw it and what they said, its commit, who has confirmed and read it,
 * and what was refused before under its client id.
 */
void story_begin(struct admin_client *client,
    const struct story_question *question);

#endif
