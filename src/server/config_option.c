/* SPDX-License-Identifier: MIT */
#include "server/config_option.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"

struct unit {
	const char *suffix;
	double factor;
};

/* The largest first: format() takes the first that divides. */
static const struct unit times_ms[] = {{"d", 86400000}, {"h", 3600000},
    {"m", 60000}, {"s", 1000}, {"ms", 1}, {"", 1000}, {NULL, 0}};
static const struct unit times_s[] = {{"d", 86400}, {"h", 3600}, {"m", 60},
    {"s", 1}, {"", 1}, {NULL, 0}};
static const struct unit sizes[] = {{"TiB", 1099511627776.0},
    {"GiB", 1073741824}, {"MiB", 1048576}, {"KiB", 1024}, {"B", 1}, {"", 1},
    {NULL, 0}};
static const struct unit plain[] = {{"", 1}, {NULL, 0}};

static const struct unit *
units_of(const struct config_option *option)
{
	switch (option->type) {
	case CONFIG_MILLISECONDS:
		return times_ms;
	case CONFIG_SECONDS:
		return times_s;
	case CONFIG_BYTES:
	case CONFIG_BYTES_64:
		return sizes;
	default:
		return plain;
	}
}

static const char *
expectation(const struct config_option *option)
{
	switch (option->type) {
	case CONFIG_STRING:
		return "a string";
	case CONFIG_LIST:
		return "a list of strings, { \"a\", \"b\" }";
	case CONFIG_BOOL:
		return "true or false";
	case CONFIG_COUNT:
		return "a whole number";
	case CONFIG_RATE:
		return "a number a second";
	case CONFIG_MILLISECONDS:
	case CONFIG_SECONDS:
		return "a time such as \"10s\", \"5m\", \"2h\" or \"1d\"";
	case CONFIG_BYTES:
	case CONFIG_BYTES_64:
		return "a size such as \"64KiB\" or \"1MiB\"";
	case CONFIG_CHOICE:
		break;
	}
	return "one of its words";
}

static int
refuse(const struct config_option *option, struct error *err)
{
	char words[128] = "one of";
	size_t i, used;

	if (option->type != CONFIG_CHOICE) {
		error_set(err, ERROR_CONFIG, "%s is expected",
		    expectation(option));
		return -1;
	}
	for (i = 0; option->choices[i] != NULL; i++) {
		used = strlen(words);
		snprintf(words + used, sizeof(words) - used, "%s \"%s\"",
		    i > 0 ? "," : "", option->choices[i]);
	}
	error_set(err, ERROR_CONFIG, "%s is expected", words);
	return -1;
}

/* In the field's unit.  A bare number counts as the empty suffix says. */
static bool
parse_number(const struct config_option *option, const char *text,
    double *number)
{
	const struct unit *unit;
	char *end;

	/* Decimal alone: no sign, no exponent, nothing hexadecimal. */
	*number = strtod(text, &end);
	if (end == text || end != text + strspn(text, "0123456789."))
		return false;
	for (unit = units_of(option); unit->suffix != NULL; unit++) {
		if (strcmp(end, unit->suffix) == 0) {
			*number *= unit->factor;
			return true;
		}
	}
	return false;
}

static void
format_number(const struct config_option *option, double number,
    struct buf *out)
{
	const struct unit *unit = units_of(option);

	if (unit == plain) {
		buf_printf(out, "%.15g", number);
		return;
	}
	while (unit->factor > 1 && (number < unit->factor ||
	    (uint64_t)number % (uint64_t)unit->factor != 0))
		unit++;
	buf_printf(out, "\"%.0f%s\"", number / unit->factor, unit->suffix);
}

static int
store_number(const struct config_option *option, double number, void *field,
    struct error *err)
{
	struct buf low = {0}, high = {0};
	uint64_t whole;

	if (!(number >= option->min && number <= option->max)) {
		format_number(option, option->min, &low);
		format_number(option, option->max, &high);
		error_set(err, ERROR_CONFIG, "it must be between %.*s and %.*s",
		    (int)low.len, low.failed ? "" : low.data, (int)high.len,
		    high.failed ? "" : high.data);
		buf_fini(&low);
		buf_fini(&high);
		return -1;
	}
	/* 0.1 s is not quite 100 ms; half a byte is a mistake. */
	whole = (uint64_t)(number + 0.0005);
	if (option->type == CONFIG_RATE)
		*(double *)field = number;
	else if (number - (double)whole > 0.0005)
		return refuse(option, err);
	else if (option->type == CONFIG_SECONDS)
		*(int64_t *)field = (int64_t)whole;
	else if (option->type == CONFIG_BYTES_64)
		*(uint64_t *)field = whole;
	else
		*(uint32_t *)field = (uint32_t)whole;
	return 0;
}

static int
store_bool(const struct config_option *option,
    const struct config_value *value, bool *field, struct error *err)
{
	if (value->kind == CONFIG_VALUE_BOOL)
		*field = value->flag;
	else if (value->kind == CONFIG_VALUE_TEXT &&
	    strcmp(value->text, "true") == 0)
		*field = true;
	else if (value->kind == CONFIG_VALUE_TEXT &&
	    strcmp(value->text, "false") == 0)
		*field = false;
	else
		return refuse(option, err);
	return 0;
}

static int
store_choice(const struct config_option *option,
    const struct config_value *value, void *field, struct error *err)
{
	unsigned int i;

	/* Every enum here is an int's worth of bytes: see the table. */
	static_assert(sizeof(enum config_auth) == sizeof(unsigned int) &&
	    sizeof(enum config_registration) == sizeof(unsigned int) &&
	    sizeof(enum config_store) == sizeof(unsigned int) &&
	    sizeof(enum log_level) == sizeof(unsigned int), "enum size");
	for (i = 0; value->kind == CONFIG_VALUE_TEXT &&
	    option->choices[i] != NULL; i++) {
		if (strcmp(value->text, option->choices[i]) == 0) {
			memcpy(field, &i, sizeof(i));
			return 0;
		}
	}
	return refuse(option, err);
}

static void
list_clear(struct config_list *list)
{
	while (list->n > 0)
		free(list->items[--list->n]);
}

static int
no_memory(struct error *err)
{
	error_set(err, ERROR_NOMEM, "no memory for the configuration");
	return -1;
}

/* One string is a list of one. */
static int
store_list(const struct config_option *option,
    const struct config_value *value, struct config_list *field,
    struct error *err)
{
	struct config_list list = {0};
	size_t i, n = value->kind == CONFIG_VALUE_LIST ? value->list_n : 1;
	const char *item;

	if (value->kind != CONFIG_VALUE_LIST && value->kind != CONFIG_VALUE_TEXT)
		return refuse(option, err);
	for (i = 0; i < n; i++) {
		item = value->kind == CONFIG_VALUE_LIST ? value->list[i] :
		    value->text;
		list.items[i] = strdup(item);
		if (list.items[i] == NULL) {
			list_clear(&list);
			return no_memory(err);
		}
		list.n++;
	}
	list_clear(field);
	*field = list;
	return 0;
}

static int
store_string(const struct config_option *option,
    const struct config_value *value, char **field, struct error *err)
{
	char *copy;

	if (value->kind != CONFIG_VALUE_TEXT)
		return refuse(option, err);
	if (*value->text == '\0') {
		error_set(err, ERROR_CONFIG, "it must not be empty");
		return -1;
	}
	copy = strdup(value->text);
	if (copy == NULL)
		return no_memory(err);
	free(*field);
	*field = copy;
	return 0;
}

int
config_option_set(const struct config_option *option,
    const struct config_value *value, struct config *config,
    struct error *err)
{
	void *field = (char *)config + option->offset;
	double number;

	switch (option->type) {
	case CONFIG_STRING:
		return store_string(option, value, field, err);
	case CONFIG_LIST:
		return store_list(option, value, field, err);
	case CONFIG_BOOL:
		return store_bool(option, value, field, err);
	case CONFIG_CHOICE:
		return store_choice(option, value, field, err);
	default:
		break;
	}
	if (value->kind == CONFIG_VALUE_NUMBER)
		number = value->number *
		    (option->type == CONFIG_MILLISECONDS ? 1000 : 1);
	else if (value->kind != CONFIG_VALUE_TEXT ||
	    !parse_number(option, value->text, &number))
		return refuse(option, err);
	return store_number(option, number, field, err);
}

void
config_option_clear(const struct config_option *option, struct config *config)
{
	void *field = (char *)config + option->offset;

	if (option->type == CONFIG_LIST) {
		list_clear(field);
	} else if (option->type == CONFIG_STRING) {
		free(*(char **)field);
		*(char **)field = NULL;
	}
}

/* A Lua string. */
static void
put_quoted(struct buf *out, const char *text)
{
	buf_putc(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\' || *text == '\n')
			buf_putc(out, '\\');
		buf_putc(out, *text);
	}
	buf_putc(out, '"');
}

static void
format_list(const struct config_list *list, struct buf *out)
{
	size_t i;

	buf_puts(out, list->n > 0 ? "{ " : "{}");
	for (i = 0; i < list->n; i++) {
		put_quoted(out, list->items[i]);
		buf_puts(out, i + 1 < list->n ? ", " : " }");
	}
}

void
config_option_format(const struct config_option *option,
    const struct config *config, struct buf *out)
{
	const void *field = (const char *)config + option->offset;
	unsigned int choice;
	const char *string;

	switch (option->type) {
	case CONFIG_STRING:
		string = *(char *const *)field;
		if (string == NULL)
			buf_puts(out, "nil");
		else
			put_quoted(out, string);
		break;
	case CONFIG_LIST:
		format_list(field, out);
		break;
	case CONFIG_BOOL:
		buf_puts(out, *(const bool *)field ? "true" : "false");
		break;
	case CONFIG_CHOICE:
		memcpy(&choice, field, sizeof(choice));
		put_quoted(out, option->choices[choice]);
		break;
	case CONFIG_RATE:
		format_number(option, *(const double *)field, out);
		break;
	case CONFIG_SECONDS:
		format_number(option, (double)*(const int64_t *)field, out);
		break;
	case CONFIG_BYTES_64:
		format_number(option, (double)*(const uint64_t *)field, out);
		break;
	default:
		format_number(option, *(const uint32_t *)field, out);
		break;
	}
}

const struct config_option *
config_option_find(const char *name)
{
	const struct config_option *option;

	for (option = config_options; option->name != NULL; option++) {
		if (strcmp(option->name, name) == 0)
			return option;
	}
	return NULL;
}

bool
config_section_exists(const char *section)
{
	const struct config_option *option;
	size_t len = strlen(section);

	for (option = config_options; option->name != NULL; option++) {
		if (strncmp(option->name, section, len) == 0 &&
		    option->name[len] == '.')
			return true;
	}
	return false;
}

/* Someone may know the name but not its section, or the other way round. */
const char *
config_option_nearest(const char *name)
{
	const struct config_option *option;
	const char *nearest = NULL, *leaf, *own = strrchr(name, '.');
	unsigned int best = nearest_limit(name), distance;

	own = own != NULL ? own + 1 : name;
	for (option = config_options; option->name != NULL; option++) {
		leaf = strrchr(option->name, '.');
		leaf = leaf != NULL ? leaf + 1 : option->name;
		distance = nearest_distance(own, leaf);
		if (nearest_distance(name, option->name) < distance)
			distance = nearest_distance(name, option->name);
		if (distance < best || (distance == best && nearest == NULL)) {
			best = distance;
			nearest = option->name;
		}
	}
	return nearest;
}
