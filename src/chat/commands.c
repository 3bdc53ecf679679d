/* SPDX-License-Identifier: MIT */
#include "chat/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"

/* What is done to somebody in a group, and what becomes of a message. */
#define MEMBER(kind) .target = TARGET_REQUIRED, .check = member_check,        \
	.proceed = member_proceed, .write = STORE_WRITE_##kind,               \
	.scope = SCOPE_GROUPS
#define CHANGE(kind) .target = TARGET_REQUIRED, .proceed = change_proceed,    \
	.write = STORE_WRITE_##kind, .scope = SCOPE_SEND

/* The vocabulary of the protocol, in the order of names. */
static const struct command commands[] = {
    {.type = "add", MEMBER(ADD)},
    {.type = "auth", .connected = true, .automatic = true,
	.proceed = auth_proceed},
    {.type = "ban", MEMBER(BAN)},
    {.type = "block", .check = user_check, .proceed = block_proceed,
	.scope = SCOPE_ACCOUNT},
    {.type = "commands", .proceed = commands_proceed, .scope = SCOPE_READ},
    {.type = "conversations", .target = TARGET_OPTIONAL,
	.check = conversations_check, .proceed = conversations_proceed,
	.scope = SCOPE_READ},
    {.type = "create", .check = create_check, .proceed = create_proceed,
	.scope = SCOPE_GROUPS},
    {.type = "delete", CHANGE(DELETE), .check = delete_check},
    {.type = "edit", CHANGE(EDIT), .free = true, .check = edit_check,
	.policy = send_policy},
    {.type = "group_join", .check = join_check, .proceed = join_proceed,
	.scope = SCOPE_GROUPS},
    {.type = "history", .target = TARGET_REQUIRED, .check = history_check,
	.proceed = history_proceed, .scope = SCOPE_READ},
    {.type = "invite", MEMBER(INVITE)},
    {.type = "join", .check = join_check, .proceed = join_proceed,
	.scope = SCOPE_GROUPS},
    {.type = "kick", MEMBER(KICK)},
    {.type = "leave", .target = TARGET_REQUIRED, .proceed = leave_proceed,
	.scope = SCOPE_GROUPS},
    {.type = "line", .connected = true, .free = true, .check = line_check,
	.proceed = line_proceed, .scope = SCOPE_SEND},
    {.type = "members", .target = TARGET_REQUIRED,
	.proceed = members_proceed, .scope = SCOPE_READ},
    {.type = "message", .target = TARGET_PEER, .free = true,
	.check = send_check, .policy = send_policy, .proceed = send_proceed,
	.scope = SCOPE_SEND},
    {.type = "mute", MEMBER(MUTE)},
    {.type = "ping", .free = true, .automatic = true,
	.proceed = ping_proceed},
    {.type = "presence", .connected = true, .check = presence_check,
	.proceed = presence_proceed, .scope = SCOPE_READ},
    {.type = "react", CHANGE(REACT), .check = react_check},
    {.type = "read", .target = TARGET_REQUIRED, .free = true,
	.check = read_check, .proceed = read_proceed, .scope = SCOPE_SEND},
    {.type = "receipts", .target = TARGET_REQUIRED,
	.check = receipts_check, .proceed = receipts_proceed,
	.scope = SCOPE_READ},
    {.type = "received", .connected = true, .target = TARGET_REQUIRED,
	.free = true,
	.automatic = true, .check = received_check, .proceed = received_proceed,
	.scope = SCOPE_READ},
    {.type = "role", MEMBER(ROLE)},
    {.type = "search", .target = TARGET_OPTIONAL, .check = search_check,
	.proceed = search_proceed, .scope = SCOPE_READ},
    {.type = "send", .target = TARGET_PEER, .free = true,
	.check = send_check, .policy = send_policy, .proceed = send_proceed,
	.scope = SCOPE_SEND},
    {.type = "settings", .check = settings_check,
	.proceed = settings_proceed, .scope = SCOPE_ACCOUNT},
    {.type = "status", .connected = true, .automatic = true,
	.check = status_check,
	.proceed = status_proceed},
    {.type = "typing", .target = TARGET_PEER, .free = true,
	.check = typing_check, .proceed = typing_proceed, .scope = SCOPE_SEND},
    {.type = "unban", MEMBER(UNBAN)},
    {.type = "unblock", .check = user_check, .proceed = unblock_proceed,
	.scope = SCOPE_ACCOUNT},
    {.type = "unmute", MEMBER(UNMUTE)},
    {.type = "unread", .target = TARGET_REQUIRED, .check = unread_check,
	.proceed = unread_proceed, .scope = SCOPE_SEND},
    {.type = "update", .target = TARGET_REQUIRED, .check = update_check,
	.proceed = update_proceed, .scope = SCOPE_GROUPS},
    {.type = "versions", .target = TARGET_REQUIRED,
	.check = versions_check, .proceed = versions_proceed,
	.scope = SCOPE_READ},
};
#define COMMANDS_N (sizeof(commands) / sizeof(commands[0]))

static int
by_type(const void *key, const void *member)
{
	return strcmp(key, ((const struct command *)member)->type);
}

const struct command *
command_find(const char *type)
{
	return bsearch(type, commands, COMMANDS_N, sizeof(commands[0]),
	    by_type);
}

const char *
command_nearest(const char *type)
{
	const char *names[COMMANDS_N + 1] = {NULL};
	size_t i;

	for (i = 0; i < COMMANDS_N; i++)
		names[i] = commands[i].type;
	return nearest(type, names);
}
