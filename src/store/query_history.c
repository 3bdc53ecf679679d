/* SPDX-License-Identifier: MIT */
#include "store/walk.h"

/*
 * What of a conversation uid may read: the events above floor.  Messages are
 * numbered by the running counts of their records; those above base are seen.
 */
struct view {
	struct conversation_row row;
	uint64_t floor, base;
};

uint64_t
query_floor(const struct conversation_info *info, uint64_t joined_seq)
{
	uint64_t floor = info->first_seq - 1;

	if ((info->flags & CONVERSATION_SINCE_JOIN) != 0 && joined_seq > floor)
		floor = joined_seq;
	return floor;
}

enum store_status
query_count_at(struct query *query, const struct conversation_row *row,
    uint64_t seq, uint64_t *count)
{
	enum store_status status;
	struct record record;
	uint64_t at;

	*count = row->first_count;
	if (seq < row->info.first_seq)
		return STORE_OK;
	for (at = seq; at < row->info.last_seq; at++) {
		status = row_get_record(query->txn, row->info.id, at,
		    &record);
		if (status == STORE_OK) {
			*count = record.count -
			    (at != seq && record.kind == RECORD_MESSAGE);
			return STORE_OK;
		}
		if (status != STORE_CORRUPT && status != STORE_NOT_FOUND)
			return status;
	}
	*count = row->count;
	return STORE_OK;
}

/*
 * The seq of a message by its number, from *seq on: it is often the next one,
 * so the steps towards it grow, and then halve.
 */
static enum store_status
find_message(struct query *query, const struct conversation_row *row,
    uint64_t number, uint64_t *seq)
{
	enum store_status status;
	uint64_t low, high, probe, step = 1, count;
	bool passed = false;

	/* Before it there are at least as many events as messages, and so
	 * there are behind it. */
	low = row->info.first_seq + (number - row->first_count) - 1;
	if (low < *seq)
		low = *seq;
	high = row->info.last_seq - (row->count - number);
	while (low < high) {
		probe = passed ? low + (high - low) / 2 : low + step - 1;
		if (probe >= high)
			probe = high - 1;
		status = query_count_at(query, row, probe, &count);
		if (status != STORE_OK)
			return status;
		if (count >= number) {
			high = probe;
			passed = true;
		} else {
			low = probe + 1;
			step *= 2;
		}
	}
	*seq = low;
	return STORE_OK;
}

static enum store_status
find_floor(struct query *query, const struct store_read *read,
    struct view *view)
{
	const struct conversation_info *info = &view->row.info;
	enum store_status status;
	struct member_row member;

	view->floor = query_floor(info, 0);
	if (read->uid == 0 || info->kind == CONVERSATION_PUBLIC)
		return STORE_OK;
	status = row_get_member(query->txn, info->id, read->uid, &member);
	if (status != STORE_OK)
		return status == STORE_NOT_FOUND ? STORE_NOT_MEMBER : status;
	view->floor = query_floor(info, member.joined_seq);
	return STORE_OK;
}

static enum store_status
get_time(struct query *query, uint64_t conv, uint64_t seq, int64_t *at_us)
{
	enum store_status status;
	struct record record;

	status = row_get_record(query->txn, conv, seq, &record);
	if (status == STORE_OK)
		*at_us = record.at_us;
	/* One that does not verify is told of where it is read. */
	return status == STORE_CORRUPT || status == STORE_NOT_FOUND ? STORE_OK
								    : status;
}

/* total, first_us and last_us. */
static enum store_status
tell_extent(struct query *query, struct store_read *read,
    const struct view *view)
{
	const struct conversation_row *row = &view->row;
	uint64_t first = view->floor + 1;
	enum store_status status;

	if (view->base > row->count)
		return STORE_CORRUPT;
	read->total = row->count - view->base;
	if (read->total == 0)
		return STORE_OK;
	status = find_message(query, row, view->base + 1, &first);
	if (status == STORE_OK)
		status = get_time(query, row->info.id, first, &read->first_us);
	if (status == STORE_OK)
		status = get_time(query, row->info.id, row->message_seq,
		    &read->last_us);
	return status;
}

static enum store_status
make_room(struct store_read *read, uint64_t n)
{
	read->records = arena_get(&read->arena,
	    (size_t)n * sizeof(*read->records));
	return read->records != NULL ? STORE_OK : STORE_NOMEM;
}

static enum store_status
keep_range(struct query *query, struct store_read *read, uint64_t first,
    uint64_t last)
{
	enum store_status status;
	struct record record;
	struct walk walk;
	uint64_t seq = first;

	status = make_room(read, last - first + 1);
	if (status != STORE_OK)
		return status;
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

/* The messages with these numbers. */
static enum store_status
keep_numbers(struct query *query, struct store_read *read,
    const struct view *view, uint64_t first, uint64_t last)
{
	uint64_t number, seq = view->floor + 1;
	enum store_status status;
	struct record record;

	status = make_room(read, last - first + 1);
	for (number = first; number <= last && status == STORE_OK; number++) {
		status = find_message(query, &view->row, number, &seq);
		if (status != STORE_OK)
			break;
		status = row_get_record(query->txn, read->conv, seq, &record);
		if (status == STORE_OK)
			status = query_keep_record(query, read, &record);
		else if (status == STORE_CORRUPT || status == STORE_NOT_FOUND)
			status = query_say_lost(query, read, read->conv, seq);
		seq++;
	}
	return status;
}

static enum store_status
keep_by_offset(struct query *query, struct store_read *read,
    const struct view *view)
{
	uint64_t first = view->base + 1, last;

	if (read->offset >= read->total)
		return STORE_OK;
	last = view->row.count - read->offset;
	read->more = last - view->base > read->limit;
	if (read->limit == 0)
		return STORE_OK;
	if (read->more)
		first = last - read->limit + 1;
	return keep_numbers(query, read, view, first, last);
}

/* Of the messages above seq `after`, up to `last`. */
static enum store_status
keep_messages(struct query *query, struct store_read *read,
    const struct view *view, uint64_t after, uint64_t last)
{
	enum store_status status;
	uint64_t base, end;

	status = query_count_at(query, &view->row, after, &base);
	if (status == STORE_OK)
		status = query_count_at(query, &view->row, last, &end);
	if (status != STORE_OK)
		return status;
	if (end < base)
		return STORE_CORRUPT;
	read->more = end - base > read->limit;
	if (end == base || read->limit == 0)
		return STORE_OK;
	if (read->more && read->newest)
		base = end - read->limit;
	else if (read->more)
		end = base + read->limit;
	return keep_numbers(query, read, view, base + 1, end);
}

static enum store_status
keep_by_seq(struct query *query, struct store_read *read,
    const struct view *view)
{
	uint64_t first = view->floor, last = view->row.info.last_seq, n;

	if (first < read->after)
		first = read->after;
	if (read->before != 0 && last >= read->before)
		last = read->before - 1;
	if (first >= last)
		return STORE_OK;
	if (read->messages)
		return keep_messages(query, read, view, first, last);
	n = last - first++;
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
query_history(struct query *query, struct store_read *read)
{
	enum store_status status;
	struct view view;

	status = row_get_conversation(query->txn, read->conv, &view.row);
	if (status == STORE_OK)
		status = find_floor(query, read, &view);
	if (status == STORE_OK)
		status = query_count_at(query, &view.row, view.floor,
		    &view.base);
	if (status == STORE_OK)
		status = tell_extent(query, read, &view);
	if (status != STORE_OK)
		return status;
	read->conversation = view.row.info;
	return read->by_offset ? keep_by_offset(query, read, &view)
			       : keep_by_seq(query, read, &view);
}
