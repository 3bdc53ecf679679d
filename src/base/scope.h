/* SPDX-License-Identifier: MIT */
#ifndef BASE_SCOPE_H
#define BASE_SCOPE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * What a token lets its bearer do: words between spaces (RFC 6749 section
 * 3.3).  A token that says nothing lets them do everything.
 */
enum scope {
	SCOPE_READ = 1 << 0,	/* "read": events, history, lists, search */
	SCOPE_SEND = 1 << 1,	/* "send": messages, edits, marks, typing */
	SCOPE_GROUPS = 1 << 2,	/* "groups": join, invite, moderate */
	SCOPE_ACCOUNT = 1 << 3, /* "account": profile, blocks, devices */
	SCOPE_ALL = (1 << 4) - 1
};

/* -1: a word that is no scope, or none at all. */
int scopes_parse(const char *text, size_t len, uint32_t *scopes);

/* Appends "read send". */
void scopes_put(uint32_t scopes, struct buf *out);

/* The word of one scope. */
const char *scope_name(enum scope scope);

#endif
