/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/call_state.h"

/* What requests say, against what their route declares. */

static int
fail(struct check_failure *failure, const char *field, const char *text)
{
	failure->field = field;
	snprintf(failure->text, sizeof(failure->text), "`%s` %s", field, text);
	return -1;
}

static int
check_length(const struct api_member *member, size_t n, const char *unit,
    struct check_failure *failure)
{
	if ((member->min == 0 && member->max == 0) ||
	    ((int64_t)n >= member->min && (int64_t)n <= member->max))
		return 0;
	failure->field = member->name;
	snprintf(failure->text, sizeof(failure->text), "`%s` must have %"
	    PRId64 " to %" PRId64 " %s", member->name, member->min,
	    member->max, unit);
	return -1;
}

static int
check_string(const struct api_member *member, const json_t *value,
    struct check_failure *failure)
{
	const char *const *choice = member->choices;

	if (!json_is_string(value))
		return fail(failure, member->name, "must be a string");
	if (choice != NULL) {
		while (*choice != NULL &&
		    strcmp(*choice, json_string_value(value)) != 0)
			choice++;
		if (*choice == NULL)
			return fail(failure, member->name,
			    "is none of the words that are possible");
	}
	return check_length(member, json_string_length(value), "bytes",
	    failure);
}

static int
check_integer(const struct api_member *member, const json_t *value,
    struct check_failure *failure)
{
	if (!json_is_integer(value))
		return fail(failure, member->name, "must be a whole number");
	if ((member->min == 0 && member->max == 0) ||
	    (json_integer_value(value) >= member->min &&
		json_integer_value(value) <= member->max))
		return 0;
	failure->field = member->name;
	snprintf(failure->text, sizeof(failure->text), "`%s` must be %" PRId64
	    " to %" PRId64, member->name, member->min, member->max);
	return -1;
}

static int
check_value(const struct api_member *member, const json_t *value,
    struct check_failure *failure)
{
	if (json_is_null(value) && member->nullable)
		return 0;
	switch (member->type) {
	case API_STRING:
		return check_string(member, value, failure);
	case API_INTEGER:
		return check_integer(member, value, failure);
	case API_BOOLEAN:
		if (!json_is_boolean(value))
			return fail(failure, member->name,
			    "must be true or false");
		return 0;
	case API_OBJECT:
		if (!json_is_object(value))
			return fail(failure, member->name,
			    "must be an object");
		return 0;
	case API_ARRAY:
		if (!json_is_array(value))
			return fail(failure, member->name,
			    "must be an array");
		return check_length(member, json_array_size(value), "items",
		    failure);
	}
	return 0;
}

int
check_object(const json_t *object, const struct api_member *members,
    struct check_failure *failure)
{
	const struct api_member *member;
	const json_t *value;

	for (member = members; member->name != NULL; member++) {
		value = json_object_get(object, member->name);
		if (value == NULL && member->required)
			return fail(failure, member->name, "is missing");
		if (value != NULL && check_value(member, value, failure) == -1)
			return -1;
	}
	return 0;
}

/* ------------------------------------------------------------------- query */

/* The text of a parameter as a value of the member's type; NULL: no memory
 * or not of it. */
static json_t *
read_value(const struct api_member *member, const char *text)
{
	const char *digits = text + (text[0] == '-');
	long long number;

	switch (member->type) {
	case API_INTEGER:
		errno = 0;
		number = strtoll(text, NULL, 10);
		if (errno != 0 || digits[0] == '\0' ||
		    strspn(digits, "0123456789") != strlen(digits))
			return NULL;
		return json_integer(number);
	case API_BOOLEAN:
		if (strcmp(text, "true") == 0 || strcmp(text, "1") == 0)
			return json_true();
		if (strcmp(text, "false") == 0 || strcmp(text, "0") == 0)
			return json_false();
		return NULL;
	default:
		return json_string(text); /* NULL too if it is not UTF-8 */
	}
}

int
check_query(struct http_slice query, const struct api_member *members,
    json_t **object, struct check_failure *failure)
{
	const struct http_request request = {.query = query};
	const struct api_member *member;
	char text[1024];
	json_t *value;

	*object = json_object();
	for (member = members; member->name != NULL; member++) {
		switch (http_query_count(&request, member->name)) {
		case 0:
			continue;
		case 1:
			break;
		default:
			return fail(failure, member->name,
			    "is there more than once");
		}
		if (http_query_get(&request, member->name, text,
			sizeof(text)) == -1)
			return fail(failure, member->name,
			    "is too long or not encoded as it should be");
		value = read_value(member, text);
		if (value == NULL)
			return fail(failure, member->name,
			    "is not of the right type");
		json_object_set_new(*object, member->name, value);
	}
	return check_object(*object, members, failure);
}
