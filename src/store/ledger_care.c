/* SPDX-License-Identifier: MIT */
#include "store/ledger.h"

enum store_status
ledger_trim(struct ledger *ledger, struct store_write *write)
{
	(void)ledger;
	(void)write;
	return STORE_RETRY;
}

enum store_status
ledger_erase(struct ledger *ledger, struct store_write *write)
{
	(void)ledger;
	(void)write;
	return STORE_RETRY;
}
