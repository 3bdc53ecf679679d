/* SPDX-License-Identifier: MIT */
#include "chat/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"

/* What is done to somebody in a group, and what becomes of a message. */
#define MEMBER(kind) .target = TARGET_REQUIRED, .check = member_check,        \
	.proceed = member_proceed, .write = STORE_WRITE_##kind
#define CHANGE(kind) .target = TARGET_REQUIRED, .proceed = change_proceed,    \
	.write = STORE_WRITE_##kind

/* The vocabulary of the protocol, in the order of names. */
static const struct command commands[] = {
    {.type = "add", MEMBER(ADD)},
    {.type = "auth", .automatic = true, .proceed = auth_proceed},
    {.type = "ban", MEMBER(BAN)},
    {.type = "block", .check = user_check, .proceed = block_proceed},
    {.type = "commands", .proceed = commands_proceed},
    {.type = "conversations", .target = TARGET_OPTIONAL,
	.check = conversations_check, .proceed = conversations_proceed},
    {.type = "create", .check = create_check, .proceed = create_proceed},
    {.type = "delete", CHANGE(DELETE), .check = delete_check},
    {.type = "edit", CHANGE(EDIT), .free = true, .check = edit_check,
	.policy = send_policy},
    {.type = "group_join", .check = join_check, .proceed = join_proceed},
    {.type = "history", .target = TARGET_REQUIRED, .check = history_check,
	.proceed = history_proceed},
    {.type = "invite", MEMBER(INVITE)},
    {.type = "join", .check = join_check, .proceed = join_proceed},
    {.type = "kick", MEMBER(KICK)},
    {.type = "leave", .target = TARGET_REQUIRED, .proceed = leave_proceed},
    {.type = "line", .free = true, .check = line_check,
	.proceed = line_proceed},
    {.type = "members", .target = TARGET_REQUIRED,
	.proceed = members_proceed},
    {.type = "message", .target = TARGET_PEER, .free = true,
	.check = send_check, .policy = send_policy, .proceed = send_proceed},
    {.type = "mute", MEMBER(MUTE)},
    {.type = "ping", .free = true, .automatic = true,
	.proceed = ping_proceed},
    {.type = "presence", .check = presence_check,
	.proceed = presence_proceed},
    {.type = "react", CHANGE(REACT), .check = react_check},
    {.type = "read", .target = TARGET_REQUIRED, .free = true,
	.check = read_check, .proceed = read_proceed},
    {.type = "receipts", .target = TARGET_REQUIRED,
	.check = receipts_check, .proceed = receipts_proceed},
    {.type = "received", .target = TARGET_REQUIRED, .free = true,
	.automatic = true, .check = received_check, .proceed = received_proceed},
    {.type = "role", MEMBER(ROLE)},
    {.type = "search", .target = TARGET_OPTIONAL, .check = search_check,
	.proceed = search_proceed},
    {.type = "send", .target = TARGET_PEER, .free = true,
	.check = send_check, .policy = send_policy, .proceed = send_proceed},
    {.type = "settings", .check = settings_check,
	.proceed = settings_proceed},
    {.type = "status", .automatic = true, .check = status_check,
	.proceed = status_proceed},
    {.type = "typing", .target = TARGET_PEER, .free = true,
	.check = typing_check, .proceed = typing_proceed},
    {.type = "unban", MEMBER(UNBAN)},
    {.type = "unblock", .check = user_check, .proceed = unblock_proceed},
    {.type = "unmute", MEMBER(UNMUTE)},
    {.type = "unread", .target = TARGET_REQUIRED, .check = unread_check,
	.proceed = unread_proceed},
    {.type = "update", .target = TARGET_REQUIRED, .check = update_check,
	.proceed = update_proceed},
    {.type = "versions", .target = TARGET_REQUIRED,
	.check = versions_check, .proceed = versions_proceed},
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
