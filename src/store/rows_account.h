/* SPDX-License-Identifier: MIT */
#ifndef STORE_ROWS_ACCOUNT_H
#define STORE_ROWS_ACCOUNT_H

#include "store/account.h"
#include "store/rows.h"

/*
 * What the tables hold of accounts, as rows.h has it of all others.
 * row_get_x() reads: STORE_OK, STORE_NOT_FOUND, STORE_CORRUPT or STORE_NOMEM;
 * row_pack_x() encodes into room of ROW_MAX bytes but where more is said.
 */

/* Kept beside enum account_flag. */
#define ROW_CLAIMED (1 << 7)

struct account_row {
	uint8_t flags; /* enum account_flag, ROW_CLAIMED */
	int64_t banned_until_us, tokens_from_us, created_us, updated_us;
	char email[EMAIL_MAX + 1];
	char password[PASSWORD_HASH_MAX + 1];
	char display_name[DISPLAY_NAME_MAX + 1];
	char avatar_url[AVATAR_URL_MAX + 1];
	char about[ABOUT_MAX + 1];
	char reason[REASON_MAX + 1];
};

#define ROW_ACCOUNT_SIZE (sizeof(struct account_row) + 64)

enum store_status row_get_account(struct kv_txn *txn, uint64_t uid,
    struct account_row *row);
/* Into room of ROW_ACCOUNT_SIZE. */
size_t row_pack_account(const struct account_row *row, void *room);

/*
 * The beginning of it, which is all that a request needs; family is 0 or the
 * one asked for, alive at now_us.  Who has no row is unclaimed.
 */
enum store_status row_get_access(struct kv_txn *txn, uint64_t uid,
    uint64_t family, int64_t now_us, struct store_access *access);

/* Whether nobody signs in so. */
bool row_is_shut(uint8_t flags, int64_t banned_until_us, int64_t now_us);

/* ----------------------------------------------------------------- sign-ins */

/* KV_FAMILY; device and address as in struct store_family. */
struct family_row {
	int64_t created_us, used_us, expires_us;
	int64_t day_us;	   /* of which refreshes are counted */
	uint32_t refreshes;
	unsigned char token[SECRET_HASH]; /* the one not used yet */
	char device[DEVICE_MAX + 1];
	char address[sizeof(((struct store_family *)NULL)->address)];
};

enum store_status row_get_family(struct kv_txn *txn, uint64_t uid,
    uint64_t family, struct family_row *row);
enum store_status row_unpack_family(struct kv_bytes value,
    struct family_row *row);
size_t row_pack_family(const struct family_row *row, void *room);

/* As it is told of: but for id and uid. */
void row_tell_family(const struct family_row *row,
    struct store_family *family);

/* KV_TOKEN: of a family's last one, or of an earlier, used one. */
struct token_row {
	uint64_t uid, family;
	int64_t used_us;  /* 0: not yet */
	int64_t until_us; /* of a used one: it is known until then */
};

void key_token(struct key *key, const unsigned char hash[SECRET_HASH]);
enum store_status row_get_token(struct kv_txn *txn, const struct key *key,
    struct token_row *row);
enum store_status row_unpack_token(struct kv_bytes value,
    struct token_row *row);
size_t row_pack_token(const struct token_row *row, void *room);

/* --------------------------------------------------------- codes and ranges */

/* KV_CODE: of a person, to reset; or one that lets people register. */
struct code_row {
	unsigned char hash[SECRET_HASH]; /* reset: of the code */
	int64_t expires_us; /* 0: does not */
	uint32_t left;	    /* tries, or uses */
};

#define KEY_CODE_RESET 'r'
#define KEY_CODE_REGISTER 'i'

void key_reset(struct key *key, uint64_t uid);
void key_invite(struct key *key, const unsigned char hash[SECRET_HASH]);
enum store_status row_get_code(struct kv_txn *txn, const struct key *key,
    struct code_row *row);
enum store_status row_unpack_code(struct kv_bytes value,
    struct code_row *row);
size_t row_pack_code(const struct code_row *row, void *room);
bool row_code_is_over(const struct code_row *row, int64_t now_us);

/* KV_RANGE.  Into room of ROW_RANGE_SIZE. */
#define ROW_RANGE_SIZE (REASON_MAX + 64)
/* All but ban->range, which is the key. */
enum store_status row_unpack_range(struct kv_bytes value,
    struct store_ban *ban);
size_t row_pack_range(const struct store_ban *ban, void *room);

/* KV_META: 1 in the emergency mode. */
void key_lockdown(struct key *key);

#endif
