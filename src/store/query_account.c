/* SPDX-License-Identifier: MIT */
#include "store/query.h"

enum store_status
query_account(struct query *query, struct store_read *read)
{
	(void)query;
	(void)read;
	return STORE_RETRY;
}

enum store_status
query_devices(struct query *query, struct store_read *read)
{
	(void)query;
	(void)read;
	return STORE_RETRY;
}

enum store_status
query_event(struct query *query, struct store_read *read)
{
	(void)query;
	(void)read;
	return STORE_RETRY;
}

enum store_status
query_accounts(struct query *query, struct store_read *read)
{
	(void)query;
	(void)read;
	return STORE_RETRY;
}

enum store_status
query_bans(struct query *query, struct store_read *read)
{
	(void)query;
	(void)read;
	return STORE_RETRY;
}
