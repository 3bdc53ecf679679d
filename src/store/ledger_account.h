/* SPDX-License-Identifier: MIT */
#ifndef STORE_LEDGER_ACCOUNT_H
#define STORE_LEDGER_ACCOUNT_H

#include "store/ledger.h"
#include "store/rows_account.h"

/* What accounts, sign-ins and codes are changed with; private to ledger*.c. */

/*
 * The account of a person; who has no row is unclaimed.  _NOT_FOUND: nobody,
 * or erased.
 */
enum store_status ledger_get_account(struct ledger *ledger, uint64_t uid,
    struct account_row *row);

/* With a version after the one it has. */
enum store_status ledger_put_account(struct ledger *ledger, uint64_t uid,
    struct account_row *row);

/* Room for one more family: the ended ones go, and the idlest if need be. */
enum store_status ledger_make_family_room(struct ledger *ledger,
    uint64_t uid);

/*
 * Drops a family, with the token of it that can still be used; the others'
 * rows are swept as time goes on (ledger_token.c).
 */
enum store_status ledger_drop_family(struct ledger *ledger, uint64_t uid,
    uint64_t family, const struct family_row *row);

/* All of a person's, but keep. */
enum store_status ledger_drop_families(struct ledger *ledger, uint64_t uid,
    uint64_t keep);

/* What was issued until now is void, but for the family keep; row is put by
 * the caller. */
enum store_status ledger_void_tokens(struct ledger *ledger, uint64_t uid,
    uint64_t keep, struct account_row *row);

/* A code that lets somebody register: _FORBIDDEN, or it is used once. */
enum store_status ledger_check_invite(struct ledger *ledger,
    const struct store_code *code);
enum store_status ledger_use_invite(struct ledger *ledger,
    const struct store_code *code);

#endif
