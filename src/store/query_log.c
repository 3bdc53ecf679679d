/* SPDX-License-Identifier: MIT */
#include "store/query.h"

#include <string.h>

enum store_status
query_client_msg_id(struct query *query, struct store_read *read)
{
	const struct record wanted = {
	    .conv = read->conv,
	    .sender = read->uid,
	    .client_msg_id = read->client_msg_id,
	    .client_msg_id_len = (uint8_t)strlen(read->client_msg_id)};
	enum store_status status, kept;
	struct record record;
	uint64_t last;

	status = row_get_last_seq(query->txn, read->conv, &last);
	if (status == STORE_OK)
		status = row_find_client_id(query->txn, query->key, &wanted,
		    last, &record);
	if (status != STORE_DUPLICATE)
		return status;
	read->records = arena_get(&read->arena, sizeof(*read->records));
	if (read->records == NULL)
		return STORE_NOMEM;
	kept = query_keep_record(query, read, &record);
	if (kept != STORE_OK)
		return kept;
	return record.fingerprint == read->fingerprint ? STORE_DUPLICATE
						       : STORE_CONFLICT;
}
