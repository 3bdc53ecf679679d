/* SPDX-License-Identifier: MIT */
#include "store/ledger.h"

enum store_status
ledger_create(struct ledger *ledger, struct store_write *write)
{
	(void)ledger;
	(void)write;
	return STORE_RETRY;
}

enum store_status
ledger_invite(struct ledger *ledger, struct store_write *write)
{
	(void)ledger;
	(void)write;
	return STORE_RETRY;
}

enum store_status
ledger_admit(struct ledger *ledger, struct store_write *write)
{
	(void)ledger;
	(void)write;
	return STORE_RETRY;
}

enum store_status
ledger_kick(struct ledger *ledger, struct store_write *write)
{
	(void)ledger;
	(void)write;
	return STORE_RETRY;
}

enum store_status
ledger_ban(struct ledger *ledger, struct store_write *write)
{
	(void)ledger;
	(void)write;
	return STORE_RETRY;
}

enum store_status
ledger_unban(struct ledger *ledger, struct store_write *write)
{
	(void)ledger;
	(void)write;
	return STORE_RETRY;
}

enum store_status
ledger_mute(struct ledger *ledger, struct store_write *write)
{
	(void)ledger;
	(void)write;
	return STORE_RETRY;
}

enum store_status
ledger_role(struct ledger *ledger, struct store_write *write)
{
	(void)ledger;
	(void)write;
	return STORE_RETRY;
}

enum store_status
ledger_update(struct ledger *ledger, struct store_write *write)
{
	(void)ledger;
	(void)write;
	return STORE_RETRY;
}
