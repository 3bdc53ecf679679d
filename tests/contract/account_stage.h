/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CONTRACT_ACCOUNT_STAGE_H
#define TESTS_CONTRACT_ACCOUNT_STAGE_H

#include "store/account.h"
#include "tests/contract/store_harness.h"

/* Writes and reads of accounts, and what tests have in common of them. */

#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)
#define START (INT64_C(1790000000) * SECOND)

/* The clock stands there from now on. */
void stand(struct harness *h, int64_t now_us);

/* Closes and opens what is kept in a folder. */
void restart(struct harness *h);

/* The n-th of a series of hashes. */
void make_hash(unsigned char hash[SECRET_HASH], unsigned n);

/* ---------------------------------------------------- writes, not submitted */

/* account and its strings are copied. */
struct store_write *make_account(enum store_write_kind kind, uint64_t uid,
    const struct store_account *account);
struct store_write *make_register(const char *name,
    const struct store_account *account);
/* A sign-in whose first token is the n-th hash: 14 days, 90 in all. */
struct store_write *make_token(uint64_t uid, unsigned n, const char *device);
/* Shows the n-th; its successor is the one given; 30 s of grace. */
struct store_write *make_refresh(unsigned n, unsigned next);
struct store_write *make_sign_out(uint64_t uid, uint64_t family,
    const char *device);
/* CODE (uid 0), RESET_CODE, REGISTER's and RESET's. */
struct store_write *make_code(enum store_write_kind kind, uint64_t uid,
    unsigned n, uint32_t uses, int64_t expires_us);
/* Gives a write that has none the n-th code. */
void give_code(struct store_write *write, struct store_code *code, unsigned n);
struct store_write *make_reset(uint64_t uid, unsigned n, const char *password);
struct store_write *make_ban_range(const char *range, int64_t until_us);
struct store_write *make_unban_range(const char *range);
struct store_write *make_lockdown(bool on);

/* ---------------------------------------------------- and their short forms */

/* A claimed account with this password; the test fails unless it is made. */
uint64_t enrol(struct harness *h, const char *name, const char *email,
    const char *password);
/* The family. */
uint64_t sign_in(struct harness *h, uint64_t uid, unsigned n,
    const char *device);
enum store_status change(struct harness *h, uint64_t uid,
    const struct store_account *account);
enum store_status refresh(struct harness *h, unsigned n, unsigned next);
/* The n-th, then its successor, and so on, in one batch: all are good. */
void refresh_many(struct harness *h, unsigned n, unsigned times);

/* Something in each table of accounts; uid has a part in most. */
void fill_accounts(struct harness *h, uint64_t uid);

/* Answered; the caller frees it. */
struct store_read *ask_account(struct harness *h, uint64_t uid);
struct store_read *ask_devices(struct harness *h, uint64_t uid);
bool is_alive(struct harness *h, uint64_t uid, uint64_t family);

/* How many feeds there were, and of the last one the worker. */
size_t count_feeds(const struct harness *h, unsigned *worker);

#endif
