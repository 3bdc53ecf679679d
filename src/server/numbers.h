/* SPDX-License-Identifier: MIT */
#ifndef SERVER_NUMBERS_H
#define SERVER_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

#include "chat/chat.h"
#include "server/close_reasons.h"

/* What a worker counts, for `synctalkctl status` and /metrics. */
struct worker;

struct numbers {
	uint64_t accepted, requests; /* connections; of HTTP */
	size_t connections, queued;  /* now; bytes */
	struct chat_stats chat;
	uint64_t closed[CLOSE_REASONS_COUNT];
};

/* As they are; on the worker's thread. */
void numbers_take(const struct worker *worker, struct numbers *numbers);

void numbers_add(struct numbers *sum, const struct numbers *part);

/* Of all codes. */
uint64_t numbers_refused(const struct numbers *numbers);

/*
 * For other threads: as they were when the worker's loop last had nothing to
 * do.  numbers_publish() is the worker's.
 */
void numbers_publish(struct worker *worker);
void numbers_read(struct worker *worker, struct numbers *numbers);

#endif
