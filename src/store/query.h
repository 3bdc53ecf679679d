/* SPDX-License-Identifier: MIT */
#ifndef STORE_QUERY_H
#define STORE_QUERY_H

#include "base/clock.h"
#include "store/arena.h"
#include "store/rows.h"

/*
 * Reads, answered from a snapshot on a reader's thread.  Each fills the
 * outputs of store_read, with all they point to in its arena.
 */

/* Names never change: each thread remembers those it has met. */
#define QUERY_NAMES 4096

struct query_name {
	uint64_t uid; /* 0: free */
	char name[NAME_BYTES_MAX + 1];
};

struct query {
	struct kv_txn *txn;
	struct kv_txn *words; /* a reader of the search index, reset */
	const struct log *log;
	const struct clock *clock;
	const struct mark_key *key; /* the store's */
	struct query_name *names; /* QUERY_NAMES */
};

/* The status; it also says of damage in the log. */
enum store_status query_answer(struct query *query, struct store_read *read);

/* ---------------------------------------------------- the reads, by subject */

enum store_status query_user(struct query *query, struct store_read *read);
enum store_status query_person(struct query *query, struct store_read *read);
enum store_status query_people(struct query *query, struct store_read *read);
enum store_status query_conversation(struct query *query,
    struct store_read *read);
enum store_status query_conversations(struct query *query,
    struct store_read *read);
enum store_status query_members(struct query *query, struct store_read *read);
enum store_status query_catch_up(struct query *query,
    struct store_read *read);
enum store_status query_history(struct query *query, struct store_read *read);
enum store_status query_client_msg_id(struct query *query,
    struct store_read *read);
enum store_status query_receipts(struct query *query,
    struct store_read *read);
enum store_status query_versions(struct query *query,
    struct store_read *read);
enum store_status query_search(struct query *query,
    struct store_read *read);
enum store_status query_story(struct query *query,
    struct store_read *read);
enum store_status query_overdue(struct query *query,
    struct store_read *read);
enum store_status query_sent_by(struct query *query,
    struct store_read *read);
enum store_status query_erasing(struct query *query,
    struct store_read *read);
enum store_status query_account(struct query *query,
    struct store_read *read);
enum store_status query_devices(struct query *query,
    struct store_read *read);
enum store_status query_event(struct query *query,
    struct store_read *read);
enum store_status query_accounts(struct query *query,
    struct store_read *read);
enum store_status query_bans(struct query *query,
    struct store_read *read);
enum store_status query_blocked(struct query *query,
    struct store_read *read);

/* ------------------------------------------------- what they are built from */

/* _NOT_FOUND: nobody is called so. */
enum store_status query_find_uid(struct query *query, const char *name,
    uint64_t *uid);

/* person of uid, and access, with read's family. */
enum store_status query_tell_person(struct query *query,
    struct store_read *read, uint64_t uid);

/* Where the event with this id is; _NO_MESSAGE: there is none. */
enum store_status query_find_id(struct query *query, uint64_t id,
    uint64_t *conv, uint64_t *seq);

/*
 * The last seq of conv whose event's id is at most `since`, or floor if that
 * is further.
 */
enum store_status query_seq_at(struct query *query,
    const struct conversation_info *info, uint64_t since, uint64_t floor,
    uint64_t *seq);

/* memberships[] of read->uid, in no order. */
enum store_status query_memberships(struct query *query,
    struct store_read *read);

/* The same of conv alone: _NOT_FOUND, or _NOT_MEMBER. */
enum store_status query_membership(struct query *query,
    struct store_read *read, uint64_t conv);

/* invitations[] and blocks[] of read->uid. */
enum store_status query_invitations(struct query *query,
    struct store_read *read);
enum store_status query_blocks(struct query *query, struct store_read *read);
/* Whether uid is one of blocks[]. */
bool query_is_blocked(const struct store_read *read, uint64_t uid);

/*
 * unread, unread_more and mentions of one of read's memberships, whose
 * conversation row is; blocks[] are there.
 */
enum store_status query_unread(struct query *query,
    const struct store_read *read, const struct conversation_row *row,
    struct store_membership *membership);

/* Nothing at or below it is there for who joined at joined_seq. */
uint64_t query_floor(const struct conversation_info *info,
    uint64_t joined_seq);

/*
 * The messages up to seq, erased ones too.  Where its record does not verify,
 * as the next that does has it.
 */
enum store_status query_count_at(struct query *query,
    const struct conversation_row *row, uint64_t seq, uint64_t *count);

/* Whether positions[], the public room aside, are all that uid is in. */
enum store_status query_check_positions(struct query *query,
    struct store_read *read, bool *same);

/* The names of people: borrowed until the next call, "" if there is none. */
const char *query_find_name(struct query *query, uint64_t uid);

/*
 * Copies a record that is borrowed from the snapshot, with names, to
 * read->records[records_n++], for which there is room.  An edit gets the text
 * that its message now has.
 */
enum store_status query_keep_record(struct query *query,
    struct store_read *read, const struct record *record);

/*
 * An edit as it is told later: with the text, borrowed from the snapshot, that
 * the message has by now; without and as RECORD_TOMBSTONE if that is gone, or
 * not for read's person to see.
 */
enum store_status query_fill_edited(struct query *query,
    const struct store_read *read, struct record *event);

/* Those of all messages in records[]. */
enum store_status query_add_reactions(struct query *query,
    struct store_read *read);

/*
 * members[], from uid `from` on, and the counts, as STORE_READ_RECEIPTS says:
 * who has event, whose conv and seq are set.
 */
enum store_status query_add_receipts(struct query *query,
    struct store_read *read, const struct record *event, uint64_t from);

/*
 * One more element, zeroed, at the end of an array in the arena, which may
 * move.  NULL: no memory.
 */
void *query_grow(struct store_read *read, void *array, size_t *n,
    size_t element);

/* In the log: a conversation that does not verify. */
void query_say_damaged(const struct query *query, uint64_t conv);

enum store_status query_add_gap(struct store_read *read, uint64_t conv,
    uint64_t from, uint64_t to);

/* In place of a record that does not verify: logged, and a gap. */
enum store_status query_say_lost(struct query *query, struct store_read *read,
    uint64_t conv, uint64_t seq);

#endif
