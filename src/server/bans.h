/* SPDX-License-Identifier: MIT */
#ifndef SERVER_BANS_H
#define SERVER_BANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "net/range.h"
#include "store/account.h"

/*
 * Who is not let in: the banned ranges of addresses, and whether the server
 * is locked down, as the store has them; in memory, for all threads.
 *
 * Every worker takes over what the store feeds it, which changes nothing the
 * second time, so that each knows of a ban before it closes who it concerns.
 */
struct bans;
struct client;
struct store_write;
struct worker;

struct bans *bans_new(struct error *err);
void bans_free(struct bans *bans); /* NULL is allowed */

/*
 * What is stored, before anybody is let in.  Runs the loop of a worker whose
 * thread has not begun.
 */
int bans_load(struct bans *bans, struct worker *worker, struct error *err);

/*
 * A range as a ban has it: of IPv6 at least a /64, as an address is counted.
 * -1: text is none, and err says so.
 */
int bans_parse(const char *text, struct range *range, struct error *err);

/* -1: no memory. */
int bans_add(struct bans *bans, const struct store_ban *ban);
void bans_remove(struct bans *bans, const char *range);

/* Whether ip is banned at now_us, and why: "" if that was not said. */
bool bans_have(struct bans *bans, const struct ip *ip, int64_t now_us,
    char reason[REASON_MAX + 1]);
size_t bans_count(struct bans *bans);

/*
 * bans_feed.c: takes over what the store feeds to a worker, the arg, and
 * closes whoever it concerns there.
 */
void bans_fed(void *arg, struct store_write *write);

/* Whether a client is from where nobody is let in; then it is told so. */
bool bans_turn_away(struct client *client);

bool bans_locked_down(const struct bans *bans);
void bans_lock_down(struct bans *bans, bool on);

#endif
