/* SPDX-License-Identifier: MIT */
#ifndef STORE_LEDGER_GROUP_H
#define STORE_LEDGER_GROUP_H

#include "store/ledger.h"

/*
 * What the operations on groups and on their members are built from.  They
 * check all that may refuse them before the first change: ledger_group_log(),
 * on a full disk, is the last that refuses.
 */

/*
 * The group write->record.conv, with the sender in a role that has
 * permission (PERMISSION_NONE: any), or `forced`.  Else _NOT_FOUND,
 * _FORBIDDEN (with `missing`, unless it is no group) or _NOT_MEMBER.
 * Out: conversation, and write's role; that of an owner when `forced`.
 */
enum store_status ledger_group_open(struct ledger *ledger,
    struct store_write *write, enum permission permission,
    struct conversation_row **conversation);

/*
 * The event of write; to leave is possible on a full disk too.  Fills
 * write->conversation.
 */
enum store_status ledger_group_log(struct ledger *ledger,
    struct conversation_row *conversation, struct store_write *write,
    enum record_kind kind, enum role role);

/* _BANNED, until record.until_us, or _OK. */
enum store_status ledger_group_check_ban(struct ledger *ledger,
    struct store_write *write, uint64_t uid);

/*
 * _LIMIT if the group is full or, with `missing` PERMISSION_ADD, uid is in
 * groups_max already.
 */
enum store_status ledger_group_check_room(struct ledger *ledger,
    const struct conversation_row *conversation, struct store_write *write,
    uint64_t uid);

/* RECORD_JOINED: uid is in it, and owns it if nobody else is. */
enum store_status ledger_group_enter(struct ledger *ledger,
    struct conversation_row *conversation, struct store_write *write,
    uint64_t uid);

/* The event `kind`: uid, who has this row, is out; its marks are in before. */
enum store_status ledger_group_expel(struct ledger *ledger,
    struct conversation_row *conversation, struct store_write *write,
    enum record_kind kind, uint64_t uid, const struct member_row *row);

/* ----------------------------------------------------------------- settings */

bool ledger_settings_fit(const struct store_settings *settings);
void ledger_settings_apply(const struct store_settings *settings,
    struct conversation_info *info);
/*
 * Title and description as they will be, packed in ledger->room: its length,
 * or 0 where they stay as they are.
 */
enum store_status ledger_settings_pack(struct ledger *ledger, uint64_t conv,
    const struct store_settings *settings, size_t *len);

/* ---------------------------------------------------- bans and invitations */

/* _NOT_FOUND: none, or its time is over. */
enum store_status ledger_get_ban(struct ledger *ledger, uint64_t conv,
    uint64_t uid, struct grant_row *ban);
enum store_status ledger_put_ban(struct ledger *ledger, uint64_t conv,
    uint64_t uid, const struct grant_row *ban);
enum store_status ledger_drop_ban(struct ledger *ledger, uint64_t conv,
    uint64_t uid); /* there may be none */

enum store_status ledger_is_invited(struct ledger *ledger, uint64_t conv,
    uint64_t uid, bool *invited);
/* _LIMIT: there are INVITATIONS_MAX. */
enum store_status ledger_check_invitations(struct ledger *ledger,
    uint64_t uid);
enum store_status ledger_put_invitation(struct ledger *ledger, uint64_t conv,
    uint64_t uid, const struct grant_row *invitation);
enum store_status ledger_drop_invitation(struct ledger *ledger, uint64_t conv,
    uint64_t uid); /* there may be none */

/*
 * Who is out and comes back is as mute as before, or as slow: until then the
 * time is kept beside the bans.  0: not muted.
 */
enum store_status ledger_keep_mute(struct ledger *ledger, uint64_t conv,
    uint64_t uid, int64_t until_us);
enum store_status ledger_take_mute(struct ledger *ledger, uint64_t conv,
    uint64_t uid, int64_t *until_us);

#endif
