/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_EFFECTS_H
#define SCRIPT_EFFECTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "chat/policy.h"

/*
 * What a command does, written down while it runs and carried out when it has
 * returned: one that fails has done nothing.  All zero is empty.
 */
#define EFFECTS_MAX 64
#define EFFECTS_BYTES_MAX (256 * 1024)

enum effect_kind {
	EFFECT_SEND,	/* a: to, b: text */
	EFFECT_REQUEST, /* request */
	EFFECT_NOTICE,	/* a: text */
	EFFECT_ERROR	/* a: code, b: message */
};

struct effect {
	enum effect_kind kind;
	bool action;
	size_t a, a_len, b, b_len; /* in bytes, each with a NUL behind */
	json_t *request;
};

struct effects {
	struct buf bytes;
	unsigned count;
	struct effect list[EFFECTS_MAX];
};

void effects_fini(struct effects *effects);
void effects_clear(struct effects *effects);

/*
 * Each returns NULL, or why it cannot be added.  The request is taken over in
 * any case.
 */
const char *effects_send(struct effects *effects, const char *to,
    size_t to_len, const char *text, size_t text_len, bool action);
const char *effects_request(struct effects *effects, json_t *request);
const char *effects_notice(struct effects *effects, const char *text,
    size_t len);
const char *effects_error(struct effects *effects, const char *code,
    const char *message);

/* Hands all to the host, in order, and clears. */
void effects_carry_out(struct effects *effects,
    const struct policy_host *host, void *arg);

static inline const char *
effects_text(const struct effects *effects, size_t at)
{
	return effects->bytes.data + at;
}

#endif
