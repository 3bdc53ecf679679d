/* SPDX-License-Identifier: MIT */
#include "chat/wire.h"

#include <string.h>

static const char *const role_names[] = {
    [ROLE_NONE] = "none", [ROLE_MEMBER] = "member",
    [ROLE_MODERATOR] = "moderator", [ROLE_ADMIN] = "admin",
    [ROLE_OWNER] = "owner"};

static const char *const record_types[] = {
    [RECORD_MESSAGE] = "message", [RECORD_JOINED] = "joined",
    [RECORD_LEFT] = "left", [RECORD_CREATED] = "created",
    [RECORD_UPDATED] = "updated", [RECORD_ROLE] = "role",
    [RECORD_INVITED] = "invited", [RECORD_KICKED] = "kicked",
    [RECORD_BANNED] = "banned", [RECORD_UNBANNED] = "unbanned",
    [RECORD_MUTED] = "muted", [RECORD_UNMUTED] = "unmuted",
    [RECORD_EDITED] = "edited", [RECORD_DELETED] = "deleted",
    [RECORD_REACTED] = "reacted"};

const char *
role_name(enum role role)
{
	return role <= ROLE_OWNER ? role_names[role] : "none";
}

const char *
presence_name(enum presence presence)
{
	static const char *const names[] = {"offline", "idle", "online"};

	return names[presence];
}

const char *
record_type(const struct record *record)
{
	if (record->kind >= sizeof(record_types) / sizeof(record_types[0]) ||
	    record_types[record->kind] == NULL)
		return "updated";
	return record_types[record->kind];
}

void
direct_other(const char *conversation, const char *user,
    char name[NAME_BYTES_MAX + 1])
{
	const char *first = conversation + 1, *colon = strchr(first, ':');
	size_t len = strlen(user);

	name[0] = '\0';
	if (colon == NULL)
		return;
	if ((size_t)(colon - first) == len && memcmp(first, user, len) == 0) {
		memcpy(name, colon + 1, strnlen(colon + 1, NAME_BYTES_MAX) + 1);
	} else {
		memcpy(name, first, (size_t)(colon - first));
		name[colon - first] = '\0';
	}
}
