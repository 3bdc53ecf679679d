/* SPDX-License-Identifier: MIT */
#ifndef CTL_EXPORT_STATE_H
#define CTL_EXPORT_STATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "store/rows.h"

/* One export; private to export*.c.  Once it failed, nothing is written. */
struct export {
	struct kv_txn *txn;
	FILE *out;
	struct error *err;
	uint64_t uid; /* of one person; 0: of all */
	uint64_t lines;
	bool failed;
	struct conversation_row conversation; /* the one being written */
};

/* what: what cannot be read. */
void export_fail(struct export *export, const char *what);

/* Of type; export_write_line() writes and frees it. */
json_t *export_new_line(const char *type);
void export_write_line(struct export *export, json_t *line);

/* Members of a line; numbers, times and flags that are 0 are not said. */
void export_set(json_t *line, const char *key, json_t *value);
void export_set_text(json_t *line, const char *key, const char *text,
    size_t len);
void export_set_number(json_t *line, const char *key, uint64_t number);
void export_set_time(json_t *line, const char *key, int64_t us);
void export_set_flag(json_t *line, const char *key, bool flag);
/* Who it is, by name. */
void export_set_person(struct export *export, json_t *line, const char *key,
    uint64_t uid);

/* Rows whose keys begin with `first`, if it is not 0, and are long enough. */
typedef void export_see(struct export *export, struct kv_bytes key,
    struct kv_bytes value);
void export_walk(struct export *export, enum kv_table table, uint64_t first,
    size_t key_min, export_see *see);

/*
 * export_account.c: accounts, and of all people bans of ranges and the
 * emergency mode.
 */
void export_accounts(struct export *export);

#endif
