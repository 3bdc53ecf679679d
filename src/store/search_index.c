/* SPDX-License-Identifier: MIT */
#include "store/search_index.h"

#include <stdlib.h>
#include <string.h>

#include "store/rows.h"
#include "store/search_block.h"
#include "store/terms.h"

#define FORMAT 1 /* of keys, values and words */
/* A snapshot lasts for so many events; a transaction has about so many
 * postings, each of which may change a page. */
#define EVENTS_MAX 256
#define POSTINGS_MAX (1 << 17)
#define ERASED_MAX 1000 /* keys in one transaction */

/* A term in a text. */
struct search_posting {
	uint64_t conv;
	uint64_t block; /* and the term's hash: the key's second half */
	uint32_t place;
};

/* A conversation of which blocks may have been erased whole. */
struct search_erased {
	uint64_t conv, first_block;
};

/* ----------------------------------------------------------------- position */

static enum store_status
get_meta(struct kv_txn *txn, const char *name, uint64_t *value)
{
	struct key key;

	key_string(&key, name);
	return row_get_u64(txn, KV_META, &key, value);
}

static enum kv_result
put_meta(struct kv_txn *txn, const char *name, uint64_t value)
{
	unsigned char room[ROW_MAX];
	struct key key;

	key_string(&key, name);
	return kv_put(txn, KV_META, key_bytes(&key),
	    (struct kv_bytes){room, row_pack_u64(value, room)});
}

bool
search_index_load(struct search_index *index, uint64_t epoch,
    uint64_t last_id)
{
	struct kv_txn *txn = kv_reader_new(index->tables, NULL);
	uint64_t format, found;
	bool valid = false;

	if (txn == NULL)
		return false;
	if (kv_renew(txn) == KV_OK) {
		valid = get_meta(txn, "format", &format) == STORE_OK &&
		    get_meta(txn, "epoch", &found) == STORE_OK &&
		    get_meta(txn, "position", &index->position) == STORE_OK &&
		    format == FORMAT && found == epoch &&
		    index->position <= last_id;
		kv_reset(txn);
	}
	kv_reader_free(txn);
	return valid;
}

int
search_index_make(struct search_index *index, uint64_t epoch,
    struct error *err)
{
	struct kv_txn *txn = kv_begin(index->tables, err);

	if (txn == NULL)
		return -1;
	index->position = 0;
	if (put_meta(txn, "format", FORMAT) == KV_OK &&
	    put_meta(txn, "epoch", epoch) == KV_OK &&
	    put_meta(txn, "position", 0) == KV_OK)
		return kv_commit(txn, err) == KV_OK ? 0 : -1;
	kv_abort(txn);
	error_set(err, ERROR_SYSTEM, "the search index cannot be written");
	return -1;
}

/* ------------------------------------------------------------------ reading */

/* Room for one more element; NULL: no memory. */
static void *
grow(void *array, size_t n, size_t *size, size_t element)
{
	size_t more = *size != 0 ? *size * 2 : 256;
	void *moved;

	if (n < *size)
		return array;
	moved = realloc(array, more * element);
	if (moved != NULL)
		*size = more;
	return moved;
}

static enum store_status
add_posting(struct search_index *index, uint64_t conv, uint64_t seq,
    uint32_t hash)
{
	struct search_posting *postings;

	postings = grow(index->postings, index->postings_n,
	    &index->postings_size, sizeof(*postings));
	if (postings == NULL)
		return STORE_NOMEM;
	index->postings = postings;
	postings[index->postings_n++] = (struct search_posting){conv,
	    search_block_of(seq) << 32 | hash, seq % SEARCH_BLOCK_SEQS};
	return STORE_OK;
}

static enum store_status
add_message(struct search_index *index, const struct record *record)
{
	struct terms terms = terms_of(record->text, record->text_len);
	enum store_status status;
	struct term term;

	if (record->kind != RECORD_MESSAGE ||
	    (record->flags & RECORD_TOMBSTONE) != 0)
		return STORE_OK;
	status = add_posting(index, record->conv, record->seq,
	    term_of_sender(record->sender));
	while (status == STORE_OK && terms_next(&terms, &term))
		status = add_posting(index, record->conv, record->seq,
		    term.hash);
	return status;
}

/* A conversation enters a new block: what retention left behind may go. */
static enum store_status
note_erased(struct search_index *index, uint64_t conv)
{
	struct search_erased *erased;
	enum store_status status;
	uint64_t first, last;

	status = row_get_ends(index->store, conv, &first, &last);
	if (status != STORE_OK || search_block_of(first) == 0)
		return status;
	erased = grow(index->erased, index->erased_n, &index->erased_size,
	    sizeof(*erased));
	if (erased == NULL)
		return STORE_NOMEM;
	index->erased = erased;
	erased[index->erased_n++] = (struct search_erased){conv,
	    search_block_of(first)};
	return STORE_OK;
}

/* Words only come: those that an edit took away are found out by who reads. */
static enum store_status
add_event(struct search_index *index, uint64_t conv, uint64_t seq)
{
	enum store_status status = STORE_OK;
	struct record record;

	if (seq % SEARCH_BLOCK_SEQS == 0)
		status = note_erased(index, conv);
	if (status == STORE_OK)
		status = row_get_record(index->store, conv, seq, &record);
	if (status == STORE_OK && record.kind == RECORD_EDITED)
		status = row_get_record(index->store, conv, record.target,
		    &record);
	if (status == STORE_OK)
		status = add_message(index, &record);
	/* What was erased or does not verify has no words. */
	return status == STORE_NOMEM ? status : STORE_OK;
}

static enum search_step
walk_changes(struct search_index *index, struct kv_cursor *cursor)
{
	struct kv_bytes key, value;
	enum kv_result result;
	uint64_t conv, seq;
	struct key from;
	unsigned n;

	key_u64(&from, index->upto + 1);
	result = kv_seek(cursor, key_bytes(&from), &key, &value);
	for (n = 0; n < EVENTS_MAX && result == KV_OK &&
	     index->postings_n < POSTINGS_MAX; n++) {
		if (row_unpack_change(value, &conv, &seq) == STORE_OK &&
		    add_event(index, conv, seq) != STORE_OK)
			return SEARCH_LATER;
		index->upto = get_be64(key.data);
		result = kv_next(cursor, &key, &value);
	}
	if (result == KV_NONE)
		return SEARCH_DONE;
	return result == KV_OK ? SEARCH_MORE : SEARCH_LATER;
}

static enum search_step
read_changes(struct search_index *index)
{
	enum search_step step = SEARCH_LATER;
	struct kv_cursor *cursor;

	if (kv_renew(index->store) != KV_OK)
		return SEARCH_LATER;
	cursor = kv_cursor_new(index->store, KV_CHG);
	if (cursor != NULL)
		step = walk_changes(index, cursor);
	kv_cursor_free(cursor);
	kv_reset(index->store);
	return step;
}

/* ------------------------------------------------------------------ putting */

static int
by_key(const void *one, const void *other)
{
	const struct search_posting *a = one, *b = other;

	if (a->conv != b->conv)
		return a->conv < b->conv ? -1 : 1;
	return (a->block > b->block) - (a->block < b->block);
}

/* All of one key, which the first has; the number of them. */
static enum kv_result
put_block(struct kv_txn *txn, const struct search_posting *posting,
    size_t max, size_t *n)
{
	unsigned char room[SEARCH_BLOCK_BYTES];
	struct search_block block = {{0}};
	struct kv_bytes value;
	enum kv_result result;
	struct key key;

	key_pair(&key, posting->conv, posting->block);
	result = kv_get(txn, KV_TERM, key_bytes(&key), &value);
	if (result == KV_OK)
		search_block_unpack(&block, value);
	else if (result != KV_NONE)
		return result;
	for (*n = 0; *n < max && by_key(posting, &posting[*n]) == 0; ++*n)
		search_block_add(&block, posting[*n].place);
	value.data = room;
	value.len = search_block_pack(&block, room);
	return kv_put(txn, KV_TERM, key_bytes(&key), value);
}

static enum kv_result
put_postings(struct search_index *index, struct kv_txn *txn)
{
	enum kv_result result = KV_OK;
	size_t i, n;

	if (index->postings_n > 1)
		qsort(index->postings, index->postings_n,
		    sizeof(*index->postings), by_key);
	for (i = 0; i < index->postings_n && result == KV_OK; i += n)
		result = put_block(txn, &index->postings[i],
		    index->postings_n - i, &n);
	return result;
}

/* The keys of conv before the block; at most ERASED_MAX, and *n of them. */
static enum kv_result
find_erased(struct kv_txn *txn, const struct search_erased *erased,
    struct key *keys, size_t *n)
{
	struct kv_cursor *cursor = kv_cursor_new(txn, KV_TERM);
	struct kv_bytes key, value;
	enum kv_result result;
	struct key from;

	if (cursor == NULL)
		return KV_NOMEM;
	*n = 0;
	key_pair(&from, erased->conv, 0);
	result = kv_seek(cursor, key_bytes(&from), &key, &value);
	while (result == KV_OK && *n < ERASED_MAX && key.len == 16 &&
	    get_be64(key.data) == erased->conv &&
	    get_be64((const unsigned char *)key.data + 8) >> 32 <
		erased->first_block) {
		keys[*n].len = key.len;
		memcpy(keys[(*n)++].bytes, key.data, key.len);
		result = kv_next(cursor, &key, &value);
	}
	kv_cursor_free(cursor);
	return result == KV_NONE ? KV_OK : result;
}

static enum kv_result
drop_erased(struct kv_txn *txn, const struct search_erased *erased,
    size_t *n)
{
	struct key *keys = malloc(ERASED_MAX * sizeof(*keys));
	enum kv_result result;
	size_t i;

	if (keys == NULL)
		return KV_NOMEM;
	result = find_erased(txn, erased, keys, n);
	for (i = 0; i < *n && result == KV_OK; i++)
		result = kv_del(txn, KV_TERM, key_bytes(&keys[i]));
	free(keys);
	return result;
}

/* Some of what was noted; the list becomes shorter as it is worked off. */
static enum kv_result
put_erased(struct search_index *index, struct kv_txn *txn)
{
	enum kv_result result;
	size_t n = 0;

	if (index->erased_n == 0)
		return KV_OK;
	result = drop_erased(txn, &index->erased[index->erased_n - 1], &n);
	if (result == KV_OK && n < ERASED_MAX)
		index->erased_n--;
	return result;
}

static enum search_step
put_all(struct search_index *index, struct error *err)
{
	struct kv_txn *txn = kv_begin(index->tables, err);
	enum kv_result result;

	if (txn == NULL)
		return err->code == ERROR_NOMEM ? SEARCH_LATER : SEARCH_FAILED;
	result = put_postings(index, txn);
	if (result == KV_OK)
		result = put_erased(index, txn);
	if (result == KV_OK)
		result = put_meta(txn, "position", index->upto);
	if (result == KV_OK)
		result = kv_commit(txn, err);
	else
		kv_abort(txn);
	if (result == KV_OK) {
		index->position = index->upto;
		return SEARCH_MORE;
	}
	if (result == KV_NOMEM)
		return SEARCH_LATER;
	error_set(err, ERROR_SYSTEM, result == KV_FULL
	    ? "the index has no room left" : "the index cannot be written");
	return SEARCH_FAILED;
}

enum search_step
search_index_step(struct search_index *index, struct error *err)
{
	enum search_step step;

	if (kv_room(index->tables) < index->min_free)
		return SEARCH_LATER;
	index->postings_n = 0;
	index->upto = index->position;
	do {
		step = read_changes(index);
	} while (step == SEARCH_MORE && index->postings_n < POSTINGS_MAX &&
	    !atomic_load(index->stopping));
	if (step == SEARCH_LATER)
		return step;
	if (index->upto == index->position && index->erased_n == 0)
		return SEARCH_DONE;
	return put_all(index, err);
}

void
search_index_fini(struct search_index *index)
{
	kv_reader_free(index->store);
	kv_close(index->tables);
	free(index->postings);
	free(index->erased);
}
