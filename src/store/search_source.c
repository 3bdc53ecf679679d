/* SPDX-License-Identifier: MIT */
#include "store/search_source.h"

#include <string.h>

void
search_wanted_words(struct search_wanted *wanted, const char *words)
{
	struct terms terms = terms_of(words, strlen(words));
	struct term term;
	size_t i;

	while (terms_next(&terms, &term)) {
		for (i = 0; i < wanted->terms_n; i++) {
			if (term_equal(&wanted->terms[i], &term))
				break;
		}
		if (i == wanted->terms_n)
			wanted->terms[wanted->terms_n++] = term;
	}
}

void
search_source_init(struct search_source *source,
    const struct store_membership *membership, uint64_t before)
{
	const struct conversation_info *info = &membership->conversation;

	source->membership = membership;
	source->before = before;
	source->id = before != 0 && before <= info->last_id ? before - 1
							     : info->last_id;
	source->low = query_floor(info, membership->joined_seq) + 1;
	source->high = info->last_seq;
}

/* ------------------------------------------------------------ where to look */

/* The first good record from seq on, up to last. */
static enum store_status
get_from(struct query *query, uint64_t conv, uint64_t seq, uint64_t last,
    struct record *record)
{
	enum store_status status = STORE_NOT_FOUND;

	for (; seq <= last; seq++) {
		status = row_get_record(query->txn, conv, seq, record);
		if (status != STORE_NOT_FOUND && status != STORE_CORRUPT)
			return status;
	}
	return STORE_NOT_FOUND;
}

/*
 * The first seq from low on whose event is at least as late as id (or as
 * at_us, unless that is 0); high + 1 where there is none.
 */
static enum store_status
find_seq(struct query *query, const struct search_source *source,
    uint64_t id, int64_t at_us, uint64_t *seq)
{
	uint64_t conv = source->membership->conversation.id, middle;
	uint64_t low = source->low, end = source->high + 1;
	enum store_status status;
	struct record record;

	while (low < end) {
		middle = low + (end - low) / 2;
		status = get_from(query, conv, middle, source->high, &record);
		if (status != STORE_OK && status != STORE_NOT_FOUND)
			return status;
		if (status == STORE_NOT_FOUND ||
		    (at_us != 0 ? record.at_us >= at_us : record.id >= id))
			end = middle;
		else
			low = record.seq + 1;
	}
	*seq = low;
	return STORE_OK;
}

static enum store_status
open_source(struct query *query, struct search_source *source,
    const struct search_wanted *wanted)
{
	enum store_status status = STORE_OK;
	uint64_t seq;

	source->opened = true;
	if (source->before != 0 &&
	    source->before <= source->membership->conversation.last_id) {
		status = find_seq(query, source, source->before, 0, &seq);
		if (status == STORE_OK)
			source->high = seq - 1;
	}
	if (status == STORE_OK && wanted->before_us != 0) {
		status = find_seq(query, source, 0, wanted->before_us, &seq);
		if (status == STORE_OK)
			source->high = seq - 1;
	}
	if (status == STORE_OK && wanted->after_us != 0) {
		status = find_seq(query, source, 0, wanted->after_us, &seq);
		if (status == STORE_OK)
			source->low = seq;
	}
	return status;
}

/* ------------------------------------------------------------------ a block */

/* Leaves in the block what the term has too. */
static enum store_status
narrow(struct query *query, struct search_source *source, uint32_t hash)
{
	struct search_block block = {{0}};
	struct kv_bytes value;
	enum kv_result result;
	struct key key;

	search_block_key(&key, source->membership->conversation.id,
	    source->number, hash);
	result = kv_get(query->words, KV_TERM, key_bytes(&key), &value);
	if (result == KV_OK)
		search_block_unpack(&block, value);
	else if (result != KV_NONE)
		return row_status(result);
	search_block_and(&source->block, &block);
	return STORE_OK;
}

static enum store_status
load_block(struct query *query, struct search_source *source,
    const struct search_wanted *wanted)
{
	enum store_status status = STORE_OK;
	size_t i;

	source->loaded = true;
	source->number = search_block_of(source->high);
	memset(&source->block, 0xff, sizeof(source->block));
	if (wanted->from != 0)
		status = narrow(query, source, term_of_sender(wanted->from));
	for (i = 0; i < wanted->terms_n && status == STORE_OK; i++)
		status = narrow(query, source, wanted->terms[i].hash);
	return status;
}

/* ----------------------------------------------------------------- a record */

static bool
has_words(const struct search_wanted *wanted, const struct record *record)
{
	struct terms terms = terms_of(record->text, record->text_len);
	bool has[SEARCH_WORDS_MAX / 2 + 1] = {false};
	size_t i, missing = wanted->terms_n;
	struct term term;

	while (missing != 0 && terms_next(&terms, &term)) {
		for (i = 0; i < wanted->terms_n; i++) {
			if (has[i] || !term_equal(&wanted->terms[i], &term))
				continue;
			has[i] = true;
			missing--;
		}
	}
	return missing == 0;
}

static bool
matches(const struct search_source *source,
    const struct search_wanted *wanted)
{
	const struct record *record = &source->record;

	return record->kind == RECORD_MESSAGE &&
	    (record->flags & RECORD_TOMBSTONE) == 0 &&
	    (wanted->from == 0 || record->sender == wanted->from) &&
	    (source->membership->conversation.kind == CONVERSATION_DIRECT ||
		!query_is_blocked(wanted->read, record->sender)) &&
	    has_words(wanted, record);
}

static enum store_status
look_at(struct query *query, struct search_source *source,
    struct search_wanted *wanted, uint64_t seq)
{
	enum store_status status;

	wanted->looked_at++;
	source->high = seq - 1;
	status = row_get_record(query->txn,
	    source->membership->conversation.id, seq, &source->record);
	if (status == STORE_CORRUPT || status == STORE_NOT_FOUND)
		return STORE_OK; /* history tells of it */
	if (status != STORE_OK)
		return status;
	source->id = source->record.id;
	source->found = matches(source, wanted);
	return STORE_OK;
}

/* One record of the block that `high` is in, or what follows the block. */
static enum store_status
look_on(struct query *query, struct search_source *source,
    struct search_wanted *wanted)
{
	uint64_t number = search_block_of(source->high);
	enum store_status status;
	int place;

	if (!source->loaded || source->number != number) {
		wanted->looked_at++;
		status = load_block(query, source, wanted);
		if (status != STORE_OK)
			return status;
	}
	place = search_block_last(&source->block,
	    source->high % SEARCH_BLOCK_SEQS);
	if (place >= 0)
		return look_at(query, source, wanted,
		    number * SEARCH_BLOCK_SEQS + (unsigned)place);
	if (number == 0)
		return STORE_NOT_FOUND;
	source->high = number * SEARCH_BLOCK_SEQS - 1;
	return STORE_OK;
}

/* Of blocks without a match nothing was read: where that ends says the id. */
static enum store_status
tell_place(struct query *query, struct search_source *source)
{
	enum store_status status;
	struct record record;

	status = get_from(query, source->membership->conversation.id,
	    source->high, source->membership->conversation.last_seq, &record);
	if (status == STORE_OK && record.id < source->id)
		source->id = record.id;
	return status == STORE_NOT_FOUND ? STORE_OK : status;
}

enum store_status
search_source_next(struct query *query, struct search_source *source,
    struct search_wanted *wanted)
{
	enum store_status status = STORE_OK;

	if (!source->opened)
		status = open_source(query, source, wanted);
	while (status == STORE_OK && !source->found) {
		if (source->high < source->low || source->high == 0)
			return STORE_NOT_FOUND;
		if (wanted->looked_at >= SEARCH_LOOKS_MAX)
			return tell_place(query, source);
		status = look_on(query, source, wanted);
		if (status == STORE_OK && source->found &&
		    source->record.seq < source->low)
			return STORE_NOT_FOUND;
	}
	return status;
}
