/* SPDX-License-Identifier: MIT */
#ifndef CHAT_POLICY_H
#define CHAT_POLICY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/name.h"
#include "store/record.h"

/*
 * Where the operator's policy decides: the domain asks, script/ answers.  A
 * policy belongs to one worker and is used on its thread only.  All that is
 * handed over is borrowed for the call.
 */

enum policy_verdict {
	POLICY_PASS,
	POLICY_REJECT, /* the sender is told rule and reason */
	POLICY_SHADOW, /* only the sender sees it; it takes no seq */
	POLICY_REWRITE /* goes on with another text */
};

/* A message before it has a seq. */
struct policy_message {
	const char *text;
	size_t text_len;
	uint64_t uid;
	const char *user;
	uint64_t conv; /* 0: a direct conversation not made yet */
	const char *conversation; /* "#tea", "@alice:bob" */
	enum conversation_kind kind;
	uint32_t members;
	enum transport transport;
	bool edit; /* a new text of a message that was sent */
	int64_t at_us;
};

struct policy_result {
	enum policy_verdict verdict;
	char rule[64];
	char reason[256];
	const char *text; /* REWRITE: borrowed until the next call */
	size_t text_len;
	/*
	 * What each rule said, a line each, as the story of the message has
	 * it: "flood rules/flood.lua:12 pass".  Borrowed alike; at most
	 * POLICY_TRAIL_MAX bytes.
	 */
	const char *trail;
	size_t trail_len;
};
#define POLICY_TRAIL_MAX 1024

/*
 * What a command may do for the person who typed it.  `arg` is opaque.  Calls
 * are carried out in their order, after the policy's function has returned.
 */
struct policy_host {
	/* Text to "@bob", "#tea" or "#lobby"; action: "/me". */
	void (*send)(void *arg, const char *to, size_t to_len,
	    const char *text, size_t text_len, bool action);
	/* Any request of the protocol; the reference is taken over. */
	void (*request)(void *arg, json_t *request);
	/* An answer to this person only. */
	void (*notice)(void *arg, const char *text, size_t len);
	/* code is one of the protocol's error codes. */
	void (*error)(void *arg, const char *code, const char *message);
};

/* A line of a person, "/dm bob Hello" or just "Hello". */
struct policy_line {
	const char *text;
	size_t text_len;
	uint64_t uid;
	const char *user;
	const char *conversation; /* where it was typed; "#lobby" if unsaid */
	enum transport transport;
	int64_t at_us;
	const struct policy_host *host;
	void *arg;
};

/* A one-time code on its way to its person. */
struct policy_code {
	const char *user, *email, *code;
	int64_t expires_us;
};

struct policy;

struct policy_ops {
	/* result is zeroed (PASS) by the caller. */
	void (*message)(struct policy *policy,
	    const struct policy_message *message,
	    struct policy_result *result);
	void (*line)(struct policy *policy, const struct policy_line *line);
	/* Appends the commands as a JSON array (name, usage, summary, args). */
	void (*commands)(struct policy *policy, struct buf *json);
	/*
	 * Has the scripts send it.  -1: none of them does, or they failed.
	 * code NULL: only asks whether one of them would.
	 */
	int (*send_code)(struct policy *policy,
	    const struct policy_code *code);
};

struct policy {
	const struct policy_ops *ops;
	uint32_t generation; /* counts reloads from 1 */
	bool wants_messages; /* false: message() need not be called */
};

#endif
