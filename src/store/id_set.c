/* SPDX-License-Identifier: MIT */
#include "store/id_set.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 16

struct id_set {
	struct id_set *prev, *next; /* by use */
	uint64_t conv;
	uint32_t *slots; /* open addressing; 0: free */
	uint32_t mask, n;
	uint32_t block[ROW_BLOCK]; /* marks of the last block, by its seqs */
};

static size_t
bytes_of(const struct id_set *set)
{
	return sizeof(*set) + ((size_t)set->mask + 1) * sizeof(*set->slots);
}

static void
unlink_set(struct id_sets *sets, struct id_set *set)
{
	if (set->prev != NULL)
		set->prev->next = set->next;
	else
		sets->first = set->next;
	if (set->next != NULL)
		set->next->prev = set->prev;
	else
		sets->last = set->prev;
}

static void
link_first(struct id_sets *sets, struct id_set *set)
{
	set->prev = NULL;
	set->next = sets->first;
	if (sets->first != NULL)
		sets->first->prev = set;
	else
		sets->last = set;
	sets->first = set;
}

static void
free_set(struct id_set *set)
{
	free(set->slots);
	free(set);
}

static void
drop(struct id_sets *sets, struct id_set *set)
{
	map_remove(&sets->by_conv, set->conv);
	unlink_set(sets, set);
	sets->bytes -= bytes_of(set);
	free_set(set);
}

void
id_sets_clear(struct id_sets *sets)
{
	while (sets->first != NULL)
		drop(sets, sets->first);
	map_fini(&sets->by_conv);
}

bool
id_set_has(const struct id_set *set, uint32_t mark)
{
	uint32_t at = mark & set->mask;

	while (set->slots[at] != 0 && set->slots[at] != mark)
		at = (at + 1) & set->mask;
	return set->slots[at] != 0;
}

static void
put(uint32_t *slots, uint32_t mask, uint32_t mark)
{
	uint32_t at = mark & mask;

	while (slots[at] != 0)
		at = (at + 1) & mask;
	slots[at] = mark;
}

static int
grow(struct id_set *set)
{
	uint32_t mask = set->mask * 2 + 1, *slots, i;

	slots = calloc((size_t)mask + 1, sizeof(*slots));
	if (slots == NULL)
		return -1;
	for (i = 0; i <= set->mask; i++) {
		if (set->slots[i] != 0)
			put(slots, mask, set->slots[i]);
	}
	free(set->slots);
	set->slots = slots;
	set->mask = mask;
	return 0;
}

static int
insert(struct id_set *set, uint32_t mark)
{
	if (mark == 0 || id_set_has(set, mark))
		return 0;
	if (set->n >= set->mask / 2 && grow(set) != 0)
		return -1;
	put(set->slots, set->mask, mark);
	set->n++;
	return 0;
}

static struct id_set *
new_set(uint64_t conv)
{
	struct id_set *set = calloc(1, sizeof(*set));

	if (set == NULL)
		return NULL;
	set->conv = conv;
	set->mask = SLOTS_FIRST - 1;
	set->slots = calloc(SLOTS_FIRST, sizeof(*set->slots));
	if (set->slots == NULL) {
		free(set);
		return NULL;
	}
	return set;
}

static enum store_status
load_block(void *arg, uint64_t first_seq, const uint32_t marks[ROW_BLOCK])
{
	struct id_set *set = arg;
	size_t i;

	(void)first_seq;
	for (i = 0; i < ROW_BLOCK; i++) {
		if (insert(set, marks[i]) != 0)
			return STORE_NOMEM;
	}
	return STORE_OK;
}

static enum store_status
load(struct id_set *set, struct kv_txn *txn, const struct mark_key *key,
    uint64_t last_seq)
{
	enum store_status status;
	size_t i;

	status = row_each_block(txn, key, set->conv, load_block, set);
	row_read_block(txn, key, set->conv, ROW_BLOCK_FIRST(last_seq + 1),
	    last_seq, set->block);
	for (i = 0; i < ROW_BLOCK && status == STORE_OK; i++) {
		if (insert(set, set->block[i]) != 0)
			status = STORE_NOMEM;
	}
	return status;
}

struct id_set *
id_sets_find(const struct id_sets *sets, uint64_t conv)
{
	return map_get(&sets->by_conv, conv);
}

enum store_status
id_sets_get(struct id_sets *sets, struct kv_txn *txn, uint64_t conv,
    uint64_t last_seq, struct id_set **found)
{
	struct id_set *set = id_sets_find(sets, conv);
	enum store_status status;

	if (set != NULL) {
		if (set != sets->first) {
			unlink_set(sets, set);
			link_first(sets, set);
		}
		*found = set;
		return STORE_OK;
	}
	set = new_set(conv);
	if (set == NULL)
		return STORE_NOMEM;
	status = load(set, txn, &sets->key, last_seq);
	if (status == STORE_OK && map_put(&sets->by_conv, conv, set) != 0)
		status = STORE_NOMEM;
	if (status != STORE_OK) {
		free_set(set);
		return status;
	}
	link_first(sets, set);
	sets->bytes += bytes_of(set);
	while (sets->bytes > sets->bytes_max && sets->last != set)
		drop(sets, sets->last);
	*found = set;
	return STORE_OK;
}

int
id_sets_add(struct id_sets *sets, struct id_set *set, uint64_t seq,
    uint32_t mark)
{
	size_t before = bytes_of(set);

	if (insert(set, mark) != 0)
		return -1;
	sets->bytes += bytes_of(set) - before;
	if (seq == ROW_BLOCK_FIRST(seq))
		memset(set->block, 0, sizeof(set->block));
	set->block[seq - ROW_BLOCK_FIRST(seq)] = mark;
	return 0;
}

const uint32_t *
id_set_block(const struct id_set *set)
{
	return set->block;
}
