/* SPDX-License-Identifier: MIT */
#include "store/ledger.h"

enum store_status
ledger_mark(struct ledger *ledger, struct store_write *write)
{
	(void)ledger;
	(void)write;
	return STORE_RETRY;
}

enum store_status
ledger_unread(struct ledger *ledger, struct store_write *write)
{
	(void)ledger;
	(void)write;
	return STORE_RETRY;
}

enum store_status
ledger_hide_read(struct ledger *ledger, struct store_write *write)
{
	(void)ledger;
	(void)write;
	return STORE_RETRY;
}
