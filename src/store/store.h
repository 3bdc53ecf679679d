/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log.h"
#include "net/mailbox.h"
#include "store/record.h"

/*
 * The permanent record: people, conversations, messages, cursors.
 *
 * Everything is asynchronous.  A worker allocates a store_write or a
 * store_read, fills its inputs and submits it; done() runs once, on the loop
 * of the mailbox the worker attached, never before the submit returns.
 *
 * Writes are applied in the order of submission by one writer thread, many to
 * a transaction.  After the transaction is durable, and in commit order, each
 * worker's mailbox gets one mail a batch, whose entries are, in order: done()
 * of its own writes, and feed() for each committed write that concerns it.
 * For one write, done() comes before feed().
 *
 * Reads run on reader threads against a snapshot, never on a loop.
 */
struct store;

enum store_status {
	STORE_OK,
	STORE_DUPLICATE,  /* same client_msg_id, same text: first answer given */
	STORE_CONFLICT,	  /* same client_msg_id, other text; or compare failed */
	STORE_NOT_FOUND,
	STORE_EXISTS,	  /* the name is (or was) taken */
	STORE_NOT_MEMBER,
	STORE_BLOCKED,	  /* the other side blocked the sender */
	STORE_MUTED,
	STORE_BANNED,
	STORE_FORBIDDEN,
	STORE_LIMIT,	  /* members of a group, devices of a person, … */
	STORE_NO_SPACE,	  /* the disk is nearly full; nothing was written */
	STORE_RETRY,	  /* nothing was written; again later */
	STORE_AMBIGUOUS,  /* it may have been written: same client id again */
	STORE_NOMEM,
	STORE_CORRUPT	  /* what is stored does not verify; it was logged */
};

struct store_options {
	const char *kind;   /* "lmdb" or "memory" */
	const char *folder; /* lmdb: made if absent, locked while open */
	uint64_t map_size;  /* lmdb: bytes; 0: 1 TiB, halved where refused */
	uint64_t min_free;  /* lmdb: bytes of disk below which appends are
			       refused; 0: 64 MiB */
	unsigned workers;   /* how many will attach */
	unsigned readers;   /* reader threads; 0: 2 */
	unsigned device_max;/* per person; 0: 20 */
	const struct log *log;
};

/*
 * Creates or opens, verifies format and lock, starts the threads.  On a
 * failed commit the process is ended with a log line and exit status 70, for
 * its supervisor to start again: nothing unacknowledged is lost by that.
 */
struct store *store_open(const struct store_options *options,
    struct error *err);

/* Stable for the life of this data folder; a restored backup has another. */
uint64_t store_epoch(const struct store *store);

/* A short human name of the back end, "lmdb" or "memory". */
const char *store_kind(const struct store *store);

struct store_write;
struct store_read;

/*
 * A committed write that concerns this worker (see store_write.feed).  It is
 * borrowed: store_write_ref() keeps it.
 */
typedef void store_feed(void *arg, struct store_write *write);

/*
 * Worker `index` (below options.workers) answers on this mailbox.  All
 * workers attach before the first submit.
 */
void store_attach(struct store *store, unsigned index, struct mailbox *mailbox,
    store_feed *feed, void *arg);

/*
 * Commits what was submitted, stops the threads, closes.  Mail already posted
 * stays in the mailboxes.  No submits may be under way.  NULL is allowed.
 */
void store_close(struct store *store);

/* ------------------------------------------------------------- conversations */

struct conversation_info {
	uint64_t id;
	uint8_t kind;	  /* enum conversation_kind */
	uint64_t a, b;	  /* direct: the two people, in the order of names */
	uint32_t members;
	uint64_t last_seq;
	uint64_t last_id;
	int64_t created_us;
	char name[CONVERSATION_NAME_MAX + 1]; /* "#tea", "@alice:bob" */
};

/* -------------------------------------------------------------------- writes */

enum store_write_kind {
	/*
	 * Appends `record` (kind RECORD_MESSAGE; in: sender, sender_name,
	 * text, client_msg_id, reply_to, flags, transport, generation).
	 * To record.conv, or if that is 0 to the direct conversation of
	 * sender and peer, which is made, with its two members, if absent.
	 * Checked inside: the conversation exists; group: sender is a member,
	 * not muted; direct: neither deleted, peer has not blocked sender.
	 * Out: record.conv, seq, id, at_us, count; conversation.
	 * _DUPLICATE gives the first one's seq, id, at_us, and no feed.
	 */
	STORE_WRITE_APPEND = 1,
	/*
	 * sender joins the group `name` ("#tea"), which is made (sender its
	 * owner, limit `limit` members) if absent: events RECORD_CREATED and
	 * RECORD_JOINED get a seq each; record is the last one's.  Who joins
	 * a group that all have left owns it.
	 * Being a member already: _DUPLICATE, no event.
	 * In: record.sender, sender_name, transport.
	 * Out: record, conversation, created.
	 */
	STORE_WRITE_JOIN,
	/*
	 * sender leaves the group record.conv: RECORD_LEFT.  _NOT_MEMBER if
	 * not in it, _FORBIDDEN if it is no group.  In and out as JOIN.
	 */
	STORE_WRITE_LEAVE,
	/* sender (un)blocks peer.  Already so: _DUPLICATE.  Feeds sender. */
	STORE_WRITE_BLOCK,
	STORE_WRITE_UNBLOCK,
	/*
	 * Makes the account `name` (folded).  _EXISTS gives the existing
	 * one's id in record.sender.  Out: record.sender.
	 */
	STORE_WRITE_USER,
	/*
	 * Registers `device` of record.sender with first cursors `cursors`;
	 * known already: _DUPLICATE, and nothing changes.  The least recently
	 * used one makes room when there are device_max.
	 */
	STORE_WRITE_DEVICE,
	/*
	 * Advances cursors of record.sender's `device` (may be "": no row)
	 * and the person's delivered marks.  Never moves one back, nor past
	 * the end; those of conversations the person is not in are ignored.
	 * Lazy: may wait up to 5 s for a batch unless `urgent`.
	 */
	STORE_WRITE_CURSORS,
	/* record.sender was last seen at seen_us.  Lazy as above. */
	STORE_WRITE_SEEN
};

struct store_cursor {
	uint64_t conv;
	uint64_t seq; /* this and all before it is acknowledged */
};

typedef void store_write_done(struct store_write *write);

/*
 * One durable operation, from its submission to the last worker that
 * publishes it: one block, made by store_write_new(), counted atomically.
 * Inputs are set before the submit and not touched again; outputs may be read
 * in done() and feed().
 */
struct store_write {
	struct store_write *next; /* the store's */
	atomic_uint refs;
	enum store_write_kind kind;
	enum store_status status;     /* out */
	unsigned worker;	      /* who submits: done() runs there */
	store_write_done *done;	      /* NULL: nobody waits */
	void *arg;		      /* for done() */
	uint64_t session;	      /* for the submitter; seen in feed() */
	uint64_t peer;		      /* a person: direct, (un)block */
	uint64_t fingerprint;	      /* of the text the client sent */
	struct record record;
	struct conversation_info conversation; /* out */
	char name[CONVERSATION_NAME_MAX + 1];  /* JOIN, USER */
	char device[DEVICE_MAX + 1];
	uint32_t limit;
	int64_t seen_us;
	bool created;		      /* out: JOIN, APPEND made the conv */
	bool urgent;
	size_t cursors_n;
	struct store_cursor *cursors; /* within extra */
	size_t extra_size;
	char extra[]; /* the submitter's: texts, cursors, a ref, … */
};

/*
 * All zero but for refs = 1 and extra_size; extra begins aligned for
 * pointers.  Strings and cursors that the record points to must live in
 * extra.  NULL: no memory.
 */
struct store_write *store_write_new(size_t extra_size);
struct store_write *store_write_ref(struct store_write *write);
void store_write_unref(struct store_write *write); /* NULL is allowed */

/*
 * Takes over the caller's reference until done() has run; done() may keep it
 * by store_write_ref().  From the worker's own thread.
 *
 * Feeds after commit: APPEND, JOIN, LEAVE of a direct conversation to the
 * owners (base/owner.h) of its two people, of others to all workers; BLOCK and
 * UNBLOCK to the owner of the sender.  Nothing is fed unless status is OK.
 * record and conversation are then complete, sender_name and conversation
 * name included.
 */
void store_submit(struct store *store, struct store_write *write);

/* --------------------------------------------------------------------- reads */

enum store_read_kind {
	/* By name or uid: person.  _NOT_FOUND. */
	STORE_READ_USER = 1,
	/*
	 * All that signing in needs: person; memberships[] (each with the
	 * conversation, role, marks); blocks[] (people this one blocked);
	 * device_known and cursors[] of `device` (if not "").
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
	 * person in this snapshot: `stale`, and nothing else is answered.
	 */
	STORE_READ_CATCH_UP,
	/*
	 * records[] of conv with after < seq < before, ascending: with
	 * `newest`, the last `limit` of them, else the first; more says
	 * whether others are left on that side.
	 */
	STORE_READ_HISTORY,
	/* members[] of conv (id, name, role, marks), in the order of names. */
	STORE_READ_MEMBERS,
	/* memberships[] of uid with the newest message of each in records[]
	 * (same index; kind 0 where there is none), newest first. */
	STORE_READ_CONVERSATIONS,
	/*
	 * The record that (uid, client_msg_id) stored in conv: records[0] and
	 * _DUPLICATE, _CONFLICT when `fingerprint` differs, _NOT_FOUND.
	 */
	STORE_READ_CLIENT_MSG_ID,
	/* people[] for names[] (in their order; uid 0: no such person). */
	STORE_READ_PEOPLE
};

struct store_person {
	uint64_t uid;
	char name[NAME_BYTES_MAX + 1];
	int64_t last_seen_us; /* 0: never */
	int64_t created_us;
};

struct store_membership {
	struct conversation_info conversation;
	uint8_t role;		/* enum role */
	uint64_t joined_seq;	/* events above it are this person's */
	uint64_t delivered_seq;
	uint64_t read_seq;
	int64_t muted_until_us; /* 0: not muted */
};

struct store_member {
	uint64_t uid;
	char name[NAME_BYTES_MAX + 1];
	uint8_t role;
	uint64_t delivered_seq;
	uint64_t read_seq;
	int64_t last_seen_us;
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
	uint64_t uid, conv, before, after, fingerprint;
	uint32_t limit;
	bool newest, gaps_wanted;
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

	struct store_arena *arena; /* the store's: what the results live in */
	size_t extra_size;
	char extra[]; /* the submitter's */
};

/* As store_write_new(); positions and names may live in extra. */
struct store_read *store_read_new(size_t extra_size);
void store_read_free(struct store_read *read); /* NULL is allowed */

/*
 * Takes over read; done() gives it back: it must free it.  When the mailbox
 * closes first, the store frees it without done().  When there is no memory
 * for the results, status is STORE_NOMEM.
 */
void store_query(struct store *store, struct store_read *read);

#endif
