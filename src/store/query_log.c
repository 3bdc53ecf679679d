/* SPDX-License-Identifier: MIT */
#include "store/walk.h"

#include <string.h>

static enum store_status
keep_range(struct query *query, struct store_read *read, uint64_t first,
    uint64_t last)
{
	enum store_status status;
	struct record record;
	struct walk walk;
	uint64_t seq = first;

	read->records = arena_get(&read->arena,
	    (size_t)(last - first + 1) * sizeof(*read->records));
	if (read->records == NULL)
		return STORE_NOMEM;
	status = walk_open(query, &walk, read->conv, first, last);
	while (status == STORE_OK) {
		status = walk_read(query, read, &walk, &seq, &record);
		if (status != STORE_OK)
			break;
		status = query_keep_record(query, read, &record);
		seq++;
	}
	walk_close(&walk);
	return status == STORE_NOT_FOUND ? STORE_OK : status;
}

enum store_status
query_history(struct query *query, struct store_read *read)
{
	enum store_status status;
	uint64_t first, last, n;

	status = row_get_last_seq(query->txn, read->conv, &last);
	if (status != STORE_OK)
		return status;
	if (read->before != 0 && last >= read->before)
		last = read->before - 1;
	if (read->after >= last)
		return STORE_OK;
	first = read->after + 1;
	n = last - first + 1;
	read->more = n > read->limit;
	if (read->limit == 0)
		return STORE_OK;
	if (read->more && read->newest)
		first = last - read->limit + 1;
	else if (read->more)
		last = first + read->limit - 1;
	return keep_range(query, read, first, last);
}

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
