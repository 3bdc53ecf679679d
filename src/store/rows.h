/* SPDX-License-Identifier: MIT */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include <stdint.h>

#include "store/keys.h"
#include "store/kv.h"
#include "store/mark.h"
#include "store/store.h"

/*
 * What the tables hold beside logs, as structs.  row_get_x() reads within a
 * transaction or snapshot: STORE_OK, STORE_NOT_FOUND, STORE_CORRUPT or
 * STORE_NOMEM.  row_pack_x() encodes into room of ROW_MAX bytes.
 */
#define ROW_MAX 512

/* A conversation: its head, which moves with each event, and what it is. */
struct conversation_row {
	struct conversation_info info;
	uint64_t count;	      /* messages so far, erased ones too */
	uint64_t first_count; /* of those, before info.first_seq */
	uint64_t message_seq; /* of the newest message, or 0 */
	int64_t at_us;	      /* of the newest event */
	uint32_t limit;	      /* of members; 0: none */
	bool changed;	      /* the writer's: the head is yet to be put */
};

enum member_flag { MEMBER_UNREAD = 1 << 0 /* marked so by its person */ };

struct member_row {
	uint8_t role, flags;
	uint64_t joined_seq, delivered_seq, read_seq;
	int64_t joined_us, muted_until_us;
	int64_t delivered_us, read_us; /* when the mark last moved */
	int64_t posted_us; /* in slow mode: the last message */
};

/* KV_MARK: a mark that moved to the key's seq. */
struct move_row {
	uint64_t from; /* so events up to that had it before */
	int64_t at_us;
};

enum user_flag {
	USER_HIDES_READ = 1 << 0, /* its read marks are told to nobody */
	USER_ERASED = 1 << 1	  /* the name stays taken */
};

struct user_row {
	int64_t created_us;
	uint8_t flags;
	char name[NAME_BYTES_MAX + 1];
};

/* A ban or an invitation. */
struct grant_row {
	uint64_t by; /* uid */
	int64_t at_us;
	int64_t until_us; /* ban: 0: for good */
};

/* What a call of the kv means to whoever asked. */
enum store_status row_status(enum kv_result result);

/*
 * A row to be unpacked: borrows its value, the checksum verified.  Closed when
 * all its members were read: STORE_CORRUPT if one was not whole.
 */
enum store_status row_open(struct kv_txn *txn, enum kv_table table,
    const struct key *key, struct unpack *in);
enum store_status row_close(const struct unpack *in);

enum store_status row_get_conversation(struct kv_txn *txn, uint64_t conv,
    struct conversation_row *conversation);
/* Only its enum conversation_kind. */
enum store_status row_get_kind(struct kv_txn *txn, uint64_t conv,
    uint8_t *kind);
/* Only where its log ends. */
enum store_status row_get_last_seq(struct kv_txn *txn, uint64_t conv,
    uint64_t *seq);
enum store_status row_get_ends(struct kv_txn *txn, uint64_t conv,
    uint64_t *first_seq, uint64_t *last_seq);
size_t row_pack_head(const struct conversation_row *conversation, void *room);
size_t row_pack_info(const struct conversation_row *conversation, void *room);

enum store_status row_get_member(struct kv_txn *txn, uint64_t conv,
    uint64_t uid, struct member_row *row);
enum store_status row_unpack_member(struct kv_bytes value,
    struct member_row *row);
size_t row_pack_member(const struct member_row *row, void *room);

enum store_status row_unpack_move(struct kv_bytes value,
    struct move_row *row);
size_t row_pack_move(const struct move_row *row, void *room);

enum store_status row_get_grant(struct kv_txn *txn, enum kv_table table,
    const struct key *key, struct grant_row *row);
size_t row_pack_grant(const struct grant_row *row, void *room);

/* Title and description, "" where there is none; both borrowed, not NUL-
 * terminated. */
enum store_status row_get_texts(struct kv_txn *txn, uint64_t conv,
    struct kv_bytes *title, struct kv_bytes *description);
/* Into room of TITLE_MAX + DESCRIPTION_MAX + 32 bytes. */
size_t row_pack_texts(struct kv_bytes title, struct kv_bytes description,
    void *room);

enum store_status row_get_user(struct kv_txn *txn, uint64_t uid,
    struct user_row *row);
size_t row_pack_user(const struct user_row *row, void *room);

/* A device: when it was last used, and its cursors in the order of conv. */
struct device_row {
	int64_t used_us;
	size_t cursors_n; /* still to be read */
	struct unpack in;
};

/* Borrows value; the row's cursors are then read one by one. */
enum store_status row_open_device(struct kv_bytes value,
    struct device_row *row);
/* False after the last, or where the row is damaged. */
bool row_next_cursor(struct device_row *row, struct store_cursor *cursor);
/* Whether all was read, undamaged. */
enum store_status row_close_device(const struct device_row *row);

/* Into room of ROW_DEVICE_SIZE(n). */
#define ROW_DEVICE_SIZE(n) (32 + (size_t)(n) * 2 * PACK_VARINT_MAX)
size_t row_pack_device(int64_t used_us, const struct store_cursor *cursors,
    size_t n, void *room);

/* A single number: a uid, a conv, a time. */
enum store_status row_get_u64(struct kv_txn *txn, enum kv_table table,
    const struct key *key, uint64_t *value);
size_t row_pack_u64(uint64_t value, void *room);

/* KV_TRAIL: a text, borrowed, not NUL-terminated; "" where there is none. */
enum store_status row_get_trail(struct kv_txn *txn, uint64_t hash,
    struct kv_bytes *trail);
/* Into room of TRAIL_MAX + 32 bytes. */
size_t row_pack_trail(struct kv_bytes trail, void *room);

/* KV_CHG. */
size_t row_pack_change(uint64_t conv, uint64_t seq, void *room);
enum store_status row_unpack_change(struct kv_bytes value, uint64_t *conv,
    uint64_t *seq);

/*
 * A record of a log, borrowed from the transaction, conv and seq included.
 */
enum store_status row_get_record(struct kv_txn *txn, uint64_t conv,
    uint64_t seq, struct record *record);

/*
 * Idempotency.  A client's id is in its record; marks say where to look.
 * They are kept by blocks of ROW_BLOCK seqs, in KV_IDS under the first seq,
 * once a block is full and has any.  Those of the last block are only in the
 * records.
 */
#define ROW_BLOCK 32
#define ROW_BLOCK_FIRST(seq) (((seq) - 1) / ROW_BLOCK * ROW_BLOCK + 1)

size_t row_pack_block(const uint32_t marks[ROW_BLOCK], void *room);

/*
 * Calls each() for the full blocks of conv in their order, until it does not
 * return STORE_OK.  A block that does not verify is read from its records.
 */
typedef enum store_status row_each(void *arg, uint64_t first_seq,
    const uint32_t marks[ROW_BLOCK]);
enum store_status row_each_block(struct kv_txn *txn,
    const struct mark_key *key, uint64_t conv, row_each *each, void *arg);

/*
 * The marks of seqs first to last, of one block, from the records; 0 for one
 * that does not verify.
 */
void row_read_block(struct kv_txn *txn,
    const struct mark_key *key, uint64_t conv, uint64_t first, uint64_t last,
    uint32_t marks[ROW_BLOCK]);

/*
 * STORE_DUPLICATE and the record that wanted's sender stored in wanted's conv
 * under its client id, or STORE_NOT_FOUND.  The log ends at last_seq.
 */
enum store_status row_find_client_id(struct kv_txn *txn,
    const struct mark_key *key, const struct record *wanted,
    uint64_t last_seq, struct record *record);

#endif
