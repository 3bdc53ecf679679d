/* SPDX-License-Identifier: MIT */
#ifndef STORE_WRITE_H
#define STORE_WRITE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/status.h"

/* What is asked of the store's writer (store.h), and its answer. */
enum store_write_kind {
	/*
	 * Appends `record` (kind RECORD_MESSAGE; in: sender, sender_name,
	 * text, client_msg_id, reply_to, flags, transport, generation).
	 * To record.conv, or if that is 0 to the direct conversation of
	 * sender and peer, which is made, with its two members, if absent.
	 * Checked inside: the conversation exists; group: sender is a member,
	 * not muted (_MUTED, until record.until_us), not too fast for slow
	 * mode (_SLOW; moderators and above are exempt); direct: neither
	 * erased, peer has not blocked sender; reply_to, unless 0, is a
	 * message of the conversation (_NO_MESSAGE).
	 * Out: record.conv, seq, id, at_us, count; conversation.
	 * _DUPLICATE gives the first one's seq, id, at_us, and no feed.
	 */
	STORE_WRITE_APPEND = 1,
	/*
	 * sender joins the group `name` ("#tea"), which is made (sender its
	 * owner, limit `limit` members) if absent: events RECORD_CREATED and
	 * RECORD_JOINED get a seq each; record is the last one's.  Who joins
	 * a group that all have left owns it.  A private one takes in who is
	 * invited (_UNINVITED else), and the invitation is used up; _BANNED,
	 * until record.until_us.  `groups_max`: _LIMIT when sender is in that
	 * many groups; with `missing` PERMISSION_ADD, to tell it from a full
	 * group.
	 * Being a member already: _DUPLICATE, no event.
	 * In: record.sender, sender_name, transport.
	 * Out: record, conversation, created.
	 */
	STORE_WRITE_JOIN,
	/*
	 * As a JOIN that makes the group: _EXISTS if there is one or was.
	 * In besides: settings; record.text, their JSON, for the event
	 * RECORD_CREATED.
	 */
	STORE_WRITE_CREATE,
	/*
	 * sender leaves the group record.conv: RECORD_LEFT.  _NOT_MEMBER if
	 * not in it, _FORBIDDEN if it is no group, _LAST_OWNER while others
	 * are in it (`forced` too: another is given that ROLE first).  Who is
	 * invited declines: _DUPLICATE, no event.  In and out as JOIN; and of
	 * the leaving member before, their marks, joined_seq and hides_read.
	 */
	STORE_WRITE_LEAVE,
	/*
	 * sender does something to peer (record.subject is set to it; in:
	 * subject_name, borrowed as sender_name) in the group record.conv: one
	 * event each.  Refused: _NOT_MEMBER (sender is not in it),
	 * _FORBIDDEN with `missing`, _OUTRANKED (peer's role, or the one to be
	 * given, is not below sender's; nor is one's own), _NOT_FOUND (peer is
	 * nobody, or for KICK, MUTE, UNMUTE, ROLE not in the group).  Nothing
	 * to do: _DUPLICATE.  Out: role and subject_role (before),
	 * conversation; before, joined_seq and hides_read as LEAVE, of KICK
	 * and BAN of a member (joined_seq is UINT64_MAX if the banned was
	 * none).  When `forced`, sender need not be in it, and is as an owner.
	 *	INVITE	peer may join; _DUPLICATE if in it or invited;
	 *		_BLOCKED if peer blocked sender; _BANNED; _LIMIT when
	 *		peer has INVITATIONS_MAX
	 *	ADD	peer joins at once: RECORD_JOINED with subject peer;
	 *		_BLOCKED, _BANNED, _LIMIT (groups_max: of peer)
	 *	KICK	peer is out, may come back
	 *	BAN	peer is out, if in, and may not join until until_us
	 *	UNBAN	_DUPLICATE if not banned
	 *	MUTE	until until_us, though peer leaves and comes back; UNMUTE
	 *	ROLE	to record.role, below sender's own unless that is owner;
	 *		of oneself: only lower, which anybody may; _LAST_OWNER
	 * KICK and BAN of the last owner, `forced`: _LAST_OWNER as LEAVE.
	 * until_us: absolute, or 0: for good (for MUTE: INT64_MAX is stored).
	 */
	STORE_WRITE_INVITE,
	STORE_WRITE_ADD,
	STORE_WRITE_KICK,
	STORE_WRITE_BAN,
	STORE_WRITE_UNBAN,
	STORE_WRITE_MUTE,
	STORE_WRITE_UNMUTE,
	STORE_WRITE_ROLE,
	/*
	 * Sets what settings.has names; RECORD_UPDATED with record.text, the
	 * JSON of what was asked for.  As it is already: _DUPLICATE.
	 */
	STORE_WRITE_UPDATE,
	/*
	 * The message record.target of record.conv gets record.text: by its
	 * author (FORBIDDEN for others), within window_us of its time unless
	 * 0.  Refused as an APPEND, but slow mode; _NO_MESSAGE, _TOO_LATE.
	 * _DUPLICATE: it says that already.  RECORD_EDITED; the feed has the
	 * text.  With keep_versions what it said is kept.  With `compare`, as
	 * DELETE: _CONFLICT if it was edited since edited_us (0: at all), to
	 * the millisecond that clients are told.
	 */
	STORE_WRITE_EDIT,
	/*
	 * The message record.target becomes a tombstone: by its author within
	 * window_us (with PERMISSION_DELETE at any time), by who has that and
	 * outranks the author, or `forced`.  _DUPLICATE: it is one.
	 * RECORD_DELETED; subject is the author if another did it, and then
	 * subject_name is in `name`.  Earlier versions are kept with
	 * keep_versions (this one then too), else erased.  Its reactions are
	 * shown no more.
	 */
	STORE_WRITE_DELETE,
	/*
	 * sender's reaction record.text (an emoji, 1 to EMOJI_MAX bytes) to
	 * the message record.target, or with RECORD_OFF in record.flags, none
	 * any more.  Refused as an APPEND, but slow mode; _NO_MESSAGE; _LIMIT
	 * above REACTIONS_MAX.  _DUPLICATE: so already.  RECORD_REACTED.
	 */
	STORE_WRITE_REACT,
	/*
	 * sender's marks in record.conv: delivered and read, up to and
	 * including.  They only advance, never past the end; read implies
	 * delivered, and takes the private flag `unread` away.  _DUPLICATE:
	 * nothing moved, no flag went.  _NOT_MEMBER.  record.seq is not used.
	 * In: mark.delivered, mark.read (0: as it is).
	 * Out: before and now; record.at_us, when; hides_read: others are not
	 * told of now.read; unread: the flag went.
	 */
	STORE_WRITE_MARK,
	/*
	 * The private flag: `unread`.  _DUPLICATE: so already.  Feeds sender.
	 */
	STORE_WRITE_UNREAD,
	/* Sets hides_read of sender.  _DUPLICATE: so already.  Feeds sender. */
	STORE_WRITE_HIDE_READ,
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
	 * used one makes room when there are device_max.  _NOT_FOUND: nobody,
	 * or erased; so are BLOCK, UNBLOCK and SEEN refused.
	 */
	STORE_WRITE_DEVICE,
	/*
	 * Advances cursors of record.sender's `device` (may be "": no row)
	 * and the person's delivered marks, of which nobody is told: a MARK
	 * goes first where someone waits for it.  Never moves one back, nor
	 * past the end; those of conversations the person is not in are
	 * ignored.
	 * Lazy: may wait up to 5 s for a batch unless `urgent`.
	 */
	STORE_WRITE_CURSORS,
	/* record.sender was last seen at seen_us.  Lazy as above. */
	STORE_WRITE_SEEN,
	/*
	 * Retention: erases the oldest events of record.conv, at most `limit`
	 * of them, while there are more than trim.keep messages or they are
	 * older than trim.before_us, with all that hangs on them; the newest
	 * event stays.  Out: trim.erased, trim.more.  No feed.
	 */
	STORE_WRITE_TRIM,
	/*
	 * Erases the person record.sender, or `name`, but for their messages
	 * (before it DELETE, forced, each) and groups (LEAVE, forced, each:
	 * others see both).  No account, sign-in, device, block, invitation,
	 * presence, reaction or earlier version of theirs is left; the name
	 * stays taken, the e-mail address does not.  With
	 * limit 0 it only begins: from then on nobody signs in as them, and
	 * READ_ERASING names them until it is done.  Then in steps of about
	 * `limit` changes, each from where the one before says (erase.next),
	 * until that is all zero.  Out: record.sender, name, erase.
	 * Erased and done already: _DUPLICATE.  _NOT_FOUND.  _CONFLICT: they
	 * are in a group.  No feed.
	 */
	STORE_WRITE_ERASE,

	/* Accounts (account.h): `account`, `token`, `code`, `ban` point into
	 * extra. */
	/*
	 * Makes the account `name` (folded) with what account->has says.
	 * _EXISTS: the name, or with account->taken the e-mail, is taken; a
	 * name that is unclaimed too unless account->claim.  _FORBIDDEN: the
	 * invitation `code` is unknown, expired or used up, or is needed and
	 * NULL, before all else; a use counts only if all is well.  Out:
	 * record.sender, account->created_us; created: the name is new, else
	 * (claim) who had it is signed out, which feeds sender.
	 */
	STORE_WRITE_REGISTER,
	/*
	 * Changes the account of record.sender as account says.  _CONFLICT:
	 * not as expected, or another version; _EXISTS: the e-mail;
	 * _NOT_FOUND.  With sign_out families are dropped, but keep_family,
	 * and tokens_from_us moves; when ACCOUNT_DISABLED, _DEACTIVATED or a
	 * ban begins, without exception.  A new e-mail or password voids the
	 * RESET_CODE.  Out: account->updated_us, signed_out.  Feeds sender.
	 */
	STORE_WRITE_ACCOUNT,
	/*
	 * A sign-in of record.sender begins: token; it ends DEACTIVATED.
	 * _NOT_FOUND: nobody, erased, disabled or banned.  _CONFLICT: the
	 * password is not as expected any more.
	 */
	STORE_WRITE_TOKEN,
	/*
	 * token->hash is shown: its successor takes its place, and the same
	 * one again within the grace while that is unused (_DUPLICATE; OK for
	 * who asks).  Used otherwise: the family is dropped, _CONFLICT, with
	 * token->family of it, and this alone of what is refused feeds
	 * sender.  _NOT_FOUND: unknown or expired, or its person is disabled,
	 * banned or erased.  _LIMIT: REFRESHES_MAX, until record.until_us.
	 * Out: record.sender.  A used one is known as used for as long as it
	 * would have been good unused.
	 */
	STORE_WRITE_REFRESH,
	/*
	 * Ends the sign-in `family` of record.sender; with `device` those of
	 * that device instead, which is forgotten too; with neither all of
	 * them, and every token issued until now.  _NOT_FOUND: no such
	 * sign-in or device, or nobody.  Feeds sender.
	 */
	STORE_WRITE_SIGN_OUT,
	/* Takes the place of an earlier one of record.sender: code. */
	STORE_WRITE_RESET_CODE,
	/*
	 * With the right code->hash: sets account->password of record.sender,
	 * signs out everywhere, uses up the code.  _FORBIDDEN: wrong (counted:
	 * RESET_TRIES), expired, none.  Feeds sender.
	 */
	STORE_WRITE_RESET,
	/*
	 * A code that lets code->uses people register; 0: none any more
	 * (_NOT_FOUND).
	 */
	STORE_WRITE_CODE,
	/*
	 * Bans the range ban->range, which is written in one way only, or ends
	 * that (_NOT_FOUND).  _LIMIT: RANGES_MAX.  Feeds all.
	 */
	STORE_WRITE_BAN_RANGE,
	STORE_WRITE_UNBAN_RANGE,
	/*
	 * The emergency mode is `forced` from now on, or not.  _DUPLICATE: so
	 * already.  Feeds all.
	 */
	STORE_WRITE_LOCKDOWN
};

struct store_account;
struct store_token;
struct store_code;
struct store_ban;

/* Of a group. */
enum setting {
	SETTING_TITLE = 1 << 0,
	SETTING_DESCRIPTION = 1 << 1,
	SETTING_PRIVATE = 1 << 2,
	SETTING_SINCE_JOIN = 1 << 3,
	SETTING_SLOW = 1 << 4
};

struct store_settings {
	uint8_t has; /* enum setting: which are meant */
	bool private, since_join;
	uint32_t slow_s;
	uint32_t title_len, description_len;
	const char *title, *description;
};

struct store_mark {
	uint64_t delivered, read;
};

struct store_trim {
	int64_t before_us; /* 0: of any age */
	uint64_t keep;	   /* messages; 0: any number */
	uint32_t erased;   /* out */
	bool more;	   /* out */
};

/* Where an erasure stands: in a table, by its keys. */
struct store_erase_at {
	uint64_t phase, conv, seq;
};

struct store_erase {
	struct store_erase_at from; /* in */
	struct store_erase_at next; /* out */
	uint32_t devices, blocks, invitations, reactions, versions; /* out */
};

struct store_write;
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
	char name[CONVERSATION_NAME_MAX + 1];  /* JOIN, CREATE, USER, ERASE */
	char device[DEVICE_MAX + 1];
	uint32_t limit, groups_max;
	int64_t seen_us, until_us, window_us;
	bool created;		      /* out: JOIN, APPEND made the conv */
	bool urgent;
	bool forced;		      /* no permission is asked for */
	bool keep_versions;
	bool compare;		      /* EDIT, DELETE: with edited_us */
	int64_t edited_us;
	bool unread;		      /* UNREAD: in; MARK: out */
	bool hides_read;	      /* HIDE_READ: in; MARK, LEAVE: out */
	uint8_t missing;	      /* out: enum permission, or 0 */
	uint8_t role, subject_role;   /* out: enum role */
	struct store_mark mark, before, now; /* in, out, out */
	uint64_t joined_seq;	      /* out: who came or went: events above
					 it are, or were, theirs */
	struct store_settings settings;
	struct store_trim trim;
	struct store_erase erase;
	/*
	 * APPEND, EDIT: what rules said of it, as text, kept under its hash,
	 * which record.trail then is; NULL: nothing.
	 */
	const char *trail;
	uint32_t trail_len;
	size_t cursors_n;
	struct store_cursor *cursors; /* within extra */
	uint64_t family; /* SIGN_OUT */
	union {
		struct store_account *account;
		struct store_token *token;
		struct store_ban *ban;
	};
	struct store_code *code; /* REGISTER and RESET: its hash */
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

#endif
