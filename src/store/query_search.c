/* SPDX-License-Identifier: MIT */
#include "store/query.h"

enum store_status
query_search(struct query *query, struct store_read *read)
{
	(void)query;
	(void)read;
	return STORE_RETRY;
}
