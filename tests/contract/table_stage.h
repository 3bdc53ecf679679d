/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CONTRACT_TABLE_STAGE_H
#define TESTS_CONTRACT_TABLE_STAGE_H

#include "store/keys.h"
#include "store/kv.h"
#include "tests/contract/store_harness.h"

/* A store with its tables at hand, to look at and to damage. */

/* Opens anew. */
struct kv *open_with_kv(struct harness *h);

/* Of a check of all. */
uint64_t count_findings(struct kv *kv, bool print);
void assert_sound(struct kv *kv);

/* In how many rows, of keys and values, the text is. */
size_t count_rows_with(struct kv *kv, const char *text);

/* How many rows of a table have keys that begin with uid. */
size_t count_rows_of(struct kv *kv, enum kv_table table, uint64_t uid);

/* The n-th row of a table, its value to free(); false: it has not so many. */
bool find_row(struct kv *kv, enum kv_table table, size_t n,
    struct key *found, struct kv_bytes *kept);
void table_put(struct kv *kv, enum kv_table table, const struct key *key,
    struct kv_bytes value);
void table_del(struct kv *kv, enum kv_table table, const struct key *key);

#endif
