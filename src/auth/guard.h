/* SPDX-License-Identifier: MIT */
#ifndef AUTH_GUARD_H
#define AUTH_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Slows down who guesses: token buckets of accounts and of addresses, over all
 * workers (a lock; used from all threads).  Bounded, some 5 MiB: of too many
 * keys the fullest buckets are forgotten first.
 *
 * Nobody is locked out: an account has one bucket for each address from which
 * its person has signed in before (since the server started), and one for all
 * others together.
 */
struct guard;

struct guard_limits {
	double account_rate, account_burst; /* tries a second; 0: no limit */
	double address_rate, address_burst;
};

struct guard *guard_new(const struct guard_limits *limits, struct error *err);
void guard_free(struct guard *guard); /* NULL is allowed */
void guard_set_limits(struct guard *guard, const struct guard_limits *limits);

/*
 * May a password (or a code) of `account` (a name or e-mail, folded) be tried
 * from `address` (as address_text() gives it)?  0, and the try counts; else
 * the ms until it may, and nothing changes.  now_ms never goes back.
 */
uint32_t guard_try(struct guard *guard, const char *account,
    const char *address, int64_t now_ms);

/* It was right: the try does not count, and the address is known now. */
void guard_succeeded(struct guard *guard, const char *account,
    const char *address, int64_t now_ms);

#endif
