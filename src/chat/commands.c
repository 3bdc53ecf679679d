/* SPDX-License-Identifier: MIT */
#include "chat/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"

/* The vocabulary of the protocol, in the order of names. */
static const struct command commands[] = {
    {.type = "auth", .automatic = true, .proceed = auth_proceed},
    {.type = "block", .check = user_check, .proceed = block_proceed},
    {.type = "commands", .proceed = commands_proceed},
    {.type = "conversations", .target = TARGET_OPTIONAL,
	.check = conversations_check, .proceed = conversations_proceed},
    {.type = "group_join", .check = join_check, .proceed = join_proceed},
    {.type = "history", .target = TARGET_REQUIRED, .check = history_check,
	.proceed = history_proceed},
    {.type = "join", .check = join_check, .proceed = join_proceed},
    {.type = "leave", .target = TARGET_REQUIRED, .proceed = leave_proceed},
    {.type = "line", .free = true, .check = line_check,
	.proceed = line_proceed},
    {.type = "members", .target = TARGET_REQUIRED,
	.proceed = members_proceed},
    {.type = "message", .target = TARGET_PEER, .free = true,
	.check = send_check, .policy = send_policy, .proceed = send_proceed},
    {.type = "ping", .free = true, .automatic = true,
	.proceed = ping_proceed},
    {.type = "presence", .check = presence_check,
	.proceed = presence_proceed},
    {.type = "read", .target = TARGET_REQUIRED, .free = true,
	.check = read_check, .proceed = read_proceed},
    {.type = "receipts", .target = TARGET_REQUIRED,
	.check = receipts_check, .proceed = receipts_proceed},
    {.type = "received", .target = TARGET_REQUIRED, .free = true,
	.automatic = true, .check = received_check, .proceed = received_proceed},
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
    {.type = "unblock", .check = user_check, .proceed = unblock_proceed},
    {.type = "unread", .target = TARGET_REQUIRED, .check = unread_check,
	.proceed = unread_proceed},
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
