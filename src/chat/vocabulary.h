/* SPDX-License-Identifier: MIT */
#ifndef CHAT_VOCABULARY_H
#define CHAT_VOCABULARY_H

#include <stdbool.h>

/*
 * The protocol as data: every request that commands.c knows and everything
 * the server says, with their members, for documents that are made of it.
 * docs/protocol.md says the same in sentences; a test compares them.
 */
enum word_type {
	WORD_TEXT,
	WORD_NUMBER,   /* an integer from 0 to 2^53 - 1 */
	WORD_FLAG,     /* true or false */
	WORD_TIME,     /* RFC 3339 */
	WORD_WHEN,     /* the same, or null: never */
	WORD_DURATION, /* seconds, or "10m" */
	WORD_COUNT,    /* a number, or "1000+" */
	WORD_REF,      /* an integer or a string: a request's own name */
	WORD_TEXTS,
	WORD_OBJECT,   /* `of` names its shape */
	WORD_OBJECTS,  /* the same of each item */
	WORD_EVENT,    /* what a conversation's log has: vocabulary_events */
	WORD_EVENTS
};

struct word {
	const char *name; /* NULL: the end */
	enum word_type type;
	bool optional;
	/* The name of a shape; of a text its possible words, between spaces */
	const char *of;
	const char *doc; /* a phrase, or NULL */
};

struct vocabulary {
	const char *type; /* or the shape's name; NULL: the end */
	const char *doc;
	const struct word *words;
	const char *answer; /* of a request: the type that answers it */
	bool logged; /* of what is said: an event, with a seq of its own */
};

/* In the order of names.  All take a `ref` beside. */
extern const struct vocabulary vocabulary_requests[];
extern const struct vocabulary vocabulary_events[];
extern const struct vocabulary vocabulary_shapes[];

#endif
