/* SPDX-License-Identifier: MIT */
#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "store/cache.h"
#include "store/id_set.h"
#include "store/rows.h"

#define PEOPLE_CACHED (1 << 16)

/*
 * What the writer does to the tables: operations applied one after the other
 * within a transaction, on the writer's thread.  It keeps in memory the
 * numbers it hands out, and heads, memberships and blocks it has met.
 */
struct ledger_waiting {
	uint64_t conv, seq;
	size_t at, len; /* in log */
};

struct ledger {
	struct kv *kv;
	struct kv_txn *txn; /* NULL between transactions */
	struct search *search; /* is told of commits; NULL: none is */
	const struct clock *clock;
	uint64_t epoch;
	unsigned device_max;
	uint64_t min_free;

	int64_t now_us;	   /* of this transaction */
	bool disk_is_full; /* in it, nothing that grows is taken */
	uint64_t changes;  /* attempted on the tables, ever */
	struct {
		uint64_t id, uid, conv;
	} last, committed; /* handed out */

	struct cache conversations; /* conv, 0: struct conversation_row */
	struct cache directs;	    /* uid, uid in order: u64 conv or 0 */
	struct cache members;	    /* conv, uid: struct member_row */
	struct cache blocks;	    /* who, whom: bool */
	uint64_t *people; /* at uid % PEOPLE_CACHED: uid << 8 | enum user_flag */
	struct cache trails;	    /* hash, 0: nothing; known to be stored */
	struct id_sets ids;

	/*
	 * What a transaction still has to put: records, encoded in log, and
	 * the heads of conversations.  In the order of their keys most are
	 * found on the page of the one before.
	 */
	struct ledger_waiting *waiting;
	size_t waiting_n, waiting_size;
	struct buf log;
	uint64_t *changed; /* conversations */
	size_t changed_n, changed_size;
	uint64_t spoiled_conv; /* of a flush that failed, or 0 */

	size_t room_size;
	unsigned char *room; /* values are encoded here */
	unsigned char *message; /* a copy of the one that is changed */
	size_t cursors_size;
	struct store_cursor *cursors; /* room to merge some */
};

struct ledger_options {
	unsigned device_max;
	uint64_t min_free;
	const struct clock *clock; /* borrowed */
};

/*
 * Verifies the format; makes what a new store begins with.  ledger_close() it
 * on failure too.
 */
int ledger_open(struct ledger *ledger, struct kv *kv,
    const struct ledger_options *options, struct error *err);
void ledger_close(struct ledger *ledger); /* the kv stays the caller's */

int ledger_begin(struct ledger *ledger, struct error *err);

/*
 * Puts what waits: before ledger_commit(), and before the tables are asked
 * for what may wait.  _OK, or the transaction is spoiled, by what there was
 * to put for spoiled_conv.
 */
enum store_status ledger_flush(struct ledger *ledger);

/* As kv_commit(); unless KV_OK, it is as before ledger_begin(). */
enum kv_result ledger_commit(struct ledger *ledger, struct error *err);
void ledger_abort(struct ledger *ledger);

/*
 * Carries out write and fills its outputs.  When the result is other than
 * _OK and _DUPLICATE, but ledger->changes has moved, the transaction is
 * spoiled and must be aborted, unless ledger_refusal_stays(); else such a
 * write has changed nothing.
 */
enum store_status ledger_apply(struct ledger *ledger,
    struct store_write *write);

/*
 * Whether what was refused with this status is a change all the same: a used
 * token ends its family, a wrong code is counted.
 */
bool ledger_refusal_stays(const struct store_write *write,
    enum store_status status);

/* ----------------------------------------------- the operations, by subject */

enum store_status ledger_append(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_join(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_create(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_leave(struct ledger *ledger,
    struct store_write *write);
/*
 * Whether write's sender may post to conversation; with `slow`, now as far as
 * slow mode goes.  Else _NOT_MEMBER, _BLOCKED, _MUTED or _SLOW (until
 * record.until_us), or _NOT_FOUND: the sender or the other side is erased.
 * Out: role, in a group.  Changes nothing.
 */
enum store_status ledger_may_post(struct ledger *ledger,
    const struct conversation_row *conversation, struct store_write *write,
    bool slow);
/* INVITE to ROLE: ledger_member.c */
enum store_status ledger_invite(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_admit(struct ledger *ledger,
    struct store_write *write); /* ADD */
enum store_status ledger_kick(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_ban(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_unban(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_mute(struct ledger *ledger,
    struct store_write *write); /* and UNMUTE */
enum store_status ledger_role(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_update(struct ledger *ledger,
    struct store_write *write);
/* ledger_message.c */
enum store_status ledger_edit(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_delete(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_react(struct ledger *ledger,
    struct store_write *write);
/* ledger_mark.c */
enum store_status ledger_mark(struct ledger *ledger,
    struct store_write *write);
/* Its delivered mark, as far as it advances: nobody is told.  row is cached. */
enum store_status ledger_deliver(struct ledger *ledger,
    const struct conversation_row *conversation, uint64_t uid,
    struct member_row *row, uint64_t seq);
enum store_status ledger_unread(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_hide_read(struct ledger *ledger,
    struct store_write *write);
/* ledger_care.c */
enum store_status ledger_trim(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_erase(struct ledger *ledger,
    struct store_write *write);
/* ledger_account.c */
enum store_status ledger_register(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_account(struct ledger *ledger,
    struct store_write *write);
/* ledger_token.c */
enum store_status ledger_token(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_refresh(struct ledger *ledger,
    struct store_write *write);
/* ledger_family.c */
enum store_status ledger_sign_out(struct ledger *ledger,
    struct store_write *write);
/* ledger_code.c */
enum store_status ledger_reset_code(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_reset(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_code(struct ledger *ledger,
    struct store_write *write);
/* ledger_range.c */
enum store_status ledger_ban_range(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_unban_range(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_lockdown(struct ledger *ledger,
    struct store_write *write);
/* ledger_person.c */
enum store_status ledger_block(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_unblock(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_user(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_seen(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_device(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_cursors(struct ledger *ledger,
    struct store_write *write);

/* ------------------------------------------------- what they are built from */

/* One change; value is in ledger->room. */
enum store_status ledger_put(struct ledger *ledger, enum kv_table table,
    const struct key *key, size_t len);
enum store_status ledger_del(struct ledger *ledger, enum kv_table table,
    const struct key *key);
enum store_status ledger_put_u64(struct ledger *ledger, enum kv_table table,
    const struct key *key, uint64_t value);

/* As ledger_del(), but what is not there needs no erasing. */
enum store_status ledger_del_if_there(struct ledger *ledger,
    enum kv_table table, const struct key *key);

/*
 * The first key at or after from that has the first prefix_len bytes of it;
 * the table may have changed since the last one.  STORE_NOT_FOUND.
 */
enum store_status ledger_find_row(struct kv_cursor *cursor,
    const struct key *from, size_t prefix_len, struct key *found);

/*
 * Deletes the rows whose keys begin with prefix, *room of them at most, which
 * goes down with each: at 0 there may be more.
 */
enum store_status ledger_del_rows(struct ledger *ledger, enum kv_table table,
    const struct key *prefix, uint32_t *room);

/* Of a transaction: what it makes dirty is bounded, and so is its time. */
#define LEDGER_DELETES_MAX 900

/* Cached.  The pointer is valid until the next call of the same. */
enum store_status ledger_conversation(struct ledger *ledger, uint64_t conv,
    struct conversation_row **conversation);
enum store_status ledger_member(struct ledger *ledger, uint64_t conv,
    uint64_t uid, struct member_row **row);
/* conv 0: there is none. */
enum store_status ledger_direct(struct ledger *ledger, uint64_t one,
    uint64_t other, uint64_t *conv);
enum store_status ledger_blocks(struct ledger *ledger, uint64_t who,
    uint64_t whom, bool *blocks);

/* Of a person: enum user_flag.  Cached.  _NOT_FOUND: nobody has this uid. */
enum store_status ledger_user_flags(struct ledger *ledger, uint64_t uid,
    uint8_t *flags);
/* _NOT_FOUND: nobody, or erased. */
enum store_status ledger_check_person(struct ledger *ledger, uint64_t uid);
enum store_status ledger_put_user(struct ledger *ledger, uint64_t uid,
    const struct user_row *row);
/* Who nobody is called so yet. */
enum store_status ledger_add_user(struct ledger *ledger, const char *name,
    uint64_t *uid);

/*
 * A new conversation: info (all but id, members and created_us) and limit are
 * the caller's.
 */
enum store_status ledger_add_conversation(struct ledger *ledger,
    const struct conversation_info *info, uint32_t limit,
    struct conversation_row **conversation);
enum store_status ledger_put_info(struct ledger *ledger,
    const struct conversation_row *conversation);
/* When what is done now to conversation happens: never before its events. */
int64_t ledger_time(const struct ledger *ledger,
    const struct conversation_row *conversation);
/* Its head has changed: it waits to be put. */
enum store_status ledger_touch(struct ledger *ledger,
    struct conversation_row *conversation);

enum store_status ledger_add_member(struct ledger *ledger, uint64_t conv,
    uint64_t uid, const struct member_row *row);
enum store_status ledger_put_member(struct ledger *ledger, uint64_t conv,
    uint64_t uid, const struct member_row *row);
enum store_status ledger_remove_member(struct ledger *ledger, uint64_t conv,
    uint64_t uid);

/* In the transaction of ledger_open(): what there is, or a new store. */
int ledger_load(struct ledger *ledger, struct error *err);

/*
 * Gives record its place at the end of conversation's log and stores it; mark
 * is that of its client id.
 */
enum store_status ledger_log(struct ledger *ledger,
    struct conversation_row *conversation, struct record *record,
    uint32_t mark);

/*
 * Stores write's trail, unless it is known, and sets record.trail.  A longer
 * one than TRAIL_MAX is cut.
 */
enum store_status ledger_keep_trail(struct ledger *ledger,
    struct store_write *write);

#endif
