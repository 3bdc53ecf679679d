/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CONTRACT_GROUP_STAGE_H
#define TESTS_CONTRACT_GROUP_STAGE_H

#include "tests/contract/store_harness.h"

/*
 * Groups for tests of the store: writes on them, and what they look like.
 */

/* Of a kind from INVITE to ROLE. */
struct store_write *make_act(enum store_write_kind kind, uint64_t sender,
    uint64_t conv, uint64_t peer);
struct store_write *make_role(uint64_t sender, uint64_t conv, uint64_t peer,
    enum role role);
/* settings, with its texts, and text are copied. */
struct store_write *make_create(uint64_t sender, const char *name,
    const struct store_settings *settings, const char *text);
struct store_write *make_update(uint64_t sender, uint64_t conv,
    const struct store_settings *settings, const char *text);

/* Does it: the status. */
enum store_status act(struct harness *harness, enum store_write_kind kind,
    uint64_t sender, uint64_t conv, uint64_t peer);
enum store_status act_until(struct harness *harness,
    enum store_write_kind kind, uint64_t sender, uint64_t conv, uint64_t peer,
    int64_t until_us);
enum store_status give(struct harness *harness, uint64_t sender,
    uint64_t conv, uint64_t peer, enum role role);
enum store_status update(struct harness *harness, uint64_t sender,
    uint64_t conv, const struct store_settings *settings);

/* Forced: uid is in the group, in this role. */
void put_in(struct harness *harness, uint64_t conv, uint64_t uid,
    enum role role);
/* As put_in(), of a new person. */
uint64_t add_member(struct harness *harness, uint64_t conv, const char *name,
    enum role role);
/* A group of that name, which uid owns and which is private. */
uint64_t make_private(struct harness *harness, uint64_t uid,
    const char *name);

/* All that is seen of a group; compared as a whole. */
#define STAGE_MEMBERS 16
struct group {
	struct conversation_info info;
	size_t members_n;
	struct store_member members[STAGE_MEMBERS];
};

/*
 * Reads it, and checks that its parts agree: numbers of members and owners,
 * memberships of each person, a log without a gap.
 */
void look(struct harness *harness, uint64_t conv, struct group *group);
bool is_same_group(const struct group *one, const struct group *other);

/* Closes and opens it; lmdb: with a check of all tables in between. */
void reopen(struct harness *harness);

/* ROLE_NONE: not in it. */
enum role role_of(struct harness *harness, uint64_t conv, uint64_t uid);

/* The event `seq`: kind, flags and numbers; no texts. */
struct record event_of(struct harness *harness, uint64_t conv, uint64_t seq);

#endif
