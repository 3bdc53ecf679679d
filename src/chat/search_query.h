/* SPDX-License-Identifier: MIT */
#ifndef CHAT_SEARCH_QUERY_H
#define CHAT_SEARCH_QUERY_H

#include "base/error.h"
#include "store/store.h"

/*
 * What people write to search: words, and any of
 *
 *	from:NAME  in:#tea  in:@bob  after:2026-11-22  before:2026-11-22
 *
 * once each, in any order.  Dates are UTC and begin at midnight; a whole time
 * of RFC 3339 will do too.
 */
#define SEARCH_QUERY_MAX 1024 /* bytes */

struct search_query {
	struct store_search search;
	const char *in; /* within the text; NULL: everywhere */
	size_t in_len;
};

/* -1 and a sentence for who asked. */
int search_query_parse(const char *text, size_t len,
    struct search_query *query, struct error *err);

#endif
