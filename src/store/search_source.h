/* SPDX-License-Identifier: MIT */
#ifndef STORE_SEARCH_SOURCE_H
#define STORE_SEARCH_SOURCE_H

#include "store/query.h"
#include "store/search_block.h"
#include "store/terms.h"

/*
 * A conversation that is searched, from its newest message to its oldest: the
 * index says where all words may be, the record whether they are.
 */
struct search_source {
	const struct store_membership *membership;
	/* That of record where `found`; else no later match has a higher one,
	 * and none an equal one that is outside the page. */
	uint64_t id;
	uint64_t before; /* ids from it on are not of the page; 0: all are */
	bool opened, found;
	struct record record; /* borrowed from the snapshot */
	uint64_t low, high; /* seqs still to be looked at */
	bool loaded;
	uint64_t number; /* of the block */
	struct search_block block;
};

/* So many records and blocks are looked at for one answer. */
#define SEARCH_LOOKS_MAX 20000

/* What is searched for. */
struct search_wanted {
	const struct store_read *read; /* uid, blocks[] */
	uint64_t from; /* uid, or 0 */
	int64_t after_us, before_us;
	unsigned looked_at;
	size_t terms_n;
	struct term terms[SEARCH_WORDS_MAX / 2 + 1];
};

void search_wanted_words(struct search_wanted *wanted, const char *words);

/* membership is borrowed. */
void search_source_init(struct search_source *source,
    const struct store_membership *membership, uint64_t before);

/*
 * The next message that matches: `found`; or not found, when enough was
 * looked at for one answer.  STORE_NOT_FOUND: there is none.
 */
enum store_status search_source_next(struct query *query,
    struct search_source *source, struct search_wanted *wanted);

#endif
