/* SPDX-License-Identifier: MIT */
#ifndef CHAT_CHAT_H
#define CHAT_CHAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "bus/bus.h"
#include "chat/codes.h"
#include "chat/policy.h"
#include "chat/session.h"
#include "net/mailbox.h"
#include "net/timers.h"
#include "store/store.h"

/*
 * The domain of one worker: the people it owns, their sessions, the
 * conversations they are in.  Used on the worker's thread only; meets other
 * workers through the store's feed and the bus.
 */
struct chat;

/* Times in milliseconds, rates in requests a second. */
struct chat_limits {
	bool off; /* no rates (typing stays throttled) */
	double user_rate, user_burst;
	double conversation_rate, conversation_burst; /* of one person */
	double join_rate, join_burst;
	uint32_t abuse_ms;	   /* of going on over a limit: closed */
	uint32_t slow_ms; /* one message of a person in a conversation; 0: as
			     the conversation has it */
	uint32_t typing_relay_ms;  /* at most one in */
	uint32_t typing_expire_ms;
	uint32_t presence_grace_ms;
	uint32_t idle_after_ms;
	uint32_t ping_direct_ms;   /* marks: at most one in */
	uint32_t ping_other_ms;
	uint32_t cursor_save_ms;
	uint32_t catch_up;	   /* newest messages of a group */
	uint32_t lobby_history;
	uint32_t group_members;
	uint32_t user_groups;	   /* that one person is in */
	int64_t edit_window_s;	   /* after that, no edit; 0: no end */
	int64_t delete_window_s;   /* by the author; 0: no end */
	bool keep_versions;	   /* earlier texts, for moderators */
	uint32_t presence_group;   /* largest group that sees presence */
	size_t queue_soft;	   /* bytes: catch-up pauses above */
};

/* The defaults that docs/operations.md states. */
extern const struct chat_limits chat_limits_default;

struct chat_options {
	unsigned worker, workers;
	struct store *store;
	struct bus *bus;
	struct mailbox *mailbox; /* the worker's; attached to both */
	struct timers *timers;
	const struct clock *clock;
	const struct log *log;
	const char *server; /* for `welcome`: "synctalk/0.1.0" */
	/* What the store feeds to all that is no matter of the domain. */
	store_feed *fed;
	void *fed_arg;
	const struct chat_limits *limits;
};

/* Borrows all that options point to. */
struct chat *chat_new(const struct chat_options *options, struct error *err);

/*
 * All sessions must be closed; calls that are left get no answer.  NULL is
 * allowed.
 */
void chat_free(struct chat *chat);

/* From the next event on.  The old one is not used any more. */
void chat_set_policy(struct chat *chat, struct policy *policy);

/* Has the policy send a one-time code; as policy_ops.send_code. */
int chat_send_code(struct chat *chat, const struct policy_code *code);

/* From the next event on; copied. */
void chat_set_limits(struct chat *chat, const struct chat_limits *limits);

/*
 * Nothing new is taken in; once what a session asked is answered it gets
 * `bye` with its part of spread_ms to wait, and ends.
 */
void chat_drain(struct chat *chat, uint32_t spread_ms);

/* How many sessions ended: all of uid's, or the one of device if not NULL. */
size_t chat_kick(struct chat *chat, uint64_t uid, const char *device);

/*
 * How many sessions a person has, signing in or signed in, beside the one of
 * this device, which a new one would replace; "": all count.
 */
size_t chat_sessions_beside(struct chat *chat, uint64_t uid,
    const char *device);

/* Calls see() for each session that is signed in. */
void chat_each_session(struct chat *chat,
    void (*see)(void *arg, const struct session *session), void *arg);

const char *session_user(const struct session *session);

struct chat_stats {
	uint64_t appended;  /* messages of this worker's sessions */
	uint64_t delivered; /* frames of messages queued */
	uint64_t refused[CODES_COUNT]; /* requests answered with error */
	size_t sessions, people, conversations;
};
void chat_stats(const struct chat *chat, struct chat_stats *stats);

#endif
