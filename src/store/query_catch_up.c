/* SPDX-License-Identifier: MIT */
#include "store/walk.h"

#include <stdlib.h>
#include <string.h>

/* One answer: about so many bytes, counting this much for each record. */
#define PAGE_BYTES (256 << 10)
#define RECORD_BYTES 64

/* A log with something to send; record is the next. */
struct source {
	struct store_position *position;
	struct walk walk;
	struct record record;
};

/* Sources as a heap, the one with the lowest id on top. */
struct merge {
	struct source **heap;
	size_t n;
	struct source *sources;
	size_t opened; /* of sources: they have a walk */
	size_t pending; /* records of all */
};

static void
sift_down(struct merge *merge, size_t at)
{
	struct source *source = merge->heap[at];
	size_t child;

	while ((child = 2 * at + 1) < merge->n) {
		if (child + 1 < merge->n &&
		    merge->heap[child + 1]->record.id <
			merge->heap[child]->record.id)
			child++;
		if (source->record.id <= merge->heap[child]->record.id)
			break;
		merge->heap[at] = merge->heap[child];
		at = child;
	}
	merge->heap[at] = source;
}

/*
 * Loads what follows the position, which moves over what is lost.
 * STORE_NOT_FOUND: the log is read to its end.
 */
static enum store_status
load_next(struct query *query, struct store_read *read, struct source *source)
{
	uint64_t seq = source->position->seq + 1;
	enum store_status status;

	status = walk_read(query, read, &source->walk, &seq, &source->record);
	source->position->seq = seq - 1;
	return status;
}

/* Moves the position to seq, if that is ahead, and says what is left out. */
static enum store_status
skip_to(struct store_read *read, struct store_position *position,
    uint64_t seq)
{
	uint64_t from = position->seq + 1;

	if (seq < from)
		return STORE_OK;
	position->seq = seq;
	if (position->silent)
		return STORE_OK;
	return query_add_gap(read, position->conv, from, seq);
}

/* Leaves out what was erased, and what comes before the tail. */
static enum store_status
skip_beginning(struct store_read *read, struct store_position *position,
    uint64_t first, uint64_t last)
{
	enum store_status status = skip_to(read, position, first - 1);

	if (status != STORE_OK || !read->gaps_wanted || position->tail == 0 ||
	    last <= position->tail)
		return status;
	return skip_to(read, position, last - position->tail);
}

/*
 * Who was put out and came back since the position was taken has missed
 * nothing that was theirs.
 */
static enum store_status
skip_absence(struct query *query, const struct store_read *read,
    struct store_position *position)
{
	enum store_status status;
	struct member_row row;

	if (read->uid == 0 || position->conv == LOBBY_ID)
		return STORE_OK;
	status = row_get_member(query->txn, position->conv, read->uid, &row);
	if (status == STORE_OK && position->seq < row.joined_seq)
		position->seq = row.joined_seq;
	return status == STORE_NOMEM ? status : STORE_OK;
}

static enum store_status
add_source(struct query *query, struct store_read *read, struct merge *merge,
    struct store_position *position)
{
	struct source *source = &merge->sources[merge->opened];
	enum store_status status;
	uint64_t first, last;

	status = row_get_ends(query->txn, position->conv, &first, &last);
	if (status == STORE_CORRUPT) {
		query_say_damaged(query, position->conv);
		return STORE_OK;
	}
	if (status == STORE_NOT_FOUND ||
	    (status == STORE_OK && last <= position->seq))
		return STORE_OK;
	if (status == STORE_OK)
		status = skip_absence(query, read, position);
	if (status == STORE_OK)
		status = skip_beginning(read, position, first, last);
	if (status != STORE_OK)
		return status;
	source->position = position;
	merge->opened++;
	status = walk_open(query, &source->walk, position->conv,
	    position->seq + 1, last);
	if (status == STORE_OK)
		status = load_next(query, read, source);
	if (status != STORE_OK)
		return status == STORE_NOT_FOUND ? STORE_OK : status;
	merge->heap[merge->n++] = source;
	merge->pending += (size_t)(last - position->seq);
	return STORE_OK;
}

static enum store_status
open_sources(struct query *query, struct store_read *read,
    struct merge *merge)
{
	enum store_status status = STORE_OK;
	size_t i;

	merge->sources = malloc(read->positions_n * sizeof(*merge->sources));
	merge->heap = malloc(read->positions_n * sizeof(struct source *));
	if (merge->sources == NULL || merge->heap == NULL)
		return STORE_NOMEM;
	for (i = 0; i < read->positions_n && status == STORE_OK; i++)
		status = add_source(query, read, merge, &read->positions[i]);
	for (i = merge->n / 2; i-- > 0;)
		sift_down(merge, i);
	return status;
}

static enum store_status
make_room(struct store_read *read, size_t pending)
{
	size_t n = PAGE_BYTES / RECORD_BYTES;

	if (read->limit != 0 && n > read->limit)
		n = read->limit;
	if (n > pending)
		n = pending;
	read->records = arena_get(&read->arena, n * sizeof(*read->records));
	return read->records != NULL ? STORE_OK : STORE_NOMEM;
}

static bool
is_full(const struct store_read *read, size_t bytes)
{
	return bytes >= PAGE_BYTES ||
	    (read->limit != 0 && read->records_n >= read->limit);
}

static enum store_status
keep_lowest(struct query *query, struct store_read *read, struct merge *merge)
{
	struct source *source;
	enum store_status status;
	size_t bytes = 0;

	while (merge->n != 0 && !is_full(read, bytes)) {
		source = merge->heap[0];
		status = query_keep_record(query, read, &source->record);
		if (status != STORE_OK)
			return status;
		bytes += RECORD_BYTES +
		    read->records[read->records_n - 1].text_len;
		source->position->seq = source->record.seq;
		status = load_next(query, read, source);
		if (status == STORE_NOT_FOUND)
			merge->heap[0] = merge->heap[--merge->n];
		else if (status != STORE_OK)
			return status;
		if (merge->n != 0)
			sift_down(merge, 0);
	}
	read->more = merge->n != 0;
	return STORE_OK;
}

/* Nothing may be read of what they left, nor be missed of what they joined. */
static enum store_status
find_stale(struct query *query, struct store_read *read)
{
	enum store_status status;
	bool same = true;

	if (read->uid == 0)
		return STORE_OK;
	status = query_check_positions(query, read, &same);
	read->stale = !same;
	return status;
}

enum store_status
query_catch_up(struct query *query, struct store_read *read)
{
	struct merge merge = {0};
	enum store_status status = find_stale(query, read);

	if (status != STORE_OK || read->stale || read->positions_n == 0)
		return status;
	status = open_sources(query, read, &merge);
	if (status == STORE_OK)
		status = make_room(read, merge.pending);
	if (status == STORE_OK)
		status = keep_lowest(query, read, &merge);
	while (merge.opened > 0)
		walk_close(&merge.sources[--merge.opened].walk);
	free(merge.heap);
	free(merge.sources);
	return status;
}
