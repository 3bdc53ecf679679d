/* SPDX-License-Identifier: MIT */
#include "store/ledger.h"

enum store_status
ledger_token(struct ledger *ledger, struct store_write *write)
{
	(void)ledger;
	(void)write;
	return STORE_RETRY;
}

enum store_status
ledger_refresh(struct ledger *ledger, struct store_write *write)
{
	(void)ledger;
	(void)write;
	return STORE_RETRY;
}

enum store_status
ledger_sign_out(struct ledger *ledger, struct store_write *write)
{
	(void)ledger;
	(void)write;
	return STORE_RETRY;
}
