/* SPDX-License-Identifier: MIT */
#include "script/arguments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/duration.h"

static bool
copy_word(const char *text, size_t len, const char *alphabet, char word[32])
{
	if (len == 0 || len >= 32)
		return false;
	memcpy(word, text, len);
	word[len] = '\0';
	return strspn(word, alphabet) == len;
}

static bool
parse_int(const char *text, size_t len, int64_t *value)
{
	char word[32], *end;

	if (!copy_word(text, len, "+-0123456789", word))
		return false;
	errno = 0;
	*value = strtoll(word, &end, 10);
	return errno == 0 && *end == '\0' && end != word;
}

static bool
parse_number(const char *text, size_t len, double *value)
{
	char word[32], *end;

	if (!copy_word(text, len, "+-.eE0123456789", word))
		return false;
	errno = 0;
	*value = strtod(word, &end);
	return errno == 0 && *end == '\0' && end != word;
}

static bool
parse_bool(const char *text, size_t len, bool *value)
{
	static const char *const words[] = {"no", "yes", "off", "on", "false",
	    "true"};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i]) == len &&
		    strncasecmp(words[i], text, len) == 0) {
			*value = i % 2 == 1;
			return true;
		}
	}
	return false;
}

/* n digits, advancing; -1: something else. */
static int
digits(const char **p, int n)
{
	int value = 0;

	for (; n > 0; n--, ++*p) {
		if (**p < '0' || **p > '9')
			return -1;
		value = value * 10 + (**p - '0');
	}
	return value;
}

static bool
literal(const char **p, const char *choices)
{
	return **p != '\0' && strchr(choices, *(*p)++) != NULL;
}

/* RFC 3339 section 5.6: the offset, in seconds. */
static bool
parse_offset(const char *p, int64_t *offset)
{
	int hours, minutes, sign;

	*offset = 0;
	if ((*p == 'Z' || *p == 'z') && p[1] == '\0')
		return true;
	if (*p != '+' && *p != '-')
		return false;
	sign = *p++ == '-' ? -1 : 1;
	hours = digits(&p, 2);
	if (hours < 0 || hours > 23 || !literal(&p, ":"))
		return false;
	minutes = digits(&p, 2);
	*offset = sign * (hours * 3600 + minutes * 60);
	return minutes >= 0 && minutes <= 59 && *p == '\0';
}

static bool
parse_date_time(const char *p, int64_t *value)
{
	struct tm tm = {0};
	int64_t offset;
	int day, month;

	tm.tm_year = digits(&p, 4) - 1900;
	if (!literal(&p, "-"))
		return false;
	month = tm.tm_mon = digits(&p, 2) - 1;
	if (!literal(&p, "-"))
		return false;
	day = tm.tm_mday = digits(&p, 2);
	if (!literal(&p, "Tt"))
		return false;
	tm.tm_hour = digits(&p, 2);
	if (!literal(&p, ":"))
		return false;
	tm.tm_min = digits(&p, 2);
	if (!literal(&p, ":"))
		return false;
	tm.tm_sec = digits(&p, 2);
	if (*p == '.') {
		for (p++; *p >= '0' && *p <= '9';)
			p++;
	}
	if (tm.tm_year < 0 || tm.tm_hour < 0 || tm.tm_hour > 23 ||
	    tm.tm_min < 0 || tm.tm_min > 59 || tm.tm_sec < 0 ||
	    tm.tm_sec > 60 || !parse_offset(p, &offset))
		return false;
	*value = (int64_t)timegm(&tm) - offset;
	/* timegm() turns the 31st of February into another day. */
	return tm.tm_mday == day && tm.tm_mon == month;
}

static bool
parse_time(const char *text, size_t len, int64_t now_us, int64_t *value)
{
	char word[40];
	const char *p = word;
	int hours, minutes;
	int64_t now = now_us / 1000000;

	if (len >= sizeof(word))
		return false;
	memcpy(word, text, len);
	word[len] = '\0';
	if (len != 5)
		return parse_date_time(word, value);
	hours = digits(&p, 2);
	if (hours < 0 || hours > 23 || !literal(&p, ":"))
		return false;
	minutes = digits(&p, 2);
	*value = now / 86400 * 86400 + hours * 3600 + minutes * 60;
	if (*value <= now)
		*value += 86400;
	return minutes >= 0 && minutes <= 59;
}

/* sigil: '@' or '#', which may stand before the name; kept for rooms. */
static bool
parse_name(const char *text, size_t len, char sigil,
    struct argument_value *value)
{
	size_t keep = sigil == '#';

	if (len > 0 && text[0] == sigil) {
		text++;
		len--;
	}
	value->room[0] = sigil;
	if (!name_fold(text, len, value->room + keep))
		return false;
	value->text = value->room;
	value->len = len + keep;
	return true;
}

static bool
parse_url(const char *text, size_t len)
{
	size_t scheme = len >= 8 && strncasecmp(text, "https://", 8) == 0 ? 8
	    : len >= 7 && strncasecmp(text, "http://", 7) == 0 ? 7 : 0;
	size_t i;

	if (scheme == 0 || len <= scheme || strchr("/?#:", text[scheme]))
		return false;
	for (i = 0; i < len; i++) {
		if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f ||
		    strchr("<>\"\\^`{|}", text[i]) != NULL)
			return false;
	}
	return true;
}

static bool
parse_choice(const struct argument *argument, struct argument_value *value)
{
	const char *const *choice;

	for (choice = argument->choices; *choice != NULL; choice++) {
		if (strlen(*choice) == value->len &&
		    strncasecmp(*choice, value->text, value->len) == 0) {
			value->text = *choice;
			return true;
		}
	}
	return false;
}

bool
argument_convert(const struct argument *argument, int64_t now_us,
    struct argument_value *v)
{
	const char *text = v->text;
	size_t len = v->len;

	switch (argument->type) {
	case ARGUMENT_INT:
		return parse_int(text, len, &v->integer);
	case ARGUMENT_NUMBER:
		return parse_number(text, len, &v->number);
	case ARGUMENT_BOOL:
		return parse_bool(text, len, &v->truth);
	case ARGUMENT_DURATION:
		return duration_parse(text, len, &v->integer);
	case ARGUMENT_TIME:
		return parse_time(text, len, now_us, &v->integer);
	case ARGUMENT_USER:
		return (!argument->leading || text[0] == '@') &&
		    parse_name(text, len, '@', v);
	case ARGUMENT_ROOM:
		return (!argument->leading || text[0] == '#') &&
		    parse_name(text, len, '#', v);
	case ARGUMENT_ROLE:
	case ARGUMENT_ENUM:
		return parse_choice(argument, v);
	case ARGUMENT_URL:
		return parse_url(text, len);
	case ARGUMENT_STRING:
	case ARGUMENT_REST:
		break;
	}
	return true;
}
