/* SPDX-License-Identifier: MIT */
#include "store/rows.h"

#include <string.h>

#include "store/pack.h"

size_t
row_pack_block(const uint32_t marks[ROW_BLOCK], void *room)
{
	struct pack out;
	size_t i;

	pack_begin(&out, room, ROW_MAX, 0);
	for (i = 0; i < ROW_BLOCK; i++)
		pack_u32(&out, marks[i]);
	return pack_end(&out);
}

static int
unpack_block(struct kv_bytes value, uint32_t marks[ROW_BLOCK])
{
	struct unpack in;
	size_t i;

	if (unpack_begin(&in, value.data, value.len, NULL) != 0)
		return -1;
	for (i = 0; i < ROW_BLOCK; i++)
		marks[i] = unpack_u32(&in);
	return unpack_end(&in, NULL);
}

void
row_read_block(struct kv_txn *txn, const struct mark_key *key, uint64_t conv,
    uint64_t first, uint64_t last, uint32_t marks[ROW_BLOCK])
{
	struct record record;
	uint64_t seq;

	memset(marks, 0, ROW_BLOCK * sizeof(marks[0]));
	for (seq = first; seq <= last; seq++) {
		if (row_get_record(txn, conv, seq, &record) == STORE_OK)
			marks[seq - first] = mark_of(key, &record);
	}
}

enum store_status
row_each_block(struct kv_txn *txn, const struct mark_key *mark_key,
    uint64_t conv, row_each *each, void *arg)
{
	struct kv_cursor *cursor = kv_cursor_new(txn, KV_IDS);
	enum store_status status = STORE_OK;
	uint32_t marks[ROW_BLOCK];
	struct kv_bytes key, value;
	enum kv_result result;
	struct key from;
	uint64_t first;

	if (cursor == NULL)
		return STORE_NOMEM;
	key_pair(&from, conv, 0);
	result = kv_seek(cursor, key_bytes(&from), &key, &value);
	while (status == STORE_OK && result == KV_OK && key.len == 16 &&
	    get_be64(key.data) == conv) {
		first = get_be64((const unsigned char *)key.data + 8);
		if (unpack_block(value, marks) != 0)
			row_read_block(txn, mark_key, conv, first,
			    first + ROW_BLOCK - 1, marks);
		status = each(arg, first, marks);
		result = kv_next(cursor, &key, &value);
	}
	kv_cursor_free(cursor);
	if (status != STORE_OK || result == KV_NONE)
		return status;
	return row_status(result);
}

/* A search through blocks for a client id. */
struct search {
	struct kv_txn *txn;
	const struct record *wanted;
	struct record *record;
	uint32_t mark;
};

static enum store_status
search_block(void *arg, uint64_t first_seq, const uint32_t marks[ROW_BLOCK])
{
	const struct search *search = arg;
	const struct record *wanted = search->wanted;
	struct record *record = search->record;
	enum store_status status;
	uint64_t i;

	for (i = 0; i < ROW_BLOCK; i++) {
		if (marks[i] != search->mark)
			continue;
		status = row_get_record(search->txn, wanted->conv,
		    first_seq + i, record);
		if (status == STORE_OK && record->sender == wanted->sender &&
		    record->client_msg_id_len == wanted->client_msg_id_len &&
		    memcmp(record->client_msg_id, wanted->client_msg_id,
			wanted->client_msg_id_len) == 0)
			return STORE_DUPLICATE;
	}
	return STORE_OK;
}

enum store_status
row_find_client_id(struct kv_txn *txn, const struct mark_key *key,
    const struct record *wanted, uint64_t last_seq, struct record *record)
{
	struct search search = {txn, wanted, record, mark_of(key, wanted)};
	uint64_t first = ROW_BLOCK_FIRST(last_seq + 1);
	uint32_t marks[ROW_BLOCK];
	enum store_status status;

	if (search.mark == 0)
		return STORE_NOT_FOUND;
	row_read_block(txn, key, wanted->conv, first, last_seq, marks);
	status = search_block(&search, first, marks);
	if (status == STORE_OK)
		status = row_each_block(txn, key, wanted->conv, search_block,
		    &search);
	return status == STORE_OK ? STORE_NOT_FOUND : status;
}
