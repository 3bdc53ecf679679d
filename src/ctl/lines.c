/* SPDX-License-Identifier: MIT */
#include "ctl/lines.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "store/record.h"

#define NAMES(array) {array, sizeof(array) / sizeof((array)[0])}
#define FOREVER "forever"

static const char *const kinds[] = {[RECORD_MESSAGE] = "message",
    [RECORD_JOINED] = "joined", [RECORD_LEFT] = "left",
    [RECORD_CREATED] = "created", [RECORD_UPDATED] = "updated",
    [RECORD_ROLE] = "role", [RECORD_INVITED] = "invited",
    [RECORD_KICKED] = "kicked", [RECORD_BANNED] = "banned",
    [RECORD_UNBANNED] = "unbanned", [RECORD_MUTED] = "muted",
    [RECORD_UNMUTED] = "unmuted", [RECORD_EDITED] = "edited",
    [RECORD_DELETED] = "deleted", [RECORD_REACTED] = "reacted"};
static const char *const transports[] = {
    [TRANSPORT_WEBSOCKET] = "websocket", [TRANSPORT_TEXT] = "text",
    [TRANSPORT_REST] = "rest", [TRANSPORT_SOCKETIO] = "socketio",
    [TRANSPORT_SSE] = "sse", [TRANSPORT_SERVER] = "server"};
static const char *const roles[] = {[ROLE_MEMBER] = "member",
    [ROLE_MODERATOR] = "moderator", [ROLE_ADMIN] = "admin",
    [ROLE_OWNER] = "owner"};
static const char *const places[] = {[CONVERSATION_PUBLIC] = "public",
    [CONVERSATION_GROUP] = "group", [CONVERSATION_DIRECT] = "direct"};
static const char *const flags[] = {"tombstone", "rewritten", "action",
    "off", "has_reactions", "forced"};

const struct lines_names lines_kinds = NAMES(kinds);
const struct lines_names lines_transports = NAMES(transports);
const struct lines_names lines_roles = NAMES(roles);
const struct lines_names lines_places = NAMES(places);
const struct lines_names lines_flags = NAMES(flags);

const char *
lines_name(const struct lines_names *names, unsigned number)
{
	return number < names->n ? names->names[number] : NULL;
}

int
lines_number(const struct lines_names *names, const char *name)
{
	unsigned i;

	for (i = 0; i < names->n; i++) {
		if (names->names[i] != NULL &&
		    strcmp(names->names[i], name) == 0)
			return (int)i;
	}
	return -1;
}

void
lines_format_time(int64_t us, char text[LINES_TIME_SIZE])
{
	char millis[CLOCK_TEXT_SIZE];

	if (us == INT64_MAX) {
		strcpy(text, FOREVER);
		return;
	}
	clock_format(us, millis); /* 23 bytes and the Z */
	snprintf(text, LINES_TIME_SIZE, "%.23s%03uZ", millis,
	    (unsigned)(us % 1000) % 1000);
}

/* So many digits at text. */
static int
digits(const char *text, int n)
{
	int value = 0;

	for (; n > 0; n--, text++)
		value = value * 10 + *text - '0';
	return value;
}

int
lines_parse_time(const char *text, int64_t *us)
{
	static const char form[] = "0000-00-00T00:00:00.000000Z";
	char again[LINES_TIME_SIZE];
	struct tm tm = {0};
	size_t i;

	*us = INT64_MAX;
	if (strcmp(text, FOREVER) == 0)
		return 0;
	if (strlen(text) != sizeof(form) - 1)
		return -1;
	for (i = 0; i < sizeof(form) - 1; i++) {
		if (form[i] == '0' ? text[i] < '0' || text[i] > '9'
				   : text[i] != form[i])
			return -1;
	}
	tm.tm_year = digits(text, 4) - 1900;
	tm.tm_mon = digits(text + 5, 2) - 1;
	tm.tm_mday = digits(text + 8, 2);
	tm.tm_hour = digits(text + 11, 2);
	tm.tm_min = digits(text + 14, 2);
	tm.tm_sec = digits(text + 17, 2);
	*us = (int64_t)timegm(&tm) * 1000000 + digits(text + 20, 6);
	if (*us < 0)
		return -1;
	/* February the 30th is another day. */
	lines_format_time(*us, again);
	return strcmp(again, text) == 0 ? 0 : -1;
}
