/* SPDX-License-Identifier: MIT */
#include "chat/codes.h"

#include <string.h>

static const char *const names[] = {
#define X(name, text) [CODE_##name] = text,
    CHAT_CODES(X)
#undef X
};

const char *
chat_code_name(enum chat_code code)
{
	return names[code];
}

enum chat_code
chat_code_parse(const char *text)
{
	int code;

	for (code = 0; code < CODES_COUNT; code++) {
		if (strcmp(names[code], text) == 0)
			return (enum chat_code)code;
	}
	return CODE_INTERNAL;
}

static const struct {
	enum chat_code code;
	const char *sentence;
} refusals[] = {
    [STORE_CONFLICT] = {CODE_CONFLICT,
	"this client_msg_id was used for another text; choose a new one"},
    [STORE_NOT_FOUND] = {CODE_NOT_FOUND, "there is no such conversation"},
    [STORE_EXISTS] = {CODE_CONFLICT, "this name is taken"},
    [STORE_NOT_MEMBER] = {CODE_NOT_MEMBER,
	"you are not a member of this group; join it first"},
    [STORE_BLOCKED] = {CODE_BLOCKED, "this person has blocked you"},
    [STORE_MUTED] = {CODE_MUTED, "you are muted in this conversation"},
    [STORE_BANNED] = {CODE_BANNED, "you are banned from this conversation"},
    [STORE_FORBIDDEN] = {CODE_FORBIDDEN, "your role does not allow this"},
    [STORE_OUTRANKED] = {CODE_FORBIDDEN,
	"their role is not below yours"},
    [STORE_UNINVITED] = {CODE_FORBIDDEN,
	"this group takes in who is invited"},
    [STORE_LAST_OWNER] = {CODE_CONFLICT, "a group needs an owner"},
    [STORE_SLOW] = {CODE_SLOW_MODE, "this group is in slow mode; wait"},
    [STORE_TOO_LATE] = {CODE_FORBIDDEN,
	"this message is too old to be changed"},
    [STORE_NO_MESSAGE] = {CODE_NOT_FOUND,
	"there is no such message, or it was deleted"},
    [STORE_LIMIT] = {CODE_FORBIDDEN, "this group is full"},
    [STORE_NO_SPACE] = {CODE_UNAVAILABLE,
	"the server's disk is full; nothing was stored, try again later"},
    [STORE_RETRY] = {CODE_UNAVAILABLE,
	"the store is busy; nothing was stored, try again"},
    [STORE_AMBIGUOUS] = {CODE_UNAVAILABLE,
	"it is not known whether this was stored; send it again with the "
	"same client_msg_id"},
    [STORE_NOMEM] = {CODE_UNAVAILABLE,
	"the server is out of memory; try again later"},
};

enum chat_code
chat_code_of_store(enum store_status status, const char **sentence)
{
	if ((size_t)status >= sizeof(refusals) / sizeof(refusals[0]) ||
	    refusals[status].sentence == NULL) {
		*sentence = "the server could not do this";
		return CODE_INTERNAL;
	}
	*sentence = refusals[status].sentence;
	return refusals[status].code;
}
