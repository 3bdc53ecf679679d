/* SPDX-License-Identifier: MIT */
#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "store/cache.h"
#include "store/id_set.h"
#include "store/rows.h"

/*
 * What the writer does to the tables: operations applied one after the other
 * within a transaction, on the writer's thread.  It keeps in memory the
 * numbers it hands out, and heads, memberships and blocks it has met.
 */
#define LEDGER_CHANGED_MAX 512

struct ledger {
	struct kv *kv;
	struct kv_txn *txn; /* NULL between transactions */
	struct clock clock;
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
	struct id_sets ids;
	size_t changed_n; /* conversations whose heads are yet to be put */
	uint64_t changed[LEDGER_CHANGED_MAX];

	size_t room_size;
	unsigned char *room; /* values are encoded here */
	size_t cursors_size;
	struct store_cursor *cursors; /* room to merge some */
};

struct ledger_options {
	unsigned device_max;
	uint64_t min_free;
	struct clock clock;
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
 * The last changes of a transaction: _OK or it is spoiled.  Before
 * ledger_commit(), and nothing is applied between the two.
 */
enum store_status ledger_finish(struct ledger *ledger);

/* As kv_commit(); unless KV_OK, it is as before ledger_begin(). */
enum kv_result ledger_commit(struct ledger *ledger, struct error *err);
void ledger_abort(struct ledger *ledger);

/*
 * Carries out write and fills its outputs.  When the result is other than
 * _OK and _DUPLICATE, but ledger->changes has moved, the transaction is
 * spoiled and must be aborted; else such a write has changed nothing.
 */
enum store_status ledger_apply(struct ledger *ledger,
    struct store_write *write);

/* ----------------------------------------------- the operations, by subject */

enum store_status ledger_append(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_join(struct ledger *ledger,
    struct store_write *write);
enum store_status ledger_leave(struct ledger *ledger,
    struct store_write *write);
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

/*
 * A new conversation: info (all but id, members and created_us) and limit are
 * the caller's.
 */
enum store_status ledger_add_conversation(struct ledger *ledger,
    const struct conversation_info *info, uint32_t limit,
    struct conversation_row **conversation);
enum store_status ledger_put_info(struct ledger *ledger,
    const struct conversation_row *conversation);
/* Its head has changed, and is put once a transaction. */
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

#endif
