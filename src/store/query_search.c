/* SPDX-License-Identifier: MIT */
#include "store/query.h"

#include <stdlib.h>
#include <string.h>

#include "store/search_source.h"

/* Sources as a heap, the one that may have the newest message on top. */
struct heap {
	struct search_source *sources;
	struct search_source **list;
	size_t n;
};

static void
sift_down(struct heap *heap, size_t at)
{
	struct search_source *source = heap->list[at];
	size_t child;

	while ((child = 2 * at + 1) < heap->n) {
		if (child + 1 < heap->n &&
		    heap->list[child + 1]->id > heap->list[child]->id)
			child++;
		if (source->id >= heap->list[child]->id)
			break;
		heap->list[at] = heap->list[child];
		at = child;
	}
	heap->list[at] = source;
}

static enum store_status
make_heap(struct heap *heap, const struct store_read *read)
{
	const struct store_membership *membership;
	size_t i, n = read->memberships_n;

	heap->sources = calloc(n, sizeof(*heap->sources));
	heap->list = calloc(n, sizeof(struct search_source *));
	if (heap->sources == NULL || heap->list == NULL)
		return n != 0 ? STORE_NOMEM : STORE_OK;
	for (i = 0; i < n; i++) {
		membership = &read->memberships[i];
		if (membership->conversation.last_seq <=
		    query_floor(&membership->conversation,
			membership->joined_seq))
			continue;
		search_source_init(&heap->sources[i], membership,
		    read->before);
		heap->list[heap->n++] = &heap->sources[i];
	}
	for (i = heap->n / 2; i-- > 0;)
		sift_down(heap, i);
	return STORE_OK;
}

/* ------------------------------------------------------ what is searched in */

/* The public room, which everybody is in. */
static enum store_status
add_lobby(struct query *query, struct store_read *read)
{
	struct store_membership *memberships;
	struct conversation_row row;
	enum store_status status;

	status = row_get_conversation(query->txn, LOBBY_ID, &row);
	if (status != STORE_OK)
		return status;
	memberships = query_grow(read, read->memberships,
	    &read->memberships_n, sizeof(*memberships));
	if (memberships == NULL)
		return STORE_NOMEM;
	read->memberships = memberships;
	memberships[read->memberships_n - 1].conversation = row.info;
	return STORE_OK;
}

static enum store_status
find_searched(struct query *query, struct store_read *read)
{
	enum store_status status = STORE_OK;

	if (read->conv == 0)
		status = query_memberships(query, read);
	else if (read->conv != LOBBY_ID)
		status = query_membership(query, read, read->conv);
	if (status == STORE_OK && (read->conv == 0 || read->conv == LOBBY_ID))
		status = add_lobby(query, read);
	return status == STORE_OK ? query_blocks(query, read) : status;
}

/* STORE_NOT_FOUND: nothing can match. */
static enum store_status
find_wanted(struct query *query, const struct store_read *read,
    struct search_wanted *wanted)
{
	const struct store_search *search = &read->search;
	enum store_status status = STORE_OK;
	struct key key;

	memset(wanted, 0, sizeof(*wanted));
	search_wanted_words(wanted, search->words);
	if (search->words[0] != '\0' && wanted->terms_n == 0)
		return STORE_NOT_FOUND; /* words without a letter */
	if (search->from[0] != '\0') {
		key_string(&key, search->from);
		status = row_get_u64(query->txn, KV_UNAME, &key,
		    &wanted->from);
	}
	wanted->after_us = search->after_us;
	wanted->before_us = search->before_us;
	wanted->read = read;
	return status;
}

/* --------------------------------------------------------------- the search */

static enum store_status
keep(struct query *query, struct store_read *read,
    const struct search_source *source)
{
	const char *name = source->membership->conversation.name;
	enum store_status status;

	status = query_keep_record(query, read, &source->record);
	if (status != STORE_OK)
		return status;
	read->records[read->records_n - 1].conversation_name =
	    arena_copy(&read->arena, name, strlen(name));
	return read->records[read->records_n - 1].conversation_name != NULL
	    ? STORE_OK : STORE_NOMEM;
}

/*
 * Takes the newest found until the page is full and the next is known, or so
 * much was looked at that the rest is for another page.
 */
static enum store_status
merge(struct query *query, struct store_read *read,
    struct search_wanted *wanted, struct heap *heap)
{
	struct search_source *source;
	enum store_status status;

	while (heap->n != 0) {
		source = heap->list[0];
		if (source->found && read->records_n == read->limit)
			break;
		if (!source->found && wanted->looked_at >= SEARCH_LOOKS_MAX)
			break;
		if (source->found) {
			status = keep(query, read, source);
			source->found = false;
		} else {
			status = search_source_next(query, source, wanted);
		}
		if (status == STORE_NOT_FOUND)
			heap->list[0] = heap->list[--heap->n];
		else if (status != STORE_OK)
			return status;
		if (heap->n != 0)
			sift_down(heap, 0);
	}
	read->more = heap->n != 0;
	if (read->more)
		read->next = heap->list[0]->id + 1;
	return STORE_OK;
}

static enum store_status
search(struct query *query, struct store_read *read,
    struct search_wanted *wanted)
{
	enum store_status status;
	struct heap heap = {0};

	read->records = arena_get(&read->arena,
	    (read->limit + 1) * sizeof(*read->records));
	status = read->records != NULL ? make_heap(&heap, read)
				       : STORE_NOMEM;
	if (status == STORE_OK)
		status = row_status(kv_renew(query->words));
	if (status == STORE_OK) {
		status = merge(query, read, wanted, &heap);
		kv_reset(query->words);
	}
	free(heap.list);
	free(heap.sources);
	return status;
}

enum store_status
query_search(struct query *query, struct store_read *read)
{
	enum store_status status = find_searched(query, read);
	struct search_wanted wanted;

	if (status != STORE_OK)
		return status;
	status = find_wanted(query, read, &wanted);
	if (status == STORE_OK)
		status = search(query, read, &wanted);
	else if (status == STORE_NOT_FOUND)
		status = STORE_OK;
	return status;
}
