/* SPDX-License-Identifier: MIT */
#ifndef STORE_READ_H
#define STORE_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/mailbox.h"
#include "store/account.h"
#include "store/status.h"

/* What is asked of the store's readers (store.h), and its answer. */
enum store_read_kind {
	/*
	 * By name or uid: person, and access (with `family`).  _NOT_FOUND,
	 * with a name if erased.
	 */
	STORE_READ_USER = 1,
	/*
	 * All that signing in needs: person; memberships[] (each with the
	 * conversation, role, marks); blocks[] (people this one blocked);
	 * invitations[]; device_known and cursors[] of `device` (if not "");
	 * access (with `family`).  With `since` each membership's since_seq:
	 * its newest event whose id is not above that, or joined_seq; and of
	 * invitations[] those made later alone.  A `since` above upto is of
	 * other data, as before a backup was restored, and becomes 0.
	 */
	STORE_READ_PERSON,
	/*
	 * A conversation by `name` ("#tea", "@alice:bob") or by conv:
	 * conversation.  For "@a:b" that does not exist yet: _NOT_FOUND with
	 * conversation.a and .b set when both people exist (0 for who does
	 * not).  The names may come in either order.
	 */
	STORE_READ_CONVERSATION,
	/*
	 * records[] of all positions[] above their seq, in the order of id,
	 * until `limit` records or 256 KiB; positions[] is advanced in place;
	 * more says whether some remain.  When `gaps` is set: positions with
	 * a `tail` start at most that many records before their end, and
	 * gaps[] says what is left out.  When uid is given and positions[]
	 * (but for the public room) are not just the conversations of that
	 * person in this snapshot: `stale`, and nothing else is answered; and
	 * what came before they joined is left out.
	 */
	STORE_READ_CATCH_UP,
	/*
	 * records[] of conv with after < seq < before, ascending: with
	 * `newest`, the last `limit` of them, else the first; more says
	 * whether others are left on that side.  With their reactions.
	 * With uid: _NOT_MEMBER unless that person is in it (the public room
	 * has everyone), and nothing at or below joined_seq of a conversation
	 * with CONVERSATION_SINCE_JOIN.
	 * With `messages` those alone.
	 * With `by_offset`: messages alone, `limit` of them that begin
	 * `offset` before the newest; more: there are older ones.  Either
	 * way total (messages), first_us and last_us (of the oldest and the
	 * newest message, 0: none) say how much there is to page through;
	 * and conversation.
	 */
	STORE_READ_HISTORY,
	/* members[] of conv (id, name, role, marks), in the order of names. */
	STORE_READ_MEMBERS,
	/*
	 * memberships[] of uid with the newest message of each in records[]
	 * (same index; kind 0 where there is none), newest activity first:
	 * `limit` of those whose last_id is below `before` (0: all); more.
	 * With conv: that one alone, or _NOT_MEMBER.  With unread counts and
	 * texts, and of a direct one the other side.  blocks[] of uid are left
	 * out of unread.  The first page has invitations[] too.
	 */
	STORE_READ_CONVERSATIONS,
	/*
	 * The record that (uid, client_msg_id) stored in conv: records[0] and
	 * _DUPLICATE, _CONFLICT when `fingerprint` differs, _NOT_FOUND.
	 */
	STORE_READ_CLIENT_MSG_ID,
	/* people[] for names[] (in their order; uid 0: no such person). */
	STORE_READ_PEOPLE,
	/*
	 * members[] of conv who were in it at its event `after`, but its
	 * author, in the order of uid, from uid `before` on, `limit` of them:
	 * delivered_us and read_us are those of that event (0: not yet; with
	 * `imprecise`, at that time at the latest); of who hides_read nothing
	 * is read.  Over all of them: delivered_n, read_n, of_n.  uid asks:
	 * _NOT_MEMBER, _NO_MESSAGE.  more; records[0]; conversation.
	 */
	STORE_READ_RECEIPTS,
	/*
	 * records[]: what the message `after` of conv said before, oldest
	 * first (at_us: until when, sender: who changed it), `limit` of them;
	 * more.  uid asks: _NOT_MEMBER, _FORBIDDEN without
	 * PERMISSION_VERSIONS, _NO_MESSAGE.
	 */
	STORE_READ_VERSIONS,
	/*
	 * records[] (messages, newest first, conversation_name set) that uid
	 * may see, as `search` says, with id below `before` (0: any), `limit`
	 * of them; more, and then `next` is the `before` of the next page
	 * (which may have fewer, where most of what was looked at does not
	 * match).  conv: in that one alone, or _NOT_MEMBER.  What was said
	 * within the last second may not be found yet.
	 */
	STORE_READ_SEARCH,
	/*
	 * The story of the event with id `before`, or (0) of seq `after` in
	 * conv (_NOT_FOUND: there is none; _NO_MESSAGE: no such event):
	 * records[0], conversation, trail, members[] as RECEIPTS (the first
	 * `limit`), devices[] of theirs, blocks[]: who blocked the sender.
	 */
	STORE_READ_STORY,
	/*
	 * Retention: conversations of which retention[kind] wants something
	 * erased, in cursors[] (seq: what is oldest), from conv `after` on,
	 * looking at `limit` of them: more, and then `next`.
	 */
	STORE_READ_OVERDUE,
	/*
	 * cursors[]: messages of uid that are no tombstones, of conv, from
	 * seq `after` on, looking at `limit` events: more, and then conv and
	 * `next` say where to go on; conv 0 begins at the first.
	 */
	STORE_READ_SENT_BY,
	/*
	 * people[]: whose erasure has begun and is not done.  With uid:
	 * memberships[] of that one, erased or not.
	 */
	STORE_READ_ERASING,

	/*
	 * By uid, name or `email` (folded): person, access, account (whole,
	 * the hash too).  _NOT_FOUND as USER.
	 */
	STORE_READ_ACCOUNT,
	/* Of uid: devices[] (but for seq), families[], each in its order. */
	STORE_READ_DEVICES,
	/*
	 * The event with id `before`, for uid: records[0], conversation.
	 * _NO_MESSAGE: there is none, or not for uid (0: the server) to see.
	 */
	STORE_READ_EVENT,
	/*
	 * people[] whose name is above `name`, in the order of names, `limit`
	 * of them, with their access; more.  Erased ones are left out.
	 */
	STORE_READ_ACCOUNTS,
	/* bans[] of ranges, those that have ended left out; lockdown. */
	STORE_READ_BANS,
	/*
	 * people[] (name and uid; erased ones too) whom uid blocked and whose
	 * uid is above `after`, in that order, `limit` of them; more.
	 */
	STORE_READ_BLOCKS
};

/* Up to SEARCH_WORDS_MAX bytes of words; all of them must be there. */
#define SEARCH_WORDS_MAX 256
struct store_search {
	char words[SEARCH_WORDS_MAX + 1];
	char from[NAME_BYTES_MAX + 1]; /* folded; "": anybody */
	int64_t after_us, before_us;   /* from, and before; 0: of any age */
};

struct store_retention {
	int64_t before_us; /* as in store_trim */
	uint64_t keep;
};

struct store_person {
	uint64_t uid; /* 0 too where the person was erased; not in ERASING */
	bool hides_read;
	char name[NAME_BYTES_MAX + 1];
	int64_t last_seen_us; /* 0: never */
	int64_t created_us;
	struct store_access access; /* ACCOUNTS alone */
};

struct store_membership {
	struct conversation_info conversation;
	uint8_t role;		/* enum role */
	uint64_t joined_seq;	/* events above it are this person's */
	uint64_t delivered_seq;
	uint64_t read_seq;
	int64_t muted_until_us; /* 0: not muted */
	/* CONVERSATIONS alone: */
	const char *title, *description; /* "": none */
	/* At most UNREAD_MAX; own and deleted ones and other events do not
	 * count, but after some ten thousand of those it says "more" too. */
	uint32_t unread, mentions;
	bool unread_more;
	bool marked_unread;	/* the private flag */
	uint64_t other;		/* direct: the other side, or oneself */
	uint64_t other_delivered, other_read; /* 0 if those are hidden */
	int64_t other_seen_us;
	uint64_t since_seq; /* PERSON, with `since` */
};

#define UNREAD_MAX 1000

struct store_member {
	uint64_t uid;
	char name[NAME_BYTES_MAX + 1];
	uint8_t role;
	uint64_t joined_seq;
	uint64_t delivered_seq;
	uint64_t read_seq;
	int64_t last_seen_us;
	int64_t muted_until_us; /* 0: not muted */
	int64_t delivered_us, read_us; /* RECEIPTS, STORY */
	bool hides_read, imprecise;
};

struct store_invitation {
	struct conversation_info conversation;
	uint64_t by;
	char by_name[NAME_BYTES_MAX + 1];
	int64_t at_us;
};

/* A device of a member, in a story. */
struct store_device {
	uint64_t uid;
	char device[DEVICE_MAX + 1];
	uint64_t seq;	 /* its cursor in the conversation */
	int64_t used_us; /* about when it was last in use */
};

struct store_position {
	uint64_t conv;
	uint64_t seq;  /* has all up to this */
	uint32_t tail; /* 0: no limit */
	bool silent;   /* no gap is reported (the public room) */
};

struct store_gap {
	uint64_t conv, from, to; /* inclusive */
};

struct store_read;
typedef void store_read_done(struct store_read *read);

struct store_read {
	struct mail mail; /* the store's */
	enum store_read_kind kind;
	enum store_status status; /* out */
	unsigned worker;
	store_read_done *done;
	void *arg;
	uint64_t asker, session; /* for the submitter */

	/* in */
	uint64_t uid, conv, before, after, offset, fingerprint;
	uint64_t family; /* USER, PERSON, ACCOUNT: is this sign-in alive? */
	uint64_t since;	 /* PERSON: an id */
	const char *email; /* ACCOUNT: in extra, or NULL */
	uint32_t limit;
	bool newest, gaps_wanted, by_offset, messages;
	struct store_search search;
	struct store_retention retention[CONVERSATION_DIRECT + 1];
	char name[CONVERSATION_NAME_MAX + 1];
	char device[DEVICE_MAX + 1];
	char client_msg_id[CLIENT_MSG_ID_MAX + 1];
	const char (*names)[NAME_BYTES_MAX + 1];
	size_t names_n;
	struct store_position *positions; /* in and out */
	size_t positions_n;

	/* out; freed with the read */
	uint64_t upto; /* highest id in the snapshot that was read */
	bool more, device_known, stale;
	struct store_person person;
	struct conversation_info conversation;
	struct store_membership *memberships;
	size_t memberships_n;
	struct store_member *members;
	size_t members_n;
	struct store_person *people;
	size_t people_n;
	uint64_t *blocks;
	size_t blocks_n;
	struct store_cursor *cursors;
	size_t cursors_n;
	struct record *records; /* with names */
	size_t records_n;
	struct store_gap *gaps;
	size_t gaps_n;
	struct store_invitation *invitations; /* PERSON, CONVERSATIONS */
	size_t invitations_n;
	struct store_device *devices;
	size_t devices_n;
	uint64_t total, next;
	int64_t first_us, last_us;
	uint32_t delivered_n, read_n, of_n;
	uint8_t missing, role; /* _FORBIDDEN: as in store_write */
	const char *trail; /* NUL-terminated; "": none */
	struct store_access access;
	struct store_account account;
	struct store_family *families;
	size_t families_n;
	struct store_ban *bans;
	size_t bans_n;
	bool lockdown;

	struct store_arena *arena; /* the store's: what the results live in */
	size_t extra_size;
	char extra[]; /* the submitter's */
};

/* As store_write_new(); positions and names may live in extra. */
struct store_read *store_read_new(size_t extra_size);
void store_read_free(struct store_read *read); /* NULL is allowed */

#endif
