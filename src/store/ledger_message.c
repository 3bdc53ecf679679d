/* SPDX-License-Identifier: MIT */
#include "store/ledger.h"

enum store_status
ledger_edit(struct ledger *ledger, struct store_write *write)
{
	(void)ledger;
	(void)write;
	return STORE_RETRY;
}

enum store_status
ledger_delete(struct ledger *ledger, struct store_write *write)
{
	(void)ledger;
	(void)write;
	return STORE_RETRY;
}

enum store_status
ledger_react(struct ledger *ledger, struct store_write *write)
{
	(void)ledger;
	(void)write;
	return STORE_RETRY;
}
