/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_ARGUMENTS_H
#define SCRIPT_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/name.h"

/*
 * What stands behind a command, by the arguments it declares.  Nothing of Lua
 * and no allocation: values borrow from the line.
 */
enum argument_type {
	ARGUMENT_STRING,   /* a word, or "several words" */
	ARGUMENT_INT,
	ARGUMENT_NUMBER,
	ARGUMENT_BOOL,	   /* yes, no, on, off, true, false */
	ARGUMENT_DURATION, /* 90, 30s, 10m, 2h, 1d, 1h30m: seconds */
	ARGUMENT_TIME,	   /* 18:30 (the next, UTC) or RFC 3339: seconds */
	ARGUMENT_USER,	   /* a name, with or without '@': folded */
	ARGUMENT_ROOM,	   /* a group, with or without '#': "#tea" */
	ARGUMENT_ROLE,	   /* member, moderator, admin, owner */
	ARGUMENT_ENUM,	   /* one of choices */
	ARGUMENT_REST,	   /* all that is left; the last one */
	ARGUMENT_URL	   /* http or https, with a host */
};

/* In the order of the enum, ending with NULL. */
extern const char *const argument_types[];

struct argument {
	const char *name;
	enum argument_type type;
	bool required;
	/*
	 * Left out where something else stands, which is then the next one's:
	 * of a room and a user, what lacks its sign.
	 */
	bool leading;
	const char *const *choices; /* of ENUM and ROLE, ending with NULL */
	double min, max;	    /* of INT, NUMBER and DURATION */
};

#define ARGUMENTS_MAX 8

struct argument_value {
	bool given;
	bool truth;		/* BOOL */
	int64_t integer;	/* INT, DURATION, TIME */
	double number;		/* NUMBER */
	const char *text;	/* of all others */
	size_t len;
	char room[NAME_BYTES_MAX + 2]; /* what USER and ROOM are folded into */
};

/*
 * -1 and a sentence in why (without a full stop) that names the argument and
 * what is expected.  now_us is what "18:30" is reckoned from.
 */
int arguments_parse(const struct argument *arguments, unsigned count,
    const char *text, size_t len, int64_t now_us,
    struct argument_value *values, char why[256]);

/* One value, from value->text and len; false when it is no such thing. */
bool argument_convert(const struct argument *argument, int64_t now_us,
    struct argument_value *value);

#endif
