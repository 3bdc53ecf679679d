/* SPDX-License-Identifier: MIT */
#ifndef BASE_FLAT_H
#define BASE_FLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The JSON objects that clients send most, read in place and without memory:
 * few members, none of them an object, an array or a fraction.  Whatever is
 * not so plain is refused without a reason, and left to jansson; what is
 * accepted here is valid JSON (RFC 8259) that jansson reads alike.
 */
#define FLAT_MAX 10

enum flat_type {
	FLAT_NULL,
	FLAT_BOOL,
	FLAT_INTEGER,
	FLAT_STRING,
	FLAT_OTHER /* for users of this struct; never read here */
};

struct flat_member {
	const char *key; /* NUL-terminated, like string */
	const char *string;
	int64_t integer; /* or 0 and 1 for a boolean */
	uint32_t len;	 /* of string; there is no NUL in it */
	enum flat_type type;
};

struct flat {
	unsigned n;
	struct flat_member members[FLAT_MAX];
};

/*
 * text[len] must be writable, as all before it is: strings are unescaped and
 * ended where they stand, and the members borrow from there.  text is valid
 * UTF-8.  On false, text is spoilt.
 */
bool flat_parse(char *text, size_t len, struct flat *flat);

/* NULL: there is none of this name. */
const struct flat_member *flat_get(const struct flat *flat, const char *key);

#endif
