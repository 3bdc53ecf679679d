/* SPDX-License-Identifier: MIT */
#ifndef STORE_CHECK_STATE_H
#define STORE_CHECK_STATE_H

#include "store/check.h"
#include "store/rows.h"

/* One walk; private to check*.c. */
struct check {
	struct kv_txn *txn;
	check_found *found;
	void *arg;
	struct check_totals *totals;
	struct mark_key mark_key;
	enum store_status status; /* STORE_OK, or why the walk has to end */
};

/* What to do about a finding. */
#define CHECK_RESTORE "a backup may have it"
#define CHECK_REBUILD "an export and an import make it anew"

void check_say(struct check *check, const char *advice, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/* Whether a read went well; no memory ends the walk. */
bool check_is(struct check *check, enum store_status status);

bool check_has(struct check *check, enum kv_table table,
    const struct key *key);
bool check_has_person(struct check *check, uint64_t uid);

/*
 * Calls see() for each row of a table whose key begins with prefix (NULL:
 * all), after its value's checksum.
 */
typedef void check_see(struct check *check, void *arg, struct kv_bytes key,
    struct kv_bytes value);
void check_walk(struct check *check, enum kv_table table,
    const struct key *prefix, check_see *see, void *arg);

static inline uint64_t
check_number(struct kv_bytes key, size_t at)
{
	return get_be64((const unsigned char *)key.data + at);
}

struct check_table {
	enum kv_table table;
	size_t key_min; /* bytes */
	check_see *see; /* NULL: its checksum is all there is to verify */
};

/* All rows of n tables, each by its see(). */
void check_each(struct check *check, const struct check_table *tables,
    size_t n);

/* "what first/second: why" */
void check_say_row(struct check *check, const char *what, uint64_t first,
    uint64_t second, const char *advice, const char *why);

/* check_log.c: conversations, with their logs and members. */
void check_conversations(struct check *check);
/* check_account.c: accounts, sign-ins, codes, bans of ranges. */
void check_accounts(struct check *check);
/* check_tables.c: all else. */
void check_tables(struct check *check);

#endif
