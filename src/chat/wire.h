/* SPDX-License-Identifier: MIT */
#ifndef CHAT_WIRE_H
#define CHAT_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "chat/codes.h"
#include "store/store.h"

/*
 * What the server says, in one of two forms: the JSON objects of the protocol
 * (docs/protocol.md), or readable lines for `?format=text`.  Each function
 * appends one frame's payload.  `ref` is the request's, as encoded JSON, or
 * NULL.
 */
struct wire_welcome {
	const char *user, *device, *server;
	uint64_t session, epoch;
	int64_t time_us;
	bool resumed;
};

struct wire_sent {
	const char *ref, *conversation;
	const struct record *record; /* client_msg_id, seq, id, at, text */
	bool duplicate;
};

struct wire_error {
	const char *ref, *message, *field, *rule;
	enum chat_code code;
	uint32_t retry_after_ms; /* 0: not said */
	int64_t until_us; /* muted, banned; 0: not said, or for good */
};

enum wire_flag {
	WIRE_OWN = 1 << 0,     /* to the sender's devices */
	WIRE_HISTORY = 1 << 1, /* marked so: the public room's last ones */
	WIRE_HIDDEN = 1 << 2   /* by someone the receiver blocked */
};

enum presence { PRESENCE_OFFLINE, PRESENCE_IDLE, PRESENCE_ONLINE };

/*
 * One page of records; blocked() says whose are hidden.  Of a history, read
 * has the numbers.  What is found by a search is of many conversations:
 * conversation is NULL.
 */
struct wire_page {
	const char *ref, *conversation;
	const struct record *records;
	size_t records_n;
	uint64_t next, uid;
	bool (*blocked)(const void *arg, uint64_t uid);
	const void *arg;
	const struct store_read *read;
};

/*
 * A mark that moved.  In a group user is NULL, and the numbers say how many
 * others have the message.
 */
struct wire_receipt {
	const char *conversation, *user;
	uint64_t seq;
	int64_t at_us;
	bool read; /* else delivered */
	uint32_t delivered_n, read_n, of_n;
};

/* A page of the list of conversations. */
struct wire_list {
	const char *ref, *user; /* whose list it is */
	const struct store_read *read;
	const uint8_t *presence; /* of the other sides, or _NOT_SHOWN */
	uint64_t next;
	int64_t now_us;
};
#define WIRE_NOT_SHOWN UINT8_MAX

struct wire {
	void (*welcome)(struct buf *out, const struct wire_welcome *welcome);
	void (*record)(struct buf *out, const struct record *record,
	    const char *conversation, unsigned flags);
	void (*sent)(struct buf *out, const struct wire_sent *sent);
	void (*ok)(struct buf *out, const char *ref);
	void (*error)(struct buf *out, const struct wire_error *error);
	void (*notice)(struct buf *out, const char *text, size_t len);
	void (*typing)(struct buf *out, const char *conversation,
	    const char *user, bool on);
	void (*presence)(struct buf *out, const char *user,
	    enum presence status, int64_t last_seen_us);
	void (*blocked)(struct buf *out, const char *user, bool on);
	void (*gap)(struct buf *out, const char *conversation, uint64_t from,
	    uint64_t to);
	void (*pong)(struct buf *out, const char *ref, int64_t at_us);
	void (*bye)(struct buf *out, const char *reason, uint32_t after_ms);
	void (*history)(struct buf *out, const struct wire_page *page);
	/* The earlier texts of the message `seq`, in read->records. */
	void (*versions)(struct buf *out, const char *ref,
	    const char *conversation, uint64_t seq,
	    const struct store_read *read);
	void (*members)(struct buf *out, const char *ref,
	    const char *conversation, const struct store_member *members,
	    size_t n);
	void (*conversations)(struct buf *out, const struct wire_list *list);
	/* items: a JSON array, the commands of the policy. */
	void (*commands)(struct buf *out, const char *ref,
	    const struct buf *items);
	void (*receipt)(struct buf *out, const struct wire_receipt *receipt);
	/* read->name is the conversation, read->after the message. */
	void (*receipts)(struct buf *out, const char *ref,
	    const struct store_read *read);
	void (*unread)(struct buf *out, const char *conversation, bool on);
	void (*settings)(struct buf *out, const char *ref,
	    bool read_receipts);
	void (*search)(struct buf *out, const struct wire_page *page);
	/* By whom oneself is invited; it has no seq. */
	void (*invited)(struct buf *out, const char *user,
	    const struct store_invitation *invitation);
};

extern const struct wire wire_json;
extern const struct wire wire_text;

const char *role_name(enum role role);
const char *presence_name(enum presence presence);

/* `type` of a record's event: "message", "joined", … */
const char *record_type(const struct record *record);

/* Whether it is hidden from who blocked its sender. */
static inline bool
record_is_said(const struct record *record)
{
	return record->kind == RECORD_MESSAGE ||
	    record->kind == RECORD_EDITED || record->kind == RECORD_REACTED;
}

/* The other side of "@alice:bob" for `user`, into name. */
void direct_other(const char *conversation, const char *user,
    char name[NAME_BYTES_MAX + 1]);

#endif
