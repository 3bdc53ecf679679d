/* SPDX-License-Identifier: MIT */
#ifndef SERVER_CONFIG_OPTION_H
#define SERVER_CONFIG_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "server/config.h"

/*
 * The options as data: one row says name, type, place in struct config,
 * default and bounds.  The file, the defaults and --check all go through it.
 */
enum config_type {
	CONFIG_STRING,	    /* char *; NULL when there is no default */
	CONFIG_LIST,	    /* struct config_list */
	CONFIG_BOOL,	    /* bool */
	CONFIG_CHOICE,	    /* an enum, by the place of its word in choices */
	CONFIG_COUNT,	    /* uint32_t */
	CONFIG_RATE,	    /* double, events a second */
	CONFIG_MILLISECONDS,/* uint32_t; "10s", "250ms", a number of seconds */
	CONFIG_SECONDS,	    /* int64_t; the same */
	CONFIG_BYTES,	    /* uint32_t; "64KiB" or a number */
	CONFIG_BYTES_64	    /* uint64_t */
};

struct config_option {
	const char *name; /* "listen", "limits.abuse" */
	enum config_type type;
	size_t offset;
	const char *fallback; /* as text; NULL: unset, empty */
	double min, max;      /* in the unit of the field; numbers alone */
	const char *const *choices; /* NULL-terminated */
};

/* All of them, in the order of the manual; the last has no name. */
extern const struct config_option config_options[];

/* A value before its type is checked.  Strings are borrowed. */
enum config_value_kind {
	CONFIG_VALUE_TEXT,
	CONFIG_VALUE_NUMBER,
	CONFIG_VALUE_BOOL,
	CONFIG_VALUE_LIST
};

struct config_value {
	enum config_value_kind kind;
	const char *text;
	double number;
	bool flag;
	const char *list[CONFIG_LIST_MAX];
	size_t list_n;
};

/* By its whole name, or NULL. */
const struct config_option *config_option_find(const char *name);

/* True when some option is in this section ("limits"). */
bool config_section_exists(const char *section);

/* The whole name that name was probably meant to be, or NULL. */
const char *config_option_nearest(const char *name);

/*
 * Checks and stores a copy in place of what was there.  Text is read as the
 * option's type asks, so that what env() gives suits every option.  -1:
 * ERROR_CONFIG with what is expected (without the option's name), or
 * ERROR_NOMEM.
 */
int config_option_set(const struct config_option *option,
    const struct config_value *value, struct config *config,
    struct error *err);

/* Frees the strings it holds. */
void config_option_clear(const struct config_option *option,
    struct config *config);

/* Appends the value as it would stand in the file. */
void config_option_format(const struct config_option *option,
    const struct config *config, struct buf *out);

#endif
