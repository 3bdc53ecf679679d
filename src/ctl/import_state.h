/* SPDX-License-Identifier: MIT */
#ifndef CTL_IMPORT_STATE_H
#define CTL_IMPORT_STATE_H

#include <jansson.h>
#include <stdbool.h>

#include "ctl/lines.h"
#include "store/kv.h"
#include "store/meta.h"
#include "store/rows.h"

/*
 * An import under way; private to import*.c.  After the first failure, which
 * err keeps with its line, nothing more is written, and what is read of a
 * line is 0 or "".
 */
struct import {
	struct kv *kv;
	struct kv_txn *txn;
	struct error *err;
	struct mark_key mark_key;
	uint64_t line;
	bool failed, ended;
	json_t *object; /* the line */
	struct conversation_row *rows; /* by number, from 1 */
	size_t rows_n, rows_size;
	uint32_t marks[ROW_BLOCK]; /* client ids of the log's last block */
	unsigned char room[RECORD_ENCODED_MAX];
};

void import_fail(struct import *import, const char *key, const char *what);

/* value NULL: an empty one. */
void import_put(struct import *import, enum kv_table table,
    const struct key *key, const void *value, size_t len);
void import_put_u64(struct import *import, enum kv_table table,
    const struct key *key, uint64_t value);

/* Members of the line; what is not needed may be absent. */
const char *import_text(struct import *import, const char *key, size_t max,
    bool needed);
uint64_t import_number(struct import *import, const char *key, uint64_t max,
    bool needed);
bool import_flag(struct import *import, const char *key);
int64_t import_time(struct import *import, const char *key);
uint64_t import_hash(struct import *import, const char *key);
uint8_t import_named(struct import *import, const char *key,
    const struct lines_names *names);
uint64_t import_person(struct import *import, const char *key, bool needed);
void import_pair(struct import *import, const char *key, const char *name,
    uint64_t *a, uint64_t *b);
/* NULL: it failed. */
struct conversation_row *import_find(struct import *import, const char *key,
    const char *name);
struct conversation_row *import_conversation(struct import *import);

/* import_account.c: lines of these types. */
void import_account(struct import *import);
void import_range(struct import *import);
void import_lockdown(struct import *import);

/* import_lines.c: a line of this type, and after all of them. */
void import_take(struct import *import, const char *type);
void import_end(struct import *import);

#endif
