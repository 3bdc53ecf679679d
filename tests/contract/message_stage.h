/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CONTRACT_MESSAGE_STAGE_H
#define TESTS_CONTRACT_MESSAGE_STAGE_H

#include "store/kv.h"
#include "tests/contract/store_harness.h"

/*
 * Messages that change, for tests of the store: writes about them, and what
 * they leave.
 */

struct store_write *make_edit(uint64_t sender, uint64_t conv, uint64_t target,
    const char *text);
struct store_write *make_delete(uint64_t sender, uint64_t conv,
    uint64_t target);
struct store_write *make_react(uint64_t sender, uint64_t conv,
    uint64_t target, const char *emoji, bool on);
/* It keeps what was said before. */
struct store_write *keeping(struct store_write *write);
/* trail is borrowed. */
void give_trail(struct store_write *write, const char *trail);

/* Does it: the status. */
enum store_status edit(struct harness *harness, uint64_t sender,
    uint64_t conv, uint64_t target, const char *text);
enum store_status delete(struct harness *harness, uint64_t sender,
    uint64_t conv, uint64_t target);
enum store_status react(struct harness *harness, uint64_t sender,
    uint64_t conv, uint64_t target, const char *emoji, bool on);

/* The whole of a log, which has no gap. */
struct store_read *history(struct harness *harness, uint64_t conv);
void check_record(const struct record *record, enum record_kind kind,
    uint64_t target, const char *text);

/* Opened anew, with its tables at hand until it is closed. */
void open_held(struct harness *harness, struct kv **kv);
/* In how many keys and values of all tables the bytes are. */
unsigned count_places(struct kv *kv, const char *needle);

#endif
