/* SPDX-License-Identifier: MIT */
#ifndef FETCH_RULES_H
#define FETCH_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/error.h"
#include "fetch/fetch.h"
#include "net/range.h"

/* What may be reached, ready to be looked up. */
#define ORIGIN_SIZE 300

struct rules {
	char (*origins)[ORIGIN_SIZE];
	size_t origins_n;
	struct range *ranges;
	size_t ranges_n;
};

/* -1: all zero, and ERROR_CONFIG or ERROR_NOMEM. */
int rules_read(const struct fetch_rules *from, struct rules *rules,
    struct error *err);
void rules_fini(struct rules *rules);

/*
 * "https://name:443" of a URL, in lower case.  -1: it is none that can be
 * asked: another scheme, a name and password in it, not a URL.
 */
int origin_of(const char *url, char origin[ORIGIN_SIZE]);

bool rules_allow_origin(const struct rules *rules, const char *origin);
bool rules_allow_address(const struct rules *rules,
    const struct sockaddr *address);

#endif
