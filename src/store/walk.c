/* SPDX-License-Identifier: MIT */
#include "store/walk.h"

#include <string.h>

enum store_status
walk_open(struct query *query, struct walk *walk, uint64_t conv,
    uint64_t first, uint64_t last)
{
	enum kv_result result;
	struct key from;

	walk->conv = conv;
	walk->last = last;
	walk->cursor = kv_cursor_new(query->txn, KV_CONV);
	if (walk->cursor == NULL)
		return STORE_NOMEM;
	key_record(&from, conv, first);
	result = kv_seek(walk->cursor, key_bytes(&from), &walk->key,
	    &walk->value);
	/* Behind the log there is always the head. */
	return result == KV_NONE ? STORE_CORRUPT : row_status(result);
}

enum store_status
walk_read(struct query *query, struct store_read *read, struct walk *walk,
    uint64_t *seq, struct record *record)
{
	enum store_status status;
	struct kv_bytes value;
	enum kv_result result;
	struct key wanted;

	for (; *seq <= walk->last; ++*seq) {
		key_record(&wanted, walk->conv, *seq);
		value.data = NULL;
		if (walk->key.len == wanted.len &&
		    memcmp(walk->key.data, wanted.bytes, wanted.len) == 0) {
			value = walk->value;
			result = kv_next(walk->cursor, &walk->key,
			    &walk->value);
			if (result != KV_OK)
				return result == KV_NONE ? STORE_CORRUPT
							 : row_status(result);
		}
		if (value.data != NULL &&
		    record_decode(value.data, value.len, record, NULL) == 0) {
			record->conv = walk->conv;
			record->seq = *seq;
			return STORE_OK;
		}
		status = query_say_lost(query, read, walk->conv, *seq);
		if (status != STORE_OK)
			return status;
	}
	return STORE_NOT_FOUND;
}

void
walk_close(struct walk *walk)
{
	kv_cursor_free(walk->cursor);
}
