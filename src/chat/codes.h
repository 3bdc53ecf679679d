/* SPDX-License-Identifier: MIT */
#ifndef CHAT_CODES_H
#define CHAT_CODES_H

#include "store/store.h"

/* The protocol's error codes: one closed list (docs/protocol.md). */
#define CHAT_CODES(X)                                                         \
	X(BAD_REQUEST, "bad_request")                                         \
	X(UNAUTHORIZED, "unauthorized")                                       \
	X(FORBIDDEN, "forbidden")                                             \
	X(NOT_FOUND, "not_found")                                             \
	X(NOT_MEMBER, "not_member")                                           \
	X(BLOCKED, "blocked")                                                 \
	X(MUTED, "muted")                                                     \
	X(BANNED, "banned")                                                   \
	X(SLOW_MODE, "slow_mode")                                             \
	X(REJECTED, "rejected")                                               \
	X(RATE_LIMITED, "rate_limited")                                       \
	X(TOO_LARGE, "too_large")                                             \
	X(CONFLICT, "conflict")                                               \
	X(UNKNOWN_TYPE, "unknown_type")                                       \
	X(UNKNOWN_COMMAND, "unknown_command")                                 \
	X(UNAVAILABLE, "unavailable")                                         \
	X(INTERNAL, "internal")

enum chat_code {
#define X(name, text) CODE_##name,
	CHAT_CODES(X)
#undef X
	CODES_COUNT
};

const char *chat_code_name(enum chat_code code);

/* CODE_INTERNAL when the text is none of them. */
enum chat_code chat_code_parse(const char *text);

/* What a refusal of the store is called, and a sentence for it. */
enum chat_code chat_code_of_store(enum store_status status,
    const char **sentence);

#endif
