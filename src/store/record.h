/* SPDX-License-Identifier: MIT */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/name.h"

/*
 * What a conversation's log is made of.  A record in memory borrows its
 * strings; record_encode() and record_decode() are its form on disk: version,
 * flags, length, CRC32C, fields.
 */

/* Stored: never renumber. */
enum record_kind {
	RECORD_MESSAGE = 1,
	RECORD_JOINED = 2,
	RECORD_LEFT = 3,
	RECORD_CREATED = 4,
	RECORD_UPDATED = 5,
	RECORD_ROLE = 6,
	RECORD_INVITED = 7,
	RECORD_KICKED = 8,
	RECORD_BANNED = 9,
	RECORD_UNBANNED = 10,
	RECORD_MUTED = 11,
	RECORD_UNMUTED = 12,
	RECORD_EDITED = 13,
	RECORD_DELETED = 14,
	RECORD_REACTED = 15
};

enum record_flag {
	RECORD_TOMBSTONE = 1 << 0, /* a deleted message: no text */
	RECORD_REWRITTEN = 1 << 1, /* a rule changed the text */
	RECORD_ACTION = 1 << 2,	   /* "/me": the text is what the sender does */
	RECORD_OFF = 1 << 3,	   /* REACTED: taken back */
	RECORD_HAS_REACTIONS = 1 << 4, /* a message: there may be some */
	RECORD_FORCED = 1 << 5	   /* by the server or its operator */
};

enum transport {
	TRANSPORT_WEBSOCKET = 1,
	TRANSPORT_TEXT = 2,
	TRANSPORT_REST = 3,
	TRANSPORT_SOCKETIO = 4,
	TRANSPORT_SSE = 5,
	TRANSPORT_SERVER = 6
};

enum conversation_kind {
	CONVERSATION_PUBLIC = 1, /* #lobby: everyone, no membership rows */
	CONVERSATION_GROUP = 2,
	CONVERSATION_DIRECT = 3
};

enum role {
	ROLE_NONE = 0,
	ROLE_MEMBER = 1,
	ROLE_MODERATOR = 2,
	ROLE_ADMIN = 3,
	ROLE_OWNER = 4
};

enum conversation_flag {
	CONVERSATION_PRIVATE = 1 << 0, /* joined by invitation only */
	CONVERSATION_SINCE_JOIN = 1 << 1 /* newcomers see nothing earlier */
};

#define CLIENT_MSG_ID_MAX 64
#define TEXT_MAX 16384
#define TITLE_MAX 256	     /* bytes */
#define DESCRIPTION_MAX 2048 /* bytes */
#define EMOJI_MAX 64	     /* bytes */
#define TRAIL_MAX 8192	     /* bytes */
#define REACTIONS_MAX 16     /* of one person to one message */
#define INVITATIONS_MAX 256  /* of one person, not accepted yet */
#define REACTIONS_SHOWN 1000 /* of one message, with history */
/* "@" name ":" name, or "#" name, without the NUL */
#define CONVERSATION_NAME_MAX (2 * NAME_BYTES_MAX + 2)
#define LOBBY_ID UINT64_C(1) /* made with the store */

struct record {
	uint64_t conv;
	uint64_t seq;	     /* in its conversation, from 1, no gap */
	uint64_t id;	     /* over the whole server, ascending */
	int64_t at_us;	     /* commit time, never decreasing in a conv */
	uint64_t count;	     /* messages of conv up to and including this */
	uint64_t sender;     /* person who did it */
	uint64_t subject;    /* person it was done to, or 0 */
	uint64_t target;     /* seq of the message it concerns, or 0 */
	uint64_t reply_to;   /* seq, or 0 */
	uint64_t fingerprint; /* of what was sent under client_msg_id */
	int64_t edited_us;   /* of a message: its last edit, or 0 */
	int64_t until_us;    /* of MUTED, BANNED: until when, 0: for good */
	uint64_t trail;	     /* hash of the verdicts on it (store.h), or 0 */
	uint32_t generation; /* of the scripts that judged it */
	uint8_t kind;	     /* enum record_kind */
	uint8_t flags;	     /* enum record_flag */
	uint8_t transport;   /* enum transport */
	uint8_t role;	     /* enum role, for RECORD_ROLE and _JOINED */
	uint8_t client_msg_id_len; /* 0: none */
	uint32_t text_len;
	const char *client_msg_id;
	/*
	 * MESSAGE: what was said; REACTED: the emoji; CREATED and UPDATED: a
	 * JSON object of the settings that were set.  EDITED stores none: reads
	 * fill in what the message now says, and nothing if it was deleted.
	 */
	const char *text;
	const char *sender_name;  /* NUL-terminated; filled by reads */
	const char *subject_name; /* NULL when subject is 0 */
	/* Filled by history and search alone: */
	const char *conversation_name; /* search */
	struct record_reaction *reactions; /* in the order of emoji */
	uint32_t reactions_n;
};

/* One person's to one message. */
struct record_reaction {
	uint64_t uid;
	const char *user; /* NUL-terminated */
	const char *emoji; /* NUL-terminated */
};

/* CRC32C (RFC 3720 appendix B.4), continuing from crc (0 at the start). */
uint32_t record_crc32c(uint32_t crc, const void *data, size_t len);

/*
 * The stored value without conv and seq (the key) and without names.  The
 * size, or 0 when room is too small: RECORD_ENCODED_MAX always suffices.
 */
#define RECORD_ENCODED_MAX (160 + CLIENT_MSG_ID_MAX + TEXT_MAX)
size_t record_encode(const struct record *record, void *room, size_t size);

/* Borrows from data.  -1 and err when it does not verify. */
int record_decode(const void *data, size_t len, struct record *record,
    struct error *err);

#endif
