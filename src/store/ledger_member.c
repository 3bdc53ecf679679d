/* SPDX-License-Identifier: MIT */
#include "store/ledger_group.h"

#include <assert.h>

/*
 * INVITE to ROLE: sender does something to a subject, whose row is NULL where
 * it is not in the group.
 */
struct act {
	struct conversation_row *conversation;
	struct member_row *subject;
	bool to_oneself;
};

static enum store_status
begin(struct ledger *ledger, struct store_write *write,
    enum permission permission, struct act *act)
{
	enum store_status status;
	uint8_t flags;

	write->record.subject = write->peer;
	act->subject = NULL;
	act->to_oneself = write->peer == write->record.sender &&
	    !write->forced;
	status = ledger_group_open(ledger, write, permission,
	    &act->conversation);
	if (status == STORE_OK)
		status = ledger_user_flags(ledger, write->peer, &flags);
	if (status != STORE_OK)
		return status;
	status = ledger_member(ledger, write->record.conv, write->peer,
	    &act->subject);
	if (status == STORE_OK)
		write->subject_role = act->subject->role;
	return status == STORE_NOT_FOUND ? STORE_OK : status;
}

/* To go below oneself is for LEAVE and ROLE: nobody outranks oneself. */
static bool
is_outranked(const struct act *act, const struct store_write *write)
{
	return !write->forced && (act->to_oneself ||
	    !permission_outranks((enum role)write->role,
	    (enum role)write->subject_role));
}

static bool
is_last_owner(const struct act *act, const struct store_write *write)
{
	return write->subject_role == ROLE_OWNER &&
	    act->conversation->info.owners == 1;
}

/* The event, and then the subject's row, of who is in the group. */
static enum store_status
change(struct ledger *ledger, const struct act *act,
    struct store_write *write, enum record_kind kind,
    const struct member_row *row)
{
	enum store_status status;

	status = ledger_group_log(ledger, act->conversation, write, kind,
	    kind == RECORD_ROLE ? (enum role)row->role : ROLE_NONE);
	if (status != STORE_OK)
		return status;
	*act->subject = *row;
	return ledger_put_member(ledger, write->record.conv, write->peer,
	    row);
}

/* ---------------------------------------------------------------- coming in */

/* As far as the subject goes: nobody is led to whom they have blocked. */
static enum store_status
may_come(struct ledger *ledger, struct store_write *write)
{
	enum store_status status;
	bool blocked = false;

	status = ledger_check_person(ledger, write->peer);
	if (status == STORE_OK && !write->forced)
		status = ledger_blocks(ledger, write->peer,
		    write->record.sender, &blocked);
	if (status == STORE_OK && blocked)
		status = STORE_BLOCKED;
	if (status == STORE_OK)
		status = ledger_group_check_ban(ledger, write, write->peer);
	return status;
}

enum store_status
ledger_invite(struct ledger *ledger, struct store_write *write)
{
	const struct grant_row invitation = {
	    .by = write->record.sender, .at_us = ledger->now_us};
	uint64_t conv = write->record.conv;
	enum store_status status;
	struct act act;
	bool invited;

	status = begin(ledger, write, PERMISSION_INVITE, &act);
	if (status != STORE_OK)
		return status;
	if (act.subject != NULL)
		return STORE_DUPLICATE;
	status = may_come(ledger, write);
	if (status == STORE_OK)
		status = ledger_is_invited(ledger, conv, write->peer,
		    &invited);
	if (status != STORE_OK)
		return status;
	if (invited)
		return STORE_DUPLICATE;
	status = ledger_check_invitations(ledger, write->peer);
	if (status != STORE_OK)
		return status;
	status = ledger_group_log(ledger, act.conversation, write,
	    RECORD_INVITED, ROLE_NONE);
	if (status == STORE_OK)
		status = ledger_put_invitation(ledger, conv, write->peer,
		    &invitation);
	return status;
}

enum store_status
ledger_admit(struct ledger *ledger, struct store_write *write)
{
	enum store_status status;
	struct act act;

	status = begin(ledger, write, PERMISSION_ADD, &act);
	if (status != STORE_OK)
		return status;
	if (act.subject != NULL)
		return STORE_DUPLICATE;
	status = may_come(ledger, write);
	if (status == STORE_OK)
		status = ledger_group_check_room(ledger, act.conversation,
		    write, write->peer);
	if (status != STORE_OK)
		return status;
	return ledger_group_enter(ledger, act.conversation, write,
	    write->peer);
}

/* ------------------------------------------------------------ being put out */

/* Whether the subject may be put out of the group, if it is in it. */
static enum store_status
may_expel(const struct act *act, const struct store_write *write)
{
	if (is_outranked(act, write))
		return STORE_OUTRANKED;
	if (is_last_owner(act, write) && act->conversation->info.members > 1)
		return STORE_LAST_OWNER;
	return STORE_OK;
}

enum store_status
ledger_kick(struct ledger *ledger, struct store_write *write)
{
	enum store_status status;
	struct act act;

	status = begin(ledger, write, PERMISSION_KICK, &act);
	if (status == STORE_OK && act.subject == NULL)
		status = STORE_NOT_FOUND;
	if (status == STORE_OK)
		status = may_expel(&act, write);
	if (status != STORE_OK)
		return status;
	return ledger_group_expel(ledger, act.conversation, write,
	    RECORD_KICKED, write->peer, act.subject);
}

static enum store_status
ban(struct ledger *ledger, const struct act *act, struct store_write *write)
{
	const struct grant_row row = {.by = write->record.sender,
	    .at_us = ledger->now_us, .until_us = write->until_us};
	uint64_t conv = write->record.conv;
	enum store_status status;

	write->record.until_us = write->until_us;
	if (act->subject != NULL)
		status = ledger_group_expel(ledger, act->conversation, write,
		    RECORD_BANNED, write->peer, act->subject);
	else
		status = ledger_group_log(ledger, act->conversation, write,
		    RECORD_BANNED, ROLE_NONE);
	if (act->subject == NULL)
		write->joined_seq = UINT64_MAX;
	if (status == STORE_OK)
		status = ledger_drop_invitation(ledger, conv, write->peer);
	if (status == STORE_OK)
		status = ledger_put_ban(ledger, conv, write->peer, &row);
	return status;
}

enum store_status
ledger_ban(struct ledger *ledger, struct store_write *write)
{
	enum store_status status;
	struct grant_row before;
	struct act act;

	status = begin(ledger, write, PERMISSION_BAN, &act);
	if (status == STORE_OK)
		status = may_expel(&act, write);
	if (status != STORE_OK)
		return status;
	status = ledger_get_ban(ledger, write->record.conv, write->peer,
	    &before);
	if (status == STORE_OK && before.until_us == write->until_us)
		return STORE_DUPLICATE;
	if (status != STORE_OK && status != STORE_NOT_FOUND)
		return status;
	return ban(ledger, &act, write);
}

enum store_status
ledger_unban(struct ledger *ledger, struct store_write *write)
{
	enum store_status status;
	struct grant_row before;
	struct act act;

	status = begin(ledger, write, PERMISSION_BAN, &act);
	if (status != STORE_OK)
		return status;
	status = ledger_get_ban(ledger, write->record.conv, write->peer,
	    &before);
	if (status != STORE_OK)
		return status == STORE_NOT_FOUND ? STORE_DUPLICATE : status;
	status = ledger_group_log(ledger, act.conversation, write,
	    RECORD_UNBANNED, ROLE_NONE);
	if (status == STORE_OK)
		status = ledger_drop_ban(ledger, write->record.conv,
		    write->peer);
	return status;
}

/* -------------------------------------------------------------- being in it */

/* The subject is in the group, and below the sender. */
static enum store_status
begin_below(struct ledger *ledger, struct store_write *write,
    enum permission permission, struct act *act)
{
	enum store_status status = begin(ledger, write, permission, act);

	if (status == STORE_OK && act->subject == NULL)
		return STORE_NOT_FOUND;
	if (status == STORE_OK && is_outranked(act, write))
		return STORE_OUTRANKED;
	return status;
}

static enum store_status
mute(struct ledger *ledger, struct store_write *write)
{
	enum store_status status;
	struct member_row row;
	struct act act;

	status = begin_below(ledger, write, PERMISSION_MUTE, &act);
	if (status != STORE_OK)
		return status;
	row = *act.subject;
	row.muted_until_us = write->until_us != 0 ? write->until_us
						  : INT64_MAX;
	if (row.muted_until_us == act.subject->muted_until_us)
		return STORE_DUPLICATE;
	write->record.until_us = write->until_us;
	return change(ledger, &act, write, RECORD_MUTED, &row);
}

static enum store_status
unmute(struct ledger *ledger, struct store_write *write)
{
	enum store_status status;
	struct member_row row;
	struct act act;

	status = begin_below(ledger, write, PERMISSION_MUTE, &act);
	if (status != STORE_OK)
		return status;
	row = *act.subject;
	if (row.muted_until_us <= ledger->now_us)
		return STORE_DUPLICATE;
	row.muted_until_us = 0;
	return change(ledger, &act, write, RECORD_UNMUTED, &row);
}

enum store_status
ledger_mute(struct ledger *ledger, struct store_write *write)
{
	return write->kind == STORE_WRITE_MUTE ? mute(ledger, write)
					       : unmute(ledger, write);
}

/* -------------------------------------------------------------------- roles */

/* Whether sender may give the role to the subject, who is in the group. */
static enum store_status
may_give(const struct act *act, struct store_write *write, enum role role)
{
	if (act->to_oneself) {
		if (role <= write->role)
			return STORE_OK; /* anybody may step down */
		if (permission_has((enum role)write->role, PERMISSION_ROLE))
			return STORE_OUTRANKED;
		write->missing = PERMISSION_ROLE;
		return STORE_FORBIDDEN;
	}
	if (is_outranked(act, write) ||
	    !permission_outranks((enum role)write->role, role))
		return STORE_OUTRANKED;
	return STORE_OK;
}

enum store_status
ledger_role(struct ledger *ledger, struct store_write *write)
{
	enum role role = (enum role)write->record.role;
	enum store_status status;
	struct member_row row;
	struct act act;

	assert(role >= ROLE_MEMBER && role <= ROLE_OWNER);
	status = begin(ledger, write, write->peer == write->record.sender
	    ? PERMISSION_NONE : PERMISSION_ROLE, &act);
	if (status == STORE_OK && act.subject == NULL)
		status = STORE_NOT_FOUND;
	if (status == STORE_OK)
		status = may_give(&act, write, role);
	if (status != STORE_OK)
		return status;
	if (role == write->subject_role)
		return STORE_DUPLICATE;
	if (is_last_owner(&act, write))
		return STORE_LAST_OWNER;
	row = *act.subject;
	row.role = (uint8_t)role;
	status = change(ledger, &act, write, RECORD_ROLE, &row);
	if (status != STORE_OK ||
	    (role != ROLE_OWNER && write->subject_role != ROLE_OWNER))
		return status;
	act.conversation->info.owners += role == ROLE_OWNER;
	act.conversation->info.owners -= write->subject_role == ROLE_OWNER;
	write->conversation = act.conversation->info;
	return ledger_put_info(ledger, act.conversation);
}
