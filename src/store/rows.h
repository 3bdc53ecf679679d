/* SPDX-License-Identifier: MIT */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include <stdint.h>

#include "store/keys.h"
#include "store/kv.h"
#include "store/store.h"

/*
 * What the tables hold beside logs, as structs.  row_get_x() reads within a
 * transaction or snapshot: STORE_OK, STORE_NOT_FOUND, STORE_CORRUPT or
 * STORE_NOMEM.  row_pack_x() encodes into room of ROW_MAX bytes.
 */
#define ROW_MAX 512

/* A conversation: its head, which moves with each event, and what it is. */
struct conversation {
	struct conversation_info info;
	uint64_t count;	      /* messages so far */
	uint64_t message_seq; /* of the newest message, or 0 */
	int64_t at_us;	      /* of the newest event */
	uint32_t limit;	      /* of members; 0: none */
};

struct member_row {
	uint8_t role;
	uint64_t joined_seq, delivered_seq, read_seq;
	int64_t joined_us, muted_until_us;
};

struct user_row {
	int64_t created_us;
	char name[NAME_MAX + 1];
};

struct client_id_row {
	uint64_t seq, fingerprint;
};

/* What a call of the kv means to whoever asked. */
enum store_status row_status(enum kv_result result);

enum store_status row_get_conversation(struct kv_txn *txn, uint64_t conv,
    struct conversation *conversation);
/* Only where its log ends. */
enum store_status row_get_last_seq(struct kv_txn *txn, uint64_t conv,
    uint64_t *seq);
size_t row_pack_head(const struct conversation *conversation, void *room);
size_t row_pack_info(const struct conversation *conversation, void *room);

enum store_status row_get_member(struct kv_txn *txn, uint64_t conv,
    uint64_t uid, struct member_row *row);
enum store_status row_unpack_member(struct kv_bytes value,
    struct member_row *row);
size_t row_pack_member(const struct member_row *row, void *room);

enum store_status row_get_user(struct kv_txn *txn, uint64_t uid,
    struct user_row *row);
size_t row_pack_user(const struct user_row *row, void *room);

size_t row_pack_client_id(const struct client_id_row *row, void *room);

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

/* KV_CHG. */
size_t row_pack_change(uint64_t conv, uint64_t seq, void *room);

/*
 * A record of a log, borrowed from the transaction, conv and seq included.
 */
enum store_status row_get_record(struct kv_txn *txn, uint64_t conv,
    uint64_t seq, struct record *record);

/*
 * Idempotency.  A client's id has the first hash from row_client_id_hash() on
 * that no other id of the conversation took, within ROW_PROBES.
 */
#define ROW_PROBES 8
uint64_t row_client_id_hash(const struct record *record);

/*
 * Whether value, found at such a hash, is of wanted's sender and client id:
 * STORE_DUPLICATE with the record and fingerprint that were stored, or
 * STORE_OK: it is another's.
 */
enum store_status row_match_client_id(struct kv_txn *txn,
    struct kv_bytes value, const struct record *wanted, struct record *record,
    uint64_t *fingerprint);

/* What wanted's sender stored in wanted's conv under its client id, if so. */
enum store_status row_find_client_id(struct kv_txn *txn,
    const struct record *wanted, struct record *record,
    uint64_t *fingerprint);

#endif
